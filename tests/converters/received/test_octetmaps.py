"""Whatever a user names: maps of it with faults marked, or one of our errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from octetcases import cases

from converters import registry
from converters.errors import SourceError
from converters.received import octetmaps
from converters.received.octetmaps import CHOICES, Explained, Form
from smsenc import Payload, SmsencError, split
from smsenc.octetmap import leaves

HEX = st.binary(max_size=160).map(bytes.hex)
GENERATED = st.sampled_from([case.octets.hex() for case in cases(8, 100)])
PARTS = st.builds(
    lambda udh, data, dcs, udl: f"{udh}:{data}:{dcs:02X}:{udl}",
    HEX,
    HEX,
    st.integers(0, 255),
    st.integers(0, 999),
)
LINES = HEX | GENERATED | PARTS | st.text(max_size=20)
KINDS = st.none() | st.sampled_from(CHOICES)


def explained(text, kind=None):
    return list(octetmaps.explain("-", text.encode(errors="surrogatepass"), kind))


@given(st.lists(LINES, max_size=4).map("\n".join), KINDS)
def test_any_text(text, kind):
    try:
        found = explained(text, kind)
    except SourceError:
        return
    assert found
    for one in found:
        if isinstance(one, Explained):
            assert one.map.faults >= 0
            assert sum(f.end - f.start for f in leaves(one.map.fields)) <= len(one.map.octets)
        else:
            assert isinstance(one, SmsencError)
            assert str(one)


@given(
    st.sampled_from(sorted(one.port for one in registry.viewers().values() if one.port)),
    st.binary(max_size=120),
)
def test_any_payload_for_a_port(port, octets):
    (part,) = split(Payload.to_port(port, octets), reference=1)
    (found,) = explained(f"{part.udh.hex()}:{part.data.hex()}")
    at = 0
    for one in leaves(found.map.fields):
        assert at == one.start
        at = one.end
    assert at == len(found.map.octets)


@given(st.lists(st.sampled_from(["udh", "data", "text", "to", "unicode", "api_id", "x"])), HEX)
def test_any_message_file(keys, value):
    for one in explained("".join(f"{key}:{value}\n" for key in keys), Form.FILE):
        assert isinstance(one, Explained)


def test_a_message_file_is_mapped_with_its_user_data():
    head = "api_id:1\nuser:x\npassword:y\n"
    lines, text = explained(f"{head}text:Hello\nto:448311234567\n")
    assert (lines.map.title, text.map.title) == (
        "message file",
        "user data, GSM 7-bit (TP-DCS 00)",
    )
    assert [f.value for f in text.map.fields] == ["Hello"]
    _, *more = explained(f"{head}text:{'x' * 5000}\nto:448311234567\n")
    assert len(more) == 10
    _, octets = explained(f"{head}udh:0605040B840000\ndata:01\nto:448311234567\n")
    assert [f.name for f in octets.map.fields] == ["user data header", "data"]


@pytest.mark.parametrize("line", ["udh:0", "udh:xx", "data:x", "text:x"])
def test_a_file_with_faults_has_the_user_data_that_can_be_read(line):
    (only,) = explained(f"{line}\n", Form.FILE)
    assert only.map.faults
    _, octets = explained(f"{line}\nudh:\ndata:41\n".replace(line, "odd:x"), Form.FILE)
    assert octets.map.octets == b"A"


def test_a_part_without_a_length_has_no_padding():
    (found,) = explained(":E8329BFD4697D9EC37")
    assert found.map.fields[0].value == "hellohello"
    (found,) = explained("05000305020190:0000:00:5")
    assert found.map.faults


def test_a_later_part_of_a_message_is_data():
    (found,) = explained("0B0504158100000003050202:024A3A51:F5")
    assert [f.name for _, f in found.map.walk()][-1] == "data"
    (found,) = explained("0B0504158100000003050201:024A3A51:F5")
    assert "ringing tone" in [f.name for _, f in found.map.walk()]


def test_a_reserved_type_is_read_as_an_sms_deliver():
    (found,) = explained("03000B917407010932F4")
    assert found.map.title.startswith("SMS-DELIVER")
    assert found.map.faults
