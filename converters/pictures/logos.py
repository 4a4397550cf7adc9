"""The two logos of Smart Messaging: an OTA bitmap after a few other octets.

An *operator logo* replaces the network's name on the display, a *caller icon* is shown for a group
of callers.
"""

from __future__ import annotations

from converters.api import View, Viewer
from converters.loading import later
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
from converters.pictures.operators import NO_NETWORK, Network, decode_network, encode_network
from smsenc import Payload, Port
from smsenc.logos import LINE_FEED, VERSION, bitmap_at, network_at

#: The octets before the network, and between it and the picture, by form. The short form omits
#: octets that the specification demands, so that 72x14 pixels fit one SMS; phones accept both.
FORMS = {"short": (b"", b""), "spec": (VERSION, LINE_FEED)}

#: Width and height that every phone with logos shows.
LOGO_SIZE = (72, 14)
#: What a logo that removes the current one is called, as a target and wherever it is shown. Some
#: phones ignore it.
REMOVAL = "operator-logo-removal"


def encode_operator_logo(bitmap: Bitmap, network: Network, form: str = "short") -> bytes:
    """Return data for Port.OPERATOR_LOGO, in one of ``FORMS``."""
    before, between = FORMS[form]
    return before + encode_network(network) + between + encode_bitmap(bitmap)


def encode_removal(form: str = "short") -> bytes:
    """Return data for Port.OPERATOR_LOGO that removes the logo: an empty one for no network."""
    width, height = LOGO_SIZE
    empty = Bitmap.from_rows(["." * width] * height)
    return encode_operator_logo(empty, NO_NETWORK, form)


def decode_operator_logo(data: bytes) -> tuple[Network, Bitmap]:
    """Network and picture of an operator logo in either form. Raises DecodeError."""
    network = decode_network(data, network_at(data))
    return network, decode_bitmap(data, bitmap_at(data))


def encode_caller_icon(bitmap: Bitmap) -> bytes:
    """Return data for Port.CALLER_ICON."""
    return VERSION + encode_bitmap(bitmap)


def decode_caller_icon(data: bytes) -> Bitmap:
    """Picture of a caller icon; some senders omit the version octet before it."""
    return decode_bitmap(data, int(data.startswith(VERSION)))


# --- What the phone shows ------------------------------------------------------------------------


def _view_operator_logo(payload: Payload) -> View:
    network, bitmap = decode_operator_logo(payload.data)
    removal = f", {REMOVAL}" if network == NO_NETWORK else ""
    return View(
        content={**content(bitmap), "mcc-mnc": str(network)},
        lines=(*draw(bitmap), f"{dimensions(bitmap)}, network {network}{removal}"),
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
    explain=later("converters.pictures.explaining:operator_logo"),
)
CALLER_ICON = Viewer(
    kind="caller-icon",
    port=Port.CALLER_ICON,
    view=_view_caller_icon,
    writers=writers(_read_caller_icon),
    previews=previews(_read_caller_icon),
    explain=later("converters.pictures.explaining:caller_icon"),
)
