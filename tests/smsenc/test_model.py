import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from smsenc import (
    IEI,
    Coding,
    DecodeError,
    Element,
    HeaderError,
    Language,
    MessageClass,
    Payload,
    Segment,
    ports,
    shifts,
)
from smsenc.model import valid_payload, valid_segment

PAYLOAD = Payload(data=b"a", coding=Coding.GSM7)
SEGMENT = Segment(udh=b"", data=b"a", coding=Coding.GSM7, units=1)
PLAIN = (
    (PAYLOAD, (b"a", Coding.GSM7, (), None)),
    (SEGMENT, (b"", b"a", Coding.GSM7, 1, None)),
)


@pytest.mark.parametrize(("value", "plain"), PLAIN)
def test_a_value_is_no_tuple(value, plain):
    assert value != plain
    with pytest.raises(TypeError, match="has no len"):
        len(value)
    with pytest.raises(TypeError, match="not iterable"):
        iter(value)
    with pytest.raises(TypeError, match="not supported"):
        sorted((value, value))


@pytest.mark.parametrize(("value", "plain"), PLAIN)
def test_a_value_is_frozen_and_made_by_keywords(value, plain):
    with pytest.raises(FrozenInstanceError):
        value.data = b"b"
    with pytest.raises((FrozenInstanceError, TypeError)):
        value.text = "b"
    with pytest.raises(TypeError, match="positional"):
        type(value)(*plain)


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (PAYLOAD, valid_payload(b"a", Coding.GSM7, (), None)),
        (SEGMENT, valid_segment(b"", b"a", Coding.GSM7, 1, None)),
    ],
)
def test_the_unchecked_constructors_make_the_same_values(value, same):
    assert (same, hash(same), repr(same)) == (value, hash(value), repr(value))
    assert type(same) is type(value)
    assert pickle.loads(pickle.dumps(same)) == value  # noqa: S301 - our own octets
    assert replace(same, data=b"b") == replace(value, data=b"b") != value
    with pytest.raises(FrozenInstanceError):
        same.data = b"b"


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (
            lambda: replace(PAYLOAD, data=b"\x80"),
            DecodeError,
            "expected septets 0..127, found an octet over 127",
        ),
        (
            lambda: replace(PAYLOAD, coding=Coding.UCS2),
            DecodeError,
            "expected an even number of octets in UCS-2, found 1",
        ),
        (
            lambda: replace(SEGMENT, udh=bytes(7), data=bytes(134)),
            HeaderError,
            "expected at most 140 octets of user data, found 7 + 134",
        ),
        (
            lambda: Element(256, b""),
            HeaderError,
            "expected an information element identifier 0..255, found 256",
        ),
        (
            lambda: Element(0, bytes(138)),
            HeaderError,
            "expected at most 137 octets in an information element, found 138",
        ),
        (lambda: ports(1, 65536), HeaderError, "expected a port 0..65535, found 65536"),
    ],
)
def test_what_cannot_be_sent_is_refused(make, error, text):
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == text


def test_a_payload_for_a_port_has_class_1():
    payload = Payload.to_port(0x1582, b"x")
    assert (payload.port, payload.message_class) == (0x1582, MessageClass.ME)
    assert payload.elements == (Element(IEI.PORTS_16, bytes.fromhex("15820000")),)


@pytest.mark.parametrize(
    ("elements", "port"),
    [
        ((), None),
        ((Element(IEI.PORTS_8, b"\x01\x02"),), 1),
        ((ports(5), Element(IEI.PORTS_8, b"\x01\x02")), 1),
        ((ports(5), Element(IEI.PORTS_16, b"\x01")), 5),
    ],
)
def test_the_last_valid_port_counts(elements, port):
    assert replace(PAYLOAD, elements=elements).port == port


def test_languages_are_those_of_the_last_valid_elements():
    assert PAYLOAD.languages == (Language.DEFAULT, Language.DEFAULT)
    elements = shifts(Language.TURKISH, Language.SPANISH)
    assert replace(PAYLOAD, elements=elements).languages == (Language.TURKISH, Language.SPANISH)
    unknown = (*elements, Element(IEI.LOCKING_SHIFT, b"\xf0"))
    assert replace(PAYLOAD, elements=unknown).languages == (Language.TURKISH, Language.SPANISH)


@pytest.mark.parametrize(
    ("segment", "udl"),
    [
        (SEGMENT, 1),
        (Segment(udh=bytes(7), data=b"a", coding=Coding.GSM7, units=1), 9),
        (Segment(udh=bytes(7), data=b"ab", coding=Coding.UCS2, units=1), 9),
    ],
)
def test_the_user_data_length_counts_septets_or_octets(segment, udl):
    assert segment.udl == udl
