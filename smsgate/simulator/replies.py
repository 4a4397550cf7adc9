"""Messages from phones: texts and octets as the deliver_sm of their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smsenc import Coding, OptionError, count, encode_text, split
from smsenc.model import Payload
from smsenc.smpp import codec, mapping
from smsenc.smpp.fields import LONGEST_SHORT_MESSAGE
from smsenc.smpp.pdus import Address, DeliverSm, Pdu

_LONGEST_TEXT = 40_000  # characters: 255 parts have fewer
_BINARY = 0x04


def parts(wanted: Mapping[str, object], reference: int) -> list[DeliverSm]:
    """The parts of ``{"from", "to", "text"}``, or of ``{"udh", "data"}`` or ``{"port", "data"}``.

    Long messages are concatenated, with this reference number, and texts are in UCS-2 if GSM 7-bit
    lacks a character. Octets are in hex. Raises SmsencError.
    """
    source, destination = (_address(wanted, key) for key in ("from", "to"))
    if "udh" in wanted:
        return [_as_is(wanted, source, destination)]
    segments = split(_payload(wanted), reference=reference)
    bodies = [mapping.deliver(one, source=source, destination=destination) for one in segments]
    for body in bodies:
        codec.encode(Pdu(body, 1))  # raises
    return bodies


class Cost(NamedTuple):
    """Coding and parts of a text, and the characters that its last part has room for."""

    coding: Coding
    parts: int
    left: int


def cost(wanted: Mapping[str, object]) -> Cost:
    """What ``{"text": …, "coding": …}`` needs; raises SmsencError."""
    payload = _payload({"text": wanted.get("text"), "coding": wanted.get("coding", "auto")})
    return Cost(payload.coding, *count(payload))


def _payload(wanted: Mapping[str, object]) -> Payload:
    if "data" not in wanted:
        text = _text(wanted, "text")
        if len(text) > _LONGEST_TEXT:
            raise OptionError(f"expected at most {_LONGEST_TEXT} characters", name="text")
        coding = wanted.get("coding", "auto")
        return encode_text(text, coding=coding if isinstance(coding, str) else "")
    port = wanted.get("port")
    if type(port) is not int or not 0 <= port <= 0xFFFF:
        raise OptionError("expected a number 0 to 65535, or udh", name="port")
    return Payload.to_port(port, _octets(wanted, "data"))


def _as_is(wanted: Mapping[str, object], source: Address, destination: Address) -> DeliverSm:
    header, data = _octets(wanted, "udh"), _octets(wanted, "data")
    if header and header[0] != len(header) - 1:
        raise OptionError(f"expected {header[0]} octets after the first", name="udh")
    if len(header) + len(data) > LONGEST_SHORT_MESSAGE:
        raise OptionError(f"expected at most {LONGEST_SHORT_MESSAGE} octets", name="data")
    coding = wanted.get("data_coding", _BINARY)
    if type(coding) is not int or not 0 <= coding <= 0xFF:
        raise OptionError("expected a number 0 to 255", name="data_coding")
    return DeliverSm(
        source_addr=source,
        destination_addr=destination,
        esm_class=mapping.UDHI if header else 0,
        data_coding=coding,
        short_message=header + data,
    )


def _address(wanted: Mapping[str, object], key: str) -> Address:
    return mapping.address(_text(wanted, key))


def _octets(wanted: Mapping[str, object], key: str) -> bytes:
    try:
        return bytes.fromhex(_text(wanted, key))
    except ValueError:
        raise OptionError("expected octets in hex", name=key) from None


def _text(wanted: Mapping[str, object], key: str) -> str:
    value = wanted.get(key)
    if not isinstance(value, str):
        raise OptionError("expected a text", name=key)
    return value
