"""The description of the REST API (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from smsgate.simulator import receipts
from smsgate.simulator.behaviour import MOST, Fate, Fault, IdForm
from smsgate.simulator.marks import LONGEST_TAG, MOST_TAGS

_STRING = {"type": "string"}
_INTEGER = {"type": "integer"}
_NULLABLE = {"type": ["string", "null"]}
_HEX = {"type": "string", "pattern": "^([0-9A-Fa-f]{2})*$"}
_STATE = {"type": "string", "enum": list(receipts.STATES)}
_UNREAD = {"type": "boolean"}
_MESSAGE = {"$ref": "#/components/schemas/Message"}
_FILTERS = ("to", "from", "after", "text", "kind", "state", "unread", "tag")
_SUMMARIES = {
    "to": "Only messages to this number.",
    "from": "Only messages from this number or name.",
    "after": "Only messages after the one with this id.",
    "text": "Only messages whose content has this text, in any case.",
    "kind": "Only messages of this kind, such as text or vcard.",
    "state": "Only messages in this state.",
    "unread": "true: only messages that nobody has read; false: only the others.",
    "tag": "Only messages with this tag.",
    "limit": "At most so many messages (1000).",
    "count": "Wait for so many messages (1).",
    "timeout": "Seconds to wait, at most 300 (10).",
}
_NUMBERS = ("limit", "count", "timeout")
_SCHEMAS_OF: dict[str, Any] = {"state": _STATE, "unread": _UNREAD}
_SCHEMAS_OF |= {name: {"type": "number"} for name in _NUMBERS}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return found | ({"required": required.split()} if required else {})


def _list_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _query(*names: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "description": _SUMMARIES[name],
            "schema": _SCHEMAS_OF.get(name, _STRING),
        }
        for name in names
    ]


_ID = [{"name": "id", "in": "path", "required": True, "schema": _STRING}]


def _answer(schema: dict[str, Any], description: str = "Done.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _operation(
    summary: str,
    answer: dict[str, Any],
    parameters: list[dict[str, Any]],
    body: dict[str, Any] | None = None,
    status: str = "200",
) -> dict[str, Any]:
    error = _answer({"$ref": "#/components/schemas/Error"}, "Not done.")
    found = {
        "summary": summary,
        "parameters": parameters,
        "responses": {status: _answer(answer), "default": error},
    }
    if body:
        content = {"application/json": {"schema": body}}
        found["requestBody"] = {"required": True, "content": content}
    return found


_TAG = {"type": "string", "minLength": 1, "maxLength": LONGEST_TAG}
_TAGS = {**_list_of(_TAG), "maxItems": MOST_TAGS}
_BEHAVIOUR = {"$ref": "#/components/schemas/Behaviour"}


def _shares(kinds: type[Fate | Fault]) -> dict[str, Any]:
    """Probabilities by kind; what they leave of 1 belongs to none of them."""
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return {"type": "object", "properties": dict.fromkeys(kinds, share)}


def _amount(name: str, most: int) -> dict[str, Any]:
    kinds: dict[str, Any] = {"window": "integer", "rate": ["number", "null"]}
    return {"type": kinds.get(name, "number"), "minimum": 0, "maximum": most}


_AMOUNTS: dict[str, Any] = {name: _amount(name, most) for name, most in MOST.items()}


_MESSAGES = _object("messages", messages=_list_of(_MESSAGE))
_DELETED = _object("deleted", deleted=_INTEGER)
_SEGMENT = _object(
    "id udh data data_coding state",
    id=_STRING,
    time=_STRING,
    udh=_HEX,
    data=_HEX,
    data_coding=_INTEGER,
    esm_class=_INTEGER,
    registered_delivery=_INTEGER,
    part=_INTEGER,
    state=_STATE,
)
_SCHEMAS = {
    "Error": _object("error", error=_object("message", message=_STRING)),
    "Segment": _SEGMENT,
    "Message": _object(
        "id from to time kind port parts missing data_coding segments state",
        **{"from": _STRING},
        id=_STRING,
        to=_STRING,
        time={"type": "string", "format": "date-time"},
        kind=_NULLABLE,
        port={"type": ["integer", "null"]},
        parts=_INTEGER,
        missing=_list_of(_INTEGER),
        text=_NULLABLE,
        content={"type": ["object", "null"]},
        error={"type": ["object", "null"]},
        data_coding=_INTEGER,
        segments=_list_of({"$ref": "#/components/schemas/Segment"}),
        state=_STATE,
        system_id=_NULLABLE,
        unread=_UNREAD,
        tags=_TAGS,
    ),
    "Phone": _object(
        "number messages unread newest",
        number=_STRING,
        messages=_INTEGER,
        unread=_INTEGER,
        newest=_STRING,
    ),
    "Behaviour": _object(
        receipts=_shares(Fate),
        suffixes={
            "type": "object",
            "propertyNames": {"pattern": "^[0-9]{1,20}$"},
            "additionalProperties": {"type": "string", "enum": list(Fate)},
        },
        chaos=_shares(Fault),
        receipt_id={"type": "string", "enum": list(IdForm)},
        **_AMOUNTS,
    ),
}
_REPLY = _object(
    "from to",
    **{"from": _STRING},
    to=_STRING,
    text=_STRING,
    coding={"type": "string", "enum": ["auto", "gsm7", "ucs2"]},
    udh=_HEX,
    data=_HEX,
    data_coding=_INTEGER,
    port=_INTEGER,
    system_id=_STRING,
)

DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "smsenc simulate", "version": "1"},
    "servers": [{"url": "/api/v1"}],
    "components": {"schemas": _SCHEMAS},
    "paths": {
        "/messages": {
            "get": _operation("Messages, the oldest first.", _MESSAGES, _query(*_FILTERS, "limit")),
            "patch": _operation(
                "Mark messages as read or unread.",
                _object("changed", changed=_INTEGER),
                _query(*_FILTERS),
                _object("unread", unread=_UNREAD),
            ),
            "delete": _operation("Delete messages.", _DELETED, _query(*_FILTERS)),
        },
        "/messages/wait": {
            "get": _operation(
                "Wait for complete messages; 408 if they do not come.",
                _MESSAGES,
                _query(*_FILTERS, "limit", "count", "timeout"),
            )
        },
        "/messages/{id}": {
            "get": _operation("One message.", _MESSAGE, _ID),
            "patch": _operation(
                "Mark a message as read or unread, or give it these tags alone.",
                _MESSAGE,
                _ID,
                _object(unread=_UNREAD, tags=_TAGS),
            ),
            "delete": _operation("Delete one message.", _DELETED, _ID),
        },
        "/messages/{id}/receipt": {
            "post": _operation(
                "Set the state of a message, and send the receipts that its sender asked for.",
                _object("receipts", receipts=_INTEGER),
                _ID,
                _object("state", state=_STATE),
            )
        },
        "/messages/{id}/release": {
            "post": _operation(
                "Send a message on to the real message centre.",
                _object("results", results=_list_of(_object("result", result=_STRING))),
                _ID,
            )
        },
        "/phones": {
            "get": _operation(
                "The numbers that messages came for, the last one first.",
                _object("phones", phones=_list_of({"$ref": "#/components/schemas/Phone"})),
                _query("limit"),
            )
        },
        "/tags": {
            "get": _operation(
                "All tags.",
                _object(
                    "tags", tags=_list_of(_object("tag messages", tag=_TAG, messages=_INTEGER))
                ),
                [],
            )
        },
        "/replies": {
            "post": _operation(
                "Send a message from a phone: a text, or octets with udh or port.",
                _object("parts waiting", parts=_INTEGER, waiting=_INTEGER),
                [],
                _REPLY,
                status="202",
            )
        },
        "/behaviour": {
            "get": _operation("How the network behaves.", _BEHAVIOUR, []),
            "put": _operation(
                "Have the network behave so from now on; what is left out has its default.",
                _BEHAVIOUR,
                [],
                _BEHAVIOUR,
            ),
        },
    },
}
