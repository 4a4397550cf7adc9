"""The published JSON Schemas: each command with --json has one, and it refuses what is wrong."""

from __future__ import annotations

import json
from inspect import signature

import pytest
from command import Done, _checked, smsenc
from jsonschema import Draft202012Validator
from jsonschemas import faults, schema_of

from converters.api import Action
from converters.loading import found
from smsenc import Coding, Language, Substitute
from smsenc.messagefile.lint import Severity
from smsenc.smpp.receipts import MessageState as ReceiptState
from smsgate.cli import schemafiles
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.ftpclient.status import MessageState as AnswerState
from smsgate.gateway import states
from smsgate.gateway.listed import Kind
from smsgate.gateway.queue import ledger
from smsgate.gateway.settings import Role, Tls
from smsgate.outbox import files

NAMES = schemafiles.names()


def with_json():
    """The names of all commands that have --json."""
    for row in COMMANDS + SUBCOMMANDS:
        if "json" in signature(found(row.place)).parameters:
            yield row.name


def nodes(schema):
    """A schema and all schemas in it."""
    if isinstance(schema, dict):
        yield schema
        schema = list(schema.values())
    for one in schema if isinstance(schema, list) else ():
        yield from nodes(one)


def test_each_command_with_json_has_a_schema_and_no_other_has():
    expected = {name.replace(" ", "-") for name in with_json()} | set(schemafiles.SHARED)
    assert set(NAMES) == expected
    assert len(expected) > 30


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one(name):
    schema = schemafiles.load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:smsenc:schema:{name}:1"
    assert schema["title"]
    assert schema["description"].endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_strict_and_describes_each_property(name):
    for node in nodes(schemafiles.load(name)):
        fields = node.get("properties", {}) if "type" in node else {}  # or it is a condition
        if node.get("type") == "object" and "oneOf" not in node:
            assert "additionalProperties" in node
            assert node["additionalProperties"] is False or not fields
            assert set(node.get("required", ())) <= set(fields)
        for key, one in fields.items():
            assert one.get("description") or "$ref" in one, (name, key)


@pytest.mark.parametrize(
    ("name", "path", "known"),
    [
        ("common", "$defs/loss/properties/action", Action),
        ("common", "$defs/coding", Coding),
        ("common", "$defs/language", [one.name.lower() for one in Language]),
        ("common", "$defs/substitute", Substitute),
        ("common", "$defs/message_state", states.State),
        ("common", "$defs/message_counts/properties", states.State),
        ("common", "$defs/account_state", states.AccountState),
        ("common", "$defs/route_state", states.RouteState),
        ("lint", "$defs/file/properties/findings/items/properties/severity", Severity),
        ("upload", "properties/state", files.State),
        ("log", "$defs/status/properties/state", AnswerState),
        ("gateway-run", "properties/ftp/properties/tls", Tls),
        ("gateway-user-list", "properties/role", states.UserRole),
        ("gateway-status", "properties/nodes/items/properties/state", states.NodeState),
        ("gateway-status", "properties/nodes/items/properties/roles/items", Role),
        ("gateway-callback-list", "properties/kind", states.CallbackKind),
        ("gateway-callback-test", "properties/kind", states.CallbackKind),
        ("gateway-optout-list", "properties/kind", Kind),
        (
            "gateway-message-show",
            "properties/ledger/items/properties/kind",
            ledger.Kind,
        ),
    ],
)
def test_enums_are_those_of_the_program(name, path, known):
    schema = schemafiles.load(name)
    for step in path.split("/"):
        schema = schema[step]
    assert set(schema.get("enum", schema)) == set(known)


def test_callbacks_that_are_listed_are_not_done():
    found = schemafiles.load("gateway-callback-list")["properties"]["state"]["enum"]
    assert set(found) == set(states.CallbackState) - {states.CallbackState.DONE}


def test_receipts_are_those_of_smpp():
    part = schemafiles.load("gateway-message-show")["properties"]["accepted"]["items"]
    words, nothing = part["properties"]["receipt"]["anyOf"]
    assert set(words["enum"]) == {one.word for one in ReceiptState}
    assert nothing == {"type": "null"}


# The command ------------------------------------------------------------------------------------


def test_schemas_are_listed_with_their_titles():
    lines = smsenc("schema").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [name for name in NAMES if name != "common"]
    assert "upload                  An uploaded file" in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("words", ["gateway status", "gateway-status"])
