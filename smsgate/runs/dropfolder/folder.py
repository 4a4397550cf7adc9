"""A watched folder: each file put there is converted, sent, and moved to done or rejected.

Each source has a row in the outbox's journal, with the running number and the reference that its
messages begin with, before any of it is written. After a run was killed, the next one uses the same
numbers and so writes the same octets: no source is sent twice, and none is lost. docs/watch.md has
the table of states.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from converters.errors import SourceError
from converters.pipeline import Job, Outcome
from smsenc.messagefile import names
from smsgate.errors import OutboxError, reason
from smsgate.outbox import home, journal, reading, runs
from smsgate.outbox.announced import Announced
from smsgate.outbox.files import Transfer
from smsgate.outbox.folder import Outbox
from smsgate.outbox.lock import BusyError, lock
from smsgate.outbox.runs import RunIdentity
from smsgate.outbox.writing import outbox_errors
from smsgate.runs.batch import next_reference, run
from smsgate.runs.dropfolder import places, rows
from smsgate.runs.dropfolder.looks import Look, Looks
from smsgate.runs.dropfolder.orphans import file_orphans
from smsgate.runs.dropfolder.places import DONE, REJECTED, TAKEN, shown
from smsgate.runs.dropfolder.refusals import refusal
from smsgate.runs.dropfolder.rows import ConvertedSource, Fate, Rows, TakenSource

_SENT_LATER = "may have been sent after it was refused: another command sent the outbox"
_TRY_AGAIN = 60.0  # seconds until a file that could not be moved is tried again


class DropFolder:
    """A watched ``folder``, and the ``outbox`` for its messages; held by one run at a time.

    A file is complete when it has not changed for ``settle`` seconds of ``clock``. ``tell`` gets a
    line for each file that is left where it is, or found where it should not be. Entering raises
    OutboxError for folders that cannot be made or written, and GuardError while another run watches
    the same folder.
    """

    _rows: Rows  # while the folder is held
    _run: RunIdentity
    _mark: str
    _looks: Looks
    _announced: Announced

    def __init__(  # noqa: PLR0913 - what is watched, and how
        self,
        folder: Path,
        outbox: Path,
        job: Job,
        *,
        settle: float = 0,
        tell: Callable[[str], object] = lambda _line: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.outbox = outbox
        self._foreign = 0
        self._job = job
        self._settle = settle
        self._tell = tell
        self._clock = clock
        self._told: set[str] = set()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack, outbox_errors(self.folder):
            stack.enter_context(lock(self.folder, "another run is watching this folder"))
            places.make_folders(self.folder)
            places.remove_temporary(self.folder)
            with home.held(self.outbox) as records:
                base = stack.enter_context(closing(home.connect(records)))
                with journal.reading(self.outbox):
                    base.executescript(rows.SCHEMA)
                    found = rows.identity_of(base, self.folder)
                self._announced = records.announced()
                self._begin(base, records.id, found)
            self._looks = Looks(self.folder, self._settle, self._tell_of, self._clock)
            self._orphans()
            self._open = stack.pop_all()
        return self

    def _begin(self, base: sqlite3.Connection, outbox_id: str, folder_id: str) -> None:
        """Continue the run of this folder in this outbox, or begin it; it has no end."""
        self._rows = Rows(base, self.outbox, folder_id)
        self._run = places.run_identity(outbox_id, folder_id)
        with journal.transaction(base):
            self._mark = runs.begin(base, self._run).mark

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _tell_of(self, name: str, why: str) -> None:
        self._tell(f"{shown(name)}: {why}")

    def _tell_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._tell(line)

    # Looking -------------------------------------------------------------------------------------

    def look(self) -> Look:
        """What is in the folder now; moves what could not be moved before."""
        with outbox_errors(self.folder):
            places.make_folders(self.folder)
            for source, fate in self._rows.decided():
                self._carry_out_again(source, fate)
            return self._looks.look()

    @property
    def failures(self) -> int:
        """How many files are left where they are that were meant to be converted."""
        return self._looks.failures

    def left(self) -> int:
        """How many sources are in ``.taken`` that this run could not move from there."""
        return self._foreign + len(self._rows.decided())

    def _orphans(self) -> None:
        begun = (*self._rows.begun(), *(one.source for one in self._rows.written()))
        known = {self.path_of(one) for one in (*begun, *(one for one, _ in self._rows.decided()))}
        self._foreign = file_orphans(self.folder, self.outbox, self._mark, known, self._tell)

    # Taking --------------------------------------------------------------------------------------

    def take(self, name: str) -> TakenSource | None:
        """Give a source its row and move it aside; None if that is not possible."""
        with outbox_errors(self.folder):
            source = self._rows.add(name, *self._next())
            try:
                self._move_aside(source)
            except OSError as error:
                self._forget(source)
                if not isinstance(error, FileNotFoundError):
                    why = f"cannot be moved: {reason(error)}"
                    self._looks.leave(name, why, failure=True, pause=_TRY_AGAIN)
                return None
            return source

    def _move_aside(self, source: TakenSource) -> None:
        path = self.path_of(source)
        path.parent.mkdir()  # a new one: nothing in it can be overwritten
        os.rename(self.folder / source.name, path)

    def _forget(self, source: TakenSource) -> None:
        self._rows.remove(source)
        with suppress(OSError):
            self.path_of(source).parent.rmdir()

    def _clear(self, source: TakenSource) -> None:
        """Remove the message files that a killed run has written of this source."""
        slug = names.slug(source.name)
        made = (
            name
            for name, found in self._written()
            if found.slug == slug and found.number >= source.number
        )
        self._remove_unsent(made)

    def _remove_unsent(self, names: Iterable[str]) -> None:
        """Remove files that no gateway can have seen; call it with the outbox held.

        Another command may have sent what a killed run wrote, or what the server refused.
        """
        for name in self._unsent(names):
            (self.outbox / name).unlink(missing_ok=True)

    def _unsent(self, names: Iterable[str]) -> set[str]:
        """Those of the names that no gateway can have seen."""
        found = self._rows.unsent(names)
        return found - self._announced.names() if found else found

    def _written(self) -> Iterator[tuple[str, names.FileName]]:
        """The files of this folder in the outbox."""
        for name in os.listdir(self.outbox):
            if (found := names.parse(name)) and found.mark == self._mark:
                yield name, found

    def _next(self) -> tuple[int, int]:
        """Number and reference after those of the last source, or of files whose row is lost."""
        if after := self._rows.next():
            return after
        return max((found.number for _, found in self._written()), default=0) + 1, 1

    def path_of(self, source: TakenSource) -> Path:
        """Where a source is until it is in ``done`` or ``rejected``."""
        return self.folder / TAKEN / f"{self._mark}-{source.id:06}" / source.name

    def begun(self) -> bool:
        """Whether there are sources that a killed run has begun to convert."""
        return bool(self._rows.begun())

    def interrupted(self) -> tuple[TakenSource, ...]:
        """The sources whose conversion a killed run did not finish; call it with the outbox held.

        What that run had written of them is removed from the outbox.
        """
        with outbox_errors(self.folder):
            begun = self._rows.begun()
            for source in begun:
                self._clear(source)
            there = tuple(one for one in begun if os.path.lexists(self.path_of(one)))
            for source in set(begun) - set(there):  # killed before it was moved aside
                self._forget(source)
                if not os.path.lexists(self.folder / source.name):
                    self._tell_of(source.name, "was removed before it was converted")
            return there

    # Converting ----------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Outbox]:
        """Hold the outbox while sources are converted; raises OutboxError and GuardError."""
        with Outbox(self.outbox, secret=self._job.template.ready) as outbox:
            outbox.begin(self._run)
            yield outbox

    def convert(
        self, source: TakenSource, outbox: Outbox, show: Callable[[Outcome], object]
    ) -> ConvertedSource:
        """Convert a source into the outbox; ``show`` gets the outcome of each message."""
        reference = source.reference
        made: list[str] = []
        errors: list[str] = []
        for outcome in self._outcomes(source, outbox):
            if isinstance(outcome.error, OutboxError):
                raise outcome.error  # the source is as good as before
            if outcome.error:
                outcome.error.source = shown(source.name)
                errors.append(shown(str(outcome.error)))
            made.extend(name for name, _ in outcome.files)
            reference = next_reference(reference, outcome)
            show(replace(outcome, source=shown(source.name)))
        number = max((n.number + 1 for n in map(names.parse, made) if n), default=source.number)
        converted = ConvertedSource(source, tuple(made), tuple(errors))
        self._rows.write(converted, number, reference)
        return converted

    def _outcomes(self, source: TakenSource, outbox: Outbox) -> Iterator[Outcome]:
        path = str(self.path_of(source))
        if why := refusal(path):
            return iter((Outcome(source=path, item=0, error=SourceError(why)),))
        job = replace(self._job, mark=self._mark)
        read = partial(reading.read_file, follow=False)  # it may have become a link just now
        number, reference = source.number, source.reference
        return run([path], job, outbox, number=number, reference=reference, read=read)

    def row_of(self, name: str) -> Transfer | None:
        """What the journal says of a file of the outbox."""
        return self._rows.row_of(name)

    def settled(self) -> frozenset[str]:
        """The files of the outbox, of any run, that were sent or refused, or may have been sent."""
        return self._rows.settled()

    def converted(self) -> tuple[ConvertedSource, ...]:
        """The sources whose messages are written, and which are in neither done nor rejected."""
        return self._rows.written()

    # Filing --------------------------------------------------------------------------------------

    def finish(
        self,
        converted: ConvertedSource,
        refused: Mapping[str, str] | None = None,
        doubtful: Sequence[str] = (),
    ) -> Path | None:
        """Move a source to ``done``, or to ``rejected`` if none of its files was sent.

        ``refused`` has the files that were not sent, and why; they are removed from the outbox, so
        that they are not sent later. ``doubtful`` are lines on files that may have been sent. These
        and the errors of the conversion are written to ``rejected/NAME.txt``. Returns where the
        source is now, None if it cannot be moved; then ``look`` tries again.
        """
        source = converted.source
        with outbox_errors(self.folder), self._holding(refused or ()):
            unsent = self._unsent(refused or ())
            refused = {n: why for n, why in (refused or {}).items() if n in unsent}
            place = DONE if len(converted.files) > len(refused) else REJECTED
            said = (f"{name}: {why}" for name, why in refused.items())
            lines = (*converted.errors, *map(shown, said), *map(shown, doubtful))
            if place == REJECTED and not lines:
                lines = (f"{shown(source.name)}: found nothing to convert",)
            name = places.free(self.folder / place, source.name).name
            report = places.free_report(self.folder / REJECTED, name).name
            fate = Fate(place, name, report, lines, tuple(refused))
            self._rows.decide(source, fate)
            return self._carry_out(source, fate)

    def _holding(self, refused: Collection[str]) -> AbstractContextManager[object]:
        """Hold the outbox if files are to be removed from it, so that nobody sends them now."""
        return home.held(self.outbox) if refused else nullcontext()

    def _carry_out_again(self, source: TakenSource, fate: Fate) -> None:
        """Do what an earlier run had decided; ``look`` tries again while the outbox is in use."""
        with suppress(BusyError), self._holding(fate.refused):
            self._carry_out(source, fate)

    def _carry_out(self, source: TakenSource, fate: Fate) -> Path | None:
        """Do what is decided of a source; each step may have been done by a run that was killed."""
        path, final = self.path_of(source), self.folder / fate.place / fate.name
        sent = sorted(set(fate.refused) - self._unsent(fate.refused))
        lines = (*fate.lines, *(f"{name}: {_SENT_LATER}" for name in sent))
        try:
            if lines:
                rejected = places.checked(self.folder / REJECTED)
                places.write_report(rejected / fate.report, lines)
            self._remove_unsent(fate.refused)
            if os.path.lexists(path):
                final = places.free(places.checked(final.parent), fate.name)
                os.rename(path, final)
        except (OSError, OutboxError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            self._tell_once(f"{shown(source.name)}: cannot be moved to {fate.place}: {why}")
            return None
        self._rows.file(source)
        with suppress(OSError):
            path.parent.rmdir()
        return final
