"""The table of output formats: what writes a payload's files, and what reads them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from converters.outputs import at, jsonparts, messagefiles, modem, pdu, smstools, transcript
from converters.outputs.job import Job
from converters.outputs.national import with_tables
from converters.outputs.parts import Label, Packed, Part
from smsenc import Payload
from smsenc.messagefile import names


@dataclass(frozen=True, slots=True)
class Packer:
    """The two directions of one format; ``suffix`` is that of its files."""

    suffix: str
    write: Callable[[Payload, Job, Label], Packed]
    read: Callable[[str, bytes], Iterator[Part]]


#: By the names that ``Job.format`` takes.
PACKERS = {
    "ftp": Packer(messagefiles.SUFFIX, messagefiles.write, messagefiles.read),
    "pdu": Packer(pdu.SUFFIX, pdu.write, modem.read),
    "at": Packer(at.SUFFIX, at.write, modem.read),
    "smstools": Packer(smstools.SUFFIX, smstools.write, smstools.read),
    "json": Packer(jsonparts.SUFFIX, jsonparts.write, jsonparts.read),
}


#: Formats that are recognised by suffix; the others by content.
_BY_SUFFIX = {PACKERS[name].suffix: name for name in ("smstools", "json")}

#: Suffixes that no source has.
_NO_SOURCES = frozenset(row.suffix for row in PACKERS.values()) - {messagefiles.SUFFIX}


def pack(payload: Payload, job: Job, label: Label) -> Packed:
    """The files of one message in the job's format; raises SmsencError."""
    payload, losses = with_tables(payload, job)
    packed = PACKERS[job.format].write(payload, job, label)
    return replace(packed, losses=losses + packed.losses) if losses else packed


def unpack(name: str, octets: bytes) -> Iterator[Part]:
    """The parts in a file of any of the formats. Raises SmsencError for one that is not a part.

    Hex, and what a modem answered, are recognised by content: people give them any names.
    """
    return PACKERS[_format(name, octets)].read(name, octets)


def is_packed(name: str, octets: bytes) -> bool:
    """Whether the name or the hex of a file shows that it is of one of the formats."""
    path = PurePath(name)
    named = names.parse(path.name) is not None or path.suffix.lower() in _NO_SOURCES
    return named or _format(name, octets) != "ftp"


def _format(name: str, octets: bytes) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    return "pdu" if transcript.matches(octets) else "ftp"
