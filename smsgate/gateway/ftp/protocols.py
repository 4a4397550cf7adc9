"""What the FTP server asks of others.

All methods are called in its thread: while one runs, no client is served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

#: Gets lines for people, in the FTP thread; they have passed ``masking.cleaned``.
Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class FtpAccount:
    """Where an account's files are: both folders on one file system, ``incoming`` out of view."""

    api_id: str
    folder: Path
    incoming: Path


class Cut(Enum):
    """How an upload was cut."""

    LOST = auto()  # a connection was lost in the middle
    ABORTED = auto()  # the client sent ABOR
    UNPROVEN = auto()  # the client heard 226, and was lost without QUIT


class LogIns(Protocol):
    """Knows who may log in."""

    def check(self, ftp_user: str, password: str, address: str) -> FtpAccount | None:
        """The account of this log-in, or None; unknown names take as long as wrong passwords."""


class Taker(Protocol):
    """Takes finished files out of folders.

    ``take`` and ``prove`` return whether they took the file; the file stays if they raise.
    """

    def is_full(self, api_id: str) -> bool:
        """Whether an account's uploads are refused for now, because too many messages wait."""

    def take(self, folder: Path, name: str) -> bool:
        """Take a file that was renamed to its final name; the client is told when this returns.

        Raises OutboxError or OSError: then the client hears that it has to try again.
        """

    def prove(self, folder: Path, name: str) -> bool:
        """Take a stored file whose control connection went on, unless its content looks cut."""

    def stored(self, folder: Path, name: str) -> object:
        """Note a file that is whole if it does not change for the settle time."""

    def incomplete(self, api_id: str, name: str, size: int, cut: Cut) -> object:
        """Note an upload that was cut, and how: its octets so far are in ``incoming``."""
