"""From a source's name and octets to message files' names and octets.

``items`` reads a source; ``package_item`` turns one item into an ``Outcome`` with its files. What
varies from message to message (running number, concatenation reference) is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from converters import registry
from converters.api import Action, AnyConverter, Item, Loss
from converters.errors import GuardError, SourceError
from converters.outputs.job import FORMATS, Job
from converters.outputs.packers import pack
from converters.outputs.parts import Label
from converters.shared.words import counted
from smsenc import Coding, MessageClass, Payload, Segment, SmsencError

__all__ = ["FORMATS", "Job", "Outcome", "convert", "items", "package_item"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result for one message of a source: ``files`` as names and octets, or an ``error``.

    ``numbers`` is how many running numbers its files have, ``coding`` that of its parts.
    """

    source: str
    item: int
    kind: str | None = None
    parts: int = 0
    octets: int = 0
    files: tuple[tuple[str, bytes], ...] = ()
    losses: tuple[Loss, ...] = ()
    error: SmsencError | None = None
    numbers: int = 0
    coding: Coding | None = None

    @property
    def status(self) -> str:
        """One of written, partial (something was left out or cut) and rejected."""
        if self.error:
            return "rejected"
        return "partial" if any(loss.partial for loss in self.losses) else "written"


def items(
    name: str, octets: bytes, *, kind: str | None = None, options: Mapping[str, str] | None = None
) -> Iterator[Item]:
    """The messages in a source, lazily. Without ``kind``, ``name`` and content choose a converter.

    ``options`` that the converter does not have are ignored: they are meant for others. Raises
    SourceError when the source cannot be read at all, OptionError for a bad value.
    """
    converter = converter_of(name, octets, kind)
    given = options or {}
    known = {name: given[name] for name in converter.option_names if name in given}
    yield from converter.convert(octets, converter.settings(known))


def converter_of(name: str, octets: bytes, kind: str | None = None) -> AnyConverter:
    """The converter that ``items`` uses; raises what it raises."""
    return registry.named(kind) if kind else _by_content(name, octets)


def convert(name: str, data: bytes, **options: object) -> tuple[Payload, ...]:
    """All payloads of a source; options are the converter's, with ``_`` in place of ``-``.

    ``name`` is the name of a converter or of a file. The first message that cannot be converted
    raises its error; ``items`` also gives the other messages, and the losses.
    """
    by_name = registry.converters().get(name)
    converter = by_name or _by_content(name, data)
    given = {key.replace("_", "-"): str(value) for key, value in options.items()}
    return tuple(item.unwrap() for item in converter.convert(data, converter.settings(given)))


def _by_content(name: str, octets: bytes) -> AnyConverter:
    """The converter of a source; raises SourceError for a text that holds something else."""
    found = registry.choose(name, octets[: registry.HEAD])
    if not found.specific:
        from converters import foreign  # noqa: PLC0415 - only texts can be something else

        if why := foreign.refusal(octets, registry.known().values()):
            raise SourceError(why)
    return found


def package_item(  # noqa: PLR0913 - what varies from message to message is an argument
    item: Item, job: Job, *, source: str, index: int, number: int, reference: int
) -> Outcome:
    """The message files of one item; an item that is refused gives an Outcome with its error."""
    outcome = Outcome(source=source, item=index, kind=item.kind or None, losses=item.losses)
    if item.payload is None:
        return replace(outcome, error=item.error)
    try:
        payload, losses = _with_class(item.payload, flash=job.flash)
        packed = pack(payload, job, Label(number, item.name or source, reference, job.mark))
        _guard_parts(packed.segments, job.max_parts, item.name or _numbered(index))
        return replace(
            outcome,
            parts=len(packed.segments),
            octets=sum(len(s.udh) + len(s.data) for s in packed.segments),
            files=packed.files,
            losses=item.losses + losses + packed.losses,
            numbers=packed.numbers,
            coding=packed.segments[0].coding if packed.segments else None,
        )
    except SmsencError as error:
        return replace(outcome, error=error)


def _with_class(payload: Payload, *, flash: bool) -> tuple[Payload, tuple[Loss, ...]]:
    if not flash:
        return payload, ()
    if payload.coding is Coding.OCTETS:
        why = "only a text can be shown at once"
        return payload, (Loss(what="flash", action=Action.IGNORED, why=why),)
    return replace(payload, message_class=MessageClass.FLASH), ()


def _guard_parts(segments: tuple[Segment, ...], most: int | None, name: str | None) -> None:
    if most is not None and len(segments) > most:
        found = f"expected at most {counted(most, 'part')}, found {len(segments)}"
        raise GuardError(found, name=name)


def _numbered(index: int) -> str | None:
    """A message that has no name, in a source that has several; of the first nobody knows yet."""
    return f"message {index}" if index > 1 else None
