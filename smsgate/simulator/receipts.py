"""Receipts as the simulated network sends them."""

from __future__ import annotations

from datetime import UTC, datetime

from smsenc.smpp import mapping, receipts
from smsenc.smpp.pdus import DeliverSm
from smsenc.smpp.receipts import MessageState, Receipt
from smsgate.simulator.behaviour import Fate, IdForm
from smsgate.simulator.joining import Submitted
from smsgate.simulator.store import Segment

ACCEPTED, DELETED, DELIVERED = "accepted", "deleted", "delivered"

#: The states of messages: message_state, and the error code of a receipt.
STATES = {
    ACCEPTED: (MessageState.ACCEPTED, "000"),
    "enroute": (MessageState.ENROUTE, "000"),
    DELIVERED: (MessageState.DELIVERED, "000"),
    "failed": (MessageState.UNDELIVERABLE, "001"),
    "expired": (MessageState.EXPIRED, "027"),
    "rejected": (MessageState.REJECTED, "011"),
    DELETED: (MessageState.DELETED, "000"),
    "unknown": (MessageState.UNKNOWN, "255"),
}
#: The final state of each fate.
OUTCOMES = {
    Fate.DELIVERED: DELIVERED,
    Fate.LATE: DELIVERED,
    Fate.EARLY: DELIVERED,
    Fate.FAILED: "failed",
    Fate.EXPIRED: "expired",
    Fate.REJECTED: "rejected",
}
_WANTED = 0x03  # bits of registered_delivery (5.2.17)
_RECEIPT = 0x04  # esm_class (5.2.12)
_TEXT_CODINGS = (0, 1, 3)


def wanted(body: Submitted, state: str) -> bool:
    """Whether the sender asked for a receipt: of all final states, or of failures only."""
    kind = body.registered_delivery & _WANTED
    return kind == 1 or (kind == 2 and state != DELIVERED)


def shown_id(named: int, form: IdForm = IdForm.HEX) -> str:
    """A message id as text."""
    return str(named) if form is IdForm.DECIMAL else f"{named:08X}"


def read_id(text: str) -> int | None:
    """The id of a message that ``shown_id`` has written in hexadecimal; None if it is none."""
    try:
        found = int(text, 16)
    except ValueError:
        return None
    return found if 0 <= found < 1 << 62 else None


def deliver(segment: Segment, body: Submitted, state: str, form: IdForm, now: float) -> DeliverSm:
    """The deliver_sm that says what became of a part."""
    found, error = STATES[state]
    receipt = Receipt(
        message_id=shown_id(segment.named, form),
        state=found,
        submitted=datetime.fromtimestamp(segment.time, UTC),
        done=datetime.fromtimestamp(now, UTC),
        parts=1,
        delivered=int(state == DELIVERED),
        error=error,
        text=_beginning(body),
    )
    return DeliverSm(
        source_addr=body.destination_addr,
        destination_addr=body.source_addr,
        esm_class=_RECEIPT,
        short_message=receipts.text(receipt),
        tlvs=receipts.parameters(receipt),
    )


def _beginning(body: Submitted) -> str:
    """The beginning of a text; the text of a receipt has no other characters than Latin-1."""
    if body.esm_class & mapping.UDHI or body.data_coding not in _TEXT_CODINGS:
        return ""
    return mapping.content(body)[:20].decode("latin-1")
