import pytest

from smsenc import DecodeError, EncodeError, JoinError, MessageFileError, SmsencError


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "expected a number, found 'x'"),
        ({"name": "TEL"}, "TEL: expected a number, found 'x'"),
        ({"line": 12}, "line 12: expected a number, found 'x'"),
        ({"offset": 3}, "offset 3: expected a number, found 'x'"),
        ({"line": 12, "offset": 3}, "line 12: expected a number, found 'x'"),
        ({"source": "a.vcf", "offset": 3}, "a.vcf: offset 3: expected a number, found 'x'"),
        (
            {"source": "a.vcf", "line": 12, "name": "TEL"},
            "a.vcf:12: TEL: expected a number, found 'x'",
        ),
    ],
)
def test_the_text_has_the_place(place, text):
    assert str(SmsencError("expected a number, found 'x'", **place)) == text
    assert str(DecodeError("expected a number, found 'x'").at(**place)) == text


def test_what_is_known_of_the_place_stays():
    error = SmsencError("x", line=1).at(line=2, name="TEL").at(source="a.vcf", name="N", offset=3)
    assert (error.source, error.line, error.name, error.offset) == ("a.vcf", 1, "TEL", 3)


def test_the_fields_of_some_errors():
    assert EncodeError("x", character="ë", offset=2).character == "ë"
    assert JoinError("x", missing=(2,)).missing == (2,)
    assert str(MessageFileError("x", code=7, line=1, name="to")) == (
        "line 1: to: x (gateway error 007)"
    )
