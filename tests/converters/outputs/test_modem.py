"""Hex as people have it: from modems, terminals and other programs."""

import pytest

from converters.outputs.packers import unpack
from converters.received.inspect import inspect
from smsenc import SmsencError

DELIVER = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
SUBMIT = "0001000C91447700091032000005E8329BFD06"
REPORT = "00060C0C91447700091032621112913000806211129143008046"
FROM, TO = "31641600986", "447700900123"


def shown(text, name="log.txt"):
    """What is shown of a file: texts or kinds, and the words of errors."""
    found = inspect([(name, text.encode())])
    return [str(one.error) if one.error else one.content.get("text", one.kind) for one in found]


HOW, HELLO = "How are you?", "hello"
BOTH = [HOW, HELLO]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{DELIVER}\n{SUBMIT}\n", BOTH),
        (f"{DELIVER.lower()} {SUBMIT}", BOTH),
        (f"{DELIVER}\r\r\n\r\r\n{SUBMIT}\r\r\n", BOTH),
        (bytes.fromhex(SUBMIT).hex(" "), [HELLO]),
        (bytes.fromhex(SUBMIT).hex("-"), [HELLO]),
        (bytes.fromhex(SUBMIT).hex(":"), [HELLO]),
        (", ".join(f"0x{octet:02x}" for octet in bytes.fromhex(SUBMIT)), [HELLO]),
        (f"0x{SUBMIT}", [HELLO]),
        (f"{DELIVER[:30]}\n{DELIVER[30:60]}\n{DELIVER[60:]}\n{SUBMIT}", BOTH),
        (f"{DELIVER[:16]} {DELIVER[16:32]} {DELIVER[32:]}", [HOW]),
        (
            f"AT+CMGL=4\r\r\n+CMGL: 1,1,,30\r\n{DELIVER}\r\n+CMGL: 2,3,,18\r\n{SUBMIT}\r\n\r\nOK",
            BOTH,
        ),
        (f'+CMGL: 1,1,"Doe, Jo",30\n{DELIVER}\n\n+CMGL: 2,2,18\n{SUBMIT}\nOK\n', BOTH),
        (f"AT+CMGR=1\n+CMGR: 1,,30\n{DELIVER}\n\nOK\nAT+CMGR=2\n+CMGR: 3,,18\n{SUBMIT}\nOK", BOTH),
        (f'+CMT: ,30\r\n{DELIVER}\r\n+CMT: "Jo",30\r\n{DELIVER}\r\n', [HOW, HOW]),
        (f'+CMT: 30\n{DELIVER[:50]}\n{DELIVER[50:]}\n+CMTI: "SM",3\n', [HOW]),
        (f"AT+CMGF=0\nOK\nAT+CMGS=18\n> {SUBMIT}^Z\n+CMGS: 5\n\nOK\n", [HELLO]),
        (f"AT+CMGS=18\n>\n{SUBMIT}\x1a\n+CMS ERROR: 500\n", [HELLO]),
        (f"at+cmgw=18,2\n> {SUBMIT}\x1a\nOK", [HELLO]),
        (f"+CDS: 25\n{REPORT}\n", ["status-report"]),
        ("-:E8329BFD06:00:05\nOK\n", [HELLO]),
    ],
)
def test_a_message_is_found_in_what_is_around_it(text, found):
    assert shown(text) == found


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("+CMGL: 1,1,,30\nOK\n", ["log.txt:1: expected a PDU after +CMGL, found none"]),
        (
            f"+CMGR: 1,,30\n{DELIVER[:-1]}G\nOK\n",
            [
                f"log.txt:2: expected hex, found '{DELIVER[:39]}",
                "log.txt:1: expected a PDU after +CMGR, found none",
            ],
        ),
        (
            f"{SUBMIT}1\n{SUBMIT}\n",
            ["log.txt:1: expected two hex digits for each octet, found 39 digits", HELLO],
        ),
        (
            f"{SUBMIT[:-2]}\n{DELIVER}\n",
            ["log.txt:1: expected a PDU: SMS-SUBMIT: expected 5 octets of user data", HOW],
        ),
        (
            "+CBM: 88\n" + "00" * 88,
            ["log.txt:1: expected a message, found a page of a cell broadcast"],
        ),
    ],
)
def test_what_cannot_be_read_is_said_and_stops_no_other(text, errors):
    found = shown(text)
    assert len(found) == len(errors)
    assert all(one.startswith(error) for one, error in zip(found, errors, strict=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('+CMGL: 1,"REC READ","+316",,"02/11/19,09:58:42+04"\nHi\n\nOK?\n\nOK\n', "Hi\n\nOK?"),
        ('+CMGR: "REC UNREAD","+316",,"02/11/19,09:58:42+04",145,4,0,0,"+1",145,2\nHi\nOK', "Hi"),
        ('+CMT: "+316",,"02/11/19,09:58:42+04"\nHi\n', "Hi"),
        (f'+CMT: "+316",,"02/11/19,09:58:42+04"\n{SUBMIT}\n', SUBMIT),
        ('AT+CMGS="+31641600986"\n> Hi^Z\n+CMGS: 5\n', "Hi\n+CMGS: 5"),
    ],
)
def test_text_mode_is_called_so(text, message):
    (found,) = inspect([("log.txt", text.encode())])
    assert (found.kind, found.payload, found.error) == ("text-mode", None, None)
    assert found.content["text"] == message
    assert "AT+CMGF=0" in found.warnings[0]


