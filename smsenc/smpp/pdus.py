"""The PDUs of SMPP 3.4 as values (clause 4). Field names are those of the specification.

An address is one value of three fields; sm_length follows from the short message. Numbers and
identifiers are texts, one character for each octet (Latin-1). Clause 5.2 has the meaning of fields:
source_addr in 5.2.8, destination_addr 5.2.9, service_type 5.2.11, esm_class 5.2.12, protocol_id
5.2.13, priority_flag 5.2.14, schedule_delivery_time 5.2.15, validity_period 5.2.16,
registered_delivery 5.2.17, replace_if_present_flag 5.2.18, data_coding 5.2.19, sm_default_msg_id
5.2.20, short_message 5.2.22 and message_id 5.2.23. ``tlvs`` are optional parameters (5.3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from smsenc.smpp.tlvs import Tlvs

VERSION = 0x34


class Address(NamedTuple):
    """An address with its type of number and numbering plan (5.2.5 and 5.2.6)."""

    digits: str = ""
    ton: int = 0
    npi: int = 0


NOWHERE = Address()


class DistributionList(NamedTuple):
    """The name of a list of addresses that the message centre has."""

    name: str


class Unsuccessful(NamedTuple):
    """An address that submit_multi could not be accepted for, and the command_status."""

    address: Address
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What every PDU may have: optional parameters."""

    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind(Body):
    """The request to begin a session (4.1)."""

    system_id: str = ""
    password: str = ""
    system_type: str = ""
    interface_version: int = VERSION
    address_range: Address = NOWHERE


class BindReceiver(Bind):
    """bind_receiver: for messages and receipts that arrive."""

    __slots__ = ()


class BindTransmitter(Bind):
    """bind_transmitter: for messages that are sent."""

    __slots__ = ()


class BindTransceiver(Bind):
    """bind_transceiver: for both."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BindResp(Body):
    """The answer to a bind."""

    system_id: str = ""


class BindReceiverResp(BindResp):
    """bind_receiver_resp."""

    __slots__ = ()


class BindTransmitterResp(BindResp):
    """bind_transmitter_resp."""

    __slots__ = ()


class BindTransceiverResp(BindResp):
    """bind_transceiver_resp."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbind(Body):
    """outbind: a message centre asks for a bind_receiver (4.1.7)."""

    system_id: str = ""
    password: str = ""


class Unbind(Body):
    """unbind: the session is to end (4.2)."""

    __slots__ = ()


class UnbindResp(Body):
    """unbind_resp."""

    __slots__ = ()


class GenericNack(Body):
    """generic_nack: the answer to what is no PDU (4.3)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message(Body):
    service_type: str = ""
    source_addr: Address = NOWHERE
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent(_Message):
    destination_addr: Address = NOWHERE


class SubmitSm(_Sent):
    """submit_sm: a message to one address (4.4); ``mapping.submit`` makes it of a part."""

    __slots__ = ()


class DeliverSm(_Sent):
    """deliver_sm: a message or a receipt for the ESME (4.6)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitMulti(_Message):
    """submit_multi: a message to 254 addresses or lists at most (4.5)."""

    dest_addresses: tuple[Address | DistributionList, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accepted(Body):
    message_id: str = ""


class SubmitSmResp(_Accepted):
    """submit_sm_resp."""

    __slots__ = ()


class DeliverSmResp(_Accepted):
    """deliver_sm_resp; its message_id is not used."""

    __slots__ = ()


class DataSmResp(_Accepted):
    """data_sm_resp."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitMultiResp(_Accepted):
    """submit_multi_resp."""

    unsuccess_smes: tuple[Unsuccessful, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSm(Body):
    """data_sm: a message either way, whose text is in message_payload (4.7)."""

    service_type: str = ""
    source_addr: Address = NOWHERE
    destination_addr: Address = NOWHERE
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySm(Body):
    """query_sm: the state of a message (4.8)."""

    message_id: str = ""
    source_addr: Address = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySmResp(Body):
    """query_sm_resp."""

    message_id: str = ""
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSm(Body):
    """cancel_sm: a message, or all of a service type between two addresses (4.9)."""

    service_type: str = ""
    message_id: str = ""
    source_addr: Address = NOWHERE
    destination_addr: Address = NOWHERE


class CancelSmResp(Body):
    """cancel_sm_resp."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceSm(Body):
    """replace_sm: another text for a message that waits (4.10)."""

    message_id: str = ""
    source_addr: Address = NOWHERE
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class ReplaceSmResp(Body):
    """replace_sm_resp."""

    __slots__ = ()


class EnquireLink(Body):
    """enquire_link: whether the peer is there (4.11)."""

    __slots__ = ()


class EnquireLinkResp(Body):
    """enquire_link_resp."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNotification(Body):
    """alert_notification: a handset is there again; it has no answer (4.12)."""

    source_addr: Address = NOWHERE
    esme_addr: Address = NOWHERE


class Pdu(NamedTuple):
    """A PDU with its header: command_status is 0 in requests (3.2)."""

    body: Body
    sequence_number: int
    command_status: int = 0
