import pytest

from converters.shared.words import counted, quoted, unquoted


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 parts"), (1, "1 part"), (2, "2 parts"), (1000, "1,000 parts")]
)
def test_numbers_with_nouns(count, text):
    assert counted(count, "part") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "''"), ("it's", '"it\'s"'), ("a\n", r"'a\n'"), ("x" * 40, f"'{'x' * 40}'")],
)
def test_text_in_quotes(text, expected):
    assert quoted(text) == expected
    assert unquoted(text) == expected[1:-1]


def test_a_long_text_is_cut():
    assert quoted("x" * 41) == f"'{'x' * 39}…'"
