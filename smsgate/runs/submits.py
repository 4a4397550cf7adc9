"""What ``smsenc send`` sends: the parts of sources and of message files, to each recipient."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby

from converters.api import Loss
from converters.outputs import messagetypes
from converters.outputs.packers import unpack
from converters.outputs.parts import Part
from converters.pipeline import Job
from smsenc import Payload, Segment, SmsencError, messagefile, split
from smsenc.messagefile import Message, names
from smsenc.smpp import mapping, times
from smsenc.smpp.mapping import Carry, CodingProfile
from smsenc.smpp.pdus import NOWHERE, SubmitSm
from smsgate.errors import OutboxError
from smsgate.runs import batch, received
from smsgate.runs.sources import find_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a message centre wants messages, and what every message asks it for."""

    coding: CodingProfile = field(default_factory=CodingProfile)
    carry: Carry = Carry.UDHI
    receipts: bool = False


@dataclass(frozen=True, slots=True)
class Submit:
    """One part for one recipient: part ``number`` of ``total`` in a message of ``source``.

    ``losses`` are those of the message, if it was converted for this.
    """

    source: str
    to: str
    number: int
    total: int
    body: SubmitSm
    losses: tuple[Loss, ...] = ()


#: What can be sent, or why something cannot.
Found = Submit | SmsencError
Skip = Callable[[str, str], object]


def of(
    sources: Sequence[str], job: Job, route: Route, *, reference: int, skip: Skip
) -> Iterator[Found]:
    """The parts of sources, and of outboxes, message files and files of parts among them.

    ``skip`` gets name and reason of what in a folder is not read.
    """
    for ready, group in groupby(sources, is_ready):
        if ready:
            yield from _of_files(group, job, route, skip)
        else:
            reference = yield from _of_sources(list(group), job, route, reference, skip)


def is_ready(name: str) -> bool:
    """Whether a name is that of messages, and not of a source of some."""
    return received.is_outbox(name) or names.parse(name.rpartition("/")[2]) is not None


def _of_sources(
    group: Sequence[str], job: Job, route: Route, reference: int, skip: Skip
) -> Generator[Found, None, int]:
    """Sources are converted first, to parts without any option of a gateway.

    Returns the reference of the next message: a phone must not join parts of two sources.
    """
    plain = replace(job, format="json", template=Message(to=job.recipients[:1], text=""))
    readable: list[str] = []
    for source in find_sources(group):
        if source.error:
            yield source.error.at(source=source.name)
        elif source.skipped:
            skip(source.name, source.skipped)
        else:
            readable.append(source.name)
    for outcome in batch.run(readable, plain, None, reference=reference):
        reference = batch.next_reference(reference, outcome)
        if outcome.error:
            yield outcome.error
        for file, octets in outcome.files:
            parts = [one.found for one in unpack(file, octets)]
            for one in of_parts(outcome.source, parts, job.recipients, job.template, route):
                yield replace(one, losses=outcome.losses) if isinstance(one, Submit) else one
    return reference


def _of_files(group: Iterable[str], job: Job, route: Route, skip: Skip) -> Iterator[Found]:
    for path, octets in received.files(group, skip):
        try:
            if isinstance(octets, SmsencError):
                raise octets
            yield from _of_file(path, octets, job, route)
        except SmsencError as error:
            yield error.at(source=path)


def _of_file(path: str, octets: bytes, job: Job, route: Route) -> Iterator[Found]:
    named = names.parse(path.rpartition("/")[2])
    if named and named.suffix != ".txt":
        for part in unpack(path, octets):
            yield from _of_part(path, part, job, route)
        return
    message = messagefile.loads(octets)
    if message.rows:
        raise OutboxError("rows of a message file cannot be sent over SMPP: use --pack parts")
    payload = messagetypes.payload_of(message)
    found = next(iter(unpack(path, octets))).found
    parts = [found] if isinstance(found, Segment) else _split(payload, named, job)
    yield from of_parts(path, parts, message.to, _merged(message, job.template), route)


def _split(payload: Payload, named: names.FileName | None, job: Job) -> Sequence[Segment]:
    reference = (named.number if named else 0) % 255 + 1
    return split(payload, reference=reference, limits=job.profile.limits)


def _of_part(path: str, part: Part, job: Job, route: Route) -> Iterator[Found]:
    if not isinstance(part.found, Segment):
        raise OutboxError("expected a part to send, found another thing")
    yield from of_parts(path, [part.found], part.to or job.recipients, job.template, route)


def _merged(message: Message, template: Message) -> Message:
    """The options of a message file; those that it lacks are the command's."""
    given = {
        name: getattr(template, name)
        for name in ("sender", "validity", "deliv_time", "deliv_ack")
        if getattr(message, name) is None
    }
    return replace(message, **given)


def of_parts(
    source: str,
    parts: Iterable[object],
    to: Iterable[str],
    template: Message,
    route: Route,
) -> Iterator[Found]:
    """The parts of one message to each recipient; those that cannot be sent are errors."""
    segments = [one for one in parts if isinstance(one, Segment)]
    for recipient in to:
        for number, segment in enumerate(segments, start=1):
            try:
                body = _body(segment, recipient, template, route)
                yield Submit(source, recipient, number, len(segments), body)
            except SmsencError as error:
                yield error.at(source=source)


def _body(part: Segment, to: str, template: Message, route: Route) -> SubmitSm:
    return mapping.submit(
        part,
        source=mapping.address(template.sender) if template.sender else NOWHERE,
        destination=mapping.address(to),
        profile=route.coding,
        carry=route.carry,
        registered_delivery=int(route.receipts or bool(template.deliv_ack)),
        validity=_minutes(template.validity),
        schedule=_minutes(template.deliv_time),
    )


def _minutes(minutes: int | None) -> str:
    return times.relative(timedelta(minutes=minutes)) if minutes else ""
