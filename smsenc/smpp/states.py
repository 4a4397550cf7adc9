"""The roles, the states of a session, and which PDUs are allowed when (SMPP 3.4, 2.2 and 2.3)."""

from __future__ import annotations

from enum import StrEnum

from smsenc.smpp import pdus
from smsenc.smpp.pdus import Body


class Role(StrEnum):
    """Which end of the session this is."""

    ESME = "esme"
    SMSC = "smsc"


class State(StrEnum):
    """The session states of SMPP 3.4, 2.2."""

    OPEN = "open"
    BOUND_TX = "bound as transmitter"
    BOUND_RX = "bound as receiver"
    BOUND_TRX = "bound as transceiver"
    CLOSED = "closed"


#: The state after a bind that is accepted.
BOUND: dict[type[Body], State] = {
    pdus.BindTransmitter: State.BOUND_TX,
    pdus.BindReceiver: State.BOUND_RX,
    pdus.BindTransceiver: State.BOUND_TRX,
}
_SUBMITTED = frozenset(
    (
        *(pdus.SubmitSm, pdus.SubmitMulti, pdus.DataSm),
        *(pdus.QuerySm, pdus.CancelSm, pdus.ReplaceSm),
    )
)
_DELIVERED = frozenset((pdus.DeliverSm, pdus.DataSm, pdus.AlertNotification))
_ALWAYS = frozenset((pdus.EnquireLink, pdus.Unbind))
#: Requests by who sends them and the state of the session (2.3); enquire_link before the bind, too.
ALLOWED: dict[tuple[Role, State], frozenset[type[Body]]] = {
    (Role.ESME, State.OPEN): frozenset((*BOUND, pdus.EnquireLink)),
    (Role.ESME, State.BOUND_TX): _SUBMITTED | _ALWAYS,
    (Role.ESME, State.BOUND_RX): _ALWAYS,
    (Role.ESME, State.BOUND_TRX): _SUBMITTED | _ALWAYS,
    (Role.SMSC, State.OPEN): frozenset((pdus.Outbind, pdus.EnquireLink)),
    (Role.SMSC, State.BOUND_TX): _ALWAYS,
    (Role.SMSC, State.BOUND_RX): _DELIVERED | _ALWAYS,
    (Role.SMSC, State.BOUND_TRX): _DELIVERED | _ALWAYS,
}
#: What does not count as one of the window's requests.
OUTSIDE_WINDOW = (pdus.EnquireLink, pdus.Unbind, *BOUND)