def test_a_received_message_has_a_sender_and_a_sent_one_recipients():
    received, sent = inspect([("a.txt", f"{DELIVER}\n{SUBMIT}".encode())])
    assert (received.sender, received.to) == (FROM, ())
    assert received.about.endswith("with service centre 31624000000, 2002-08-26 19:37:41 +00:00")
    assert (sent.sender, sent.to, sent.about) == (None, (TO,), "SMS-SUBMIT with service centre 00")


def test_a_status_report_says_what_became_of_which_message():
    (found,) = inspect([("a.txt", REPORT.encode())])
    assert found.content == {
        "reference": 12,
        "recipient": TO,
        "sent": "2026-11-21 19:03:00 +02:00",
        "discharged": "2026-11-21 19:34:00 +02:00",
        "status": 0x46,
        "meaning": "not delivered, not tried again",
    }
    assert found.lines[0] == f"message 12 to {TO}: not delivered, not tried again (status 46)"


@pytest.mark.parametrize(
    "text", ["OK\n", "hello", "api_id:1\nto:447700900123\ntext:+CMT: 1\n", "Bad"]
)
def test_other_files_are_no_transcripts(text):
    with pytest.raises(SmsencError) as caught:
        list(unpack("a.txt", text.encode() + b"\nx"))
    assert "PDU" not in str(caught.value)


@pytest.mark.parametrize("text", ["OK\n\n", "AT+CMGF=0\nOK\nAT+CMGL=4\nOK\n", "+CMS ERROR: 321\n"])
def test_a_transcript_without_a_message_is_refused(text):
    with pytest.raises(SmsencError, match="expected a message in hex, found only other answers"):
        list(unpack("a.txt", text.encode()))


@pytest.mark.parametrize(
    ("year", "century"), [("99", 1999), ("09", 1990), ("98", 2089), ("00", 2000)]
)
def test_years_have_two_digits(year, century):
    (found,) = inspect([("a.txt", DELIVER.replace("20806291", f"{year}806291").encode())])
    assert f", {century}-08-26 " in found.about


def test_a_name_as_sender():
    named = DELIVER.replace("0B911346610089F6", "0BD0D4F29C0E6A01")
    (found,) = inspect([("a.txt", named.encode())])
    assert (found.error, found.content["text"], len(found.sender)) == (None, HOW, 6)
