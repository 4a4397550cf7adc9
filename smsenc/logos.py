"""What precedes the bitmap of an operator logo and of a caller icon (Nokia Smart Messaging).

An operator logo begins with the three octets of its network. In the form of the specification the
version precedes them, and a line feed ends them; most senders leave out both. A caller icon begins
with the version, or with its bitmap.
"""

from __future__ import annotations

from smsenc.errors import DecodeError

VERSION = b"\x30"
LINE_FEED = b"\x0a"

#: The test network 001-01 (ITU-T E.212), for a logo whose network is not known.
TEST_NETWORK = bytes((0x00, 0xF1, 0x10))

_NETWORK_OCTETS = 3
# An expiry date may precede the line feed; Nokia's receiver searches this far.
_LINE_FEED_BEFORE = 16


def network_at(data: bytes) -> int:
    """The offset of an operator logo's network, in either form."""
    return len(VERSION) if data.startswith(VERSION) else 0


def bitmap_at(data: bytes) -> int:
    """The offset of an operator logo's bitmap, in either form.

    Raises DecodeError for a version without a line feed.
    """
    end = network_at(data) + _NETWORK_OCTETS
    if not data.startswith(VERSION):
        return end + data.startswith(LINE_FEED, end)
    found = data.find(LINE_FEED, end, _LINE_FEED_BEFORE)
    if found < 0:
        raise DecodeError("expected a line feed (0A) before the picture, found none", offset=end)
    return found + len(LINE_FEED)
