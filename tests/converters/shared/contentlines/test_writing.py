import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.shared.contentlines import (
    Line,
    content_line,
    escape,
    join_fields,
    logical_lines,
    parse_line,
    unescape,
    value,
)
from smsenc import EncodeError


def normal(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


# Lone surrogates are no characters; text is normal when reading would not change it.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).map(normal)

NASTY = st.text(st.sampled_from(list('aBE =;,\\:"\nüЖ😀')), max_size=120).map(normal)


def read_back(octets):
    (number, line), *rest = logical_lines(octets)
    assert (number, rest) == (1, [])
    return value(parse_line(number, line))


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("plain; as, it is=", b"X:plain; as, it is=\r\n"),
        ("a" * 200, b"X:" + b"a" * 200 + b"\r\n"),
        ("é=", b"X;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=A9=3D\r\n"),
        ("a\nb", b"X;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab\r\n"),
        ("a ", b"X;ENCODING=QUOTED-PRINTABLE:a=20\r\n"),
    ],
)
def test_content_line(text, octets):
    assert content_line("X", text) == octets


def test_a_row_is_76_columns_and_never_begins_like_another_line():
    octets = content_line("X", "\n" + "x" * 44 + " BEGIN:VCARD" * 12)
    rows = octets.decode().split("\r\n")
    assert rows.pop() == ""
    assert rows[0] == "X;ENCODING=QUOTED-PRINTABLE:=0D=0A" + "x" * 41 + "="
    assert max(map(len, rows)) <= 76
    assert not any(row[0] in " BE" for row in rows)


def test_a_lone_surrogate_is_refused():
    with pytest.raises(EncodeError) as caught:
        content_line("X", "a\ud800")
    assert str(caught.value) == "offset 1: expected a character, found a lone surrogate (U+D800)"


@given(TEXTS | NASTY)
def test_text_comes_back(text):
    octets = content_line("X", escape(text), ("HOME",))
    assert octets.isascii()
    assert read_back(octets).text == text
    assert unescape(escape(text)) == text


@given(st.lists(TEXTS | NASTY, min_size=1, max_size=4))
def test_fields_come_back(fields):
    found = read_back(content_line("N", join_fields(fields))).fields
    padded = [*found, *[""] * (len(fields) - len(found))]
    assert padded == fields


@given(TEXTS | NASTY)
def test_no_character_is_cut_by_a_soft_break(text):
    octets = content_line("X", text)
    for row in octets.split(b"=\r\n") if b"QUOTED" in octets else ():
        assert value(Line("X", (("ENCODING", "QUOTED-PRINTABLE"),), row, 1)).guess == ""
