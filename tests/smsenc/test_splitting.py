import json
import random

import places
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import (
    USER_DATA_OCTETS,
    Coding,
    Element,
    HeaderError,
    JoinError,
    Payload,
    SplitError,
    decode_text,
    encode_text,
    gsm7,
    join,
    split,
    udh,
)
from smsenc.alphabets import DEFAULT, EXTENSION
from smsenc.splitting import capacity

VECTORS = places.VECTORS / "sms"
GSM = DEFAULT.replace("\x1b", "") + "".join(EXTENSION.values())

texts = st.one_of(
    st.text(st.sampled_from(GSM), max_size=900),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    st.text(st.sampled_from("a€😀[\n"), min_size=60, max_size=500),
)
headers = st.lists(
    st.builds(Element, st.integers(0x70, 0x7F), st.binary(max_size=8)), max_size=2
).map(tuple)
payloads = st.one_of(
    st.builds(
        lambda text, elements: Payload(
            data=encode_text(text).data, coding=encode_text(text).coding, elements=elements
        ),
        texts,
        headers,
    ),
    st.builds(
        lambda data, elements: Payload(data=data, coding=Coding.OCTETS, elements=elements),
        st.binary(max_size=900),
        headers,
    ),
)


@pytest.mark.parametrize("vector", json.loads((VECTORS / "user_data.json").read_text()))
def test_user_data_behind_a_header_is_as_others_write_it(vector):
    header = bytes.fromhex(vector["udh"])
    payload = encode_text(vector["text"], coding=vector["coding"])
    (segment,) = split(
        Payload(data=payload.data, coding=payload.coding, elements=udh.decode(header)), reference=1
    )
    written = bytes((segment.udl,)) + segment.udh + segment.data
    assert written.hex().upper() == vector["tpdu_tail"]
    assert _data(segment) == payload.data


@pytest.mark.parametrize("vector", json.loads((VECTORS / "parts.json").read_text()))
def test_texts_are_cut_where_others_cut_them(vector):
    wide = vector["parts"][0]["udh"].startswith("06")
    reference = 0x0D0D if wide else 0x0D
    segments = split(encode_text(vector["text"]), reference=reference, wide=wide)
    for segment, part in zip(segments, vector["parts"], strict=True):
        alone = Payload(data=_data(segment), coding=segment.coding)
        assert segment.udh.hex().upper() == part["udh"]
        assert decode_text(alone) == part["text"]


def _data(segment):
    if segment.coding is not Coding.GSM7:
        return segment.data
    return gsm7.unpack(segment.data, segment.units, fill=gsm7.fill_bits(len(segment.udh)))


@pytest.mark.parametrize(
    ("header", "octets", "septets", "units"),
    [
        (0, 140, 160, 70),
        (6, 134, 153, 67),
        (7, 133, 152, 66),
        (12, 128, 146, 64),
        (13, 127, 145, 63),
        (4, 136, 155, 68),
        (9, 131, 149, 65),
        (10, 130, 148, 65),
    ],
)
def test_room_behind_each_header_is_as_the_table_says(header, octets, septets, units):
    assert capacity(header, Coding.OCTETS) == octets
    assert capacity(header, Coding.GSM7) == septets
    assert capacity(header, Coding.UCS2) == units * 2


@given(payloads, st.integers(0, 255), st.randoms(use_true_random=False), st.booleans())
def test_join_is_the_inverse_of_split(payload, reference, shuffler, wide):
    segments = list(split(payload, reference=reference, wide=wide))
    assert all(len(s.udh) + len(s.data) <= USER_DATA_OCTETS for s in segments)
    doubled = segments + segments[:1]
    shuffler.shuffle(doubled)
    assert join(doubled) == payload


@given(texts)
def test_no_pair_is_cut(text):
    payload = encode_text(text)
    segments = split(payload, reference=1)
    for segment in segments:
        if segment.coding is Coding.UCS2:
            segment.data.decode("utf-16-be")
        else:
            septets = _data(segment)
            run = len(septets) - len(septets.rstrip(b"\x1b"))
            assert run % 2 == 0


def test_escapes_in_a_row_do_not_stop_the_splitter():
    payload = Payload(data=b"\x1b" * 1000, coding=Coding.GSM7)
    assert join(split(payload, reference=1)) == payload


def test_every_part_has_the_ports_before_the_concatenation():
    payload = Payload.to_port(0x1581, bytes(200))
    assert [s.udh.hex() for s in split(payload, reference=7)] == [
        "0b0504158100000003070201",
        "0b0504158100000003070202",
    ]


def test_more_than_255_parts_are_refused():
    split(Payload(data=bytes(134 * 255), coding=Coding.OCTETS), reference=1)
    with pytest.raises(SplitError) as caught:
        split(Payload(data=bytes(134 * 255 + 1), coding=Coding.OCTETS), reference=1)
    assert str(caught.value) == "expected at most 255 parts, found 256"


def test_a_header_that_leaves_no_room_is_refused():
    crowded = Payload(data=bytes(9), coding=Coding.OCTETS, elements=(Element(0x70, bytes(137)),))
    with pytest.raises(HeaderError):
        split(crowded, reference=1)


def test_a_reference_beyond_its_octet_is_refused():
    with pytest.raises(HeaderError) as caught:
        split(encode_text("x" * 161), reference=256)
    assert str(caught.value) == "expected a reference 0..255, found 256"


def test_missing_parts_are_named():
    segments = split(encode_text("x" * 700), reference=1)
    with pytest.raises(JoinError) as caught:
        join([segments[1], segments[3]])
    assert caught.value.missing == (1, 3, 5)
    assert str(caught.value) == "expected 5 parts, missing 1, 3, 5"


def test_parts_of_two_messages_are_not_mixed():
    one, two = (split(encode_text("x" * 200), reference=n) for n in (1, 2))
    with pytest.raises(JoinError) as caught:
        join([one[0], two[1]])
    assert str(caught.value) == "expected the parts of one message, found 2"
    with pytest.raises(JoinError) as caught:
        join([one[0], split(encode_text("y" * 200), reference=1)[0]])
    assert str(caught.value) == "expected one part 1, found two that differ"
    with pytest.raises(JoinError):
        join([])


def test_the_order_of_parts_does_not_matter():
    payload = encode_text("".join(random.Random(1).choices(GSM, k=2000)))
    segments = list(split(payload, reference=9))
    random.Random(2).shuffle(segments)
    assert join(segments) == payload


def test_what_is_no_payload_is_refused():
    with pytest.raises(SplitError, match="expected a Payload, as encode_text returns, found str"):
        split("a text", reference=1)


def test_a_reference_outside_its_range_is_refused():
    with pytest.raises(HeaderError):
        split(encode_text("x" * 200), reference=256)
