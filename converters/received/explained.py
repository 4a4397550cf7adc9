"""The octets of messages, field by field, from the address of a service centre to the payload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from converters.registry import viewer_of
from smsenc import Coding, Payload, Segment, SmsencError, tpdu, udh
from smsenc.octetmap import Field, Map, moved, tpdus, within
from smsenc.octetmap.parts import of_segment
from smsenc.octetmap.userdata import Payloads


def parts(payload: Payload, segments: Sequence[Segment]) -> tuple[Map, ...]:
    """The user data of each part of a payload: header and data."""
    return tuple(
        of_segment(segment, known)
        for segment, known in zip(segments, _known(payload, segments), strict=True)
    )


def submits(payload: Payload, segments: Sequence[Segment], to: str) -> tuple[Map, ...]:
    """The SMS-SUBMIT of each part of a payload to a number."""
    return tuple(
        tpdus.tpdu(tpdu.encode(tpdu.submit(segment, to)), tpdus.Kind.SUBMIT, known)
        for segment, known in zip(segments, _known(payload, segments), strict=True)
    )


def alone(payload: Payload) -> tuple[Field, ...]:
    """The fields of the octets in one part, of which only a first one has the beginning."""
    place = udh.find_concatenation(payload.elements)
    return _fields(payload) if place is None or place.sequence == 1 else ()


def _fields(payload: Payload) -> tuple[Field, ...]:
    try:
        viewer = viewer_of(payload)
    except SmsencError:
        return ()
    try:
        return tuple(viewer.explain(payload.data))
    except SmsencError as error:  # in a viewer of another package
        return (Field(0, len(payload.data), "data", payload.data, fault=str(error)),)


def _always(fields: tuple[Field, ...]) -> Payloads:
    return lambda _payload: fields


def _known(payload: Payload, segments: Sequence[Segment]) -> Iterator[Payloads]:
    """What is known of the octets of each part, from the fields of the whole payload."""
    fields = _fields(payload) if payload.coding is Coding.OCTETS else ()
    offsets = accumulate((len(segment.data) for segment in segments), initial=0)
    for segment, offset in zip(segments, offsets, strict=False):
        some = moved(within(fields, offset, offset + len(segment.data)), -offset)
        yield _always(some)
