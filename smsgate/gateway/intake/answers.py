"""The answers to a file: ``<name>.log``, one line for each recipient.

ID: 0192f0a0c5f87000a1b2c3d4e5f60718 To: 448311234567
ERR: 105, Invalid destination address (line 6) To: 0831
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from smsenc.messagefile.logs import ERRORS
from smsgate.gateway.logs.folders import share
from smsgate.gateway.nodes.guards import turn
from smsgate.outbox.writing import flush, outbox_errors

_MOST_SHOWN = 40  # characters of what is no number
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_STRANGE = re.compile(r"[^0-9A-Za-z+()./ -]")
_BLOCK = 1 << 20  # octets


def accepted(uid: str, number: str) -> str:
    """The answer to a message that is in the queue."""
    return f"ID: {uid} To: {number}\n"


def refused(code: int, line: int | None, number: str | None) -> str:
    """The answer to a message that is not; ``number`` may be any text of the file, None without.

    A text that is no number is quoted and has no colon, so that no reader takes it for more.
    """
    at = "" if line is None else f" (line {line})"
    to = "" if number is None else f" To: {shown(number)}"
    return f"ERR: {code:03}, {meaning(code)}{at}{to}\n"


def meaning(code: int) -> str:
    """The text of an error, with a capital letter."""
    return ERRORS[code][:1].upper() + ERRORS[code][1:]


def shown(number: str) -> str:
    """What a file has in place of a number, for a log.

    Nothing is masked: see ``masking.harmless``.
    """
    if _NUMBER.fullmatch(number):
        return number
    return f"'{_STRANGE.sub('?', number[:_MOST_SHOWN])}'"


def write(log: Path, size: int, octets: bytes) -> None:
    """Make ``octets`` follow the first ``size`` octets of a log; raises OutboxError.

    What else was there is cut off: it is of a transaction that was not committed.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with outbox_errors(log), open(os.open(log, flags, 0o600), "r+b") as file:
        file.truncate(size)
        file.seek(size)
        file.write(octets)


def publish(log: Path, final: Path, lock: Path) -> None:
    """Give a log its name in the account's folder, after the lines that are there already.

    ``lock`` is the same for all files of an account: two of one name may end at the same time.

    Its lines are there exactly once, also if this is killed and done again: the joined lines have a
    name of their own from when they are complete, and from then on are all that counts. Raises
    OutboxError.
    """
    joined = log.with_suffix(".joined")
    with outbox_errors(final), turn(lock):
        if not joined.exists():
            if not log.exists():
                return
            if not os.path.lexists(final) or os.path.islink(final):
                _rename(log, final)
                return
            _join(final, log, joined)
        log.unlink(missing_ok=True)
        _rename(joined, final)


def _join(first: Path, second: Path, joined: Path) -> None:
    part = joined.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for one in (first, second):
            file.writelines(_blocks(one))
    flush([str(part)])
    part.rename(joined)
    flush([str(joined.parent)])  # before the log is deleted


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _rename(log: Path, final: Path) -> None:
    with log.open("rb") as file:  # another FTP server may run as somebody else
        share(file.fileno(), final.parent)
    log.replace(final)
    flush([str(final.parent)])
