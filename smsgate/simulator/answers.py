"""The messages of each kind of submit, and the answers to them."""

from __future__ import annotations

from collections.abc import Callable

from smsenc.smpp import SmppError, Status, pdus
from smsenc.smpp.pdus import Address, Body, Unsuccessful
from smsgate.simulator.joining import Submitted

_SHARED = (
    *("service_type", "source_addr", "esm_class", "protocol_id", "priority_flag"),
    *("schedule_delivery_time", "validity_period", "registered_delivery"),
    *("replace_if_present_flag", "data_coding", "sm_default_msg_id", "short_message", "tlvs"),
)


def messages(body: Body) -> tuple[list[Submitted], tuple[Unsuccessful, ...]]:
    """The message of a submit to each number, and the addresses that are refused.

    The simulator has no distribution lists. Raises SmppError if no address is left.
    """
    if isinstance(body, (pdus.SubmitSm, pdus.DataSm)):
        return [body], ()
    assert isinstance(body, pdus.SubmitMulti)  # noqa: S101 - there are no other submits
    addresses = [one for one in body.dest_addresses if isinstance(one, Address) and one.digits]
    if not addresses:
        raise SmppError("expected a number", status=Status.ESME_RINVDSTADR)
    refused = tuple(
        Unsuccessful(_address(one), Status.ESME_RINVDSTADR)
        for one in body.dest_addresses
        if one not in addresses
    )
    shared = {name: getattr(body, name) for name in _SHARED}
    return [pdus.SubmitSm(destination_addr=one, **shared) for one in addresses], refused


def _address(one: Address | pdus.DistributionList) -> Address:
    return one if isinstance(one, Address) else Address(one.name)


def accepted(body: Body, message_id: str, refused: tuple[Unsuccessful, ...]) -> Body:
    """The answer to a submit whose messages are kept."""
    if isinstance(body, pdus.SubmitSm):
        return pdus.SubmitSmResp(message_id=message_id)
    if isinstance(body, pdus.DataSm):
        return pdus.DataSmResp(message_id=message_id)
    return pdus.SubmitMultiResp(message_id=message_id, unsuccess_smes=refused)


def _unending(octets: bytes) -> bytes:
    """An answer whose message_id has no end."""
    return (len(octets) - 1).to_bytes(4, "big") + octets[4:-1]


def _tiny(octets: bytes) -> bytes:
    """An answer that says it is shorter than its header."""
    return (7).to_bytes(4, "big") + octets[4:]


def _unknown(octets: bytes) -> bytes:
    """An answer to a request that SMPP does not have."""
    return octets[:4] + (0x800000FF).to_bytes(4, "big") + octets[8:]


#: What makes something else of an answer.
MALFORMED: tuple[Callable[[bytes], bytes], ...] = (_unending, _tiny, _unknown)
