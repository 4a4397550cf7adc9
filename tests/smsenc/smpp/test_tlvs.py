"""Optional parameters: their kinds, laws, and lengths that cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpppdus import ANY_TLVS

from smsenc.smpp import SmppError, Status, Tag, Tlv
from smsenc.smpp.tlvs import decode, encode, find, number


@given(st.lists(ANY_TLVS, max_size=6).map(tuple))
def test_what_is_written_is_read(tlvs):
    octets = encode(tlvs)
    assert decode(octets, 0, len(octets)) == tlvs


@given(st.binary(max_size=60))
def test_any_octets_are_parameters_or_our_error(octets):
    try:
        found = decode(octets, 0, len(octets))
    except SmppError as error:
        assert 0 <= error.offset <= len(octets)
        assert error.status in (Status.ESME_RINVOPTPARSTREAM, Status.ESME_RINVPARLEN)
    else:
        assert len(encode(found)) >= len(octets) - sum(isinstance(t.value, str) for t in found) * 99


# Octets of each length up to 70 that a tag may have, by the clauses 5.3.2.1 to 5.3.2.44.
LENGTHS = {
    **dict.fromkeys(Tag, (1, 1)),
    Tag.DEST_TELEMATICS_ID: (2, 2),
    Tag.USER_MESSAGE_REFERENCE: (2, 2),
    Tag.SOURCE_PORT: (2, 2),
    Tag.DESTINATION_PORT: (2, 2),
    Tag.SAR_MSG_REF_NUM: (2, 2),
    Tag.SMS_SIGNAL: (2, 2),
    Tag.ITS_SESSION_INFO: (2, 2),
    Tag.NETWORK_ERROR_CODE: (3, 3),
    Tag.QOS_TIME_TO_LIVE: (4, 4),
    Tag.SOURCE_SUBADDRESS: (2, 23),
    Tag.DEST_SUBADDRESS: (2, 23),
    Tag.CALLBACK_NUM: (4, 19),
    Tag.CALLBACK_NUM_ATAG: (0, 65),
    Tag.RECEIPTED_MESSAGE_ID: (0, 64),  # and a NUL
    Tag.ADDITIONAL_STATUS_INFO_TEXT: (0, 255),
    Tag.MESSAGE_PAYLOAD: (0, 65535),
    Tag.ALERT_ON_MESSAGE_DELIVERY: (0, 1),
}


@pytest.mark.parametrize("tag", Tag)
def test_lengths(tag):
    allowed = []
    for size in range(70):
        octets = int(tag).to_bytes(2, "big") + bytes((0, size)) + b"1" * size
        try:
            ((found, _),) = decode(octets, 0, len(octets))
        except SmppError as error:
            assert (error.status, error.offset, error.name) == (
                Status.ESME_RINVPARLEN,
                4,
                tag.name.lower(),
            )
        else:
            assert found is tag or found == tag
            allowed.append(size)
    least, most = LENGTHS[tag]
    assert allowed == list(range(least, min(most, 69) + 1))


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        ("001E 0003 616200", Tlv(Tag.RECEIPTED_MESSAGE_ID, "ab")),
        ("001E 0002 6162", Tlv(Tag.RECEIPTED_MESSAGE_ID, "ab")),
        ("001E 0004 61620000", Tlv(Tag.RECEIPTED_MESSAGE_ID, "ab")),
        ("020C 0002 0102", Tlv(Tag.SAR_MSG_REF_NUM, 0x0102)),
        ("1401 0003 010203", Tlv(0x1401, b"\1\2\3")),
        ("0424 0000", Tlv(Tag.MESSAGE_PAYLOAD, b"")),
    ],
)
def test_vectors(octets, found):
    octets = bytes.fromhex(octets)
    assert decode(octets, 0, len(octets)) == (found,)


@pytest.mark.parametrize(
    ("tlv", "text"),
    [
        (Tlv(Tag.SOURCE_PORT, 65536), "source_port: expected an integer of 2 octets, found 65536"),
        (Tlv(Tag.SOURCE_PORT, -1), "source_port: expected an integer of 2 octets, found -1"),
        (Tlv(Tag.SOURCE_PORT, b"1"), "source_port: expected an integer of 2 octets, found b'1'"),
        (Tlv(Tag.MESSAGE_STATE, "1"), "message_state: expected an integer of 1 octet, found '1'"),
        (
            Tlv(Tag.RECEIPTED_MESSAGE_ID, "ő"),
            "receipted_message_id: expected a text of at most 64 octets, without NUL, found 'ő'",
        ),
        (
            Tlv(Tag.RECEIPTED_MESSAGE_ID, "a\0"),
            (
                "receipted_message_id: expected a text of at most 64 octets, without NUL, "
                "found 'a\\x00'"
            ),
        ),
        (
            Tlv(Tag.NETWORK_ERROR_CODE, b"12"),
            "network_error_code: expected 3 octets, found b'12'",
        ),
        (Tlv(0x1401, 7), "0x1401: expected 0 to 65535 octets, found 7"),
        (Tlv(0x10000, b""), "0x10000: expected a tag of two octets"),
    ],
)
def test_a_value_that_a_tag_cannot_have_is_not_written(tlv, text):
    with pytest.raises(SmppError) as error:
        encode((tlv,))
    assert str(error.value) == text
    assert error.value.status == Status.ESME_RINVPARLEN


def test_the_first_of_a_tag_is_found():
    tlvs = (Tlv(0x1401, b"a"), Tlv(Tag.MESSAGE_STATE, 2), Tlv(Tag.MESSAGE_STATE, 3))
    assert find(tlvs, Tag.MESSAGE_STATE) == 2
    assert number(tlvs, Tag.MESSAGE_STATE) == 2
    assert find(tlvs, Tag.SOURCE_PORT) is None
    assert number((Tlv(Tag.MESSAGE_PAYLOAD, b"1"),), Tag.MESSAGE_PAYLOAD) is None


def test_names():
    assert Tlv(Tag.SAR_MSG_REF_NUM, 1).name == "sar_msg_ref_num"
    assert Tlv(0x1401, b"").name == "0x1401"
