import pytest

from smsenc import Coding, DecodeError, MessageClass, dcs


@pytest.mark.parametrize(
    ("octet", "coding", "message_class"),
    [
        (0x00, Coding.GSM7, None),
        (0x08, Coding.UCS2, None),
        (0x04, Coding.OCTETS, None),
        (0x10, Coding.GSM7, MessageClass.FLASH),
        (0x18, Coding.UCS2, MessageClass.FLASH),
        (0xF5, Coding.OCTETS, MessageClass.ME),
    ],
)
def test_the_values_in_use(octet, coding, message_class):
    assert dcs.encode(coding, message_class) == octet
    assert dcs.decode(octet) == (coding, message_class)


@pytest.mark.parametrize(
    ("octet", "coding", "message_class"),
    [
        (0x15, Coding.OCTETS, MessageClass.ME),
        (0xF0, Coding.GSM7, MessageClass.FLASH),
        (0x58, Coding.UCS2, MessageClass.FLASH),
        (0x80, Coding.GSM7, None),
        (0xC8, Coding.GSM7, None),
        (0xD0, Coding.GSM7, None),
        (0xE0, Coding.UCS2, None),
        (0x0C, Coding.GSM7, None),
    ],
)
def test_other_spellings_are_read(octet, coding, message_class):
    assert dcs.decode(octet) == (coding, message_class)


def test_every_octet_is_read_and_nothing_else():
    for octet in range(256):
        dcs.decode(octet)
    with pytest.raises(DecodeError) as caught:
        dcs.decode(256)
    assert str(caught.value) == "expected an octet 0..255, found 256"
