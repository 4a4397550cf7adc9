"""The behaviour of the network as a JSON object, both ways.

{"receipts": {"failed": 0.1}, "suffixes": {"99": "expired"}, "chaos": {"throttle": 0.05}, …}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smsenc import OptionError
from smsgate.simulator.behaviour import (
    MOST,
    Behaviour,
    Chance,
    Fate,
    Fault,
    IdForm,
    shares,
    suffixes,
)

_MAPPINGS = ("receipts", "suffixes", "chaos")
_KEYS = (*_MAPPINGS, "receipt_id", *MOST)


def record(behaviour: Behaviour) -> dict[str, object]:
    """The JSON object; a probability that is not in it is 0."""
    return {
        "receipts": probabilities(behaviour.receipts),
        "suffixes": {suffix: fate.value for suffix, fate in behaviour.suffixes},
        "chaos": probabilities(behaviour.chaos),
        "receipt_id": behaviour.receipt_id.value,
        **{name: getattr(behaviour, name) for name in MOST},
    }


def probabilities(chances: tuple[Chance, ...]) -> dict[str, float]:
    """The probability of each kind."""
    starts = (0.0, *(one.below for one in chances))
    found: dict[str, float] = {}
    for start, one in zip(starts, chances, strict=False):
        share = found.get(one.kind.value, 0) + one.below - start
        found[one.kind.value] = round(share, 9)
    return found


def read(given: Mapping[str, object]) -> Behaviour:
    """The behaviour that a JSON object says; keys that are not there have their defaults.

    Raises OptionError.
    """
    if unknown := sorted(set(given).difference(_KEYS)):
        raise OptionError(f"expected {', '.join(_KEYS)}", name=unknown[0][:40])
    receipts, endings, chaos = (_mapping(given, key) for key in _MAPPINGS)
    numbers: dict[str, Any] = {name: _number(given, name) for name in MOST if name in given}
    return Behaviour(
        receipts=shares(receipts.items(), Fate, "receipts"),
        suffixes=suffixes((f"{one}={fate}" for one, fate in endings.items()), "suffixes"),
        chaos=shares(chaos.items(), Fault, "chaos"),
        receipt_id=_form(given.get("receipt_id", IdForm.HEX.value)),
        **numbers,
    )


def _mapping(given: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = given.get(key, {})
    if not isinstance(found, dict):
        raise OptionError("expected a JSON object", name=key)
    return found


def _number(given: Mapping[str, object], name: str) -> float | None:
    value, most = given[name], MOST[name]
    if name == "rate" and value in (None, 0):
        return None
    kinds = int if name == "window" else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value <= most:
        what = "a whole number" if name == "window" else "a number"
        raise OptionError(f"expected {what} from 0 to {most}", name=name)
    return value


def _form(value: object) -> IdForm:
    if value not in tuple(IdForm):
        raise OptionError("expected hex or decimal", name="receipt_id")
    return IdForm(str(value))
