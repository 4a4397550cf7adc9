import pytest

from converters.shared.contentlines import begins


@pytest.mark.parametrize(
    "octets", [b"", b"BEGIN:VCARDS\n", b"X\nBEGIN:VCARD\n", b"BEGIN:VCALENDAR\n"]
)
def test_what_does_not_begin_a_card(octets):
    assert not begins(octets, "VCARD")
