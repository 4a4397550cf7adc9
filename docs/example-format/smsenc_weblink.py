"""Internet shortcuts (``.url``) to WAP push messages, which a phone shows as a link to open.

The payload is a Service Indication (WAP-167-ServiceInd) as binary XML, in a push of the Wireless
Session Protocol (WAP-230-WSP, 8.2.4.1), for port 2948.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from dataclasses import dataclass

from converters.api import Action, Converter, Item, Loss, Option, View, Viewer, Writer
from converters.errors import SourceError
from smsenc import DecodeError, Payload

PORT = 2948
_SECTION = "InternetShortcut"

#: Transaction 1, push, one octet of headers: the content type application/vnd.wap.sic.
_PUSH = bytes.fromhex("01 06 01 AE")
#: WBXML 1.2, document type SI 1.0, UTF-8, no string table, elements si and indication.
_HEAD = bytes.fromhex("02 05 6A 00 45 C6")
_STRING, _END = b"\x03", b"\x01"
#: Attributes ``href`` with the beginning of their values, longest first (WAP-167, 8.3.2).
_HREF = {"https://www.": 0x0F, "https://": 0x0E, "http://www.": 0x0D, "http://": 0x0C}
#: Attributes ``action``: how the phone tells its owner that there is a link.
_ACTION = {"none": 0x05, "low": 0x06, "medium": 0x07, "high": 0x08}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A field for each option."""

    title: str
    signal: str


# --- The payload, both ways ----------------------------------------------------------------------


def encode(url: str, title: str, signal: str) -> bytes:
    """The octets for ``PORT``."""
    start = next(start for start in _HREF if url.startswith(start))
    attributes = bytes((_HREF[start],)) + _text(url.removeprefix(start)) + bytes((_ACTION[signal],))
    return _PUSH + _HEAD + attributes + _END + _text(title) + _END + _END


def _text(text: str) -> bytes:
    return _STRING + text.encode() + b"\0"


def decode(data: bytes) -> tuple[str, str, str]:
    """Address, title and signal of what ``encode`` returns. Raises DecodeError."""
    octets = data.removeprefix(_PUSH + _HEAD)
    if len(octets) == len(data):
        raise DecodeError("expected a service indication, found other octets", offset=0)
    try:
        start = {code: text for text, code in _HREF.items()}[octets[0]]
        address, _, rest = octets[1:].partition(b"\0")
        signal = {code: text for text, code in _ACTION.items()}[rest[0]]
        title, _, end = rest[1:].removeprefix(_END).partition(b"\0")
        if end != _END + _END:
            raise DecodeError("expected the end of the indication, found more or less")
        return start + address.removeprefix(_STRING).decode(), title[1:].decode(), signal
    except (KeyError, IndexError, UnicodeDecodeError):
        raise DecodeError("expected an address, a signal and a title, found others") from None


# --- From a source to the payload ----------------------------------------------------------------


def sniff(head: bytes) -> bool:
    """Whether a file with these first octets can be an Internet shortcut."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(f"[{_SECTION}]".encode())


def convert(octets: bytes, settings: Settings) -> Iterator[Item]:
    """One message from one file; the other settings of a shortcut are listed as losses."""
    section = _read(octets)
    url = section.pop("url", "")
    if not url.startswith(tuple(_HREF)) or "\0" in url:
        raise SourceError(f"expected URL=http:// or https://, found {url!r}")
    losses = tuple(
        Loss(what=name, action=Action.LEFT_OUT, why="a link has an address and a title")
        for name in section
    )
    data = encode(url, settings.title or url, settings.signal)
    yield Item(kind=VIEWER.kind, payload=Payload.to_port(PORT, data), losses=losses)


def _read(octets: bytes) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(octets.decode("utf-8-sig"))
        return dict(parser[_SECTION])
    except (UnicodeDecodeError, configparser.Error, KeyError):
        raise SourceError(f"expected an Internet shortcut with [{_SECTION}], found none") from None


def _title(text: str) -> str:
    if "\0" in text:
        raise ValueError("expected a title without NUL")
    return text


def _signal(text: str) -> str:
    if text not in _ACTION:
        raise ValueError(f"expected one of {', '.join(_ACTION)}")
    return text


CONVERTER = Converter(
    name="weblink",
    summary="Internet shortcuts to WAP push messages",
    suffixes=(".url",),
    sniff=sniff,
    convert=convert,
    options=(
        Option("title", "text of the link; the address if not given", _title, ""),
        Option(
            "signal", "how the phone announces it: none, low, medium or high", _signal, "medium"
        ),
    ),
    settings_class=Settings,
)


# --- From a payload to what the phone shows, and back to a file ----------------------------------


def _view(payload: Payload) -> View:
    url, title, signal = decode(payload.data)
    content = {"url": url, "title": title, "signal": signal}
    return View(content=content, lines=(title, url))


def _write(payload: Payload) -> bytes:
    url, _title, _signal = decode(payload.data)
    return f"[{_SECTION}]\r\nURL={url}\r\n".encode()


def _lost(payload: Payload) -> tuple[Loss, ...]:
    url, title, _signal = decode(payload.data)
    if title == url:
        return ()
    return (Loss(what="title", action=Action.LEFT_OUT, why="not possible in a .url file"),)


VIEWER = Viewer(
    kind="weblink",
    port=PORT,
    view=_view,
    writers=(Writer(".url", _write, losses=_lost),),
)
