"""Parts of the spool: each node has one, and takes over those whose nodes have ended.

A part is a folder in ``spool``; the process that uses it holds its lock. The name is that of the
node, with a number if a process of the same name still has it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path

from smsgate.errors import OutboxError, reason
from smsgate.gateway import layout
from smsgate.gateway.intake.taking import UID
from smsgate.gateway.nodes.guards import guard

_LOCK = ".lock"


class Parts:
    """The parts that this process holds in spools of the same division; locks are in the first.

    ``own`` is where it puts files; the others are taken over. Raises OutboxError.
    """

    def __init__(self, bases: Sequence[Path], node: str) -> None:
        self._spools = [base / layout.SPOOL for base in bases]
        self._held: dict[str, ExitStack] = {}
        self._read: set[str] = set()  # whose files this process has
        names = (f"{node}.{n}" if n else node for n in count(bool(UID.fullmatch(node))))
        try:
            self._spools[0].mkdir(mode=0o700, parents=True, exist_ok=True)
            self.own = next(filter(self._hold, names))
        except OSError as error:
            raise OutboxError(f"cannot use {self._spools[0]}: {reason(error)}") from error

    def _hold(self, part: str) -> bool:
        folder = self._spools[0] / part
        folder.mkdir(mode=0o700, exist_ok=True)
        with ExitStack() as stack:
            is_free = stack.enter_context(guard(folder / _LOCK))
            if is_free:
                self._held[part] = stack.pop_all()
            return is_free

    def adopt(self) -> list[str]:
        """Hold the parts that have files and whose nodes have ended; those that are new.

        They come again until ``read`` is told that their files are known.
        """
        waiting = {part for part, _ in self._files()} - self._read - {self.own}
        return [part for part in sorted(waiting) if part in self._held or self._hold(part)]

    def read(self, parts: Iterable[str]) -> None:
        """The files of these parts are known."""
        self._read.update(parts)

    def release(self) -> None:
        """Let go of adopted parts that have no files any more."""
        busy = {self.own, *(part for part, _ in self._files())}
        for part in self._held.keys() - busy:
            self._held.pop(part).close()
            self._read.discard(part)

    def uids(self) -> set[str]:
        """All files, whoever has them."""
        return {uid for _, uid in self._files()}

    def close(self) -> None:
        """Let go of all."""
        for stack in self._held.values():
            stack.close()
        self._held.clear()

    def _files(self) -> Iterator[tuple[str, str]]:
        """The part and uid of each; those in no part are of a gateway that had one node."""
        for spool in self._spools:
            for part in ("", *layout.parts(spool)):
                with suppress(FileNotFoundError), os.scandir(spool / part) as found:
                    yield from ((part, one.name) for one in found if UID.fullmatch(one.name))
