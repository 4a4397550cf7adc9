"""Message files on a disk checked and repaired: each alone, and those of a folder together."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from converters.errors import SourceError
from converters.shared.words import shortened
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
from smsgate.masking import masked, remember_login
from smsgate.outbox import archives, files, home, journal
from smsgate.outbox.folders import LINK, walk
from smsgate.outbox.reading import STDIN, open_file, read, read_stream
from smsgate.outbox.writing import replacing

_WIDEST = 70  # characters of a line that are shown
_LOG_IN = re.compile(rb"(?i)[ \t]*(api[_-]id|user|password)[ \t]*:")
_ARCHIVE = "in a zip archive, so it is not repaired: unzip it, and repair the folder"
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The findings in one file, or why it was skipped or not read; ``repaired`` if rewritten.

    With findings, ``error`` says why a file was not repaired.
    """

    source: str
    findings: tuple[Finding, ...] = ()
    repaired: bool = False
    error: SmsencError | None = None
    skipped: str | None = None
    text: Mapping[int, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether one of the findings is an error, or the file could not be read or repaired."""
        return self.error is not None or any(
            one.severity is Severity.ERROR for one in self.findings
        )


@dataclass(frozen=True, slots=True)
class _File:
    """A file's octets, and its status while it was open; None if it is no file of a folder.

    ``archived`` says whether it cannot be repaired, because it is in an archive.
    """

    octets: bytes
    status: os.stat_result | None
    archived: bool = False


class _Named(NamedTuple):
    """A file to check, or why it is not; ``grouped`` with others, whose parts it may complete."""

    judged: Judged
    grouped: bool
    file: _File | None = None  #: if it is open already


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
    for one, in_folder, known in _files(arguments):
        name = one.source
        if one.skipped or one.error:
            yield one
            continue
        try:
            file = known or _opened(name, follow=not in_folder)
        except SmsencError as error:
            yield replace(one, error=error.at(source=name))
            continue
        remember_login(file.octets)
        octets, refused = _repaired(name, file, profile) if fix else (file.octets, None)
        if in_folder and (part := part_of(os.path.basename(name), octets)):
            parts.append(part._replace(file=name, set=(os.path.dirname(name), part.set)))
        found = lint(octets, profile, now=now) + tuple(_open_to_others(file.status, octets))
        shown = _lines_of(octets, found)
        yield replace(
            one, findings=found, repaired=octets != file.octets, error=refused, text=shown
        )
    for name, code, place in incomplete(parts):
        yield Judged(source=name, findings=(finding(code, place),))


def _files(arguments: Iterable[str]) -> Iterator[_Named]:
    """The files of arguments: themselves, those of folders, and those of archives."""
    for name in arguments:
        if archives.is_archive(name):
            yield from _in_archive(name)
        elif name == STDIN or not os.path.isdir(name):
            yield _Named(Judged(source=name), grouped=False)
        else:
            yield from _in_folder(name)


def _in_folder(name: str) -> Iterator[_Named]:
    for one in walk(name):
        if one.error:
            error = one.error.at(source=one.path)
            yield _Named(Judged(source=one.path, error=error), grouped=True)
        elif one.skipped == LINK or _is_text(one.path):
            yield _Named(Judged(source=one.path, skipped=one.skipped), grouped=True)


def _in_archive(path: str) -> Iterator[_Named]:
    try:
        for name, found in archives.entries(path, _is_text):
            if isinstance(found, bytes):
                yield _Named(
                    Judged(source=name), grouped=True, file=_File(found, None, archived=True)
                )
            else:
                yield _Named(Judged(source=name, error=found.at(source=name)), grouped=True)
    except SmsencError as error:
        yield _Named(Judged(source=path, error=error.at(source=path)), grouped=True)


def _is_text(name: str) -> bool:
    return os.path.splitext(name)[1].lower() == ".txt"


def _opened(name: str, *, follow: bool) -> _File:
    if name == STDIN:
        return _File(read(name), None)
    with open_file(name, follow=follow) as file:
        return _File(read_stream(file), os.fstat(file.fileno()))


def _open_to_others(status: os.stat_result | None, octets: bytes) -> Iterator[Finding]:
    """D603, for a real log-in in a file that other users may read."""
    if status is None or os.name != "posix" or not status.st_mode & _OTHERS_READ:
        return
    with suppress(SmsencError):
        if messagefile.loads(octets).ready:
            yield finding("D603", Place(0, 0, f"mode {stat.S_IMODE(status.st_mode):04o}"))


def _repaired(name: str, file: _File, profile: Profile) -> tuple[bytes, SmsencError | None]:
    """What the file holds now: the safe repairs are written, unless that is impossible."""
    repaired = fixed(file.octets, profile)
    if repaired != file.octets and file.archived:
        return file.octets, SourceError(_ARCHIVE, source=name)
    if repaired == file.octets or file.status is None:
        return file.octets, None
    try:
        _replace(Path(name), repaired, file.status)
    except SmsencError as error:
        return file.octets, error.at(source=name)
    return repaired, None


def _replace(path: Path, octets: bytes, status: os.stat_result) -> None:
    """Put another file in this one's place, with its mode and owner; raises OutboxError."""
    if status.st_nlink > 1:
        raise OutboxError(
            f"has {status.st_nlink} names (hard links), so it is not repaired: "
            "repair a copy, or leave it only one"
        )
    owner = None
    if os.name == "posix":
        owner = status.st_uid, status.st_gid
        if os.geteuid() not in (0, status.st_uid):
            raise OutboxError(
                "belongs to another user, so it is not repaired: let its owner repair it"
            )
    with (
        _recorded(path, octets),
        replacing(path, mode=stat.S_IMODE(status.st_mode), owner=owner) as file,
    ):
        file.write(octets)


@contextmanager
def _recorded(path: Path, octets: bytes) -> Iterator[None]:
    """Hold the outbox that a file is in, and record its new content when the block ends.

    Raises GuardError for a file that was sent.
    """
    outbox = home.outbox_of(path)
    if outbox is None:
        yield
        return
    with home.held(outbox) as records, closing(home.connect(records)) as base:
        digest = files.digest_of(octets)
        files.check_unsent(base, path.name, digest)
        yield
        with journal.transaction(base):
            files.change(base, path.name, digest)


def _lines_of(octets: bytes, found: Iterable[Finding]) -> dict[int, str]:
    """The beginnings of the lines in which something was found; never a log-in."""
    wanted = {one.line for one in found if one.line}
    shown: dict[int, str] = {}
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", octets), start=1):
        if number in wanted and not _LOG_IN.match(line):
            # Masked first, because the beginning of a password would not be recognised.
            shown[number] = masked(shortened(line.decode("latin-1"), 2 * _WIDEST))[:_WIDEST]
    return shown


def lines(judged: Judged) -> Iterator[str]:
    """Findings as compilers write them: ``file:line:column: code severity: …``, and the line."""
    if judged.repaired:
        yield f"{judged.source}: repaired"
    for one in judged.findings:
        place = f":{one.line}:{one.column}" if one.column else f":{one.line}" if one.line else ""
        text = f"{one.code} {one.severity}: {one.message}: {one.advice}"
        yield f"{judged.source}{place}: {text}"
        if one.line in judged.text:
            yield f"    {judged.text[one.line]}"
            if 0 < one.column <= _WIDEST:
                yield f"    {' ' * (one.column - 1)}^"


def record(judged: Judged) -> dict[str, object]:
    """The result for one file as a JSON object."""
    return {
        "source": judged.source,
        "repaired": judged.repaired,
        "error": judged.error and judged.error.record(),
        "findings": [one._asdict() for one in judged.findings],
    }
