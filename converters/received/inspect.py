"""What the phone shows of message files, parts in hex, and sources."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from types import MappingProxyType
from typing import NamedTuple

from converters import foreign, optionchecks, registry
from converters.api import AnyConverter, Loss, View, Viewer
from converters.errors import SourceError
from converters.outputs import packers
from converters.outputs.parts import Described, Part, Rows
from converters.texts.viewer import VIEWER as TEXT
from smsenc import (
    Coding,
    Element,
    JoinError,
    Payload,
    Segment,
    SmsencError,
    join,
    split,
    udh,
)
from smsenc.messagefile import names

#: Columns for content: 80 less the margin.
_COLUMNS = 76
#: Shows every row of a template.
ALL_ROWS = 0


class Row(NamedTuple):
    """What the recipient of one row of a template gets; rows are counted from 1."""

    number: int
    to: str
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message as the phone gets it, joined from its parts.

    ``error`` says why it shows nothing; ``missing`` are the numbers of the parts that are missing.
    ``about`` says how its first part was read, if that was a choice. ``losses`` are those of a
    source. Of a template, ``rows`` is how many rows it has, and ``shown_rows`` those to show.
    """

    source: str
    kind: str | None = None
    port: int | None = None
    parts: int = 0
    missing: tuple[int, ...] = ()
    content: Mapping[str, object] | None = None
    lines: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    sender: str | None = None
    about: str = ""
    warnings: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    payload: Payload | None = None
    rows: int = 0
    shown_rows: tuple[Row, ...] = ()
    error: SmsencError | None = None


#: An option, and a key of content.
_NETWORK = "mcc-mnc"
_NONE: Mapping[str, str] = MappingProxyType({})

#: A file's name, and its octets or why it cannot be read.
File = tuple[str, bytes | SmsencError]


def inspect(
    files: Iterable[File],
    options: Mapping[str, str] | None = None,
    kind: str | None = None,
    row: int = 1,
) -> Iterator[Shown]:
    """Show every message in files; the parts of one message may be in several files.

    Of a file that is a source, the messages that it would become are shown, and before them the
    description that its converter gives, if any. ``kind`` names the converter of all files. Of a
    template that row is shown, from 1, or ``ALL_ROWS``.
    """
    given = options or {}
    if given or kind:
        optionchecks.check(given, kind)
    parts: list[Part] = []
    for name, octets in files:
        try:
            if isinstance(octets, SmsencError):
                raise octets
            converter = converter_of(name, octets, kind)
            if converter:
                yield from _source(name, octets, converter, given)
            else:
                for part in _parts(name, octets):
                    if isinstance(part.found, SmsencError):
                        yield _unread(part, part.found)
                    else:
                        parts.append(part)
        except SmsencError as error:
            yield Shown(source=name, error=error.at(source=name))
    for group in _groups(parts):
        yield show(group, given, row)


def converter_of(name: str, octets: bytes, kind: str | None) -> AnyConverter | None:
    """The converter of a source; None for what was sent or received.

    Raises SourceError for a text that holds something else.
    """
    if kind:
        return registry.named(kind)
    if packers.is_packed(name, octets) or foreign.is_message_file(octets):
        return None
    found = registry.choose(name, octets[: registry.HEAD])
    if not found.specific and (why := foreign.refusal(octets, registry.known().values())):
        raise SourceError(why)
    return found


def _source(
    name: str, octets: bytes, converter: AnyConverter, options: Mapping[str, str]
) -> Iterator[Shown]:
    known = {key: value for key, value in options.items() if key in converter.option_names}
    settings = converter.settings(known)
    if converter.describe:
        view = converter.describe(octets, settings)
        lines = tuple(line for long in view.lines for line in _wrapped(long))
        yield Shown(source=name, kind=converter.name, content=view.content, lines=lines)
    for item in converter.convert(octets, settings):
        if item.payload is None:
            yield Shown(
                source=name, kind=item.kind, error=item.error and item.error.at(source=name)
            )
        else:
            yield replace(show([Part(source=name, found=item.payload)]), losses=item.losses)


def _wrapped(line: str) -> list[str]:
    """A line broken for an 80-column terminal."""
    return textwrap.wrap(line, _COLUMNS, subsequent_indent="    ")


def _parts(name: str, octets: bytes) -> Iterator[Part]:
    numbered = names.parse(PurePath(name).name)
    message = numbered.message if numbered else None
    return (part._replace(message=message) for part in packers.unpack(name, octets))


