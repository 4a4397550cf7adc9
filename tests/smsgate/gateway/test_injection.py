"""No value of a message file, file name or log-in is more than data anywhere in the whole gateway.

One gateway and one message centre get files with values that would act somewhere: in a log, in SQL,
on a terminal, in a format string, in a path. What must come of a file is worked out here, from its
octets, by another reading of the format than the gateway's.
"""

from __future__ import annotations

import ftplib
import io
import re
import string
from collections import Counter
from itertools import count
from typing import NamedTuple

import pytest
from gateways import Gateway, Smsc, by_number, put, until, wire
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsenc import gsm7
from smsenc.messagefile import logs
from smsenc.messagefile.logs import ERRORS, Answer
from smsgate.gateway import names

_UID = "0" * 32
_HOSTILE = (
    *("a\rto:447700900001", "a\nto:447700900002", "a\r\ncsv:447700900003,b", "a\x00b", "a\tb"),
    *("\x1b[2J\x1b]0;x\x07", "a\x85b", "a\x9bb", "\x7f", "\u2028", "\u202egnp.exe", "\xe2\x80\xa8"),
    f"ID: {_UID} To: 447700900004",
    f"447700900005\nID: {_UID} To: 447700900005",
    "ERR: 301, No credit left To: 447700900006",
    f"2026-11-28 10:00:00\tx.txt\tID: {_UID} To: 447700900007 status: 004",
    *("'; DROP TABLE message; --", '" OR ""="', "') ; DELETE FROM account; --", "\\'"),
    *(
        "%s%s%n",
        "%(password)s",
        "{0.__class__}",
        "${HOME}",
        "$(id)",
        "`id`",
        "#field1#",
        "#field9#",
    ),
    *("../../gateway.db", "/etc/passwd", "C:\\NUL", "-rf", "=1+1", "", " ", ",", ",,,"),
    *("x" * 5000, "9" * 300, "#field1#" * 400, "\xff\xfe", "447700900008", "+44 7700 900009"),
)
_VALUES = st.sampled_from(_HOSTILE) | st.text(st.characters(max_codepoint=0x2FFF), max_size=30)
_KEYS = (
    "from",
    "cliMsgId",
    "delimiter",
    "msg_type",
    "udh",
    "data",
    "queue",
    "callback",
    "validity",
)
_SHOWN = r"(?:\+?[0-9]{1,20}|'[0-9A-Za-z+()./ ?-]{0,40}')"
_MEANINGS = "|".join(
    rf"{code:03}, {re.escape(meaning[0].upper() + meaning[1:])}" for code, meaning in ERRORS.items()
)
_LINE = re.compile(
    rf"ID: ([0-9a-f]{{32}}) To: ([1-9][0-9]{{6,14}})"
    rf"|ERR: (?:{_MEANINGS})(?: \(line [0-9]+\))?(?: To: {_SHOWN})?"
)


class World(NamedTuple):
    """A gateway, its message centre, and a count for names that were not used before."""

    gateway: Gateway
    smsc: Smsc
    numbers: count


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("injection")
    with Smsc(folder / "smsc") as smsc, Gateway(folder / "data", smsc.port) as gateway:
        other = gateway.add_account()
        yield World(gateway, smsc, count())
        assert _tables(gateway) == _tables_made(folder)
        folders = {one.api_id for one in (gateway.account, other)}
        there = {path.name for path in (gateway.data / "accounts").iterdir()}
        assert gateway.account.api_id in there <= folders
        assert not list(gateway.folder(other).glob("*"))


def _tables(gateway):
    return gateway.select("SELECT name, sql FROM sqlite_master ORDER BY name")


def _tables_made(folder):
    with Gateway(folder / "new") as fresh:
        return _tables(fresh)


def encoded(lines):
    """Lines as octets: of Latin-1, or of UTF-8 where they have other characters."""
    return b"".join(
        line.encode(
            "latin-1" if line.isascii() or max(line) <= "\xff" else "utf-8", "surrogatepass"
        )
        + b"\n"
        for line in lines
    )


def recipients(octets):
    """How many lines of recipients there are."""
    keys = (line.partition(b":")[0] for line in re.split(b"\r\n|\r|\n", octets) if b":" in line)
    return sum(key.strip(b" \t").lower() in (b"to", b"csv") for key in keys)


