"""The files of every output format are read back as the parts that were written."""

import json
from contextlib import suppress

import pytest
from command import NUMBER, records, smsenc
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES

from converters.outputs.job import FORMATS, Job
from converters.outputs.packers import pack, unpack
from converters.outputs.parts import Label
from smsenc import MessageClass, Payload, SmsencError, encode_text, join
from smsenc.messagefile import Message

PAYLOADS = [
    encode_text("Hello [€] @"),
    encode_text("@" * 160),
    encode_text("Hello {world} " * 20),
    encode_text("Привет 👍🏽 " * 16, message_class=MessageClass.FLASH),
    Payload.to_port(0x1581, bytes(range(200))),
]
TEMPLATE = Message(to=(NUMBER,), text="")


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"ftp"}))
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.coding.value)
def test_parts_come_back_as_they_were_sent(payload, form):
    packed = pack(
        payload, Job(recipients=(NUMBER,), template=TEMPLATE, format=form), Label(7, "a", 5)
    )
    found = [part for name, octets in packed.files for part in unpack(name, octets)]
    assert tuple(part.found for part in found) == packed.segments
    assert {part.to for part in found} == {(NUMBER,)}
    assert join([part.found for part in found]) == payload


@pytest.mark.parametrize("form", ["smstools", "json", "pdu"])
def test_the_command_shows_a_folder_of_them(tmp_path, form):
    box, options = tmp_path / "box", ("-O", "target=ems-variable", "-O", "size=72x28")
    sent = ("convert", SAMPLES / "logo.png", "--to", NUMBER, "--out", box, "--format", form)
    assert smsenc(*sent, *options).returncode == 0
    (shown,) = records(smsenc("inspect", box, "--json"))
    assert (shown["kind"], shown["parts"]) == ("ems-picture", 3)
    ((picture,),) = [thing["frames"] for thing in shown["content"]["pictures"]]
    assert (picture["width"], picture["height"]) == (72, 28)
    assert smsenc("decode", box, tmp_path / "a.png").returncode == 0


@pytest.mark.parametrize(
    ("name", "octets", "error"),
    [
        ("a.json", b"{", "expected JSON, found another format"),
        ("a.json", b"[" * 100_000, "expected JSON, found another format"),
        ("a.json", b"[]", "expected an object with to and parts, found another"),
        ("a.json", b'{"to": [1], "parts": [{}]}', "expected an object with to and parts"),
        ("a.json", b'{"to": [], "parts": [{}]}', "expected udh, data, dcs and udl in part 1"),
        ("a.sms", b"To: 1\n\nhi\n", "expected a spool file with DCS_hex and Hex: yes"),
        ("a.sms", b"Hex: yes\nDCS_hex: 00\n\n80\n", "expected septets up to 7F, found 80"),
        ("a.sms", b"Hex: yes\nDCS_hex: 00\n\nxy\n", "expected the body in hex, found 'xy'"),
    ],
)
def test_a_file_that_is_not_a_part_is_refused(name, octets, error):
    with pytest.raises(SmsencError) as caught:
        list(unpack(name, octets))
    assert str(caught.value).startswith(error)


octets = st.text("0123456789abcdefg", max_size=300)
numbers = st.integers(-1, 300)
part = st.fixed_dictionaries({"udh": octets, "data": octets, "dcs": numbers, "udl": numbers})


@given(part, st.binary(max_size=300))
def test_anything_is_a_part_or_our_error(part, noise):
    head = f"Hex: yes\nDCS_hex: {part['dcs']}\nUDH-DATA: {part['udh']}\n"
    spool = f"{head}\n{part['data']}\n".encode()
    record = json.dumps({"to": ["1"], "parts": [part]}).encode()
    for name, content in (
        ("a.json", record),
        ("a.json", noise),
        ("a.sms", spool),
        ("a.sms", noise),
    ):
        with suppress(SmsencError):
            list(unpack(name, content))