def _unread(part: Part, error: SmsencError) -> Shown:
    return Shown(source=part.source, error=error.at(source=part.source))


def _groups(parts: Iterable[Part]) -> list[list[Part]]:
    """The parts of each message; a complete message is a group of its own."""
    groups: dict[object, list[Part]] = {}
    for index, part in enumerate(parts):
        groups.setdefault(_key(part) or index, []).append(part)
    return list(groups.values())


def _key(part: Part) -> tuple[object, ...] | None:
    """What the parts of one message have in common; None for a message that is not split."""
    if not isinstance(part.found, Segment):
        return None
    elements = udh.decode(part.found.udh)
    mark = udh.find_concatenation(elements)
    if mark is None:
        return None
    return part.message, part.to, part.sender, mark.reference, mark.total, _port(elements)


def _port(elements: tuple[Element, ...]) -> int | None:
    return Payload(data=b"", coding=Coding.OCTETS, elements=elements).port


def show(group: list[Part], options: Mapping[str, str] = _NONE, row: int = 1) -> Shown:
    """One message from its parts, of which there is at least one."""
    first = group[0]
    shown = Shown(
        source=first.source,
        to=first.to,
        sender=first.sender,
        about=first.about,
        warnings=tuple(warning for part in group for warning in part.warnings),
    )
    if isinstance(first.found, Described):
        kind, content, lines = first.found.kind, first.found.content, first.found.lines
        return replace(shown, kind=kind, content=content, lines=lines)
    try:
        payload, parts = _joined(group)
        viewer = registry.viewer_of(payload)
        view = _view(viewer, payload, options)
        rows = _rows(first.rows, row)
    except SmsencError as error:
        missing = error.missing if isinstance(error, JoinError) else ()
        refused = _refused(shown, first)
        return replace(refused, missing=missing, error=error.at(source=first.source))
    return replace(
        shown,
        kind=viewer.kind,
        warnings=(*shown.warnings, *_contradictions(view.content, options)),
        port=payload.port,
        parts=parts,
        content=view.content,
        lines=view.lines,
        payload=payload,
        rows=len(first.rows.to) if first.rows else 0,
        shown_rows=rows,
    )


def _view(viewer: Viewer, payload: Payload, options: Mapping[str, str]) -> View:
    zone = options.get("tz")
    return viewer.in_zone(payload, zone) if zone and viewer.in_zone else viewer.view(payload)


def _contradictions(content: Mapping[str, object], options: Mapping[str, str]) -> Iterator[str]:
    """What a message says of its network, if another one was asked for."""
    asked, found = options.get(_NETWORK, ""), content.get(_NETWORK)
    if asked and found and asked.replace("-", "") != str(found).replace("-", ""):
        yield f"it is for the network {found}, not for {asked}"


def _rows(rows: Rows | None, row: int) -> tuple[Row, ...]:
    """That row of a template, or ``ALL_ROWS``; raises SourceError if it has no such row."""
    if rows is None:
        return ()
    count = len(rows.to)
    if row > count:
        raise SourceError(f"expected a row from 1 to {count}, found {row}", name="--row")
    numbers = range(1, count + 1) if row == ALL_ROWS else (row,)
    return tuple(Row(number, rows.to[number - 1], rows.message(number)) for number in numbers)


def _joined(group: list[Part]) -> tuple[Payload, int]:
    """The payload of a group, and how many parts it has or will have."""
    whole = group[0].found
    if isinstance(whole, Payload):
        return whole, len(split(whole, reference=1))
    segments = [part.found for part in group if isinstance(part.found, Segment)]
    mark = udh.find_concatenation(udh.decode(segments[0].udh))
    return join(segments), mark.total if mark else 1


def _refused(shown: Shown, first: Part) -> Shown:
    """What is known of a message that cannot be shown: its port and how many parts it has."""
    elements = first.found.elements if isinstance(first.found, Payload) else ()
    if isinstance(first.found, Segment):
        elements = udh.decode(first.found.udh)
    mark = udh.find_concatenation(elements)
    port = _port(elements)
    return replace(shown, port=port, kind=_kind(port), parts=mark.total if mark else 1)


def _kind(port: int | None) -> str:
    viewer = registry.viewer_on(port) or registry.UNKNOWN
    return TEXT.kind if port is None else viewer.kind
