import pytest

from smsenc import DecodeError
from smsenc.logos import TEST_NETWORK, bitmap_at, network_at

NETWORK, BITMAP = bytes.fromhex("62f270"), bytes.fromhex("00480e01")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"", b"\x0a"),
        (b"\x30", b"\x0a"),
        (b"\x30", b"20261201\x0a"),  # an expiry date
        (b"\x30", bytes(11) + b"\x0a"),  # as far as a phone looks
    ],
)
def test_the_places_of_network_and_bitmap(before, after):
    data = before + NETWORK + after + BITMAP
    assert data[network_at(data) :].startswith(NETWORK)
    assert data[bitmap_at(data) :] == BITMAP


@pytest.mark.parametrize("after", [b"", bytes(12) + b"\x0a"])
def test_a_version_without_its_line_feed_is_refused(after):
    with pytest.raises(DecodeError) as caught:
        bitmap_at(b"\x30" + NETWORK + after + BITMAP)
    assert str(caught.value) == (
        "offset 4: expected a line feed (0A) before the picture, found none"
    )


def test_the_test_network_is_001_01():
    swapped = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in TEST_NETWORK)
    assert swapped == "001f01"