def lines_are_sound(gateway, name, octets):
    """The log has one line of the known forms for each recipient; the accepted are the messages."""
    path = gateway.folder() / f"{name}.log"
    until(path.exists, lambda: f"no {name}.log; {gateway.errors()}")
    log = path.read_bytes().decode("ascii")
    found = [_LINE.fullmatch(line) for line in log.split("\n")[:-1]]
    assert log.endswith("\n")
    assert all(found), log
    assert len(found) == max(recipients(octets), 1), (octets, log)
    answers = logs.read_answers(log.encode())
    assert len(answers) == len(found)
    assert all(isinstance(one, Answer) for one in answers)
    accepted = [(one.id, one.to) for one in answers if one.error is None]
    assert accepted == [(one[1], one[2]) for one in found if one[1]]
    assert _UID not in {uid for uid, _ in accepted}
    query = "SELECT uid, recipient FROM message JOIN file ON file.id = file WHERE name = '{}'"
    assert gateway.select(query.format(name) + " ORDER BY message.id") == accepted


# Values -------------------------------------------------------------------------------------------

_LINES = st.lists(
    st.tuples(st.sampled_from(("to", "csv", "text", *_KEYS)), _VALUES).map(":".join)
    | st.tuples(_VALUES, _VALUES).map(":".join),
    max_size=5,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(files=st.lists(_LINES, min_size=4, max_size=12))
def test_no_value_is_more_than_data(world, files):
    gateway = world.gateway
    given = {}
    for lines in files:
        head = [*gateway.account.lines(), f"text:Hi #field1#{len(lines)}"]
        given[f"v{next(world.numbers)}.txt"] = encoded([*head, *lines, "to:447700900100"])
    with gateway.session() as client:
        for name, octets in given.items():
            put(client, name, octets)
    for name, octets in given.items():
        lines_are_sound(gateway, name, octets)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(logins=st.lists(st.tuples(_VALUES, _VALUES, _VALUES), min_size=4, max_size=12))
def test_no_log_in_of_a_file_is_more_than_data(world, logins):
    gateway, account = world.gateway, world.gateway.account
    given = {}
    for api_id, user, password in logins:
        mine = next(world.numbers)
        lines = (f"api_id:{api_id}", f"user:{user}", f"password:{password}")
        lines = lines[: mine % 3 + 1] + account.lines()[mine % 3 + 1 :]
        given[f"l{mine}.txt"] = encoded([*lines, "text:Hi", "to:447700900101"])
    with gateway.session() as client:
        for name, octets in given.items():
            put(client, name, octets)
    for name, octets in given.items():
        lines_are_sound(gateway, name, octets)
        assert b"\nID: " not in b"\n" + (gateway.folder() / f"{name}.log").read_bytes()


# Cells of templates -------------------------------------------------------------------------------

_CELLS = st.sampled_from(
    (
        "a",
        "\x00",
        "\t",
        "\x0b",
        "\x1b",
        "\x7f",
        "\x85",
        "\xa0",
        "#field1#",
        "%s",
        "'",
        "",
        "\xe9",
        "@",
    )
) | st.characters(max_codepoint=255, exclude_characters="\r\n,")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=300))
def test_no_control_character_of_a_cell_reaches_a_text(world, rows):
    """Sound rows are checked together and others one by one: both kinds are in most files."""
    gateway, mine = world.gateway, next(world.numbers)
    head = [*gateway.account.lines(), "text:<#field1#|#field2#>", "concat:2"]
    numbers = [f"4479{mine:04}{n:04}" for n in range(len(rows))]
    lines = [f"csv:{to},{a},{b}" for to, (a, b) in zip(numbers, rows, strict=True)]
    gateway.upload(f"c{mine}.txt", encoded([*head, *lines]))
    lines_are_sound(gateway, f"c{mine}.txt", encoded(lines))
    gateway.settled()
    query = f"SELECT recipient, text FROM message WHERE recipient LIKE '4479{mine:04}%'"  # noqa: S608 - our own number
    texts = dict(gateway.select(query))
    for to, (a, b) in zip(numbers, rows, strict=True):
        last = b.rstrip(" \t")  # they end the line
        odd = _CONTROL.search(a + last) or "#field1#" in (a, b)
        if odd:
            assert to not in texts, (a, b)
        elif set(a + b) <= set(string.printable):
            assert texts[to] == f"<{a}|{last}>"
    assert not any(map(_CONTROL.search, texts.values()))


