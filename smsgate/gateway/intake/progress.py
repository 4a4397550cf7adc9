"""How far the intake is with one file of the spool."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from smsgate.gateway import accounts
from smsgate.gateway import database as clock
from smsgate.gateway.intake.checks import INTERNAL, Fault, Rules
from smsgate.gateway.intake.job import Job, Lot, stored
from smsgate.gateway.intake.places import Places
from smsgate.gateway.intake.records import Result, Start, Work
from smsgate.gateway.intake.taking import Taken
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.reports.happenings import FileAnswered
from smsgate.gateway.states import FileState

_UNREAD = stored(None, Fault(INTERNAL))


class Progress:
    """Reads a file lot by lot, and knows what is committed; ``repeat`` is in seconds."""

    def __init__(self, taken: Taken, found: Start, repeat: float) -> None:
        self.taken = taken
        self._found = found
        self._repeat = repeat
        self._file = found.row.id if found.row else None
        self._log_size = found.row.log_size if found.row else 0
        self._accepted = found.row.accepted if found.row else 0
        self._refused = found.row.refused if found.row else 0
        self._job: Job | None = None
        self._lots: Iterator[Lot] = iter(())

    @property
    def is_open(self) -> bool:
        """Whether some of it was not handled when this began."""
        return self._found.row is None or self._found.row.state == FileState.READING

    def read(self, rules: Rules, verifier: Verifier, places: Places) -> Lot | None:
        """Read and judge the file; its first lot. Raises SourceError and OSError, as ``next``."""
        log_in = partial(accounts.file_error, self._found.known, verifier)
        api_id = self.taken.api_id
        prefix, pushes = places.prefix(api_id), places.pushes(api_id)
        self._job = Job(self.taken, rules, log_in, self._found.row, prefix=prefix, pushes=pushes)
        self._lots = self._job.lots(clock.now)
        return self.next()

    def next(self) -> Lot | None:
        """The next lot."""
        return next(self._lots, None)

    def work(self, lot: Lot) -> Work:
        """A lot with all that its commit needs."""
        job, row = self._job, self._found.row
        return Work(
            taken=self.taken,
            account=self._found.account,
            file=self._file,
            log_size=self._log_size,
            lot=lot,
            size=job.size if job else 0,
            digest=job.digest if job else "",
            content=row.content if row else job.content if job else _UNREAD,
            notes=job.notes if job else (),
            refused=job is None or job.fault is not None,
            repeat=self._repeat,
        )

    def result(self, found: Result) -> Result:
        """Take what a commit has done."""
        self._file, self._log_size = found.file, found.log_size
        self._accepted += found.accepted
        self._refused += found.refused
        return found

    def answered(self, now: float) -> FileAnswered:
        """What is reported at its end."""
        taken, counts = self.taken, (self._accepted, self._refused)
        return FileAnswered(taken.api_id, taken.name, now - taken.time, *counts)
