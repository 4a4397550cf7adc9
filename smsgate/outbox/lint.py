"""Message files on a disk checked and repaired: each alone, and those of a folder together."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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
from smsgate.outbox.reading import STDIN, read
from smsgate.outbox.writing import outbox_errors, write_pieces

_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The findings in one file, or why it could not be read; ``repaired`` if it was rewritten."""

    source: str
    findings: tuple[Finding, ...] = ()
    repaired: bool = False
    error: SmsencError | None = None

    @property
    def refused(self) -> bool:
        """Whether one of the findings is an error, or the file could not be read."""
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
    """Check the files of ``arguments`` and of the folders among them; incomplete sets come last.

    With ``fix`` the safe repairs are written first, and the findings are of what remains.
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
        folders = [name]
        while folders:  # os.walk calls itself for each folder in a folder
            folder = folders.pop()
            found = _entries(folder)
            if found is None:
                yield folder, True  # reading it says why
                continue
            folders += [one.path for one in reversed(found) if one.is_dir(follow_symlinks=False)]
            yield from ((one.path, True) for one in found if _is_message_file(one))


def _entries(folder: str) -> list[os.DirEntry[str]] | None:
    """What is in a folder, by name, without hidden names; None if the system does not list it."""
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if e.name[0] != "."), key=lambda e: e.name)
    except OSError:
        return None


def _is_message_file(entry: os.DirEntry[str]) -> bool:
    return os.path.splitext(entry.name)[1].lower() == ".txt" and not os.path.isdir(entry.path)


def _open_to_others(name: str, octets: bytes) -> Iterator[Finding]:
    """D603, for a real log-in in a file that other users may read."""
    if name == STDIN or os.name != "posix":
        return
    with suppress(SmsencError, OSError):
        mode = os.stat(name).st_mode
        if messagefile.loads(octets).ready and mode & _OTHERS_READ:
            yield finding("D603", Place(0, 0, f"mode {stat.S_IMODE(mode):04o}"))


def _repair(name: str, octets: bytes, profile: Profile) -> bool:
    """Replace the file by one with the safe repairs and the same mode; false if it needs none."""
    repaired = fixed(octets, profile)
    if repaired == octets or name == STDIN:
        return False
    path = Path(name)
    with outbox_errors(path):
        mode = stat.S_IMODE(path.stat().st_mode)
    write_pieces(path, (repaired,), mode=mode)
    return True


def lines(judged: Judged) -> Iterator[str]:
    """Findings as compilers write them: ``file:line:column: code severity: …``."""
    if judged.repaired:
        yield f"{judged.source}: repaired"
    for one in judged.findings:
        place = f":{one.line}:{one.column}" if one.column else f":{one.line}" if one.line else ""
        text = f"{one.code} {one.severity}: {one.message}: {one.advice}"
        yield f"{judged.source}{place}: {text}"


def record(judged: Judged) -> dict[str, object]:
    """The result for one file as a JSON object."""
    return {
        "source": judged.source,
        "repaired": judged.repaired,
        "error": str(judged.error) if judged.error else None,
        "findings": [one._asdict() for one in judged.findings],
    }
