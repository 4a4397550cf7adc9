"""What identifies a conversion: its sources' names and octets, its recipients and its options.

The same values give the same mark in the names of the message files (``outbox.runs``).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import PurePath

from converters.pipeline import Job
from smsenc import SmsencError
from smsenc.messagefile import PLACEHOLDER
from smsgate.outbox import reading
from smsgate.outbox.runs import key_of


class SourceReader:
    """Reads sources, more than once if need be; keeps those that can be read only once."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        """The octets of a source; raises SourceError."""
        if name in self._kept:
            return self._kept[name]
        octets = reading.read(name)
        if not _is_file(name):
            self._kept[name] = octets
        return octets

    def digest(self, name: str) -> str:
        """A digest of a source; of the reason, if it cannot be read."""
        try:
            return hashlib.sha256(self.read(name)).hexdigest()
        except SmsencError as error:
            return error.message


def _is_file(name: str) -> bool:
    with suppress(OSError, ValueError):
        return name != reading.STDIN and stat.S_ISREG(os.stat(name).st_mode)
    return False


def conversion_key(sources: Iterable[str], job: Job, reference: int, reader: SourceReader) -> str:
    """The key of a conversion; the log-in is no part of it."""
    languages = {"languages": job.languages} if job.languages else {}
    return key_of(
        {
            "sources": [(PurePath(name).name, reader.digest(name)) for name in sources],
            "recipients": job.recipients,
            "message": asdict(replace(job.template, credentials=PLACEHOLDER)),
            "kind": job.kind,
            "options": dict(job.options),
            "flash": job.flash,
            "max_parts": job.max_parts,
            "format": job.format,
            "pack": job.pack,
            "profile": asdict(job.profile),
            "reference": reference,
            **languages,
        }
    )