# Names and log-ins --------------------------------------------------------------------------------


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(given=st.lists(_VALUES, min_size=4, max_size=12, unique=True))
def test_a_file_name_is_refused_or_is_a_field_of_a_line(world, given):
    gateway = world.gateway
    taken = {}
    with gateway.session() as client:
        for name in given:
            mine = next(world.numbers)
            final = f"{mine}{name}.txt"
            if "\r" in name or "\n" in name or "\xff" in name or len(name) > 1500:
                continue  # ftplib sends no line ends, 255 is Telnet's, a longer line is refused
            client.storbinary(f"STOR .n{mine}.tmp", io.BytesIO(gateway.account.file("to:1")))
            try:
                client.rename(f".n{mine}.tmp", final)
                taken[final] = mine
            except ftplib.error_perm as error:
                assert re.fullmatch(r"(553|500) [!-~][ -~]+\.", str(error)), error
                assert names.problem(final), final
    for name in taken:
        until((gateway.folder() / f"{name}.log").exists, name)
    until(lambda: set(taken) <= _in_history(gateway), "not in history.log")
    counted = Counter(one.file for one in gateway.history())
    assert all(counted[name] == 1 for name in taken)


def _in_history(gateway):
    return {one.file for one in gateway.history()}


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(user=_VALUES, password=_VALUES)
def test_no_log_in_of_ftp_is_more_than_data(world, user, password):
    gateway = world.gateway
    before = len(gateway.errors())
    host = f"127.0.1.{next(world.numbers) % 250 + 1}"
    client = ftplib.FTP(source_address=(host, 0), timeout=20)  # noqa: S321 - on loopback
    client.connect("127.0.0.1", gateway.ftp_port)
    for word, value in (("USER", user), ("PASS", password), ("USER", gateway.account.ftp_user)):
        line = f"{word} {value}".replace("\r", "").replace("\n", "")
        client.sock.sendall(line.encode("utf-8", "surrogatepass") + b"\r\n")
        try:
            reply = client.getresp()
        except ftplib.Error as error:
            reply = str(error)
        assert re.fullmatch(r"[0-9]{3} [ -~]+", reply), reply
        assert not reply.startswith("230")
    client.close()
    told = gateway.errors()[before:]
    assert re.fullmatch(rf"(?:FTP: log-in from {host} refused \([0-9]+ recently\)\n)*", told), told


def test_a_mask_does_not_tell_that_a_guess_is_right(world):
    """Four characters of a secret beside dots are masked for people: not in a client's answers."""
    gateway = world.gateway
    secrets = (gateway.account.ftp_password, gateway.account.password, "secret")
    guesses = [f"{one[:4]}..." for one in secrets] + [*secrets]
    mine = next(world.numbers)
    with gateway.session() as client:
        put(client, f"g{mine}.txt", gateway.account.file("text:a", *(f"to:{g}" for g in guesses)))
        put(client, f"{guesses[0]}{mine}.txt", gateway.account.file("to:1"))
    gateway.log(f"g{mine}.txt")
    log = (gateway.folder() / f"g{mine}.txt.log").read_text()
    assert re.findall(r"To: '(.*)'\n", log) == guesses
    until(lambda: f"{guesses[0]}{mine}.txt" in _in_history(gateway))


def test_the_message_centre_gets_cells_as_they_are(world):
    """What the database has is what leaves; the last test, as it ends the message centre."""
    cells = ["%s", "'; DROP TABLE message; --", "{0}", f"ID: {_UID} To: 447700900104", "$(id)", '"']
    rows = [f"csv:447811{n:06},{cell}" for n, cell in enumerate(cells)]
    world.gateway.upload("as-is.txt", world.gateway.account.file("text:<#field1#>", *rows))
    assert len(world.gateway.log("as-is.txt")) == len(cells)
    world.gateway.settled()
    world.smsc.end()
    found = by_number(world.smsc.received())
    for n, cell in enumerate(cells):
        (body,) = found[f"447811{n:06}"]
        assert gsm7.decode(wire(body).data) == f"<{cell}>"
