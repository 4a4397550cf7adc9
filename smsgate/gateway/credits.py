"""Amounts of credits: whole millionths inside, so that sums are exact; decimals for people."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from smsenc import OptionError

#: Millionths in one credit: callbacks show charges with six decimals.
CREDIT = 1_000_000
_MOST = Decimal(10**12)  # credits that a person writes


def of(amount: Decimal) -> int:
    """Credits as millionths, rounded half to even."""
    return int((amount * CREDIT).to_integral_value(ROUND_HALF_EVEN))


def read(text: str, name: str | None = None) -> int:
    """What a person writes, as millionths; raises OptionError, with the name of what was given."""
    try:
        amount = Decimal(text)
        if 0 <= amount <= _MOST and of(amount) == amount * CREDIT:
            return of(amount)
    except (InvalidOperation, ValueError):
        pass
    raise OptionError(f"expected credits with up to six decimals, found {text!r}", name=name)


def shown(millionths: int) -> str:
    """Millionths as credits with all that is needed of six decimals: ``12``, ``0.333333``."""
    sign, (whole, rest) = "-" * (millionths < 0), divmod(abs(millionths), CREDIT)
    return f"{sign}{whole}" + (f".{rest:06}".rstrip("0") if rest else "")
