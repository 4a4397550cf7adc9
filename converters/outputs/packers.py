"""From a payload to files, in each format there is: pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from converters.api import Action, Loss
from converters.outputs.job import Job
from converters.outputs.messagetypes import came_as_rtttl, rtttl_package
from converters.outputs.smstools import spool_file
from smsenc import Coding, Payload, Segment, SplitError, dcs, messagefile, split, tpdu
from smsenc.messagefile import Message
from smsenc.messagefile.names import file_name, slug
from smsenc.messagefile.packing import Pack, Package, chunks, package


class Packed(NamedTuple):
    """Parts, and files as names and octets; ``numbers`` is how many running numbers they took."""

    segments: tuple[Segment, ...]
    files: tuple[tuple[str, bytes], ...]
    losses: tuple[Loss, ...] = ()
    numbers: int = 1


class Place(NamedTuple):
    """Where a message stands in its run: its first running number, its source, its reference."""

    number: int
    source: str
    reference: int

    def name(self, offset: int = 0, part: int = 1, total: int = 1, *, suffix: str) -> str:
        """``NNNNNN-slug[.pI-N]`` and suffix, ``offset`` files on."""
        return file_name(self.number + offset, slug(self.source), part, total, suffix)


def pack(payload: Payload, job: Job, place: Place) -> Packed:
    """The files of one message in the job's format; raises SmsencError."""
    return _PACKERS[job.format](payload, job, place)


def _message_files(payload: Payload, job: Job, place: Place) -> Packed:
    """A text is one file, octets are one file a part; many recipients take several of each."""
    packed = _package(payload, job, place)
    total = len(packed.messages)
    groups = chunks(job.recipients, job.profile)
    files = tuple(
        (place.name(offset, n, total, suffix=".txt"), _written(message, group, job))
        for offset, group in enumerate(groups)
        for n, message in enumerate(packed.messages, start=1)
    )
    return Packed(packed.segments, files, tuple(_losses(packed, job)), len(groups))


def _written(message: Message, group: tuple[str, ...], job: Job) -> bytes:
    return messagefile.dumps(replace(message, to=group), job.profile)


def _package(payload: Payload, job: Job, place: Place) -> Package:
    if payload.elements and payload.coding is not Coding.OCTETS:
        raise SplitError(
            "expected what a message file can carry, found text behind a header (--format pdu "
            "writes it)"
        )
    if job.pack is Pack.MSG_TYPE and came_as_rtttl(payload, place.source, job.kind):
        return rtttl_package(payload, job.template, reference=place.reference, profile=job.profile)
    return package(
        payload, job.template, reference=place.reference, pack=job.pack, profile=job.profile
    )


def _losses(packed: Package, job: Job) -> Iterator[Loss]:
    if packed.forced is not None:
        parts = counted(len(packed.segments), "part")
        why = f"{job.profile.charset} lacks it: sent as Unicode in {parts}"
        what = f"{packed.forced!r} (U+{ord(packed.forced):04X})"
        yield Loss(what=what, action=Action.EXPANDED, why=why)
    if packed.left_out is not None:
        yield Loss(what=packed.left_out, action=Action.REPLACED, why="the gateway adds its own")


def counted(count: int, what: str) -> str:
    """``1 part``, ``2 parts``."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _tpdus(payload: Payload, job: Job, place: Place) -> Packed:
    """SMS-SUBMIT in hex, one a line: all parts to the first recipient, then to the next."""
    segments = _segments(payload, job, place)
    lines = (
        tpdu.encode(_submit(segment, number, job.template)).hex().upper()
        for number in job.recipients
        for segment in segments
    )
    octets = "".join(f"{line}\n" for line in lines).encode()
    return Packed(segments, ((place.name(suffix=".pdu"), octets),))


def _submit(segment: Segment, number: str, template: Message) -> tpdu.Submit:
    minutes = template.validity
    return tpdu.submit(
        segment,
        number,
        validity=None if minutes is None else tpdu.Relative.lasting(minutes),
        status_report=bool(template.deliv_ack),
    )


def _spool_files(payload: Payload, job: Job, place: Place) -> Packed:
    """One file a part and recipient, in order of sending."""
    segments = _segments(payload, job, place)
    files = tuple(
        (
            place.name(offset, n, len(segments), suffix=".sms"),
            spool_file(segment, number, job.template),
        )
        for offset, number in enumerate(job.recipients)
        for n, segment in enumerate(segments, start=1)
    )
    return Packed(segments, files, numbers=len(job.recipients))


def _json(payload: Payload, job: Job, place: Place) -> Packed:
    """One object: recipients, coding, and the parts in hex."""
    segments = _segments(payload, job, place)
    octets = json.dumps(_record(payload, segments, job), indent=1).encode() + b"\n"
    return Packed(segments, ((place.name(suffix=".json"), octets),))


def _record(payload: Payload, segments: tuple[Segment, ...], job: Job) -> dict[str, Any]:
    return {
        "to": job.recipients,
        "coding": payload.coding.value,
        "class": payload.message_class,
        "port": payload.port,
        "parts": [
            {
                "udh": segment.udh.hex(),
                "data": segment.data.hex(),
                "dcs": dcs.encode(dcs.of(segment)),
                "udl": segment.udl,
            }
            for segment in segments
        ],
    }


def _segments(payload: Payload, job: Job, place: Place) -> tuple[Segment, ...]:
    return split(payload, reference=place.reference, limits=job.profile.limits)


_PACKERS = {"ftp": _message_files, "pdu": _tpdus, "smstools": _spool_files, "json": _json}
