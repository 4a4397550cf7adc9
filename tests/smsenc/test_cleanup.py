import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.cleanup import clean_text

#: Separators, control characters and characters without width, among others.
ODD = st.text(
    st.sampled_from("ab \n\r\t\v\f\x1c\x1d\x1e\x1f\0\x07\x1b\x7f\x85\x9b\u2028\u2029")
    | st.sampled_from("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2069\ufeff")
    | st.sampled_from("é€…ж\u0e44\u0633\U0001f469\u0301")
    | st.characters(),
    max_size=30,
)

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u200f"
UNSEEN = "2 invisible characters ignored: no phone shows them"


@pytest.mark.parametrize("separator", "\u2028\u2029\x85\v\f\x1c\x1d\x1e")
def test_a_separator_is_a_line_break_and_that_is_said(separator):
    found = clean_text(f"Bring a coat{separator}Bring shoes")
    assert found.text == "Bring a coat\nBring shoes"
    assert [str(change) for change in found.changes] == [
        "1 line separator replaced: by a line break each"
    ]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_line_end_is_a_line_feed(end):
    found = clean_text(f"one{end}two{end}{end}")
    assert (found.text, found.changes) == ("one\ntwo", ())


@pytest.mark.parametrize(
    ("text", "clean", "changes"),
    [
        ("a\tb\tc", "a b c", ["2 tabs replaced: by a space each"]),
        ("a\x1fb", "a b", ["1 unit separator replaced: by a space each"]),
        ("a\0b\x1b[0m", "ab[0m", ["2 control characters left out: no phone shows them"]),
        ("\ufeffplain", "plain", []),
        ("pl\ufeffain", "plain", ["1 invisible character ignored: no phone shows them"]),
        (
            "won\u00adder\u2060ful",
            "wonderful",
            [UNSEEN],
        ),
        ("\u202ahello\u202c", "hello", [UNSEEN]),
        ("fi\u200cnd \u200b", "find ", [UNSEEN]),
        # Where the script needs them, they stay.
        (PERSIAN, PERSIAN, []),
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467", []),
        ("\u1797\u17b6\u200b\u1781\u17d2", "\u1797\u17b6\u200b\u1781\u17d2", []),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937", []),
    ],
)
def test_what_is_changed_and_what_is_said(text, clean, changes):
    found = clean_text(text)
    assert found.text == clean
    assert [str(change) for change in found.changes] == changes


def test_the_line_of_the_first_change_is_known():
    found = clean_text("a\r\nb\tc\n\td\x07")
    assert [(change.what, change.count, change.line) for change in found.changes] == [
        ("tab", 2, 2),
        ("control character", 1, 3),
    ]


@given(ODD)
def test_a_clean_text_is_clean_and_no_words_are_glued(text):
    found = clean_text(text)
    assert clean_text(found.text) == type(found)(found.text)
    assert "\t" not in found.text
    assert len(found.text.splitlines()) == (found.text.count("\n") + 1 if found.text else 0)
    before = sum(character.isspace() for character in text.replace("\r\n", "\n").rstrip("\n\r"))
    assert sum(character.isspace() for character in found.text) <= before


@given(st.text(st.characters(categories=("L", "Nd", "Zs", "P"), max_codepoint=0x2FF)))
def test_ordinary_texts_are_not_changed(text):
    assert clean_text(text).text == text
