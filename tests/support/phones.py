"""What a phone makes of the parts that a message centre received: read by us, and by gammu."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import oracles
from gateways import Wire, wire

from smsenc import Payload, join
from smsenc.smpp import mapping
from smsenc.smpp.pdus import SubmitSm


def received(bodies: Iterable[SubmitSm]) -> Payload:
    """The payload of the parts of one message, joined by us."""
    return join(mapping.segment_of(body) for body in bodies)


def by_gammu(messages: Iterable[Iterable[SubmitSm]]) -> list[dict[str, Any]]:
    """What gammu reads in each message, from the octets on the wire; see ``oracles.gammu``."""
    return oracles.gammu(map(_asked, messages))


def text_by_gammu(bodies: Sequence[SubmitSm]) -> str:
    """The text of a message, whose parts come in order."""
    (found,) = by_gammu([bodies])
    return "".join(part["text"] for part in found["parts"])


def tpdu_part(one: Wire) -> tuple[bytes, bytes, int]:
    """Header, octets and TP-UDL of a part in a TPDU; septets are packed here, not by smsenc."""
    if one.data_coding & 0x0C or one.data_coding & 0xF4 == 0xF4:
        return one.header, one.data, len(one.header) + len(one.data)
    fill = -len(one.header) * 8 % 7
    bits = sum(septet << 7 * n for n, septet in enumerate(one.data)) << fill
    size = (fill + 7 * len(one.data) + 7) // 8
    return (
        one.header,
        bits.to_bytes(size, "little"),
        (len(one.header) * 8 + fill) // 7 + len(one.data),
    )


def _asked(bodies: Iterable[SubmitSm]) -> list[oracles.Part]:
    parts = [(tpdu_part(wire(body)), body.data_coding) for body in bodies]
    return [(header, data, coding, length) for (header, data, length), coding in parts]
