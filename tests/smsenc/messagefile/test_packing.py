import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import (
    Coding,
    Element,
    MessageClass,
    MessageFileError,
    Payload,
    Port,
    Segment,
    SmsencError,
    SplitError,
    encode_text,
    join,
    messagefile,
    udh,
)
from smsenc.messagefile import Message
from smsenc.messagefile.packing import Pack, chunks, package, unpack
from smsenc.messagefile.profile import Profile
from smsenc.splitting import Limits

NUMBER = "448311234567"
TEMPLATE = Message(to=(NUMBER,), text="")


def test_a_text_is_one_message_and_says_how_many_parts_it_takes():
    packed = package(encode_text("x" * 161), TEMPLATE, reference=1)
    (message,) = packed.messages
    assert (message.text, message.concat, message.unicode) == ("x" * 161, 2, None)
    assert len(packed.segments) == 2


def test_a_line_break_counts_twice():
    assert len(package(encode_text("\n" + "x" * 158), TEMPLATE, reference=1).segments) == 1
    assert len(package(encode_text("\n" + "x" * 159), TEMPLATE, reference=1).segments) == 2


@pytest.mark.parametrize("character", ["€", "Δ", "\f"])
def test_a_gsm_character_that_the_file_cannot_hold_makes_it_unicode(character):
    packed = package(encode_text("a" + character), TEMPLATE, reference=1)
    assert packed.forced == character
    assert packed.messages[0].unicode
    assert packed.segments[0].coding is Coding.UCS2


def test_flash_is_a_message_type():
    flash = encode_text("Fire", message_class=MessageClass.FLASH)
    packed = package(flash, TEMPLATE, reference=1)
    assert packed.messages[0].msg_type == "SMS_FLASH"
    assert packed.segments[0].message_class is MessageClass.FLASH


def test_octets_are_one_message_a_part():
    packed = package(Payload.to_port(0x1581, bytes(200)), TEMPLATE, reference=5)
    assert [m.udh for m in packed.messages] == [s.udh for s in packed.segments]
    assert [len(m.udh + m.data) for m in packed.messages] == [140, 84]
    assert packed.messages[0].udh.hex() == "0b0504158100000003050201"


def test_octets_without_a_header_are_forced_to_eight_bit():
    packed = package(Payload(data=b"abc", coding=Coding.OCTETS), TEMPLATE, reference=1)
    assert (packed.messages[0].udh, packed.messages[0].binary) == (None, True)


def test_limits_of_the_gateway():
    with pytest.raises(SplitError) as caught:
        package(encode_text("x" * 153 * 36), TEMPLATE, reference=1)
    assert str(caught.value) == "expected at most 35 parts of text, found 36"
    ported = Payload(data=b"x", coding=Coding.GSM7, elements=Payload.to_port(1, b"").elements)
    with pytest.raises(SplitError) as caught:
        package(ported, TEMPLATE, reference=1)
    assert str(caught.value) == "expected 8-bit data after a header, found text"


@given(st.text(max_size=400))
def test_what_is_written_reads_as_the_text_that_went_in(text):
    try:
        packed = package(encode_text(text), TEMPLATE, reference=1)
        written = messagefile.dumps(packed.messages[0])
    except SmsencError:
        return
    read = messagefile.loads(written)
    assert read.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert read.to == (NUMBER,)


def test_recipients_beyond_a_file_go_into_the_next():
    assert [len(group) for group in chunks((NUMBER,) * 250_000)] == [100_000, 100_000, 50_000]


def test_a_profile_says_how_many_a_file_takes():
    assert [len(g) for g in chunks((NUMBER,) * 5, Profile(most_messages=2))] == [2, 2, 1]


def read_back(message):
    return unpack(messagefile.loads(messagefile.dumps(message)))


ports = st.sampled_from([0x1581, 0x1582, 0x23F4, 0x0B84])


@given(ports, st.binary(min_size=1, max_size=1200), st.sampled_from([Pack.PARTS, Pack.GATEWAY]))
def test_octets_come_back_from_both_ways_of_cutting(port, data, pack):
    payload = Payload.to_port(port, data)
    packed = package(payload, TEMPLATE, reference=9, pack=pack)
    if pack is Pack.GATEWAY:
        (message,) = packed.messages
        assert (message.udh, message.data) == (udh.encode(payload.elements), data)
        assert (message.concat or 1) == len(packed.segments)
        assert read_back(message) == payload
        return
    parts = [read_back(message) for message in packed.messages]
    segments = [
        Segment(
            udh=udh.encode(part.elements),
            data=part.data,
            coding=part.coding,
            units=len(part.data),
            message_class=part.message_class,
        )
        for part in parts
    ]
    assert tuple(segments) == packed.segments
    assert join(segments) == payload


def test_a_tone_is_a_message_type_with_its_octets():
    payload = Payload.to_port(Port.RINGTONE, bytes(range(200)))
    packed = package(payload, TEMPLATE, reference=1, pack=Pack.MSG_TYPE)
    (message,) = packed.messages
    assert (message.msg_type, message.udh) == ("SMS_NOKIA_RINGTONE", None)
    assert (message.data, message.concat) == (payload.data, 2)
    assert read_back(message) == payload


BITMAP = bytes.fromhex("00480e01") + bytes(126)


