"""What the values in SMPP PDUs mean, and the clauses that say so (SMPP 3.4, 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smsenc.octetmap import schemes
from smsenc.octetmap.model import Bits
from smsenc.smpp import receipts

SMPP = "SMPP 3.4"
_NO_YES = ("no", "yes")

_CLAUSES = MappingProxyType(
    {
        name: f"{SMPP}, 5.2.{n}"
        for n, name in enumerate(
            (
                *("system_id", "password", "system_type", "interface_version", "addr_ton"),
                *("addr_npi", "address_range", "source_addr", "destination_addr", "esme_addr"),
                *("service_type", "esm_class", "protocol_id", "priority_flag"),
                *("schedule_delivery_time", "validity_period", "registered_delivery"),
                *("replace_if_present_flag", "data_coding", "sm_default_msg_id", "sm_length"),
                *("short_message", "message_id", "number_of_dests", "dest_flag", "no_unsuccess"),
                *("dl_name", "message_state"),
            ),
            start=1,
        )
    }
    | {
        name: f"{SMPP}, 5.1.{n}"
        for n, name in enumerate(
            ("command_length", "command_id", "command_status", "sequence_number"), start=1
        )
    }
    | {"final_date": f"{SMPP}, 4.8.2", "error_code": f"{SMPP}, 4.8.2"}
)

_PARAMETERS = (
    *("dest_addr_subunit", "source_addr_subunit", "dest_network_type", "source_network_type"),
    *("dest_bearer_type", "source_bearer_type", "dest_telematics_id", "source_telematics_id"),
    *("qos_time_to_live", "payload_type", "additional_status_info_text", "receipted_message_id"),
    *("ms_msg_wait_facilities", "privacy_indicator", "source_subaddress", "dest_subaddress"),
    *("user_message_reference", "user_response_code", "language_indicator", "source_port"),
    *("destination_port", "sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum"),
    *("sc_interface_version", "display_time", "ms_validity", "dpf_result", "set_dpf"),
    *("ms_availability_status", "network_error_code", "message_payload"),
    *("delivery_failure_reason", "more_messages_to_send", "message_state", "callback_num"),
    *("callback_num_pres_ind", "callback_num_atag", "number_of_messages", "sms_signal"),
    *("alert_on_message_delivery", "its_reply_type", "its_session_info", "ussd_service_op"),
)
_OF_PARAMETERS = {name: f"{SMPP}, 5.3.2.{n}" for n, name in enumerate(_PARAMETERS, start=1)}


def clause(name: str) -> str:
    """Where a mandatory parameter is specified."""
    if name.endswith(("_ton", "_npi")):
        return _CLAUSES[f"addr_{name[-3:]}"]
    return _CLAUSES.get(name, SMPP)


def parameter_clause(name: str) -> str:
    """Where an optional parameter is specified; a vendor's own is not."""
    return _OF_PARAMETERS.get(name, f"{SMPP}, 5.3")


TON = (
    *("unknown", "international", "national", "network specific", "subscriber"),
    *("alphanumeric", "abbreviated"),
)
NPI = {
    0: "unknown",
    1: "E.164",
    3: "X.121",
    4: "telex",
    6: "E.212",
    8: "national",
    9: "private",
    10: "ERMES",
    14: "Internet (IP)",
    18: "WAP client id",
}
SERVICES = {
    "": "default",
    "CMT": "cellular messaging",
    "CPT": "cellular paging",
    "VMN": "voicemail notification",
    "VMA": "voicemail alerting",
    "WAP": "wireless application protocol",
    "USSD": "unstructured supplementary service data",
}
_STATES = {int(one): one.name.lower() for one in receipts.MessageState}
_CODINGS = {
    0x00: "default alphabet",
    0x01: "IA5",
    0x02: "octets",
    0x03: "Latin-1",
    0x04: "octets",
    0x05: "JIS",
    0x06: "Cyrillic",
    0x07: "Latin and Hebrew",
    0x08: "UCS-2",
    0x09: "pictograms",
    0x0A: "ISO-2022-JP",
    0x0D: "extended Kanji",
    0x0E: "KS C 5601",
}
_VERSION = {n: f"version {n >> 4}.{n & 15}" for n in range(0x30, 0x60)}
_PRIORITIES = ("normal or bulk", "priority", "high", "highest")
_SUBUNITS = ("unknown", "shown at once", "phone", "SIM", "external unit")
_NETWORKS = (
    *("unknown", "GSM", "ANSI-136", "IS-95", "PDC", "PHS", "iDEN", "AMPS", "paging network"),
)
_BEARERS = (
    *("unknown", "SMS", "circuit switched data", "packet data", "USSD", "CDPD", "DataTAC"),
    *("FLEX or ReFLEX", "cell broadcast"),
)
_LANGUAGES = ("unspecified", "English", "French", "Spanish", "German", "Portuguese")

