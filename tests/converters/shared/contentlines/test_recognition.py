import pytest

from converters.shared.beginnings import begins
from converters.shared.contentlines import not_found


@pytest.mark.parametrize(
    "octets", [b"", b"BEGIN:VCARDS\n", b"X\nBEGIN:VCARD\n", b"BEGIN:VCALENDAR\n"]
)
def test_what_does_not_begin_a_card(octets):
    assert not begins(octets, "VCARD")


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b" \r\n", "expected a vCard, found an empty file"),
        (
            b"##fileformat=VCFv4.1\n",
            "line 1: expected a vCard, found a genomics VCF (##fileformat=VCF)",
        ),
        (b"\nname,number\n", "line 2: expected a vCard, found 'name,number'"),
    ],
)
def test_a_source_without_a_card(octets, error):
    assert str(not_found(octets, "a vCard")) == error
