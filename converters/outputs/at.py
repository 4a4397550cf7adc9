"""Messages as the commands that make a modem send them (3GPP TS 27.005, 3.5.1).

``AT+CMGF=0`` selects hex, ``AT+CMGS=`` is followed by the length of the TPDU alone, and the line
after it has the service centre's address (``00``: the one in the SIM card) and the TPDU. The same
line and length suit ``AT+CMGW=``, which stores instead of sending.
"""

from __future__ import annotations

from collections.abc import Iterator

from converters.outputs import pdu
from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed
from smsenc import Payload
from smsenc.messagefile.names import SUFFIXES

SUFFIX = SUFFIXES["at"]
#: The address of a service centre that the modem knows itself.
NO_CENTRE = b"\x00"
_LINE_END = "\r\n"
_END_OF_PDU = "\x1a"  # Ctrl-Z, which editors show as ^Z


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """One file with the commands for all parts to the first recipient, then to the next."""
    segments, tpdus = pdu.submits(payload, job, label)
    lines = ("AT+CMGF=0", *(line for octets in tpdus for line in _commands(octets)))
    octets = "".join(f"{line}{_LINE_END}" for line in lines).encode()
    return Packed(segments, ((label.file_name(suffix=SUFFIX), octets),))


def _commands(tpdu: bytes) -> Iterator[str]:
    yield f"AT+CMGS={len(tpdu)}"
    yield f"{(NO_CENTRE + tpdu).hex().upper()}{_END_OF_PDU}"
