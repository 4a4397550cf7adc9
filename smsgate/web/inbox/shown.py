"""Messages as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from converters.received.explained import alone
from converters.received.inspect import Shown
from converters.registry import viewer_of
from converters.shared.glass import drawable
from smsenc import Coding, DecodeError, Payload, decode_text, udh
from smsenc.model import port_text
from smsenc.octetmap import smpppdus
from smsenc.smpp import mapping
from smsgate.simulator import receipts, view
from smsgate.simulator.fates import body_of
from smsgate.simulator.marks import NEW, Marked
from smsgate.simulator.store import Message, Segment, Store
from smsgate.web import octets as octetrows
from smsgate.web.inbox.fields import Field, groups

#: Characters of a message in a list, and fields of other contents.
_EXCERPT, _FEW = 140, 3
#: Keys of fields that say little in a list.
_DULL = frozenset(("type", "category", "tempo", "rtttl"))
#: Longer texts are not drawn on a phone's screen, nor those with letters that its font lacks.
_DRAWN, _NO_LETTER = 160, "\N{WHITE SQUARE}"
#: Characters of a message and of one of several parts.
_MOST_TEXT, _MOST_OF_PART = 8000, 200
#: About as many characters is a field with its label on top of its text.
_OF_FIELD = 60
_PICTURE, _TONE = ".png", ".wav"
_OCTETS = Coding.OCTETS
#: Kinds whose screen is worth a glance in a list: there is a picture in it.
_PICTURES = ("logo", "icon", "picture", "ems-message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message in a list."""

    id: str
    sender: str
    recipient: str
    time: float
    kind: str
    excerpt: str
    is_error: bool
    parts: int
    missing: int
    state: str
    unread: bool
    tags: tuple[str, ...]
    has_picture: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part: its place, its message id, its state, octets of user data, and its text if any.

    ``left`` characters of that are left out.
    """

    number: int
    place: int
    id: str
    time: float
    state: str
    size: int
    text: str
    left: int
    octets: tuple[tuple[str, octetrows.Rows], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A message as a page of its own shows it; ``left`` characters are left out."""

    row: Row
    text: str
    left: int
    groups: tuple[tuple[Field, ...], ...]
    error: str
    missing: tuple[int, ...]
    port: str
    system_id: str
    has_screen: bool
    has_tone: bool


def row(store: Store, message: Message) -> Row:
    """A message of the store in a list."""
    segments = store.segments(message.id)
    return _row(message, segments, view.as_shown(message, segments), store.marks.of(message.id))


def _row(message: Message, segments: Sequence[Segment], shown: Shown, marked: Marked) -> Row:
    kind = shown.kind or ""
    return Row(
        id=receipts.shown_id(message.id),
        sender=message.sender,
        recipient=message.recipient,
        time=message.time,
        kind=kind,
        excerpt=_excerpt(shown),
        is_error=shown.error is not None,
        parts=max(message.parts, shown.parts),
        missing=message.missing,
        state=view.state_of(segments),
        unread=marked.unread,
        tags=marked.tags,
        has_picture=_PICTURE in _previews(shown.payload) and any(one in kind for one in _PICTURES),
    )


def _excerpt(shown: Shown) -> str:
    if shown.error:
        return shown.error.message
    content = shown.content or {}
    text = content.get("text")
    if isinstance(text, str) and text.strip():
        return _cut(text)
    fields = [one.text for one in groups(content)[0] if one.text and one.key not in _DULL]
    return _cut(" \N{MIDDLE DOT} ".join(fields[:_FEW]))


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}\N{HORIZONTAL ELLIPSIS}"


def whole(store: Store, message: Message) -> Whole:
    """A message of the store with all that its page shows, but for parts and marks."""
    segments = store.segments(message.id)
    shown = view.as_shown(message, segments)
    content = dict(shown.content or {})
    text = str(content.pop("text", ""))
    some, left = _bounded(groups(content), _MOST_TEXT - len(text))
    known = _previews(shown.payload)
    return Whole(
        row=_row(message, segments, shown, NEW),
        text=text[:_MOST_TEXT],
        left=left + len(text[_MOST_TEXT:]),
        groups=some,
        error=shown.error.message if shown.error else "",
        missing=shown.missing,
        port="" if shown.port is None else port_text(shown.port),
        system_id=segments[0].system_id if segments else "",
        has_screen=_PICTURE in known and _is_drawn(text),
        has_tone=_TONE in known,
    )


def _bounded(
    found: Sequence[Sequence[Field]], room: int
) -> tuple[tuple[tuple[Field, ...], ...], int]:
    """As many fields as there is room for, and how many characters of others are left out."""
    kept: list[tuple[Field, ...]] = []
    left = 0
    for group in found:
        some: list[Field] = []
        for one in group:
            room -= _OF_FIELD
            if room > 0:
                some.append(one._replace(text=one.text[:room]))
            left += len(one.text[max(0, room) :])
            room -= len(one.text)
        kept.append(tuple(some))
    return tuple(kept), left


def lines(store: Store, message: Message) -> str:
    """All that can be read of a message, as lines."""
    content = dict(view.as_shown(message, store.segments(message.id)).content or {})
    text = str(content.pop("text", ""))
    found = [f"{one.label}: {one.text}" for group in groups(content) for one in group]
    return text or "\n".join(found)


def _is_drawn(text: str) -> bool:
    return len(text) <= _DRAWN and _NO_LETTER not in drawable(text)


def _previews(payload: Payload | None) -> frozenset[str]:
    """The suffixes of what can be seen and heard of a payload."""
    if payload is None:
        return frozenset()
    return frozenset(one.suffix for one in viewer_of(payload).previews)


# --- Parts ---------------------------------------------------------------------------------------


def parts(segments: Sequence[Segment], first: int, count: int, *, with_octets: bool) -> list[Part]:
    """Parts in the order of their places, from number ``first`` on."""
    ordered = sorted(segments, key=lambda one: (one.place, one.id))
    some = ordered[first - 1 :][:count]
    most = _MOST_OF_PART if count > 1 else _MOST_TEXT
    return [_part(one, n, most, with_octets=with_octets) for n, one in enumerate(some, first)]


def _part(segment: Segment, number: int, most: int, *, with_octets: bool) -> Part:
    header, data = view.wire(body_of(segment))
    text = _text(segment)
    return Part(
        number=number,
        place=segment.place,
        id=receipts.shown_id(segment.named),
        time=segment.time,
        state=segment.state,
        size=len(header) + len(data),
        text=text[:most],
        left=len(text[most:]),
        octets=_octets(segment.pdu) if with_octets else (),
    )


def _text(segment: Segment) -> str:
    """The text of a part; empty if it has none."""
    try:
        user = mapping.user_data_of(body_of(segment))
        found = Payload(data=user.data, coding=user.coding, elements=udh.decode(user.header))
        return decode_text(found) if found.port is None and found.coding is not _OCTETS else ""
    except DecodeError:
        return ""


#: The first level of the map of a PDU by the names that the catalogue has.
_GROUPS = {
    smpppdus.HEADER: "header",
    smpppdus.MANDATORY: "fields",
    smpppdus.OPTIONAL: "optional",
}


def _octets(pdu: bytes) -> tuple[tuple[str, octetrows.Rows], ...]:
    """The octets of a PDU in groups that follow each other."""
    found = smpppdus.pdu(pdu, alone)
    return tuple((_GROUPS[one.name], octetrows.rows(found, one.children)) for one in found.fields)
