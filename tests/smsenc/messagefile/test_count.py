import pytest

from smsenc import EncodeError, Language, OptionError, SplitError
from smsenc.messagefile.count import Place, count, languages


def test_offenders_have_line_and_column():
    assert count("aï\nb\n\nï").offenders == (Place(1, 2, "ï"), Place(4, 1, "ï"))


def test_a_text_is_counted_with_its_message_file():
    found = count("\n" + "x" * 159)
    assert (found.plan.parts, found.refused, found.substituted) == (1, None, None)
    assert len(found.file.segments) == 2  # in a file a line break takes two septets


def test_a_text_that_no_message_file_can_hold_has_the_reason():
    found = count("x" * 153 * 36)
    assert found.file is None
    assert isinstance(found.refused, SplitError)
    assert str(found.refused) == "expected at most 35 parts of text, found 36"


def test_substitutes_are_offered_if_they_save_a_part():
    assert count("“" + "x" * 69).substituted is None
    assert count("“" + "x" * 70).substituted.parts == 1


def test_a_text_that_cannot_be_sent_is_an_error():
    with pytest.raises(EncodeError):
        count("\ud800")


def test_languages_by_name():
    assert languages(["TURKISH", "urdu", "turkish"]) == (Language.TURKISH, Language.URDU)
    assert languages(["all"]) == tuple(Language)[1:]
    with pytest.raises(OptionError) as caught:
        languages(["klingon"])
    assert str(caught.value).startswith("--language: expected all, turkish, spanish, ")
    assert str(caught.value).endswith(", found 'klingon'")


def test_the_texts_of_the_parts_are_the_text():
    for text in ("one\n" + "x" * 300, "жук " * 60, "[€] " * 90):
        found = count(text)
        assert "".join(found.texts()).replace("\r\n", "\n") == text.rstrip("\n")
        assert len(found.texts()) == len(found.file.segments)
    national = count("Teşekkürler " * 30, languages=[Language.TURKISH])
    assert "".join(national.texts()) == "Teşekkürler " * 30
    assert len(national.texts()) == national.plan.parts


def test_the_message_file_has_the_substitutes():
    assert len(count("“" + "x" * 70).file.segments) == 2
    assert len(count("“" + "x" * 70, substitute="typographic").file.segments) == 1


def test_ways_that_save_parts_begin_with_the_cheapest():
    found = count("Teşekkürler " * 7)
    assert [(way.languages, way.substitute, way.parts) for way in found.ways()] == [
        ((Language.TURKISH,), "never", 1),
        ((), "full", 1),
    ]
    hindi = count("नमस्ते दुनिया " * 12).ways()
    assert [(way.languages, way.substitute) for way in hindi] == [
        ((Language.HINDI,), "never"),
        ((), "full"),
    ]
    assert count("😀" + "x" * 90).ways() == []  # nobody wants ":grinning:"
    assert count("ordinary " * 40).ways() == []
    assert count("ж").ways() == []


def test_a_way_saves_nothing_in_a_message_file_that_the_euro_sign_makes_unicode():
    found = count("12 € – " + "x" * 80)
    (typographic,) = found.ways()
    assert (typographic.substitute, typographic.parts) == ("typographic", 1)
    assert len(found.file_of(typographic).segments) == 2
    assert found.file_of(typographic).forced == "€"


def test_the_euro_sign_is_eur_in_a_message_file_with_full_substitutes():
    found = count("12 € " + "x" * 80)
    assert (found.plan.parts, len(found.file.segments), found.without_euro()) == (1, 2, 1)
    assert found.replaced_in_file() == ()
    full = count("12 € " + "x" * 80, substitute="full")
    assert (len(full.file.segments), full.file.forced, full.without_euro()) == (1, None, None)
    assert full.replaced_in_file() == ("€",)
    assert full.texts() == ("12 EUR " + "x" * 80,)
