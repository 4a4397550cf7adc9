"""Message files on the disk judged and repaired: each alone, and those of a folder together."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from smsenc import SmsencError, messagefile
from smsenc.messagefile.lint import (
    Finding,
    PartOf,
    Place,
    Severity,
    finding,
    fixed,
    incomplete,
    lint,
    part_of,
)
from smsenc.messagefile.profile import CLICKATELL, Profile
from smsgate.errors import OutboxError
from smsgate.outbox.reading import STDIN, read

_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One file: what was found, or why it could not be read; ``repaired`` if it was rewritten."""

    source: str
    findings: tuple[Finding, ...] = ()
    repaired: bool = False
    error: SmsencError | None = None

    @property
    def refused(self) -> bool:
        """Whether there is an error among the findings, or no reading it at all."""
        return self.error is not None or any(
            one.severity is Severity.ERROR for one in self.findings
        )


def judge(
    arguments: Iterable[str],
    profile: Profile = CLICKATELL,
    *,
    now: int | None = None,
    fix: bool = False,
) -> Iterator[Judged]:
    """Every file of ``arguments`` and of the folders among them; sets of parts at the end.

    With ``fix`` the safe repairs are written first, and what is left is told.
    """
    parts: list[PartOf] = []
    for name, in_folder in _files(arguments):
        try:
            octets = read(name)
            repaired = fix and _repair(name, octets, profile)
            octets = read(name) if repaired else octets
        except SmsencError as error:
            yield Judged(source=name, error=error.at(source=name))
            continue
        if in_folder and (part := part_of(os.path.basename(name), octets)):
            parts.append(part._replace(file=name, set=(os.path.dirname(name), part.set)))
        found = lint(octets, profile, now=now) + tuple(_open_to_others(name, octets))
        yield Judged(source=name, findings=found, repaired=repaired)
    for name, code, place in incomplete(parts):
        yield Judged(source=name, findings=(finding(code, place),))


def _files(arguments: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for name in arguments:
        if name == STDIN or not os.path.isdir(name):
            yield name, False
            continue
        for folder, folders, names in os.walk(name):
            folders[:] = sorted(one for one in folders if not one.startswith("."))
            for one in sorted(names):
                if not one.startswith(".") and os.path.splitext(one)[1].lower() == ".txt":
                    yield os.path.join(folder, one), True


def _open_to_others(name: str, octets: bytes) -> Iterator[Finding]:
    """D603, for a real log-in in a file that others than its owner may read."""
    if name == STDIN or os.name != "posix":
        return
    with suppress(SmsencError, OSError):
        mode = os.stat(name).st_mode
        if messagefile.loads(octets).ready and mode & _OTHERS_READ:
            yield finding("D603", Place(0, 0, f"mode {stat.S_IMODE(mode):04o}"))


def _repair(name: str, octets: bytes, profile: Profile) -> bool:
    """Write the safe repairs in place of the file, keeping its mode; whether there were any.

    A link stays one, and the file that it names is repaired.
    """
    repaired = fixed(octets, profile)
    if repaired == octets or name == STDIN:
        return False
    final = os.path.realpath(name)
    temporary = os.path.join(os.path.dirname(final), f".{os.path.basename(final)}.tmp")
    try:
        mode = stat.S_IMODE(os.stat(name).st_mode)
        with suppress(FileNotFoundError):
            os.unlink(temporary)  # of a run that was killed
        _write(temporary, repaired, mode)
        os.replace(temporary, final)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutboxError(f"expected to write to {name}, found: {reason}") from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)
    return True


def _write(path: str, octets: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        os.chmod(path, mode)  # whatever the umask
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def lines(judged: Judged) -> Iterator[str]:
    """Findings as compilers write them: ``file:line:column: code severity: …``."""
    if judged.repaired:
        yield f"{judged.source}: repaired"
    for one in judged.findings:
        place = f":{one.line}:{one.column}" if one.column else f":{one.line}" if one.line else ""
        said = f"{one.code} {one.severity}: {one.message}: {one.advice}"
        yield f"{judged.source}{place}: {said}"


def record(judged: Judged) -> dict[str, Any]:
    """The same for programs."""
    return {
        "source": judged.source,
        "repaired": judged.repaired,
        "error": str(judged.error) if judged.error else None,
        "findings": [one._asdict() for one in judged.findings],
    }
