"""The table of output formats: what writes a payload's files, and what reads them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from converters.outputs import at, jsonparts, messagefiles, pdu, smstools
from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed, Part
from smsenc import Payload


@dataclass(frozen=True, slots=True)
class Packer:
    """The two directions of one format; ``suffix`` is that of its files."""

    suffix: str
    write: Callable[[Payload, Job, Label], Packed]
    read: Callable[[str, bytes], Iterator[Part]]


#: By the names that ``Job.format`` takes.
PACKERS = {
    "ftp": Packer(messagefiles.SUFFIX, messagefiles.write, messagefiles.read),
    "pdu": Packer(pdu.SUFFIX, pdu.write, pdu.read),
    "at": Packer(at.SUFFIX, at.write, pdu.read),
    "smstools": Packer(smstools.SUFFIX, smstools.write, smstools.read),
    "json": Packer(jsonparts.SUFFIX, jsonparts.write, jsonparts.read),
}


#: Formats that are recognised by suffix; the others by content.
_BY_CONTENT = ("ftp", "pdu", "at")
_BY_SUFFIX = {one.suffix: name for name, one in PACKERS.items() if name not in _BY_CONTENT}


def pack(payload: Payload, job: Job, label: Label) -> Packed:
    """The files of one message in the job's format; raises SmsencError."""
    return PACKERS[job.format].write(payload, job, label)


def unpack(name: str, octets: bytes) -> Iterator[Part]:
    """The parts in a file of any of the formats. Raises SmsencError for one that is not a part.

    Parts in hex are recognised by content, because modems and people give them other names.
    """
    return PACKERS[_format(name, octets)].read(name, octets)


def _format(name: str, octets: bytes) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    return "pdu" if pdu.matches(octets) else "ftp"
