import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import (
    Coding,
    EncodeError,
    Language,
    Limits,
    MessageClass,
    OptionError,
    SmsencError,
    SplitError,
    Substitute,
    decode_text,
    encode_text,
    plan,
    split,
)
from smsenc.alphabets import DEFAULT, EXTENSION
from smsenc.national import NATIONAL
from smsenc.substitute import TYPOGRAPHIC

GSM = DEFAULT.replace("\x1b", "") + "".join(EXTENSION.values())
characters = st.one_of(
    st.sampled_from(GSM),
    st.sampled_from("“”‘’–—…\u00a0ΑΒçğışéàहिन्दीЖ漢😀"),
    st.characters(exclude_categories=["Cs"]),
)
texts = st.text(characters, max_size=400)
languages = st.lists(st.sampled_from(NATIONAL), max_size=2, unique=True)
levels = st.sampled_from([Substitute.NEVER, Substitute.TYPOGRAPHIC])


@given(texts, languages, levels)
def test_a_plan_is_never_worse_than_the_plain_choice(text, allowed, level):
    found = plan(text, languages=allowed, substitute=level)
    segments = split(found.payload, reference=1)
    assert len(segments) == found.parts
    assert found.parts <= len(split(encode_text(text), reference=1))
    if not found.replaced:
        assert decode_text(found.payload) == text
    assert found.extra >= 0


@given(texts)
def test_every_offender_is_named_and_nothing_else(text):
    found = plan(text)
    assert [c for _, c in found.offenders] == [c for c in text if c not in GSM]
    assert all(text[offset] == c for offset, c in found.offenders)


@given(texts, levels)
def test_nothing_that_the_alphabet_has_is_replaced(text, level):
    try:
        found = plan(text, coding="gsm7", substitute=level)
    except EncodeError as error:
        assert text[error.offset] == error.character
        assert error.character not in GSM
        return
    written = decode_text(found.payload)
    for offset, original, replacement in found.replaced:
        assert text[offset : offset + len(original)] == original
        assert not set(original) <= set(GSM)
        assert set(replacement) <= set(GSM)
    kept = [c for c in text if c in GSM]
    if not any(len(original) > 1 for _, original, _ in found.replaced):
        assert [c for c in kept if c not in "".join(r for _, _, r in found.replaced)] == [
            c for c in written if c in kept and c not in "".join(r for _, _, r in found.replaced)
        ]


def test_typographic_substitutes_are_in_the_alphabet_and_replace_nothing_in_it():
    assert not set(TYPOGRAPHIC) & set(GSM)
    assert set("".join(TYPOGRAPHIC.values())) <= set(GSM)


def test_the_character_that_doubles_the_bill():
    text = "Dear customer, your account is ready\u2026" + "x" * 100
    found = plan(text)
    assert (found.payload.coding, found.parts, found.extra) == (Coding.UCS2, 3, 2)
    assert found.offenders == ((36, "\u2026"),)
    changed = plan(text, substitute="typographic")
    assert (changed.payload.coding, changed.parts, changed.extra) == (Coding.GSM7, 1, 0)
    assert changed.replaced == ((36, "\u2026", "..."),)


def test_of_equal_parts_the_one_that_changes_nothing_wins():
    found = plan("“hi”", substitute="typographic")
    assert (found.payload.coding, found.replaced) == (Coding.UCS2, ())


def test_a_decomposed_letter_is_composed():
    found = plan("cafe\u0301" + "x" * 100, substitute="typographic")
    assert decode_text(found.payload) == "café" + "x" * 100
    assert found.replaced == ((3, "e\u0301", "é"),)


def test_national_tables_are_taken_when_they_save_parts():
    text = "Günaydın, akşamınız hayırlı olsun. " * 4
    assert plan(text).parts == 3
    found = plan(text, languages=[Language.TURKISH])
    assert (found.parts, found.payload.coding) == (1, Coding.GSM7)
    assert found.payload.languages == (Language.TURKISH, Language.DEFAULT)
    assert [s.udh.hex() for s in split(found.payload, reference=1)] == ["03250101"]


def test_tables_of_one_language_are_enough_where_a_second_saves_nothing():
    text = "आपका ऑर्डर तैयार है।" * 6
    assert plan(text, languages=NATIONAL) == plan(text, languages=[Language.HINDI])
    assert set(plan(text, languages=NATIONAL).payload.languages) == {Language.HINDI}


def test_every_part_has_the_shift_elements():
    text = "नमस्ते दुनिया " * 40
    found = plan(text, languages=NATIONAL)
    headers = [s.udh.hex() for s in split(found.payload, reference=1)]
    assert len(headers) > 1
    assert all("250106" in header for header in headers)


def test_full_substitution_loses_accents_and_spells_other_scripts():
    pytest.importorskip("anyascii")
    found = plan("ěščř Москва" + "x" * 80, coding="gsm7", substitute="full")
    assert decode_text(found.payload) == "escr Moskva" + "x" * 80


def test_limits_of_a_route():
    assert plan("x" * 306).parts == 2
    assert plan("x" * 306, limits=Limits(wide=True)).parts == 3
    assert plan("x" * 160, limits=Limits(octets=120)).parts == 2
    found = plan("x" * 150)
    assert (found.parts, found.room, found.units) == (1, 10, 150)
    assert plan("ж" * 71).room == 63


def test_a_class_is_carried():
    assert plan("x", message_class=MessageClass.FLASH).payload.message_class is MessageClass.FLASH


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"text": "“ç”", "coding": "gsm7", "substitute": "typographic"},
            EncodeError,
            "offset 1: expected a GSM 7-bit character, found 'ç' (U+00E7)",
        ),
        (
            {"text": "x", "coding": "latin"},
            OptionError,
            "coding: expected auto, gsm7 or ucs2, found 'latin'",
        ),
        (
            {"text": "x", "substitute": "all"},
            OptionError,
            "substitute: expected one of never, typographic, full, found 'all'",
        ),
        ({"text": "x" * 40_000}, SplitError, "expected at most 255 parts, found 262"),
        (
            {"text": "\ud800"},
            EncodeError,
            "offset 0: expected a character, found a lone surrogate (U+D800)",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused(arguments, error, message):
    with pytest.raises(error) as caught:
        plan(**arguments)
    assert str(caught.value) == message


@given(st.text(), st.sampled_from(["auto", "gsm7", "ucs2"]), levels)
def test_any_text_has_a_plan_or_our_error(text, coding, level):
    try:
        plan(text, coding=coding, substitute=level)
    except SmsencError:
        return
