"""What a gateway calls its logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

HISTORY, REPLIES = "history.log", "mo.log"
_ENDING = ".log"
_FILE = ".txt"


class LogNames:
    """Whose log a name is: ``NAME.txt.log`` or ``NAME.log`` of the file ``NAME.txt``, in any case.

    A name that might be the log of two files is nobody's.
    """

    def __init__(self, files: Iterable[str]) -> None:
        files = tuple(files)
        self._exact = {f"{file}{_ENDING}": file for file in files}
        pairs = {(_log_of(base), file) for file in files for base in (file, _stem(file))}
        several = Counter(log for log, _ in pairs)
        self._files = {log: file for log, file in pairs if several[log] == 1}

    def file_of(self, log: str) -> str | None:
        """The file whose log it is; None for any other name."""
        if shared(log):
            return None
        return self._exact.get(log) or self._files.get(log.casefold())


def shared(log: str) -> str | None:
    """HISTORY or REPLIES, if a name is the name of that log in any case."""
    name = log.casefold()
    return name if name in (HISTORY, REPLIES) else None


def _log_of(base: str) -> str:
    return f"{base}{_ENDING}".casefold()


def _stem(file: str) -> str:
    return file[: -len(_FILE)] if file.casefold().endswith(_FILE) else file
