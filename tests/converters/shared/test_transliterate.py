import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.shared.transliterate import Transliteration, transliterated


@pytest.mark.parametrize(
    ("text", "charset", "found"),
    [
        ("plain; as, it is\n", "ascii", "plain; as, it is\n"),
        ("Zoë Müller", "ascii", "Zoe Muller"),
        ("Zoë Müller", "latin-1", "Zoë Müller"),
        ("Zoe\u0308", "latin-1", "Zoë"),  # composed first
        ("Straße Łódź Ærø", "ascii", "Strasse Lodz AEro"),
        ("Straße Łódź", "latin-1", "Straße Lódz"),
        ("“so” – it’s 5 €", "ascii", '"so" - it\'s 5 EUR'),
        ("Щукин Ёлка Юрий", "ascii", "Shchukin Elka Iurii"),
        ("Χρύσα Ωμέγα", "ascii", "Chrysa Omega"),
        ("表 x😀", "ascii", "? x?"),
        ("\uff21\uff1b", "ascii", "A;"),  # wide forms
    ],
)
def test_transliterated(text, charset, found):
    assert transliterated(text, charset) == found


@given(st.text(), st.sampled_from(["ascii", "latin-1"]))
def test_any_text_can_be_written(text, charset):
    transliterated(text, charset).encode(charset)


def test_each_change_of_a_text_is_a_loss():
    letters = Transliteration("US-ASCII", {"SUMMARY": 3})
    texts = [letters.text("SUMMARY", "Łódź"), letters.text("NOTE", "é"), letters.text("N", "a")]
    assert texts == ["Lodz", "e", "a"]
    assert [str(loss) for loss in letters.losses] == [
        "line 3: SUMMARY replaced: US-ASCII does not hold all of 'Łódź'",
        "NOTE replaced: US-ASCII does not hold all of 'é'",
    ]
