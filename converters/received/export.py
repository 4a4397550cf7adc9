"""Received payloads written to files that can be converted again, seen or listened to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from converters import registry
from converters.api import Action, Loss, Writer
from converters.errors import SourceError
from converters.received.inspect import File, Shown, inspect
from converters.registry import viewer_of
from converters.shared.parsers import alternatives
from converters.shared.words import counted
from smsenc import Payload, SmsencError


@dataclass(frozen=True, slots=True)
class Written:
    """A file's octets, and what of its messages they do not hold."""

    octets: bytes
    losses: tuple[Loss, ...]


def decode(payload: Payload, suffix: str) -> bytes:
    """The payload as a file of the format that ``suffix`` names.

    Raises SourceError if a payload of this kind cannot be written in that format.
    """
    return _writer(payload, suffix).write(payload)


def preview(payload: Payload, suffix: str) -> Written:
    """A file to look at or listen to, of the format that ``suffix`` names.

    Raises SourceError if a payload of this kind has no such preview.
    """
    viewer = viewer_of(payload)
    if not viewer.previews:
        raise SourceError(f"no preview for messages of the kind {viewer.kind}")
    writer = _with_suffix(viewer.previews, suffix, viewer.kind)
    return Written(writer.write(payload), writer.losses(payload))


def previewed(
    files: Sequence[File], suffix: str, options: Mapping[str, str], kind: str | None = None
) -> Written:
    """The preview of the first message in sources, message files or parts in hex.

    Of a template, it is that of its first row.
    """
    shown = (one for one in inspect(files, options, kind) if one.error or one.payload)
    first = next(shown, None)
    if first is None:
        names = ", ".join(name for name, _ in files)
        raise SourceError(f"expected a message, found none in {names}")
    try:
        made = preview(_payload(first), suffix)
    except SmsencError as error:
        raise error.at(source=first.source) from None
    others = (
        *_others(first.rows - len(first.shown_rows), "row"),
        *_others(sum(1 for _ in shown), "message"),
    )
    return replace(made, losses=(*first.losses, *made.losses, *others))


def _payload(shown: Shown) -> Payload:
    if shown.payload is None:
        raise shown.error or SourceError("expected a message, found none")
    return shown.shown_rows[0].payload if shown.shown_rows else shown.payload


def _others(count: int, noun: str) -> Iterator[Loss]:
    if count:
        what = counted(count, f"further {noun}")
        yield Loss(what=what, action=Action.LEFT_OUT, why="a preview shows one")


def contact_sheet(
    files: Sequence[File], _suffix: str, options: Mapping[str, str], kind: str | None = None
) -> Written:
    """A PNG file with the first source as each method of its converter renders it."""
    name, octets = files[0]
    try:
        if isinstance(octets, SmsencError):
            raise octets
        converter = registry.named(kind) if kind else registry.choose(name, octets[: registry.HEAD])
        if converter.sheet is None:
            raise SourceError(f"expected a picture for a contact sheet, found {converter.name}")
        return Written(converter.sheet(octets, converter.settings(options)), ())
    except SmsencError as error:
        raise error.at(source=name) from None


def one_file(payloads: Iterable[Payload], name: str) -> Written:
    """One file of all payloads; several only if its format can hold several messages."""
    suffix = PurePath(name).suffix.lower()
    given = tuple(payloads)
    rows = [(_writer(payload, suffix), payload) for payload in given]
    if len(given) > 1 and not all(writer.joins for writer, _ in rows):
        raise SourceError(f"expected one message for a {suffix} file, found {len(given)}")
    octets = b"".join(writer.write(payload) for writer, payload in rows)
    return Written(octets, tuple(loss for writer, p in rows for loss in writer.losses(p)))


def transcode(name: str, octets: bytes, out: str, options: Mapping[str, str]) -> Written:
    """A source file as a file of another format; the suffixes of both name the formats.

    Raises the error of the first message of the source that cannot be converted, and SourceError
    if the one format cannot become the other.
    """
    converter = registry.choose(name, octets[: registry.HEAD])
    settings = converter.settings({**converter.whole, **options})
    items = list(converter.convert(octets, settings))
    written = one_file((item.unwrap() for item in items), out)
    lost = tuple(loss for item in items for loss in item.losses)
    return Written(written.octets, lost + written.losses)


def _writer(payload: Payload, suffix: str) -> Writer:
    viewer = viewer_of(payload)
    if not viewer.writers:
        raise SourceError(f"no file format for messages of the kind {viewer.kind}")
    return _with_suffix(viewer.writers, suffix, viewer.kind)


def _with_suffix(writers: tuple[Writer, ...], suffix: str, kind: str) -> Writer:
    for writer in writers:
        if writer.suffix == suffix:
            return writer
    known = alternatives(tuple(writer.suffix for writer in writers))
    wanted = suffix or "a file without a suffix"
    raise SourceError(f"a {kind} cannot be written as {wanted}: use {known}")
