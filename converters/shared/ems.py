"""Which objects of Enhanced Messaging Service a message has."""

from __future__ import annotations

from smsenc import IEI, Payload
from smsenc.ems import OBJECTS


def object_kinds(payload: Payload) -> frozenset[int]:
    """The identifiers of the EMS objects in a message's header (3GPP TS 23.040, 9.2.3.24.10)."""
    return OBJECTS.intersection(element.iei for element in payload.elements)


def has_sounds_alone(payload: Payload) -> bool:
    """Whether the EMS objects of a message are sounds of its sender."""
    return object_kinds(payload) == {IEI.USER_SOUND}


def has_sounds_and_others(payload: Payload) -> bool:
    """Whether there are other EMS objects beside sounds of its sender."""
    return object_kinds(payload) > {IEI.USER_SOUND}


def has_no_sounds(payload: Payload) -> bool:
    """Whether the message has EMS objects, but no sounds of its sender."""
    kinds = object_kinds(payload)
    return bool(kinds) and IEI.USER_SOUND not in kinds
