import pytest

from converters.errors import SourceError
from converters.shared.contentlines import Line, Value, parse_line, value


@pytest.mark.parametrize(
    ("head", "octets", "text", "guess"),
    [
        (b"X", "é".encode(), "é", ""),
        (b"X", b"\xe9\x80", "é€", "windows-1252"),
        (b"X;CHARSET=ISO-8859-2", b"\xb1", "ą", ""),
        (b"X;CHARSET=Shift_JIS", b"\x95\x5c", "表", ""),  # its second octet is a backslash
        (b"X;CHARSET=UTF-8", b"\xe9", "é", "windows-1252"),
        (b"X;CHARSET=x-nobody", "é".encode(), "é", "utf-8"),
        (b"X;CHARSET=x-nobody", b"e", "e", ""),
        (b"X;CHARSET=unicode_escape", rb"\u0041", r"\u0041", ""),
        (b"X;ENCODING=B", b"w6k=", "é", ""),
        (b"X;QUOTED-PRINTABLE", b"=C3=A9 =3D=ZZ", "é ==ZZ", ""),
        (b"X;ENCODING=QP", b"=C3=A9", "é", ""),
        (b"X", b"=C3=A9=C3=A9", "éé", "quoted-printable"),
        (b"X;CHARSET=windows-1251", b"=CE=EB", "Ол", "quoted-printable"),
        (b"X", b"a=b&c=E9", "a=b&c=E9", ""),
        (b"X;ENCODING=ZIP", b"abc", "abc", "unknown"),
        (b"X;ENCODING=UTF-8", "é".encode(), "é", ""),
    ],
)
def test_value(head, octets, text, guess):
    decoded = value(parse_line(1, head + b":" + octets))
    assert (decoded.text, decoded.guess) == (text, guess)


@pytest.mark.parametrize(
    ("guess", "remark"),
    [
        ("", ""),
        ("Shift_JIS", "not in the expected charset, read as Shift_JIS"),
        ("quoted-printable", "not declared as quoted-printable, but read as that"),
        ("unknown", "the encoding is not known; the value is kept as it is"),
    ],
)
def test_remarks(guess, remark):
    assert Value("", guess).remark == remark


def test_a_value_of_damaged_base64():
    with pytest.raises(SourceError) as caught:
        value(Line("X", (("ENCODING", "B"),), b"abcde", 4))
    assert str(caught.value).startswith("line 4: expected base64, found ")


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ("", ("",)),
        ("a;b;", ("a", "b", "")),
        ("a,b;c", ("a,b", "c")),
        (r"a\;b\\;c", ("a;b\\", "c")),
        (r"a\,b\nc\d;\ ", ("a,b\nc\\d", "\\")),
        ("a\\", ("a\\",)),
    ],
)
def test_fields(raw, fields):
    assert Value(raw).fields == fields
