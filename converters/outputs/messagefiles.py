"""Messages as the gateway's message files, in all packings and types, and read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from converters.api import Action, Loss
from converters.outputs.job import WITH_HEADERS, Job
from converters.outputs.parts import Label, Packed, Part, Rows
from converters.shared.words import counted
from smsenc import USER_DATA_OCTETS, Coding, Payload, Segment, SplitError, messagefile, udh
from smsenc.messagefile import Message
from smsenc.messagefile.names import SUFFIXES
from smsenc.messagefile.packing import Pack, Package, chunks, package
from smsenc.messagefile.rows import FIELD

SUFFIX = SUFFIXES["ftp"]


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """One file for a text, one for each part of octets; many recipients need several of each."""
    packed = _package(payload, job, label)
    total = len(packed.messages)
    groups = chunks(job.recipients, job.profile)
    files = tuple(
        (label.file_name(offset, n, total, suffix=SUFFIX), _file(message, group, job))
        for offset, group in enumerate(groups)
        for n, message in enumerate(packed.messages, start=1)
    )
    return Packed(packed.segments, files, tuple(_losses(packed, job)), len(groups))


def _file(message: Message, group: tuple[str, ...], job: Job) -> bytes:
    # To make a message again, and check all of it, takes as long as to write it.
    sent = message if message.to == group else replace(message, to=group)
    return messagefile.dumps(sent, job.profile)


def _package(payload: Payload, job: Job, label: Label) -> Package:
    if payload.elements and payload.coding is not Coding.OCTETS:
        raise SplitError(
            f"a message file cannot carry text with a header: use --format {WITH_HEADERS}"
        )
    reference, profile = label.reference, job.profile
    if job.pack is Pack.MSG_TYPE:
        from converters.outputs import messagetypes  # noqa: PLC0415 - loads formats, seldom needed

        if messagetypes.is_rtttl(payload, label.source, job.kind):
            return messagetypes.rtttl_package(
                payload, job.template, reference=reference, profile=profile
            )
    return package(payload, job.template, reference=reference, pack=job.pack, profile=profile)


def _losses(packed: Package, job: Job) -> Iterator[Loss]:
    if packed.forced is not None:
        parts = counted(len(packed.segments), "part")
        why = f"not in {job.profile.charset}; the text takes {parts}"
        what = f"{packed.forced!r} (U+{ord(packed.forced):04X})"
        yield Loss(what=what, action=Action.NEEDS_UNICODE, why=why)
    if packed.left_out is not None:
        yield Loss(what=packed.left_out, action=Action.REPLACED, why="the gateway adds its own")


def read(name: str, octets: bytes) -> Iterator[Part]:
    """The message, or the part of one, in a file. Raises SmsencError."""
    message = messagefile.loads(octets)
    yield Part(
        source=name,
        found=_part_or_whole(_payload_of(message)),
        to=message.to or tuple(row[0] for row in message.rows),
        warnings=message.warnings,
        rows=_rows(message),
    )


def _payload_of(message: Message) -> Payload:
    from converters.outputs.messagetypes import payload_of  # noqa: PLC0415 - as above

    return payload_of(message)


def _rows(message: Message) -> Rows | None:
    """The rows of a template; None without a template."""
    if not message.rows or message.text is None or not FIELD.search(message.text):
        return None
    return Rows(tuple(row[0] for row in message.rows), partial(_filled, message, message.text))


def _filled(message: Message, template: str, row: int) -> Payload:
    """What the recipient of a row gets."""
    cells = message.rows[row - 1]
    text = FIELD.sub(lambda field: _cell(cells, int(field[0][6:-1])), template)
    return _payload_of(replace(message, text=text, rows=(), to=cells[:1]))


def _cell(row: tuple[str, ...], number: int) -> str:
    return row[number] if number < len(row) else ""


def _part_or_whole(payload: Payload) -> Segment | Payload:
    """A part if it is one of several; otherwise the payload, which the gateway splits."""
    header = udh.encode(payload.elements) if udh.find_concatenation(payload.elements) else b""
    if not header or len(header) + len(payload.data) > USER_DATA_OCTETS:
        return payload
    return Segment(
        udh=header,
        data=payload.data,
        coding=payload.coding,
        units=len(payload.data),
        message_class=payload.message_class,
    )
