"""What becomes of messages, and what goes wrong: by probability, or by the end of a number."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar

from smsenc import OptionError

_MOST_SUFFIXES = 1000
#: The largest values of numbers: seconds, messages, and messages a second.
MOST = {
    "receipt_delay": 86_400,
    "late_delay": 86_400,
    "slow_delay": 3600,
    "window": 1_000_000,
    "rate": 1_000_000,
}


class Fate(StrEnum):
    """What becomes of a message, and when its receipt comes."""

    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    LATE = "late"  # delivered, but only after late_delay
    EARLY = "early"  # delivered; the receipt comes before the answer to submit_sm
    NEVER = "never"  # it stays accepted, and there is no receipt


class Fault(StrEnum):
    """What goes wrong with a submit."""

    THROTTLE = "throttle"  # ESME_RTHROTTLED
    QUEUE_FULL = "queue-full"  # ESME_RMSGQFUL
    CUT = "cut"  # the connection is cut; half of the messages are kept
    SILENCE = "silence"  # the message is kept, and never answered
    SLOW = "slow"  # the answer comes up to slow_delay later
    MALFORMED = "malformed"  # the message is kept, and the answer is no PDU of SMPP


class IdForm(StrEnum):
    """How a receipt writes a message id, which submit_sm_resp has in hexadecimal."""

    HEX = "hex"
    DECIMAL = "decimal"


Kind = TypeVar("Kind", bound=StrEnum)


class Chance(NamedTuple):
    """A kind, and the end of its share of the numbers from 0 to 1."""

    kind: StrEnum
    below: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the network behaves; delays are in seconds, ``rate`` in messages a second and log-in.

    ``window`` is how many submits of a session may wait for their answers; 0 is no limit.
    """

    receipts: tuple[Chance, ...] = ()
    suffixes: tuple[tuple[str, Fate], ...] = ()
    receipt_id: IdForm = IdForm.HEX
    receipt_delay: float = 0.0
    late_delay: float = 30.0
    chaos: tuple[Chance, ...] = ()
    slow_delay: float = 2.0
    window: int = 0
    rate: float | None = None

    def fate(self, recipient: str, rng: random.Random) -> Fate:
        """What becomes of a message to a number; the longest suffix that matches counts."""
        for suffix, fate in self.suffixes:
            if recipient.endswith(suffix):
                return fate
        found = _drawn(self.receipts, rng)
        return Fate(found) if found else Fate.DELIVERED

    def fault(self, rng: random.Random) -> Fault | None:
        """What goes wrong with the next submit, if anything does."""
        found = _drawn(self.chaos, rng)
        return Fault(found) if found else None

    def delay(self, fate: Fate) -> float:
        """How long after the submit a message gets its final state."""
        return self.late_delay if fate is Fate.LATE else self.receipt_delay


def _drawn(chances: tuple[Chance, ...], rng: random.Random) -> StrEnum | None:
    if not chances:
        return None
    number = rng.random()
    return next((kind for kind, below in chances if number < below), None)


def chances(text: str, kinds: type[Kind], name: str) -> tuple[Chance, ...]:
    """The probabilities of ``KIND=P,KIND=P…``; a kind without one is certain. Raises OptionError.

    What is left of 1 belongs to none of them.
    """
    items = filter(None, (one.strip() for one in text.split(",")))
    parts = (one.partition("=") for one in items)
    return shares(
        ((word, number if equals else "1") for word, equals, number in parts), kinds, name
    )


def shares(pairs: Iterable[tuple[str, object]], kinds: type[Kind], name: str) -> tuple[Chance, ...]:
    """The same of kinds with their probabilities; raises OptionError."""
    found: list[Chance] = []
    for word, number in pairs:
        share = _probability(number, name)
        found.append(Chance(_kind(word, kinds, name), share + (found[-1].below if found else 0)))
    if found and found[-1].below > 1 + 1e-9:
        what = f"expected probabilities of at most 1 together, found {found[-1].below:g}"
        raise OptionError(what, name=name)
    return tuple(found)


def suffixes(texts: Iterable[str], name: str) -> tuple[tuple[str, Fate], ...]:
    """``01=failed`` and the like, the longest suffixes first; raises OptionError."""
    items = [one.strip() for text in texts for one in text.split(",") if one.strip()]
    if len(items) > _MOST_SUFFIXES:
        raise OptionError(f"expected at most {_MOST_SUFFIXES}, found {len(items)}", name=name)
    found = [_suffix(item, name) for item in items]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def _suffix(item: str, name: str) -> tuple[str, Fate]:
    suffix, _, word = item.partition("=")
    if not (suffix.isascii() and suffix.isdigit() and len(suffix) <= 20):
        raise OptionError(f"expected DIGITS=STATE, found {item!r}", name=name)
    return suffix, _kind(word, Fate, name)


def _kind(word: str, kinds: type[Kind], name: str) -> Kind:
    if word not in tuple(kinds):
        raise OptionError(f"expected one of {', '.join(kinds)}, found {word!r}", name=name)
    return kinds(word)


def _probability(given: object, name: str) -> float:
    try:
        number = float(given) if isinstance(given, str | int | float) else -1.0
    except (ValueError, OverflowError):
        number = -1.0
    if not 0 <= number <= 1:
        raise OptionError(f"expected a probability from 0 to 1, found {given!r}", name=name)
    return number
