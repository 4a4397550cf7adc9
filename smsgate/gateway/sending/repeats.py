"""Which messages from a phone are the same ones once more.

A message centre sends a message again if it has missed the answer. Its sequence number is another
then, and a person may send the same words twice on purpose. So a message is taken for a repeated
one only if an answer to the same octets is in doubt: it was sent, or was to be sent, shortly before
a session ended, or it said that the message should come again. Each such answer explains one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: Seconds before the end of a session in which the message centre may have missed an answer: with
#: silence for longer, the client asks whether it is there, and ends the session without an answer.
DOUBT = 120.0
#: Seconds in which what was not answered comes again.
PATIENCE = 3600.0
_MOST = 10_000  # answers that are remembered


class Arrived(NamedTuple):
    """A message as it came in a session; ``digest`` is of its octets."""

    session: int
    digest: str
    pdu: bytes


class Sifted(NamedTuple):
    """What is new, and what answers in doubt have explained."""

    new: list[Arrived]
    explained: Counter[str]


class Repeats:
    """The answers of a route. Nothing changes but by ``begin``, ``load`` and ``settle``."""

    def __init__(self) -> None:
        self.session = 0
        self._doubt: Counter[str] = Counter()
        self._until = 0.0
        self._answered: deque[tuple[float, str]] = deque(maxlen=_MOST)

    def begin(self, now: float) -> None:
        """A session begins: the last answers of the one before may have been missed."""
        self.session += 1
        late = (digest for time, digest in self._answered if time > now - DOUBT)
        self._add(late, now)
        self._answered.clear()

    def load(self, digests: Iterable[str], now: float) -> None:
        """Answers of an earlier run that may have been missed."""
        self._add(digests, now)

    def _add(self, digests: Iterable[str], now: float) -> None:
        kept = self._doubt if now < self._until else Counter[str]()
        self._doubt = Counter(dict((kept + Counter(digests)).most_common(_MOST)))
        self._until = now + PATIENCE

    def sift(self, lot: Sequence[Arrived], now: float) -> Sifted:
        """Leave out those that came before."""
        doubt = Counter(self._doubt) if now < self._until else Counter[str]()
        found = Sifted([], Counter())
        for one in lot:
            if doubt[one.digest] > 0:
                doubt[one.digest] -= 1
                found.explained[one.digest] += 1
                continue
            found.new.append(one)
            if one.session != self.session:  # nobody gets the answer to it
                doubt[one.digest] += 1
        return found

    def settle(self, lot: Sequence[Arrived], found: Sifted, now: float, *, missed: bool) -> None:
        """The new ones are committed, and all are answered; ``missed`` if not in time.

        Another session may have begun since they were sifted.
        """
        lost = [one.digest for one in lot if missed or one.session != self.session]
        if lost:
            self._add(lost, now)
        else:
            self._answered.extend((now, one.digest) for one in lot)
        self._doubt -= found.explained