def test_a_schema_is_printed(words):
    done = smsenc("schema", *words.split())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["$id"] == "urn:smsenc:schema:gateway-status:1"


@pytest.mark.parametrize("name", NAMES)
def test_a_printed_schema_needs_no_other(name):
    schema = json.loads(smsenc("schema", name).stdout)
    own = {node["$id"] for node in nodes(schema) if isinstance(node.get("$id"), str)}
    targets = {
        node["$ref"].partition("#")[0]
        for node in nodes(schema)
        if isinstance(node.get("$ref"), str)
    }
    assert targets - {""} <= own
    Draft202012Validator.check_schema(schema)


def test_a_schema_that_is_not_there():
    done = smsenc("schema", "gateway", "reload")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "smsenc: COMMAND: no schema of 'gateway reload': smsenc schema lists all\n"
    )


# Schemas refuse ---------------------------------------------------------------------------------

COUNTED = json.loads(smsenc("count", "Hello", "--json").stdout)
SHOWN = json.loads(smsenc("inspect", ":E8329BFD4697D9EC37", "--json").stdout)
CONTENT = SHOWN["content"]
ERROR = {"error": {"kind": "input", "message": "no such file", "file": "a.vcf", "exit": 3}}
SENT = {"source": "a.txt", "to": "448311234567", "part": 1, "parts": 1}
SENT |= {"state": "accepted", "message_id": "A1", "reason": None, "losses": []}
LISTED = {"number": "448311234567", "account": "all", "kind": "blocked"}
LISTED |= {"since": "2026-11-29 12:00:00Z"}


def test_records_for_what_follows_are_right():
    for name, record in (
        *(("count", COUNTED), ("error", ERROR), ("send", SENT), ("inspect", SHOWN)),
        ("gateway-optout-list", LISTED),
    ):
        assert faults(name, record) == []


@pytest.mark.parametrize("key", COUNTED)
def test_a_record_without_a_property_is_refused(key):
    wrong = {name: value for name, value in COUNTED.items() if name != key}
    assert faults("count", wrong) == [f"$: {key!r} is a required property"]


@pytest.mark.parametrize(
    ("name", "record", "wrong", "fault"),
    [
        ("count", COUNTED, {"more": 1}, "'more' was unexpected"),
        ("count", COUNTED, {"parts": -1}, "-1 is less than the minimum of 0"),
        ("count", COUNTED, {"parts": "1"}, "'1' is not of type 'integer'"),
        ("count", COUNTED, {"coding": "utf8"}, "'utf8' is not one of"),
        ("count", COUNTED, {"file_error": {"line": 1}}, "is not valid under any"),
        ("count", COUNTED, {"costs": {"GB": 0.1}}, "0.1 is not of type 'string'"),
        ("send", SENT, {"to": "+44"}, "does not match"),
        ("send", SENT, {"state": "lost"}, "'lost' is not one of"),
        ("inspect", SHOWN, {"content": CONTENT | {"more": 1}}, "is not valid under any"),
        ("inspect", SHOWN, {"content": {"text": "x"}}, "is not valid under any"),
        ("inspect", SHOWN, {"kind": "vcard"}, "is not valid under any"),
        ("inspect", SHOWN, {"missing": [0]}, "0 is less than the minimum of 1"),
        ("gateway-optout-list", LISTED, {"since": "today"}, "does not match"),
        ("gateway-optout-list", LISTED, {"kind": "bad"}, "'bad' is not one of"),
        ("error", ERROR, {"error": {"kind": "x", "message": ""}}, "'x' is not one of"),
        ("error", ERROR, {"error": {"kind": "input"}}, "'message' is a required property"),
    ],
)
def test_a_wrong_record_is_refused(name, record, wrong, fault):
    (found,) = faults(name, record | wrong)
    assert fault in found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["count", "x", "--json"], "count"),
        (["gateway", "account", "list", "--json"], "gateway-account-list"),
        (["simulate", "reply", "--json"], "simulate-reply"),
        (["simulate", "--json"], "simulate"),
        (["-q", "count", "x", "--json"], "count"),
        (["count", "x"], None),
        (["decode", "--json"], None),
    ],
)
def test_the_schema_of_a_command_line(given, expected):
    assert schema_of(given) == expected


def test_the_check_of_all_tests_can_fail():
    with pytest.raises(AssertionError, match="'coding' is a required property"):
        _checked(Done(["smsenc", "count", "x", "--json"], 0, "{}\n", ""))
