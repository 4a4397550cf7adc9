"""The octets of messages, field by field: offsets, bits, names, values, clauses, and faults.

``parts.part``, ``tpdus.tpdu``, ``smpppdus.pdu`` and ``messagefiles.message_file`` take any octets
and raise nothing: what is wrong is marked in the field where it is. The fields of a map follow each
other; those of whole octets below a field do so too. A fault at the end may be a field without
octets.
"""

from smsenc.octetmap.model import (
    Bits,
    Cursor,
    Explain,
    Field,
    Map,
    hexed,
    leaves,
    moved,
    walk,
    within,
)

__all__ = [
    "Bits",
    "Cursor",
    "Explain",
    "Field",
    "Map",
    "hexed",
    "leaves",
    "moved",
    "walk",
    "within",
]
