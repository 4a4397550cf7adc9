"""The table of output formats: what writes a payload's files, and what reads them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from converters.loading import found
from converters.outputs.national import with_tables
from converters.outputs.parts import Label, Packed, Part
from smsenc import Payload
from smsenc.messagefile import names

if TYPE_CHECKING:
    from converters.outputs.job import Job


class Packer(NamedTuple):
    """The two directions of one format: names of modules, which are loaded when they are used."""

    writer: str
    reader: str

    def write(self, payload: Payload, job: Job, label: Label) -> Packed:
        """The files of a message; raises SmsencError."""
        packed: Packed = found(f"{__package__}.{self.writer}:write")(payload, job, label)
        return packed

    def read(self, name: str, octets: bytes) -> Iterator[Part]:
        """The parts in a file; raises SmsencError."""
        parts: Iterator[Part] = found(f"{__package__}.{self.reader}:read")(name, octets)
        return parts


#: By the names that ``Job.format`` takes.
PACKERS = {
    "ftp": Packer("messagefiles", "messagefiles"),
    "pdu": Packer("pdu", "modem"),
    "at": Packer("at", "modem"),
    "smstools": Packer("smstools", "smstools"),
    "json": Packer("jsonparts", "jsonparts"),
}


#: Formats that are recognised by suffix; the others by content.
_BY_SUFFIX = {names.SUFFIXES[name]: name for name in ("smstools", "json")}

#: Suffixes that no source has.
_NO_SOURCES = frozenset(names.SUFFIXES.values()) - {names.SUFFIXES["ftp"]}


def pack(payload: Payload, job: Job, label: Label) -> Packed:
    """The files of one message in the job's format; raises SmsencError."""
    payload, losses = with_tables(payload, job)
    packed = PACKERS[job.format].write(payload, job, label)
    return packed._replace(losses=losses + packed.losses) if losses else packed


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
    from converters.outputs import transcript  # noqa: PLC0415 - to write, nothing is recognised

    return "pdu" if transcript.matches(octets) else "ftp"
