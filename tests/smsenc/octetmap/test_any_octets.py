"""Whatever the octets are: a map of all of them, whose faults are marked, and no error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from octetcases import cases

from smsenc.octetmap import Field, Map, leaves, messagefiles, parts, smpppdus, tpdus
from smsenc.smpp import codec

KINDS = st.sampled_from(tpdus.KINDS)
GENERATED = cases(7, 200)
#: Octets of a generated TPDU or PDU, of which some are others, left out or added.
DAMAGED = st.builds(
    lambda case, at, size, more: (
        case,
        case.octets[: at % len(case.octets)] + more + case.octets[at % len(case.octets) + size :],
    ),
    st.sampled_from(GENERATED),
    st.integers(0, 300),
    st.integers(0, 3),
    st.binary(max_size=3),
)


def check(found: Map) -> None:
    """All octets are in a field, in order; each field lies within the one above."""
    at = 0
    for one in leaves(found.fields):
        assert one.start == at <= one.end
        assert one.start < one.end or one.fault
        at = one.end
    assert at == len(found.octets)
    for _, field in found.walk():
        check_field(field, found)


def check_field(field: Field, found: Map) -> None:
    assert field.name
    assert field.clause
    assert isinstance(field.text, str)
    assert isinstance(found.shown(field, 8), str)
    for child in field.children:
        assert field.start <= child.start <= child.end <= field.end
    if field.bits is not None:
        assert 0 < field.bits < 1 << 8 * (field.end - field.start)
        if isinstance(field.value, int):
            assert field.value.bit_length() <= field.bits.bit_count()
            assert bits_of(field, found) == field.value


def bits_of(field: Field, found: Map) -> int:
    """The value of the bits in the octets. Septets are sent least significant octet first."""
    order = "little" if field.name == "septet" else "big"
    size = field.end - field.start
    mask = int.from_bytes(field.bits.to_bytes(size, "big"), order)
    octets = int.from_bytes(found.of(field), order)
    return (octets & mask) >> (mask & -mask).bit_length() - 1


@given(st.binary(max_size=200), KINDS, st.booleans())
def test_tpdus(octets, kind, with_centre):
    check(tpdus.tpdu(octets, kind, with_centre=with_centre))


@given(DAMAGED, st.booleans())
def test_damaged_tpdus_and_pdus(damaged, with_centre):
    case, octets = damaged
    if case.kind:
        check(tpdus.tpdu(octets, case.kind, with_centre=with_centre))
    else:
        check(smpppdus.pdu(octets))


@given(st.binary(max_size=80), st.sampled_from([number for number, _ in codec.LAYOUTS.values()]))
def test_smpp_pdus(octets, command):
    check(smpppdus.pdu(octets))
    check(smpppdus.pdu(octets[:4] + command.to_bytes(4, "big") + octets[4:]))


@given(
    st.binary(max_size=60),
    st.binary(max_size=160),
    st.integers(0, 255),
    st.none() | st.integers(0, 255),
)
def test_parts(header, octets, tp_dcs, tp_udl):
    check(parts.part(header, octets, tp_dcs, tp_udl))


@given(st.binary(max_size=300) | st.text(alphabet="udh:ato0Fx#\n\r ,\ufeff").map(str.encode))
def test_message_files(content):
    found = messagefiles.message_file(content)
    at = 0
    places = messagefiles.Places(content)
    for field in found.fields:
        assert at <= field.start <= field.end <= len(content)
        at = field.end
        line, column = places.of(field.start)
        assert line >= 1 <= column


@pytest.mark.parametrize("case", GENERATED, ids=lambda case: case.octets.hex()[:12])
def test_generated_ones_are_complete(case):
    found = tpdus.tpdu(case.octets, case.kind) if case.kind else smpppdus.pdu(case.octets)
    check(found)
