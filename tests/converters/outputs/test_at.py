"""Messages as the commands that make a modem send them."""

from converters.outputs.job import Job
from converters.outputs.packers import pack, unpack
from converters.outputs.parts import Label
from smsenc import encode_text, tpdu
from smsenc.messagefile import Message

NUMBER, OTHER = "447700900123", "447700900124"


def commands(text, **changes):
    """The lines of the file of a text, split at the only line end that it may have."""
    template = Message(to=(NUMBER,), text="", **changes)
    job = Job(recipients=(NUMBER, OTHER), template=template, format="at")
    ((name, octets),) = pack(encode_text(text), job, Label(7, "note.txt", 5)).files
    assert name == "000007-note.at"
    assert len(octets.splitlines()) == octets.count(b"\r\n") == octets.count(b"\n")
    return octets.decode("ascii").split("\r\n")


def test_the_file_is_this_one():
    assert commands("hello") == [
        "AT+CMGF=0",
        "AT+CMGS=18",
        "0001000C914477000910320000" + "05E8329BFD06" + "\x1a",
        "AT+CMGS=18",
        "0001000C914477000910420000" + "05E8329BFD06" + "\x1a",
        "",
    ]


def test_lengths_do_not_count_the_service_centre():
    lines = commands("Hello [world] " * 30, validity=60, deliv_ack=True)
    for command, pdu in zip(lines[1:-1:2], lines[2:-1:2], strict=True):
        octets = bytes.fromhex(pdu.removesuffix("\x1a"))
        assert octets[0] == 0
        assert command == f"AT+CMGS={len(octets) - 1}"
        found = tpdu.decode(octets[1:])
        assert (found.validity, found.status_report) == (tpdu.Relative(11), True)
    assert len(lines) == 2 + 2 * 4 * 2


def test_it_is_read_back_also_with_the_command_that_stores():
    octets = "\r\n".join(commands("hello")).encode()
    for given in (octets, octets.replace(b"CMGS=18", b"CMGW=18,2"), octets.replace(b"\x1a", b"^Z")):
        first, second = unpack("anything.txt", given)
        assert (first.to, second.to) == ((NUMBER,), (OTHER,))
        assert first.found == second.found
        assert first.warnings == ()
