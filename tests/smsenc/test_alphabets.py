import json

import places
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import (
    IEI,
    Coding,
    Element,
    EncodeError,
    Language,
    Payload,
    decode_text,
    gsm7,
    join,
    split,
)
from smsenc.alphabets import (
    LOCKING_LANGUAGES,
    SINGLE_LANGUAGES,
    characters_of,
    locking,
    septets_of,
    single,
)

VECTORS = places.VECTORS / "sms"
BY_NAME = {language.name.lower(): language for language in Language}


@pytest.mark.parametrize("vector", json.loads((VECTORS / "alphabets.json").read_text()))
def test_septets_of_another_program_read_and_encode_the_same(vector):
    pair = BY_NAME[vector["locking"]], BY_NAME[vector["single"]]
    septets = gsm7.unpack(bytes.fromhex(vector["octets"]), vector["udl"])
    assert gsm7.decode(septets, *pair) == vector["text"]
    assert gsm7.pack(gsm7.encode(vector["text"], *pair)).hex().upper() == vector["octets"]


# Where copies of the specification disagree (see smsenc/national.py): table, septet, character.
DECIDED = [
    (locking, Language.DEFAULT, 0x09, "\u00c7"),
    (locking, Language.TURKISH, 0x1F, "\u00c9"),
    *((locking, Language(n), 0x2C, ",") for n in range(4, 14)),
    (locking, Language.KANNADA, 0x24, "\u0ca1"),
    (locking, Language.KANNADA, 0x3D, "\u0caa"),
    (locking, Language.MALAYALAM, 0x2E, "."),
    (locking, Language.ORIYA, 0x47, "\u0b33"),
    (single, Language.KANNADA, 0x3C, "["),
    (single, Language.PUNJABI, 0x23, "\u0a6d"),
    (single, Language.TAMIL, 0x24, "\u0bee"),
    (single, Language.TELUGU, 0x22, "\u0c6c"),
    (single, Language.TELUGU, 0x23, "\u0c6d"),
    (single, Language.PORTUGUESE, 0x05, "\u00ea"),
]


@pytest.mark.parametrize(("table", "language", "septet", "character"), DECIDED)
def test_disagreements_are_decided(table, language, septet, character):
    assert table(language)[septet] == character


def test_kannada_encodes_each_of_the_two_letters_once():
    pair = Language.KANNADA, Language.DEFAULT
    assert gsm7.encode("\u0ca1\u0caa", *pair).hex() == "243d"


# From the tables' sizes as the specification prints them.
SIZES = {
    "turkish": (127, 17),
    "spanish": (None, 19),
    "portuguese": (127, 37),
    "bengali": (114, 82),
    "gujarati": (120, 70),
    "hindi": (127, 88),
    "kannada": (120, 73),
    "malayalam": (120, 82),
    "oriya": (116, 75),
    "punjabi": (110, 76),
    "tamil": (102, 77),
    "telugu": (120, 77),
    "urdu": (127, 90),
}


@pytest.mark.parametrize("name", SIZES)
def test_every_table_is_complete(name):
    lock, shift = SIZES[name]
    language = BY_NAME[name]
    assert len(single(language)) == shift
    assert (language in LOCKING_LANGUAGES) == (lock is not None)
    if lock:
        assert len(locking(language)) == lock


PAIRS = [(lock, shift) for lock in LOCKING_LANGUAGES for shift in SINGLE_LANGUAGES]


@given(st.sampled_from(PAIRS), st.data())
def test_decode_is_the_inverse_of_encode_under_every_pair_of_tables(pair, data):
    text = data.draw(st.text(st.sampled_from(sorted(septets_of(*pair))), max_size=40))
    septets = gsm7.encode(text, *pair)
    assert gsm7.decode(septets, *pair) == text
    assert sum(gsm7.lengths(septets)) == len(septets)
    assert len(gsm7.lengths(septets)) == len(text)


@pytest.mark.parametrize("pair", PAIRS[:: 1 + len(PAIRS) // 40])
def test_every_septet_reads_as_something(pair):
    main, shifted = characters_of(*pair)
    assert len(main) == len(shifted) == 128
    assert gsm7.decode(bytes(range(128)), *pair)


def test_unused_positions_read_as_the_replacement_character():
    blank = next(n for n in range(128) if n not in locking(Language.TAMIL) and n != 0x1B)
    assert gsm7.decode(bytes((blank,)), Language.TAMIL) == "\ufffd"


def test_spanish_has_no_locking_table_and_takes_the_default_one():
    payload = Payload(
        data=b"\x00" * 400, coding=Coding.GSM7, elements=(Element(IEI.LOCKING_SHIFT, b"\x02"),)
    )
    assert decode_text(payload) == "@" * 400
    assert join(split(payload, reference=1)) == payload
    assert gsm7.encode("ñ", Language.SPANISH) == gsm7.encode("ñ")


def test_a_character_that_both_tables_lack_is_named():
    with pytest.raises(EncodeError) as caught:
        gsm7.encode("ğЖ", Language.TURKISH)
    assert str(caught.value) == "offset 1: expected a GSM 7-bit character, found 'Ж' (U+0416)"
