import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import SourceError
from converters.texts.plain import CONVERTER
from smsenc import EncodeError, OptionError, SmsencError, decode_text


def read(octets, **options):
    (item,) = CONVERTER.convert(octets, CONVERTER.settings(options))
    return decode_text(item.payload), [str(loss) for loss in item.losses]


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"hello\n", "hello"),
        (b"one\r\ntwo\rthree\n\n", "one\ntwo\nthree"),
        ("Zoë".encode(), "Zoë"),
        (b"\xef\xbb\xbfhello", "hello"),
        ("Привет".encode("utf-16"), "Привет"),
        (b"\xfe\xff\x00h\x00i", "hi"),
        (b"  two spaces", "  two spaces"),
    ],
)
def test_the_text_is_what_the_file_says(octets, text):
    assert read(octets) == (text, [])


def test_what_is_changed_is_listed():
    assert read(b"a\tb\x07\x1b[0mc") == (
        "a b[0mc",
        ["1 tab replaced: by a space each", "2 control characters left out: no phone shows them"],
    )
    assert read(b"caf\xe9 \x80\x81") == (
        "café €",
        [
            "charset guessed: not UTF-8, read as windows-1252",
            "1 control character left out: no phone shows them",
        ],
    )


def test_a_charset_may_be_named():
    assert read("Привет".encode("koi8-r"), **{"read-as": "koi8-r"})[0] == "Привет"


@pytest.mark.parametrize(
    ("octets", "options", "error", "message"),
    [
        (b"", {}, SourceError, "expected a text, found an empty file"),
        (b"\n\0", {}, SourceError, "expected a text, found no characters that a phone shows"),
        (b"\xff\xfea", {}, SourceError, "offset 0: expected utf-16-le characters, found 61"),
        (
            b"x",
            {"read-as": "klingon"},
            OptionError,
            "read-as: expected a charset, found 'klingon'",
        ),
        (
            b"x" * 262_145,
            {},
            SourceError,
            "expected at most 262144 octets of text, found 262145",
        ),
        (
            "ë".encode(),
            {"coding": "gsm7"},
            EncodeError,
            "offset 0: expected a GSM 7-bit character, found 'ë' (U+00EB)",
        ),
    ],
)
def test_faults_say_what_was_expected(octets, options, error, message):
    with pytest.raises(error) as caught:
        read(octets, **options)
    assert str(caught.value) == message


@given(st.binary(max_size=200))
def test_any_octets_are_a_text_or_our_error(octets):
    try:
        text, _ = read(octets)
    except SmsencError:
        return
    assert not any(ord(c) < 0x20 and c != "\n" for c in text)
