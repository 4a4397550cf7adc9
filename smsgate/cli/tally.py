"""What a run came to, and the exit code that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smsgate.cli.app import Exit, refusal

if TYPE_CHECKING:
    from converters.pipeline import Outcome


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    sources: int = 0
    messages: int = 0
    files: int = 0
    parts: int = 0
    rejected: int = 0
    guarded: int = 0
    strangers: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one message."""
        if outcome.error:
            self.rejected += 1
            self.guarded += refusal(outcome.error) is Exit.REFUSED
            return
        self.messages += 1
        self.files += len(outcome.files)
        self.parts += outcome.parts

    @property
    def code(self) -> Exit:
        """The exit code; a guard's refusals alone are told apart from bad input."""
        if not self.rejected:
            return Exit.OK
        if self.rejected == self.guarded:
            return Exit.REFUSED
        return Exit.SOME_REJECTED if self.messages else Exit.ALL_REJECTED
