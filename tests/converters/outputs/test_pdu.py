"""TPDUs in hex, as files, as AT commands, and between the lines of a modem."""

import pytest

from converters.outputs.job import Job
from converters.outputs.packers import pack, unpack
from converters.outputs.parts import Label
from smsenc import encode_text, join
from smsenc.messagefile import Message

NUMBER = "447700900123"
TEMPLATE = Message(to=(NUMBER,), text="")
LABEL = Label(7, "note.txt", 5)
#: "hellohello" to 46708251358, a classic of TPDU tutorials, and as it is received.
SUBMIT = "0100" + "0B916407281553F8" + "0000" + "0A" + "E8329BFD4697D9EC37"
DELIVER = "040B916407281553F80000" + "99309251619580" + "0A" + "E8329BFD4697D9EC37"
CENTRE = "07916407058099F9"


def text_of(name, octets):
    (part,) = unpack(name, octets)
    found = join([part.found])
    return found.data.decode("ascii"), part.to or (part.sender,)


@pytest.mark.parametrize("tpdu", [SUBMIT, DELIVER])
@pytest.mark.parametrize(
    "form",
    [
        "{0}",
        "00{0}",
        CENTRE + "{0}",
        "+CMGR: 0,,{1}\r\n" + CENTRE + "{0}\r\n\r\nOK\r\n",
        "AT+CMGL=4\r\r\n+CMGL: 1,1,,{1}\r\n00{0}\r\nOK\r\n",
        "+CMT: ,{1}\r\n" + CENTRE + "{0}\r\n",
        "AT+CMGF=0\r\nAT+CMGS={1}\r\n> 00{0}\x1a\r\n",
        "> {0}^Z",
    ],
)
def test_with_and_without_service_centre_and_modem(tpdu, form):
    octets = form.format(tpdu, len(tpdu) // 2).encode()
    assert text_of("a.log", octets) == ("hellohello", ("46708251358",))
    assert text_of("a.log", octets.lower().replace(b"^z", b"^Z")) == text_of("a.log", octets)


def test_hex_may_have_spaces():
    spaced = " ".join(SUBMIT[n : n + 2] for n in range(0, len(SUBMIT), 2))
    assert text_of(spaced, spaced.encode()) == ("hellohello", ("46708251358",))


def test_text_mode_is_named():
    answer = f'+CMGL: 1,"REC READ","+46708251358"\r\n{SUBMIT}\r\nOK\r\n'
    (part,) = unpack("a.log", answer.encode())
    assert part.found.kind == "text-mode"
    assert "read it again with AT+CMGF=0" in part.warnings[0]


def test_at_commands_have_the_length_and_are_read_back():
    payload = encode_text("x" * 200)
    job = Job(recipients=(NUMBER, "447700900124"), template=TEMPLATE, format="at")
    ((name, octets),) = pack(payload, job, LABEL).files
    assert name == "000007-note.at"
    first, *lines = octets.decode("ascii").split("\r\n")
    assert first == "AT+CMGF=0"
    for command, line in zip(lines[::2], lines[1::2], strict=False):
        assert command == f"AT+CMGS={(len(line) - 1) // 2 - 1}"
        assert line[:2] == "00"
        assert line[-1] == "\x1a"
    parts = list(unpack(name, octets))
    assert [part.to for part in parts] == [(NUMBER,)] * 2 + [("447700900124",)] * 2
    assert join([part.found for part in parts[:2]]).data == payload.data
