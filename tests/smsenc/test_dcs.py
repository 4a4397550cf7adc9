import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import Coding, DecodeError, MessageClass, dcs
from smsenc.dcs import DataCoding, Indication, Waiting

classes = st.none() | st.sampled_from(MessageClass)
plain = st.builds(
    DataCoding,
    coding=st.sampled_from(Coding),
    message_class=classes,
    compressed=st.booleans(),
    delete=st.booleans(),
)
waitings = st.builds(Waiting, st.sampled_from(Indication), st.booleans(), st.booleans())
indications = st.one_of(
    st.builds(DataCoding, waiting=waitings),
    st.builds(
        DataCoding,
        coding=st.just(Coding.UCS2),
        waiting=st.builds(Waiting, st.sampled_from(Indication), st.booleans(), st.just(True)),
    ),
)


@given(plain | indications)
def test_decode_is_the_inverse_of_encode(meaning):
    assert dcs.decode(dcs.encode(meaning)) == meaning


@pytest.mark.parametrize(
    ("octet", "meaning"),
    [
        (0x00, DataCoding()),
        (0x08, DataCoding(coding=Coding.UCS2)),
        (0x04, DataCoding(coding=Coding.OCTETS)),
        (0x10, DataCoding(message_class=MessageClass.FLASH)),
        (0x18, DataCoding(coding=Coding.UCS2, message_class=MessageClass.FLASH)),
        (0xF5, DataCoding(coding=Coding.OCTETS, message_class=MessageClass.ME)),
        (0x20, DataCoding(compressed=True)),
        (0x58, DataCoding(coding=Coding.UCS2, message_class=MessageClass.FLASH, delete=True)),
        (0xC8, DataCoding(waiting=Waiting(Indication.VOICEMAIL))),
        (0xC0, DataCoding(waiting=Waiting(Indication.VOICEMAIL, active=False))),
        (0xDA, DataCoding(waiting=Waiting(Indication.EMAIL, store=True))),
        (
            0xE9,
            DataCoding(coding=Coding.UCS2, waiting=Waiting(Indication.FAX, store=True)),
        ),
    ],
)
def test_values_in_use(octet, meaning):
    assert dcs.decode(octet) == meaning
    assert dcs.encode(meaning) == octet


@pytest.mark.parametrize(
    ("octet", "meaning"),
    [
        (0x15, DataCoding(coding=Coding.OCTETS, message_class=MessageClass.ME)),
        (0xF0, DataCoding(message_class=MessageClass.FLASH)),
        (0xFD, DataCoding(coding=Coding.OCTETS, message_class=MessageClass.ME)),
        (0x0C, DataCoding()),
        (0x80, DataCoding()),
        (0xBF, DataCoding()),
    ],
)
def test_other_spellings_and_reserved_values_are_read(octet, meaning):
    assert dcs.decode(octet) == meaning


def test_every_octet_is_read_and_nothing_else():
    for octet in range(256):
        assert dcs.decode(dcs.encode(dcs.decode(octet))) == dcs.decode(octet)
    with pytest.raises(DecodeError) as caught:
        dcs.decode(256)
    assert str(caught.value) == "expected an octet 0..255, found 256"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"message_class": MessageClass.ME},
            "expected a waiting indication alone, found a class, compression or deletion",
        ),
        ({"coding": Coding.OCTETS}, "expected GSM 7-bit, or UCS-2 that is stored, found 8bit"),
        ({"coding": Coding.UCS2}, "expected GSM 7-bit, or UCS-2 that is stored, found ucs2"),
    ],
)
def test_what_no_octet_says_is_refused(fields, message):
    with pytest.raises(DecodeError) as caught:
        DataCoding(waiting=Waiting(Indication.FAX), **fields)
    assert str(caught.value) == message
