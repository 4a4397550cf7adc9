import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import Coding, MessageClass, Payload, SmsencError, SplitError, encode_text, messagefile
from smsenc.messagefile import Message
from smsenc.package import chunks, package

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
    assert str(caught.value) == "expected 8-bit data behind a header, found text"


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
