import pytest

from converters.errors import SourceError
from converters.shared.charsets import CHARSETS, decode, decode_as, known


@pytest.mark.parametrize(
    ("octets", "text", "charset"),
    [
        (b"", "", "utf-8"),
        ("Zoë".encode(), "Zoë", "utf-8"),
        ("Zoë".encode("utf-8-sig"), "Zoë", "utf-8"),
        (b"\xff\xfeZ\0", "Z", "utf-16-le"),
        (b"\xfe\xff\0Z", "Z", "utf-16-be"),
        (b"Zo\xeb \x80", "Zoë €", "windows-1252"),
        (b"\x81\xe9", "\x81é", "windows-1252"),  # has no character in windows-1252
    ],
)
def test_the_charset_of_a_file_is_detected(octets, text, charset):
    assert decode(octets) == (text, charset)


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"\xef\xbb\xbfa\xff", "offset 1: expected utf-8 characters, found FF"),
        (b"\xff\xfea", "offset 0: expected utf-16-le characters, found 61"),
    ],
)
def test_octets_that_are_not_what_their_mark_says(octets, error):
    with pytest.raises(SourceError) as caught:
        decode(octets)
    assert str(caught.value) == error


def test_a_charset_that_is_named():
    assert decode_as(b"\xcf\xf0", "windows-1251") == "Пр"
    with pytest.raises(SourceError) as caught:
        decode_as(b"\x81", "ascii")
    assert str(caught.value) == "offset 0: expected ascii characters, found 81"
    with pytest.raises(SourceError) as caught:
        decode_as(b"a", "idna")
    assert str(caught.value) == "expected a charset, found 'idna'"


@pytest.mark.parametrize(
    ("name", "charset"), [("Latin-1", "iso8859-1"), ("UTF8", "utf-8"), ("windows-1252", "cp1252")]
)
def test_known_charsets(name, charset):
    assert known(name) == charset
    assert charset in CHARSETS


@pytest.mark.parametrize("name", ["unicode_escape", "rot13", "klingon", "", "utf-8\0"])
def test_unknown_charsets(name):
    with pytest.raises(ValueError, match=r"^expected a charset$"):
        known(name)
