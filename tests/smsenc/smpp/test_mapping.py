"""Parts of messages as submit_sm, deliver_sm and data_sm, and back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsenc import (
    USER_DATA_OCTETS,
    Coding,
    Element,
    HeaderError,
    MessageClass,
    Payload,
    Segment,
    encode_text,
    gsm7,
    join,
    split,
)
from smsenc.alphabets import DEFAULT, EXTENSION, LOCKING_LANGUAGES, SINGLE_LANGUAGES
from smsenc.model import ports, shifts
from smsenc.smpp import Address, Pdu, SmppError, Tag, Tlv, decode, encode, pdus
from smsenc.smpp.mapping import (
    Carry,
    Classes,
    CodingProfile,
    Gsm7,
    data,
    deliver,
    is_receipt,
    payload_of,
    segment_of,
    submit,
)

HERE, THERE = Address("smsenc", 5, 0), Address("447700900123", 1, 1)
LATIN1_ROUTES = (Gsm7.LATIN1_0, Gsm7.LATIN1_1, Gsm7.LATIN1_3)
GSM = DEFAULT.replace("\x1b", "") + "".join(EXTENSION.values())
BOTH = "".join(c for c in GSM if c <= "\xff")  # also in Latin-1


def sent(part, carry=Carry.UDHI, **profile):
    return submit(
        part, source=HERE, destination=THERE, profile=CodingProfile(**profile), carry=carry
    )


def text_part(text, **fields):
    payload = encode_text(text)
    made = Payload(data=payload.data, coding=payload.coding, **fields)
    (part,) = split(made, reference=1)
    return part


# Vectors by hand ----------------------------------------------------------------------------------

TWO_PARTS = split(encode_text("a" * 200), reference=0x2A)


@pytest.mark.parametrize(
    ("part", "profile", "data_coding", "octets"),
    [
        (text_part("hi @"), {}, 0x00, b"hi \x00"),
        (text_part("hi @€"), {}, 0x00, b"hi \x00\x1b\x65"),
        (text_part("hi @"), {"gsm7": Gsm7.LATIN1_0}, 0x00, b"hi @"),
        (text_part("hi @"), {"gsm7": Gsm7.LATIN1_1}, 0x01, b"hi @"),
        (text_part("[äß]"), {"gsm7": Gsm7.LATIN1_3}, 0x03, b"[\xe4\xdf]"),
        # "hellohello" is the example of many books on packed septets.
        (
            text_part("hellohello"),
            {"gsm7": Gsm7.PACKED},
            0x00,
            bytes.fromhex("e8329bfd4697d9ec37"),
        ),
        # Seven septets would leave seven bits: a CR fills them (23.038, 6.1.2.3.1).
        (text_part("1234567"), {"gsm7": Gsm7.PACKED}, 0x00, bytes.fromhex("31d98c56b3dd1a")),
        (text_part("Жж"), {}, 0x08, bytes.fromhex("04160436")),
    ],
)
def test_text_by_route(part, profile, data_coding, octets):
    body = sent(part, **profile)
    assert (body.data_coding, body.short_message, body.esm_class) == (data_coding, octets, 0)


FLASH, ME = MessageClass.FLASH, MessageClass.ME
SUBUNIT = Tag.DEST_ADDR_SUBUNIT


def octets_part(message_class):
    return Segment(
        udh=b"", data=b"\xff\x00", coding=Coding.OCTETS, units=2, message_class=message_class
    )


@pytest.mark.parametrize(
    ("part", "profile", "data_coding", "tlvs"),
    [
        (text_part("hi", message_class=FLASH), {}, 0x10, ()),
        (text_part("hi", message_class=FLASH), {"classes": Classes.GROUP}, 0xF0, ()),
        (text_part("Ж", message_class=FLASH), {"classes": Classes.GROUP}, 0x18, ()),
        (text_part("Ж", message_class=FLASH), {}, 0x18, ()),
        (
            text_part("Ж", message_class=FLASH),
            {"classes": Classes.SUBUNIT},
            0x08,
            (Tlv(SUBUNIT, 1),),
        ),
        (
            text_part("hi", message_class=FLASH),
            {"gsm7": Gsm7.LATIN1_3},
            0x03,
            (Tlv(SUBUNIT, 1),),
        ),
        (octets_part(None), {}, 0x04, ()),
        (octets_part(ME), {}, 0xF5, ()),
        (octets_part(FLASH), {}, 0xF4, ()),
        (octets_part(ME), {"binary": 0x04}, 0x04, (Tlv(SUBUNIT, 2),)),
        (octets_part(None), {"binary": 0xF5}, 0xF5, ()),
        (octets_part(FLASH), {"binary": 0xF5}, 0xF4, ()),
        (octets_part(None), {"binary": 0x02}, 0x02, ()),
    ],
)
def test_classes_by_route(part, profile, data_coding, tlvs):
    body = sent(part, **profile)
    assert (body.data_coding, body.tlvs) == (data_coding, tlvs)


def test_a_header_is_followed_by_unpacked_septets():
    body = sent(TWO_PARTS[0])
    assert body.esm_class == 0x40
    assert body.short_message == bytes.fromhex("0500032a0201") + b"a" * 153


def test_a_header_is_followed_by_fill_bits_and_packed_septets():
    body = sent(TWO_PARTS[1], gsm7=Gsm7.PACKED)
    assert body.short_message == TWO_PARTS[1].udh + TWO_PARTS[1].data


def test_a_place_in_parameters():
    body = sent(TWO_PARTS[1], Carry.SAR)
    assert body.esm_class == 0
    assert body.short_message == b"a" * 47
    assert body.tlvs == (
        Tlv(Tag.SAR_MSG_REF_NUM, 0x2A),
        Tlv(Tag.SAR_TOTAL_SEGMENTS, 2),
        Tlv(Tag.SAR_SEGMENT_SEQNUM, 2),
    )


def test_other_elements_stay_in_the_header():
    parts = split(Payload.to_port(0x1582, bytes(200)), reference=1)
    body = sent(parts[0], Carry.SAR)
    assert body.esm_class == 0x40
    assert body.short_message[:7] == bytes.fromhex("06050415820000")


def test_message_payload():
    body = sent(TWO_PARTS[0], Carry.PAYLOAD)
    assert body.short_message == b""
    assert body.tlvs == (Tlv(Tag.MESSAGE_PAYLOAD, TWO_PARTS[0].udh + b"a" * 153),)


@pytest.mark.parametrize(("letters", "short"), [(254, True), (255, False)])
def test_a_whole_message_goes_into_message_payload_if_it_is_long(letters, short):
    payload = encode_text("a" * letters)
    body = sent(payload)
    assert bool(body.short_message) is short
    assert payload_of(body) == payload


def test_everything_else_of_submit_sm():
    body = submit(
        text_part("hi"),
        source=HERE,
        destination=THERE,
        registered_delivery=1,
        validity="000000000500000R",
        schedule="261128153000000+",
        priority=2,
        service_type="CMT",
    )
    assert body == pdus.SubmitSm(
        service_type="CMT",
        source_addr=HERE,
        destination_addr=THERE,
        priority_flag=2,
        registered_delivery=1,
        validity_period="000000000500000R",
        schedule_delivery_time="261128153000000+",
        short_message=b"hi",
    )


def test_a_character_that_latin1_lacks():
    with pytest.raises(SmppError) as error:
        sent(text_part("10 €"), gsm7=Gsm7.LATIN1_3)
    assert str(error.value) == (
        "expected characters of Latin-1, which this route takes, found '€' (U+20AC)"
    )


def test_national_tables_are_septets_or_none_at_all():
    text, elements = "São João", shifts(0, 3)  # Portuguese single shift table
    septets = gsm7.encode(text, 0, 3)
    (part,) = split(Payload(data=septets, coding=Coding.GSM7, elements=elements), reference=1)
    unpacked, latin1 = sent(part), sent(part, gsm7=Gsm7.LATIN1_3)
    assert unpacked.short_message == bytes.fromhex("03240103") + septets
    assert (latin1.short_message, latin1.esm_class) == (text.encode("latin-1"), 0)


# What is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data_coding", "octets", "text", "coding"),
    [
        (0x01, b"a[\xe4]@", "a[ä]@", "gsm7"),
        (0x03, b"\xe1", "á", "ucs2"),
        (0x06, b"\xb6", "Ж", "ucs2"),
        (0x07, b"\xe0", "א", "ucs2"),
        (0x0E, b"\xb0\xa1", "가", "ucs2"),
        (0x0A, b'\x1b$B$"\x1b(B', "あ", "ucs2"),
        (0x08, b"\x04\x16", "Ж", "ucs2"),
        (0x00, b"\x00\x1b\x65", "@€", "gsm7"),
        (0xC8, b"\x00", "@", "gsm7"),  # message waiting
        (0x80, b"\x00", "@", "gsm7"),  # reserved
    ],
)
def test_every_data_coding_is_read(data_coding, octets, text, coding):
    found = segment_of(pdus.DeliverSm(data_coding=data_coding, short_message=octets))
    assert found == split(encode_text(text, coding=coding), reference=0)[0]


@pytest.mark.parametrize("data_coding", [0x02, 0x04, 0x05, 0x09, 0x0D, 0x14, 0xF4])
def test_octets_are_kept(data_coding):
    found = segment_of(pdus.DeliverSm(data_coding=data_coding, short_message=b"\xff\x00"))
    assert (found.coding, found.data) == (Coding.OCTETS, b"\xff\x00")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            pdus.DeliverSm(short_message=b"gr\xfc\xdfe"),
            (
                "expected septets 0 to 127 (data_coding 0x00), found 252: "
                "the route may send packed septets or Latin-1"
            ),
        ),
        (
            pdus.DeliverSm(data_coding=8, short_message=b"abc"),
            "expected an even number of octets (data_coding 0x08), found 3",
        ),
        (
            pdus.DeliverSm(data_coding=0x20, short_message=b"abc"),
            "expected text that is not compressed, found data_coding 0x20",
        ),
        (
            pdus.DeliverSm(data_coding=0x0E, short_message=b"a\xff"),
            "expected text in euc_kr (data_coding 0x0E), found octet 1 that is none",
        ),
        (
            pdus.DeliverSm(esm_class=0x40, short_message=b"\x05\x00\x03"),
            "expected 6 octets of header, found 3",
        ),
        (
            pdus.DeliverSm(short_message=b"a" * 161),
            "expected at most 160 septets in a part, found 161",
        ),
        (
            pdus.DeliverSm(short_message=b"a", tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"b"),)),
            "expected short_message or message_payload, found both (5.3.2.32)",
        ),
    ],
)
def test_what_cannot_be_read(body, error):
    with pytest.raises(SmppError) as found:
        segment_of(body)
    assert str(found.value) == error


def test_the_same_octets_twice_are_no_contradiction():
    body = pdus.DeliverSm(short_message=b"a", tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"a"),))
    assert segment_of(body) == text_part("a")


def test_ports_in_parameters():
    tlvs = (Tlv(Tag.SOURCE_PORT, 0), Tlv(Tag.DESTINATION_PORT, 0x23F4))
    body = pdus.DeliverSm(data_coding=0xF5, short_message=b"BEGIN", tlvs=tlvs)
    assert segment_of(body) == split(Payload.to_port(0x23F4, b"BEGIN"), reference=0)[0]
    assert payload_of(body) == Payload.to_port(0x23F4, b"BEGIN")


def test_ports_and_places_of_the_header_count_before_parameters():
    part = split(Payload.to_port(0x1582, bytes(200)), reference=1)[1]
    body = sent(part)
    both = pdus.DeliverSm(
        esm_class=0x40,
        data_coding=body.data_coding,
        short_message=body.short_message,
        tlvs=(
            *(Tlv(Tag.DESTINATION_PORT, 1), Tlv(Tag.SAR_MSG_REF_NUM, 9)),
            *(Tlv(Tag.SAR_TOTAL_SEGMENTS, 9), Tlv(Tag.SAR_SEGMENT_SEQNUM, 9)),
        ),
    )
    assert segment_of(both) == part


@pytest.mark.parametrize(("total", "sequence"), [(2, 0), (2, 3), (0, 0), (2, None)])
def test_places_that_cannot_be_are_ignored(total, sequence):
    tlvs = [Tlv(Tag.SAR_MSG_REF_NUM, 1), Tlv(Tag.SAR_TOTAL_SEGMENTS, total)]
    if sequence is not None:
        tlvs.append(Tlv(Tag.SAR_SEGMENT_SEQNUM, sequence))
    assert segment_of(pdus.DeliverSm(short_message=b"a", tlvs=tuple(tlvs))) == text_part("a")


def test_a_wide_reference_in_parameters():
    parts = split(encode_text("a" * 200), reference=0x1234, wide=True)
    assert [segment_of(sent(part, Carry.SAR)) for part in parts] == list(parts)


def test_a_part_is_no_whole_message():
    with pytest.raises(SmppError, match=r"^expected a whole message, found part 1 of 2$"):
        payload_of(sent(TWO_PARTS[0]))


@pytest.mark.parametrize(
    ("octets", "septets"),
    [
        (gsm7.pack(b"1234567"), b"1234567"),  # the padding is not @
        (gsm7.pack(b"1234567\r"), b"1234567"),
        (gsm7.pack(b"a" * 159 + b"\0"), b"a" * 159 + b"\0"),  # no room for padding
        (gsm7.pack(b"a" * 8), b"a" * 8),
    ],
)
def test_padding_of_packed_septets(octets, septets):
    found = segment_of(pdus.DeliverSm(short_message=octets), CodingProfile(gsm7=Gsm7.PACKED))
    assert gsm7.unpack(found.data, found.units) == septets


@pytest.mark.parametrize(
    ("esm_class", "tlvs", "text", "expected"),
    [
        (0x04, (), b"", True),
        (0x08, (), b"", True),
        (0x10, (), b"", True),
        (0x20, (), b"", True),
        (0x44, (), b"", True),
        (0x18, (), b"", False),  # conversation abort
        (0x00, (), b"id:1 stat:DELIVRD", False),  # anyone can write that
        (0x00, (Tlv(Tag.MESSAGE_STATE, 2),), b"id:1 stat:DELIVRD", True),
        (0x00, (Tlv(Tag.MESSAGE_STATE, 2),), b"hello", False),
        (0x00, (Tlv(Tag.RECEIPTED_MESSAGE_ID, "1"), Tlv(Tag.MESSAGE_STATE, 2)), b"", True),
        (0x40, (), b"\x00", False),
    ],
)
def test_receipts_are_recognised(esm_class, tlvs, text, expected):
    assert is_receipt(pdus.DeliverSm(esm_class=esm_class, tlvs=tlvs, short_message=text)) is (
        expected
    )


# Laws ---------------------------------------------------------------------------------------------

classes = st.sampled_from([None, *MessageClass])
headers = st.lists(
    st.one_of(
        st.builds(Element, st.integers(0x70, 0x7F), st.binary(max_size=8)),
        st.builds(ports, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
    ),
    max_size=2,
).map(tuple)


@st.composite
def national(draw):
    locking = draw(st.sampled_from(LOCKING_LANGUAGES))
    single = draw(st.sampled_from(SINGLE_LANGUAGES))
    septets = draw(st.binary(max_size=400).map(lambda b: bytes(n & 0x7F for n in b)))
    return Payload(
        data=septets,
        coding=Coding.GSM7,
        elements=(*shifts(locking, single), *draw(headers)),
        message_class=draw(classes),
    )


def texts(characters, coding):
    return st.builds(
        lambda text, elements, message_class: Payload(
            data=encode_text(text, coding=coding).data,
            coding=coding,
            elements=elements,
            message_class=message_class,
        ),
        st.text(characters, max_size=500),
        headers,
        classes,
    )


octet_payloads = st.builds(
    lambda octets, elements, message_class: Payload(
        data=octets, coding=Coding.OCTETS, elements=elements, message_class=message_class
    ),
    st.binary(max_size=500),
    headers,
    classes,
)
payloads = st.one_of(
    national(),
    octet_payloads,
    texts(st.sampled_from(GSM), Coding.GSM7),
    texts(st.characters(exclude_categories=["Cs"]), Coding.UCS2),
)
profiles = st.builds(
    CodingProfile,
    gsm7=st.sampled_from([Gsm7.UNPACKED, Gsm7.PACKED]),
    classes=st.sampled_from(Classes),
    binary=st.sampled_from([None, 0x02, 0x04]),
)
latin1_profiles = st.builds(
    CodingProfile,
    gsm7=st.sampled_from(LATIN1_ROUTES),
    classes=st.sampled_from(Classes),
)
makers = st.sampled_from([submit, deliver, data])


def may_be_padded(part, profile):
    """Whether the last septet is one that packed octets without a count may have as padding."""
    if part.coding is not Coding.GSM7 or profile.gsm7 is not Gsm7.PACKED or not part.units:
        return False
    fill = gsm7.fill_bits(len(part.udh))
    last = gsm7.unpack(part.data, part.units, fill=fill)[-1]
    return last in (0, 0x0D)


def carried(make, part, profile, carry):
    body = make(part, source=HERE, destination=THERE, profile=profile, carry=carry)
    assert decode(encode(Pdu(body, 1))).body == body
    return segment_of(body, profile)


@given(payloads, profiles, st.sampled_from(Carry), makers, st.booleans())
@example(encode_text("a" * 159), CodingProfile(gsm7=Gsm7.PACKED), Carry.UDHI, submit, False)
@example(encode_text("a" * 160), CodingProfile(gsm7=Gsm7.PACKED), Carry.UDHI, submit, False)
@example(encode_text("a" * 305), CodingProfile(gsm7=Gsm7.PACKED), Carry.SAR, submit, True)
def test_parts_come_back(payload, profile, carry, make, wide):
    reference = 0x1234 if wide else 0x12
    for part in split(payload, reference=reference, wide=wide):
        if not may_be_padded(part, profile):
            assert carried(make, part, profile, carry) == part


@given(
    texts(st.sampled_from(BOTH), Coding.GSM7),
    latin1_profiles,
    st.sampled_from(Carry),
    makers,
)
def test_parts_of_latin1_routes_come_back(payload, profile, carry, make):
    parts = split(payload, reference=7)
    found = [carried(make, part, profile, carry) for part in parts]
    assert found == list(parts)
    assert join(found) == payload


@given(payloads, profiles)
def test_whole_messages_come_back(payload, profile):
    body = submit(payload, source=HERE, destination=THERE, profile=profile)
    ambiguous = profile.gsm7 is Gsm7.PACKED and payload.data[-1:] in (b"\0", b"\r")
    if not ambiguous or payload.coding is not Coding.GSM7:
        assert payload_of(body, profile) == payload


tlvs_of_messages = st.lists(
    st.one_of(
        st.builds(Tlv, st.just(Tag.MESSAGE_PAYLOAD), st.binary(max_size=300)),
        st.builds(Tlv, st.just(Tag.SAR_MSG_REF_NUM), st.integers(0, 0xFFFF)),
        st.builds(Tlv, st.just(Tag.SAR_TOTAL_SEGMENTS), st.integers(0, 3)),
        st.builds(Tlv, st.just(Tag.SAR_SEGMENT_SEQNUM), st.integers(0, 3)),
        st.builds(Tlv, st.just(Tag.DESTINATION_PORT), st.integers(0, 0xFFFF)),
        st.builds(Tlv, st.just(Tag.DEST_ADDR_SUBUNIT), st.integers(0, 0xFF)),
    ),
    max_size=5,
).map(tuple)
any_profiles = st.builds(CodingProfile, gsm7=st.sampled_from(Gsm7))


@given(
    st.binary(max_size=254),
    st.integers(0, 255),
    st.sampled_from([0, 0x40, 0x04, 0xFF]),
    tlvs_of_messages,
    any_profiles,
)
def test_any_octets_are_a_part_or_an_error(octets, data_coding, esm_class, tlvs, profile):
    body = pdus.DeliverSm(
        esm_class=esm_class, data_coding=data_coding, short_message=octets, tlvs=tlvs
    )
    is_receipt(pdus.DeliverSm(esm_class=esm_class, short_message=octets))
    for read in (segment_of, payload_of):
        try:
            found = read(body, profile)
        except SmppError:
            continue
        if isinstance(found, Segment):
            assert len(found.udh) + len(found.data) <= USER_DATA_OCTETS
            assert found.udl >= 0


@given(
    st.binary(max_size=60), st.binary(max_size=160), st.sampled_from(Coding), st.integers(0, 200)
)
def test_any_segment_is_sent_or_refused(header, octets, coding, units):
    try:
        part = Segment(udh=header, data=octets, coding=coding, units=units)
    except HeaderError:
        return
    for carry, form in itertools.product(Carry, Gsm7):
        try:
            sent(part, carry, gsm7=form)
        except SmppError:
            pass


def test_a_long_message_payload_is_read_at_once():
    body = pdus.DataSm(tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"\x55" * 0xFFFF),))
    payload = payload_of(body, CodingProfile(gsm7=Gsm7.PACKED))
    assert len(payload.data) == 0xFFFF * 8 // 7
    again = submit(payload, source=HERE, destination=THERE, profile=CodingProfile(gsm7=Gsm7.PACKED))
    assert again.tlvs == body.tlvs


def test_a_header_with_damaged_elements_is_kept():
    body = pdus.DeliverSm(esm_class=0x40, data_coding=4, short_message=b"\x02\x70\x09abc")
    found = segment_of(body)
    assert (found.udh, found.data) == (b"\x02\x70\x09", b"abc")
    with pytest.raises(SmppError, match=r"expected 9 octets in element 70, found 0$"):
        sent(found, Carry.SAR)


@pytest.mark.parametrize("make", [submit, deliver, data])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"source": "12345"}, "source: expected an Address, as address() returns, found str"),
        ({"destination": ("1", 1, 1)}, "destination: expected an Address, as address() returns"),
        ({"part": "a text"}, "part: expected a Segment or a Payload, found str"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(make, wrong, message):
    values = {"part": encode_text("x"), "source": HERE, "destination": THERE} | wrong
    with pytest.raises(SmppError) as caught:
        make(values.pop("part"), **values)
    assert str(caught.value).startswith(message)
