"""What a route's refusal of a message means: another try here, another route, or the end.

    table = classes_of(route)
    class_of(table, 0x45)        # Class.OTHER_ROUTE, unless the route says otherwise

Numbers that are not in the table end a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from smsenc.smpp import Status
from smsgate.gateway.settings import RouteSettings


class Class(StrEnum):
    """What becomes of a message."""

    RETRY = "retry"  # it is tried again here, later
    OTHER_ROUTE = "other route"  # if another fits; else as if it were not in the table
    END = "end"


#: The session or the message centre is at fault, not the message.
_RETRY = (
    Status.ESME_RSYSERR,
    Status.ESME_RX_T_APPN,
    Status.ESME_RUNKNOWNERR,
    Status.ESME_RINVBNDSTS,
    Status.ESME_RINVSYSTYP,
)
#: The route cannot or may not do it; another may. 0x100 to 0x103 are those of SMPP 5.0 for a
#: service or operation that is not permitted, not available or denied.
_OTHER_ROUTE = (
    Status.ESME_RSUBMITFAIL,
    Status.ESME_RINVCMDID,
    Status.ESME_RINVPRTFLG,
    Status.ESME_RINVREGDLVFLG,
    Status.ESME_RINVSERTYP,
    Status.ESME_RINVESMCLASS,
    Status.ESME_RX_P_APPN,
    Status.ESME_RX_R_APPN,
    Status.ESME_ROPTPARNOTALLWD,
    Status.ESME_RDELIVERYFAILURE,
    *range(0x100, 0x104),
)
STANDARD: Mapping[int, Class] = MappingProxyType(
    dict.fromkeys(map(int, _RETRY), Class.RETRY)
    | dict.fromkeys(map(int, _OTHER_ROUTE), Class.OTHER_ROUTE)
)
#: What counts as a failure of the route itself, for its breaker.
OF_ROUTE = frozenset((*map(int, _RETRY), int(Status.ESME_RSUBMITFAIL)))


def classes_of(route: RouteSettings) -> Mapping[int, Class]:
    """The table of a route, with what its settings change."""
    return MappingProxyType(
        dict(STANDARD)
        | dict.fromkeys(route.retry, Class.RETRY)
        | dict.fromkeys(route.other_route, Class.OTHER_ROUTE)
        | dict.fromkeys(route.end, Class.END)
    )


def class_of(table: Mapping[int, Class], code: int) -> Class:
    """What a command_status means."""
    return table.get(code, Class.END)
