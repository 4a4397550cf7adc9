"""What a run over sources or messages has done so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converters.errors import GuardError
from smsgate.cli.exits import Exit, of_run

if TYPE_CHECKING:  # inspect counts too, and converts nothing
    from converters.pipeline import Outcome


class Tally:
    """Counters of a run; ``guarded`` counts those among the ``rejected`` that a guard refused."""

    sources = 0
    messages = 0
    files = 0
    parts = 0
    rejected = 0
    guarded = 0

    def add(self, outcome: Outcome) -> None:
        """Count one message."""
        if outcome.error:
            self.rejected += 1
            self.guarded += isinstance(outcome.error, GuardError)
            return
        self.messages += 1
        self.files += len(outcome.files)
        self.parts += outcome.parts

    @property
    def code(self) -> Exit:
        """The exit code of the run."""
        return of_run(self.messages, self.rejected, self.guarded)
