"""Screens with text: the letters that the preview has, and what is said of the others."""

from io import BytesIO

import pytest
from PIL import Image

from converters.shared.glass import CELL, SCREEN, TextScreen, drawable, wrapped


def rows(screen):
    """The pixels of a screen, without its case, as rows of # and dots."""
    with Image.open(BytesIO(screen.png())) as image:
        wide, tall = (image.width - 24) // CELL[0], (image.height - 24) // CELL[1]
        return [
            "".join(
                "#" if sum(image.getpixel((12 + x * CELL[0], 12 + y * CELL[1]))) < 150 else "."
                for x in range(wide)
            )
            for y in range(tall)
        ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Caf\u00e9 \u20ac5 \u0394", "Caf\u00e9 \u20ac5 \u0394"),
        ("\u201cHi\u201d \u2013 a\u0301", '"Hi" - \u00e1'),
        ("\u011f\u0130\u1e6d", "gIt"),
        ("\u1230 \u4f60 \U0001f382", "\u25a1 \u25a1 \u25a1"),
    ],
)
def test_letters_that_the_preview_lacks_are_plain_ones_or_boxes(text, shown):
    assert drawable(text) == shown


def test_lines_are_broken_at_words_and_empty_ones_stay():
    assert list(wrapped("Your order 17 is ready\n\nnow", SCREEN[0])) == [
        "Your order 17",
        "is ready",
        "",
        "now",
    ]


def test_a_short_text_fills_the_screen_and_a_long_one_makes_it_higher():
    short, long = rows(TextScreen("Hi")), rows(TextScreen("word " * 40))
    assert (len(short), len(short[0])) == SCREEN[::-1]
    assert len(long) > 200
    assert any("#" in row for row in short[40:])  # the word of the key


def test_the_euro_sign_and_greek_capitals_are_drawn():
    blank, drawn = rows(TextScreen(" ")), rows(TextScreen("\u20ac\u0393"))
    assert drawn[:3] == blank[:3]
    assert [row[2:13] for row in drawn[3:9]] == [
        "..##..#####",
        ".#..#.#...#",
        "###...#....",
        "###...#....",
        ".#..#.#....",
        "..##..#....",
    ]


def test_a_title_is_light_on_dark():
    assert rows(TextScreen("Jo", title="Card"))[0] == "#" * SCREEN[0]


def test_what_is_not_shown_is_a_loss():
    (lacking,) = TextScreen("ab \u1230\u4f60").losses()
    assert str(lacking).startswith("2 characters ('\u1230', '\u4f60') replaced: the preview has no")
    (cut,) = TextScreen("x\n" * 310).losses()
    assert str(cut) == "10 lines left out: a preview has at most 300 lines"
    assert TextScreen("Caf\u00e9 \u20ac").losses() == ()
    assert len(rows(TextScreen("x\n" * 310))) < 3400