#: What values of mandatory and of optional parameters mean.
MEANINGS: Mapping[str, Mapping[int, str] | tuple[str, ...]] = MappingProxyType(
    {
        "interface_version": _VERSION,
        "sc_interface_version": _VERSION,
        "priority_flag": _PRIORITIES,
        "message_state": _STATES,
        "dest_flag": ("", "address", "distribution list"),
        "dest_addr_subunit": _SUBUNITS,
        "source_addr_subunit": _SUBUNITS,
        "dest_network_type": _NETWORKS,
        "source_network_type": _NETWORKS,
        "dest_bearer_type": _BEARERS,
        "source_bearer_type": _BEARERS,
        "payload_type": ("default", "WCMP"),
        "privacy_indicator": ("not restricted", "restricted", "confidential", "secret"),
        "language_indicator": _LANGUAGES,
        "display_time": ("temporary", "default", "invoke"),
        "ms_validity": ("for ever", "until switched off", "until moved", "while shown"),
        "dpf_result": ("not set", "set"),
        "set_dpf": ("not requested", "requested"),
        "ms_availability_status": ("available", "denied", "unavailable"),
        "delivery_failure_reason": (
            *("destination unavailable", "invalid destination address"),
            *("permanent network error", "temporary network error"),
        ),
        "more_messages_to_send": ("no more messages", "more messages"),
        "its_reply_type": (
            *("digit", "number", "telephone number", "password", "character line", "menu"),
            *("date", "time", "continue"),
        ),
    }
)

_RECEIPT_TYPES = {
    0: "none",
    1: "delivery receipt",
    2: "delivery acknowledgement",
    4: "manual acknowledgement",
    6: "conversation abort",
    8: "intermediate notification",
}
#: The bits of parameters of one octet.
BITS: Mapping[str, tuple[Bits, ...]] = MappingProxyType(
    {
        "esm_class": (
            Bits(
                0xC0,
                "features",
                ("none", "user data header", "reply path", "user data header and reply path"),
            ),
            Bits(0x3C, "type", _RECEIPT_TYPES),
            Bits(0x03, "mode", ("default", "datagram", "forward", "store and forward")),
        ),
        "registered_delivery": (
            Bits(0xE0, "reserved"),
            Bits(0x10, "intermediate notification", _NO_YES),
            Bits(0x0C, "acknowledgement", ("none", "delivery", "manual", "delivery and manual")),
            Bits(0x03, "receipt", ("none", "always", "of failure", "reserved")),
        ),
        "replace_if_present_flag": (
            Bits(0xFE, "reserved"),
            Bits(0x01, "replace", _NO_YES),
        ),
        "ms_msg_wait_facilities": (
            Bits(0x80, "indication", ("inactive", "active")),
            Bits(0x7C, "reserved"),
            Bits(0x03, "waiting", ("voicemail", "fax", "email", "other")),
        ),
        "callback_num_pres_ind": (
            Bits(0xF0, "reserved"),
            Bits(0x0C, "presentation", ("allowed", "restricted", "number not available")),
            Bits(
                0x03,
                "screening",
                ("user, not screened", "user, verified", "user, failed", "network"),
            ),
        ),
    }
)


def data_coding(octet: int) -> str:
    """data_coding in words (5.2.19)."""
    return _CODINGS.get(octet, "reserved") if octet < 0x10 else schemes.coding(octet)


def data_coding_bits(octet: int) -> tuple[Bits, ...]:
    """The bits of a data_coding that is as TP-DCS."""
    return () if octet < 0x10 else schemes.coding_bits(octet)
