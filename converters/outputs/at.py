"""Parts as AT commands for a modem's terminal (3GPP TS 27.005, 3.5.1 and 4.3).

``AT+CMGS`` names the length of a TPDU without the service centre's address, which is 00 here: the
modem uses its own. Each TPDU ends with the octet Ctrl-Z. ``pdu`` reads these files.
"""

from __future__ import annotations

from converters.outputs import pdu
from converters.outputs.job import Job
from converters.outputs.parts import Label, Packed
from smsenc import Payload, split

SUFFIX = ".at"
_OWN_CENTRE = "00"
_CTRL_Z = "\x1a"


def write(payload: Payload, job: Job, label: Label) -> Packed:
    """Commands for all parts to the first recipient, then to the next, in one file."""
    segments = split(payload, reference=label.reference, limits=job.profile.limits)
    lines = ["AT+CMGF=0"]
    for number in job.recipients:
        for part in segments:
            octets = pdu.submit_of(part, number, job.template)
            lines += [f"AT+CMGS={len(octets)}", f"{_OWN_CENTRE}{octets.hex().upper()}{_CTRL_Z}"]
    content = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    return Packed(segments, ((label.file_name(suffix=SUFFIX), content),))
