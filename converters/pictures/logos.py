"""The two logos of Smart Messaging: an OTA bitmap after a few other octets.

An *operator logo* replaces the network's name on the display, a *caller icon* is shown for a group
of callers.
"""

from __future__ import annotations

from converters.api import View, Viewer
from converters.pictures.bitmap import (
    Bitmap,
    content,
    decode_bitmap,
    dimensions,
    draw,
    encode_bitmap,
)
from converters.pictures.export import previews, writers
from converters.pictures.logofiles import LogoFile
from converters.pictures.operators import Network, decode_network, encode_network
from smsenc import DecodeError, Payload, Port

_VERSION = b"\x30"
_LINE_FEED = b"\x0a"

#: The octets before the network, and between it and the picture, by form. The short form omits
#: octets that the specification demands, so that 72x14 pixels fit one SMS; phones accept both.
FORMS = {"short": (b"", b""), "spec": (_VERSION, _LINE_FEED)}

#: An expiry date may be before the line feed, for which Nokia's receiver searches this far.
_LINE_FEED_BEFORE = 16

#: Width and height that every phone with logos shows.
LOGO_SIZE = (72, 14)
#: The network of a logo that removes the current one; some phones ignore it.
_NO_NETWORK = Network("000", "00")


def encode_operator_logo(bitmap: Bitmap, network: Network, form: str = "short") -> bytes:
    """Return data for Port.OPERATOR_LOGO, in one of ``FORMS``."""
    before, between = FORMS[form]
    return before + encode_network(network) + between + encode_bitmap(bitmap)


def encode_removal(form: str = "short") -> bytes:
    """Return data for Port.OPERATOR_LOGO that removes the logo: an empty one for no network."""
    width, height = LOGO_SIZE
    empty = Bitmap.from_rows(["." * width] * height)
    return encode_operator_logo(empty, _NO_NETWORK, form)


def decode_operator_logo(data: bytes) -> tuple[Network, Bitmap]:
    """Network and picture of an operator logo in either form. Raises DecodeError."""
    versioned = data.startswith(_VERSION)
    network = decode_network(data, int(versioned))
    start = _after_line_feed(data) if versioned else 3 + data.startswith(_LINE_FEED, 3)
    return network, decode_bitmap(data, start)


def _after_line_feed(data: bytes) -> int:
    at = data.find(_LINE_FEED, 4, _LINE_FEED_BEFORE)
    if at < 0:
        raise DecodeError("expected a line feed (0A) before the picture, found none", offset=4)
    return at + 1


def encode_caller_icon(bitmap: Bitmap) -> bytes:
    """Return data for Port.CALLER_ICON."""
    return _VERSION + encode_bitmap(bitmap)


def decode_caller_icon(data: bytes) -> Bitmap:
    """Picture of a caller icon; some senders omit the version octet before it."""
    return decode_bitmap(data, int(data.startswith(_VERSION)))


# --- What the phone shows ------------------------------------------------------------------------


def _view_operator_logo(payload: Payload) -> View:
    network, bitmap = decode_operator_logo(payload.data)
    return View(
        content={**content(bitmap), "mcc-mnc": str(network)},
        lines=(*draw(bitmap), f"{dimensions(bitmap)}, network {network}"),
    )


def _view_caller_icon(payload: Payload) -> View:
    bitmap = decode_caller_icon(payload.data)
    return View(content=content(bitmap), lines=(*draw(bitmap), dimensions(bitmap)))


def _read_operator_logo(payload: Payload) -> LogoFile:
    network, bitmap = decode_operator_logo(payload.data)
    return LogoFile((bitmap,), "operator", network)


def _read_caller_icon(payload: Payload) -> LogoFile:
    return LogoFile((decode_caller_icon(payload.data),), "caller")


OPERATOR_LOGO = Viewer(
    kind="operator-logo",
    port=Port.OPERATOR_LOGO,
    view=_view_operator_logo,
    writers=writers(_read_operator_logo),
    previews=previews(_read_operator_logo),
)
CALLER_ICON = Viewer(
    kind="caller-icon",
    port=Port.CALLER_ICON,
    view=_view_caller_icon,
    writers=writers(_read_caller_icon),
    previews=previews(_read_caller_icon),
)
