"""What a run over sources or messages has done so far."""

from __future__ import annotations

from dataclasses import dataclass

from converters.errors import GuardError
from converters.pipeline import Outcome
from smsgate.cli.exits import Exit, of_run


@dataclass(slots=True)
class Tally:
    """Counters of a run; ``guarded`` counts those among the ``rejected`` that a guard refused."""

    sources: int = 0
    messages: int = 0
    files: int = 0
    parts: int = 0
    rejected: int = 0
    guarded: int = 0

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
