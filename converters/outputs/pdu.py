"""Parts in hex, one to a line: as TPDUs, or as header, data, TP-DCS and TP-UDL, as from modems."""

from __future__ import annotations

from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed
from smsenc import Payload, Segment, split, tpdu
from smsenc.messagefile import Message
from smsenc.messagefile.names import SUFFIXES

SUFFIX = SUFFIXES["pdu"]


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """SMS-SUBMITs in hex, one to a line, without the address of a service centre."""
    segments, tpdus = submits(payload, job, label)
    octets = "".join(f"{octets.hex().upper()}\n" for octets in tpdus).encode()
    return Packed(segments, ((label.file_name(suffix=SUFFIX), octets),))


def submits(
    payload: Payload, job: Job, label: Label
) -> tuple[tuple[Segment, ...], tuple[bytes, ...]]:
    """The parts, and their SMS-SUBMITs: all parts to the first recipient, then to the next."""
    segments = split(payload, reference=label.reference, limits=job.profile.limits)
    return segments, tuple(
        tpdu.encode(_submit(part, number, job.template))
        for number in job.recipients
        for part in segments
    )


def _submit(part: Segment, number: str, template: Message) -> tpdu.Submit:
    minutes = template.validity
    return tpdu.submit(
        part,
        number,
        validity=None if minutes is None else tpdu.Relative.lasting(minutes),
        status_report=bool(template.deliv_ack),
    )
