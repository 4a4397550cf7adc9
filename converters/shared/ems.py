"""Which objects of Enhanced Messaging Service a message has."""

from __future__ import annotations

from smsenc import Payload
from smsenc.ems import OBJECTS


def object_kinds(payload: Payload) -> frozenset[int]:
    """The identifiers of the EMS objects in a message's header (3GPP TS 23.040, 9.2.3.24.10)."""
    return OBJECTS.intersection(element.iei for element in payload.elements)
