"""When a callback is tried again, as the retired service did."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smsgate.gateway.states import CallbackKind

_MINUTE, _DAY = 60.0, 86_400.0
_MINUTES: Mapping[CallbackKind, tuple[float, ...]] = MappingProxyType(
    {
        CallbackKind.STATUS: (2, 4, 8, 16, 32, 64, 128, 3 * _DAY / _MINUTE),
        CallbackKind.REPLY: (2, 4, 8, 16, 25),
    }
)
#: Seconds after which a callback is given up, however long its URL rested.
OLDEST = 7 * _DAY


def pause(kind: CallbackKind, tries: int) -> float | None:
    """Seconds after that many failures (from 1); None when there are no more tries."""
    found = _MINUTES[kind]
    return found[tries - 1] * _MINUTE if tries <= len(found) else None
