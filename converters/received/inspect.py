"""From message files or hex back to what the phone shows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from converters import registry
from converters.api import AnyConverter, View, Viewer, Writer
from converters.outputs import messagetypes, partfiles
from converters.pictures.ems import ELEMENTS, EMS_PICTURE
from converters.received.ems import EMS_MESSAGE
from converters.tunes.ems import sounds
from converters.tunes.viewer import EMS_SOUND
from smsenc import (
    USER_DATA_OCTETS,
    Coding,
    Element,
    JoinError,
    MessageClass,
    Payload,
    Segment,
    SmsencError,
    decode_text,
    join,
    messagefile,
    split,
    udh,
)
from smsenc.messagefile import Message, names

#: Of an 80-column terminal, behind the margin of what is shown.
_COLUMNS = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part, or a whole message, as it was found; ``run`` tells sets of one folder apart."""

    source: str
    found: Segment | Payload
    run: tuple[int, str] | None = None
    to: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message as the phone gets it, its payload whole; ``error`` says why it shows nothing."""

    source: str
    kind: str | None = None
    port: int | None = None
    parts: int = 0
    missing: tuple[int, ...] = ()
    content: Mapping[str, Any] | None = None
    lines: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    payload: Payload | None = None
    error: SmsencError | None = None


#: A file's name, and what it holds or why it cannot be read.
File = tuple[str, bytes | SmsencError]


def inspect(files: Iterable[File], options: Mapping[str, str] | None = None) -> Iterator[Shown]:
    """Show every message in files; the parts of one message may be in several.

    A file that is a source, not a message file, is shown as the phone would get it; where its
    converter has choices to make, what it would choose is shown instead.
    """
    given = options or {}
    if given:
        registry.check_options(given, None)
    parts: list[Part] = []
    for name, octets in files:
        try:
            if isinstance(octets, SmsencError):
                raise octets
            converter = _converter(name, octets)
            if converter:
                yield from _source(name, octets, converter, given)
            else:
                parts.extend(_parts(name, octets))
        except SmsencError as error:
            yield Shown(source=name, error=error.at(source=name))
    for group in _groups(parts):
        yield _show(group)


def _converter(name: str, octets: bytes) -> AnyConverter | None:
    """The converter of a file that says what it is; texts and message files do not."""
    if not registry.has_suffix(name):
        return None
    found = registry.choose(name, octets[: registry.HEAD])
    return found if found.specific else None


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
            yield _show([Part(source=name, found=item.payload)])


def _wrapped(line: str) -> list[str]:
    """A line as lines that stand in an 80-column terminal, behind its margin."""
    return textwrap.wrap(line, _COLUMNS, subsequent_indent="    ")


def _parts(name: str, octets: bytes) -> Iterator[Part]:
    numbered = names.parse(PurePath(name).name)
    run = numbered.message if numbered else None
    found = partfiles.read(name, octets)
    if found is not None:
        for part in found:
            yield Part(source=part.source, found=part.segment, run=run, to=part.to)
        return
    message = messagefile.loads(octets)
    yield Part(
        source=name,
        found=_received(message),
        run=run,
        to=message.to or tuple(row[0] for row in message.rows),
        warnings=message.warnings,
    )


def _received(message: Message) -> Segment | Payload:
    """A part, if it is one of several; else what is left to the gateway to split."""
    whole = messagetypes.received(message)
    header = udh.encode(whole.elements) if udh.find_concatenation(whole.elements) else b""
    if not header or len(header) + len(whole.data) > USER_DATA_OCTETS:
        return whole
    return Segment(
        udh=header,
        data=whole.data,
        coding=whole.coding,
        units=len(whole.data),
        message_class=whole.message_class,
    )


def _groups(parts: Iterable[Part]) -> list[list[Part]]:
    groups: dict[Any, list[Part]] = {}
    for index, part in enumerate(parts):
        groups.setdefault(_key(part) or index, []).append(part)
    return list(groups.values())


def _key(part: Part) -> tuple[Any, ...] | None:
    if isinstance(part.found, Payload):
        return None
    elements = udh.decode(part.found.udh)
    mark = udh.find_concatenation(elements)
    if mark is None:
        return None
    return part.run, part.to, mark.reference, mark.total, _port(elements)


def _port(elements: tuple[Element, ...]) -> int | None:
    return Payload(data=b"", coding=Coding.OCTETS, elements=elements).port


def _show(group: list[Part]) -> Shown:
    first = group[0]
    found = Shown(
        source=first.source,
        to=first.to,
        warnings=tuple(warning for part in group for warning in part.warnings),
    )
    try:
        payload, parts = _payload(group)
        viewer = viewer_of(payload)
        view = viewer.view(payload)
        seen = replace(found, kind=viewer.kind, content=view.content, lines=view.lines)
        return replace(seen, port=payload.port, parts=parts, payload=payload)
    except SmsencError as error:
        missing = error.missing if isinstance(error, JoinError) else ()
        refused = _refused(found, first)
        return replace(refused, missing=missing, error=error.at(source=first.source))


def _refused(found: Shown, first: Part) -> Shown:
    """What is known of a message that cannot be shown: its port and how many parts it has."""
    header = (
        udh.decode(first.found.udh) if isinstance(first.found, Segment) else first.found.elements
    )
    mark = udh.find_concatenation(header)
    port = _port(header)
    return replace(found, port=port, kind=_kind(port), parts=mark.total if mark else 1)


def _payload(group: list[Part]) -> tuple[Payload, int]:
    whole = group[0].found
    if isinstance(whole, Payload):
        return whole, len(split(whole, reference=1))
    segments = [part.found for part in group if isinstance(part.found, Segment)]
    mark = udh.find_concatenation(udh.decode(whole.udh))
    return join(segments), mark.total if mark else 1


def _kind(port: int | None) -> str:
    if port is None:
        return TEXT.kind
    viewer = registry.viewers().get(port)
    return viewer.kind if viewer else UNKNOWN.kind


def viewer_of(payload: Payload) -> Viewer:
    """The row that shows a payload: by its port, as text without one, else as hex."""
    pictures = any(element.iei in ELEMENTS for element in payload.elements)
    if sounds(payload):
        return EMS_MESSAGE if pictures else EMS_SOUND
    if pictures:
        return EMS_PICTURE
    if payload.port is None and payload.coding is not Coding.OCTETS:
        return TEXT
    return registry.viewers().get(payload.port or NO_PORT, UNKNOWN)


def _text_view(payload: Payload) -> View:
    text = _text(payload)
    flash = payload.message_class is MessageClass.FLASH
    content = {"text": text, "coding": payload.coding.value, "flash": flash}
    return View(content=content, lines=tuple(text.split("\n")))


def _text(payload: Payload) -> str:
    return decode_text(payload).replace("\r\n", "\n")


def _text_file(payload: Payload) -> bytes:
    return f"{_text(payload)}\n".encode()


def _unknown_view(payload: Payload) -> View:
    digits = payload.data.hex().upper()
    rows = tuple(digits[n : n + 64] for n in range(0, len(digits), 64))
    return View(content={"data": digits}, lines=rows)


#: What has no port of its own, and what nothing reads.
NO_PORT = -1
TEXT = Viewer(
    kind="text", port=NO_PORT, view=_text_view, writers=(Writer(".txt", _text_file, joins=True),)
)
UNKNOWN = Viewer(kind="unknown", port=NO_PORT, view=_unknown_view)