@pytest.mark.parametrize("before", ["62f270", "3062f2700a"])
def test_a_logo_leaves_its_network_to_the_gateway(before):
    payload = Payload.to_port(Port.OPERATOR_LOGO, bytes.fromhex(before) + BITMAP)
    packed = package(payload, TEMPLATE, reference=1, pack=Pack.MSG_TYPE)
    (message,) = packed.messages
    assert (message.msg_type, message.data) == ("SMS_NOKIA_OLOGO", None)
    assert message.text == BITMAP.hex().upper()
    assert packed.left_out == "the network code: the gateway adds one"
    test_network = bytes.fromhex("00f110")
    assert read_back(message) == Payload.to_port(Port.OPERATOR_LOGO, test_network + BITMAP)


def test_a_caller_icon_is_its_bitmap():
    payload = Payload.to_port(Port.CALLER_ICON, b"\x30" + BITMAP)
    packed = package(payload, TEMPLATE, reference=1, pack=Pack.MSG_TYPE)
    assert packed.messages[0].msg_type == "SMS_NOKIA_GLOGO"
    assert read_back(packed.messages[0]) == payload


KNOWN = "SMS_NOKIA_OLOGO, SMS_NOKIA_GLOGO, SMS_NOKIA_RINGTONE"


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (Payload.to_port(Port.VCARD, b"x"), "a vcard, which is sent as udh and data"),
        (Payload.to_port(Port.VCALENDAR, b"x"), "a vcalendar, which is sent as udh and data"),
        (Payload.to_port(Port.MULTIPART, b"x"), "port 5514 (0x158A)"),
        (Payload(data=b"x", coding=Coding.OCTETS), "octets without a port"),
    ],
)
def test_what_no_message_type_carries_is_refused(payload, found):
    with pytest.raises(MessageFileError) as caught:
        package(payload, TEMPLATE, reference=1, pack=Pack.MSG_TYPE)
    assert str(caught.value) == (
        f"msg_type: expected a payload for {KNOWN}, found {found} (gateway error 112)"
    )


@pytest.mark.parametrize("pack", [Pack.GATEWAY, Pack.MSG_TYPE])
def test_the_gateway_cuts_into_at_most_35_parts(pack):
    with pytest.raises(MessageFileError) as caught:
        package(Payload.to_port(0x1581, bytes(5000)), TEMPLATE, reference=1, pack=pack)
    assert str(caught.value) == ("concat: expected at most 35 parts, found 40 (gateway error 113)")


def test_nothing_is_not_sent():
    for payload in (encode_text(""), Payload(data=b"", coding=Coding.OCTETS)):
        with pytest.raises(MessageFileError) as caught:
            package(payload, TEMPLATE, reference=1)
        assert str(caught.value) == (
            "text: expected a message, found an empty one (gateway error 107)"
        )
    header = Payload(data=b"", coding=Coding.OCTETS, elements=(Element(0x05, bytes(4)),))
    assert package(header, TEMPLATE, reference=1).messages[0].data == b""


@given(st.text(max_size=400))
def test_a_text_is_what_the_gateway_makes_of_it(text):
    try:
        packed = package(encode_text(text), TEMPLATE, reference=1)
    except SmsencError:
        return
    assert read_back(packed.messages[0]) == join(packed.segments)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252"])
def test_a_character_that_the_charset_has_stays_text(charset):
    profile = Profile(name="x", charset=charset)
    packed = package(encode_text("5 €"), TEMPLATE, reference=1, profile=profile)
    assert (packed.forced, packed.messages[0].unicode) == (None, None)
    assert packed.segments[0].coding is Coding.GSM7
    assert package(encode_text("Δ €"), TEMPLATE, reference=1, profile=profile).forced == (
        None if charset == "utf-8" else "Δ"
    )


def test_costs_and_limits_of_a_profile():
    cheap = Profile(line_break=1)
    broken = encode_text("\n" + "x" * 159)
    assert len(package(broken, TEMPLATE, reference=1, profile=cheap).segments) == 1
    wide = Profile(limits=Limits(wide=True))
    assert len(package(encode_text("x" * 305), TEMPLATE, reference=1).segments) == 2
    assert len(package(encode_text("x" * 305), TEMPLATE, reference=1, profile=wide).segments) == 3
    few = Profile(most_parts=2)
    with pytest.raises(SplitError) as caught:
        package(encode_text("x" * 307), TEMPLATE, reference=1, profile=few)
    assert str(caught.value) == "expected at most 2 parts of text, found 3"


@pytest.mark.parametrize("kind", ["SMS_NOKIA_VCARD", "SMS_NOKIA_CLEAN", "SMS_NOKIA_RTTL"])
def test_a_type_whose_content_is_not_known_is_not_guessed(kind):
    with pytest.raises(MessageFileError) as caught:
        unpack(Message(to=(NUMBER,), text="00", msg_type=kind))
    assert str(caught.value) == (
        f"msg_type: expected one of SMS_TEXT, SMS_FLASH, {KNOWN}, found '{kind}' "
        "(gateway error 112)"
    )


@pytest.mark.parametrize(
    "values", [{"text": "Ç"}, {"text": "Ж", "unicode": True}, {"data": b"\1", "binary": True}]
)
def test_flash_messages_have_their_class(values):
    """Its number is 0, which is not the same as no class."""
    message = Message(to=("447700900123",), msg_type="SMS_FLASH", **values)
    assert unpack(message).message_class is MessageClass.FLASH
