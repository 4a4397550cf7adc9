import json

import places
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import DecodeError, EncodeError, gsm7
from smsenc.alphabets import DEFAULT, EXTENSION

VECTORS = places.VECTORS / "sms"
ALL = DEFAULT.replace("\x1b", "") + "".join(EXTENSION.values())
texts = st.text(st.sampled_from(ALL))


def test_every_character_of_the_alphabet_has_its_own_septets():
    assert len(DEFAULT) == 128
    assert len({gsm7.encode(c) for c in ALL}) == len(ALL) == 137
    assert all(gsm7.decode(gsm7.encode(c)) == c for c in ALL)


@pytest.mark.parametrize(
    ("character", "septets"),
    [("Ç", "09"), ("@", "00"), ("€", "1b65"), ("[", "1b3c"), ("Δ", "10"), ("\f", "1b0a")],
)
def test_known_septets(character, septets):
    assert gsm7.encode(character).hex() == septets


@pytest.mark.parametrize(("text", "at"), [("ç", 0), ("ab`", 2), ("€\x80", 1), ("Ω\u03b1", 1)])
def test_a_character_that_the_alphabet_lacks_is_named_with_its_place(text, at):
    with pytest.raises(EncodeError) as caught:
        gsm7.encode(text)
    c = text[at]
    assert str(caught.value) == (
        f"offset {at}: expected a GSM 7-bit character, found {c!r} (U+{ord(c):04X})"
    )
    assert caught.value.character == c


@given(st.text())
def test_any_text_encodes_exactly_or_is_refused(text):
    try:
        septets = gsm7.encode(text)
    except EncodeError as error:
        assert error.character not in ALL
        assert gsm7.try_encode(text) is None
    else:
        assert gsm7.decode(septets) == text
        assert len(septets) == sum(2 if c in EXTENSION.values() else 1 for c in text)


@pytest.mark.parametrize(
    ("septets", "text"),
    [("1b", " "), ("1b1b41", " A"), ("1b41", "A"), ("1b1b1b65", " €"), ("411b", "A ")],
)
def test_escapes_that_lead_nowhere_are_shown_as_the_clause_asks(septets, text):
    assert gsm7.decode(bytes.fromhex(septets)) == text


def test_an_octet_over_127_is_no_septet():
    with pytest.raises(DecodeError) as caught:
        gsm7.decode(b"ab\x80")
    assert str(caught.value) == "offset 2: expected a septet 0..127, found 128"


@given(st.binary(max_size=160).map(lambda b: bytes(x & 0x7F for x in b)), st.integers(0, 6))
def test_unpack_is_the_inverse_of_pack(septets, fill):
    octets = gsm7.pack(septets, fill=fill)
    assert len(octets) == -(-(len(septets) * 7 + fill) // 8)
    assert gsm7.unpack(octets, len(septets), fill=fill) == septets


def test_no_septets_need_no_fill_bits():
    assert gsm7.unpack(b"", 0, fill=1) == b""


def test_unpack_wants_octets_enough():
    with pytest.raises(DecodeError) as caught:
        gsm7.unpack(b"\0\0", 3)
    assert str(caught.value) == ("offset 2: expected 3 septets after 0 fill bits, found 2 octets")


@pytest.mark.parametrize(
    ("header", "fill"), [(0, 0), (4, 3), (5, 2), (6, 1), (7, 0), (8, 6), (9, 5), (10, 4), (13, 1)]
)
def test_fill_bits_bring_the_text_to_a_septet_edge(header, fill):
    assert gsm7.fill_bits(header) == fill


def test_hellohello():
    assert gsm7.pack(gsm7.encode("hellohello")).hex() == "e8329bfd4697d9ec37"


@pytest.mark.parametrize("vector", json.loads((VECTORS / "alphabets.json").read_text())[:2])
def test_septets_of_other_programs_read_as_they_read_them(vector):
    septets = gsm7.unpack(bytes.fromhex(vector["octets"]), vector["udl"])
    assert gsm7.decode(septets) == vector["text"]
