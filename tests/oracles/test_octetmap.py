"""Our map of octets beside tshark's: each field that tshark names is one of ours.

Two thousand generated TPDUs and SMPP PDUs are dissected in one run. A field is the same if it has
the same place, the same bits and the same value. What tshark does otherwise is listed with its
reason and counted; a reason that nothing needs any more fails the test.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from datetime import UTC, datetime

from octetcases import Case, Dissected, cases, dissect

from smsenc.octetmap import Field, Map, smpppdus, tpdus
from smsenc.smpp import times

CASES = int(os.environ.get("SMSENC_CASES", "2000"))
SEED = 40
#: So many cases have every field and every difference.
MANY = 2000

#: Our names of the fields of TPDUs and user data headers.
TPDU = {
    "coding_group_bits2": "coding group",
    "coding_group_bits4": "coding group",
    "compressed_data": "compressed",
    "dcs.character_set": "alphabet",
    "dcs.indication_sense": "indication",
    "dcs.message_class": "message class",
    "dcs.message_class_defined": "class present",
    "dcs.message_coding": "coding",
    "dcs.message_waiting": "waiting",
    "dcs.reserved": "reserved",
    "dcs.text_compressed": "compression",
    "destination_port": "destination",
    "dis.field_st_reason": "reason",
    "dis_field.definition": "definition of bits 0 to 6",
    "dis_field.st_error": "outcome",
    "dis_field_addr.extension": "extension",
    "dis_field_addr.length": "length",
    "dis_field_addr.num_plan": "numbering plan",
    "dis_field_addr.num_type": "type of number",
    "dis_field_ud_iei.length": "length",
    "dis_field_udh.gsm.fill_bits": "fill bits",
    "dis_field_udh.user_data_header_length": "header length",
    "dis_iei_la.large_animation": "frames",
    "dis_iei_la.position": "position",
    "dis_iei_lang.locking_shift": "language",
    "dis_iei_lang.single_shift": "language",
    "dis_iei_lp.large_picture": "pixels",
    "dis_iei_lp.position": "position",
    "dis_iei_pa.animation_number": "number",
    "dis_iei_pa.position": "position",
    "dis_iei_ps.position": "position",
    "dis_iei_ps.sound_number": "number",
    "dis_iei_sa.position": "position",
    "dis_iei_sa.small_animation": "frames",
    "dis_iei_sp.position": "position",
    "dis_iei_sp.small_picture": "pixels",
    "dis_iei_tf.background_colour": "background",
    "dis_iei_tf.foreground_colour": "foreground",
    "dis_iei_tf.length": "length",
    "dis_iei_tf.start_position": "start",
    "dis_iei_uds.position": "position",
    "dis_iei_uds.user_defined_sound": "melody",
    "dis_iei_upi.num_corresponding_objects": "objects",
    "dis_iei_vp.horizontal_dimension": "width",
    "dis_iei_vp.position": "position",
    "dis_iei_vp.variable_picture": "pixels",
    "dis_iei_vp.vertical_dimension": "height",
    "ext_msg_ind_type": "extended type",
    "formatting_mode": "mode",
    "formatting_mode.style_bold": "bold",
    "formatting_mode.style_italic": "italic",
    "formatting_mode.style_strikethrough": "strikethrough",
    "formatting_mode.style_underlined": "underlined",
    "ie_data": "data",
    "ie_identifier": "identifier",
    "msg_count": "count",
    "msg_ind_type": "waiting",
    "msg_ind_type_and_stor": "storage",
    "originator_port": "originator",
    "profile_id": "profile",
    "scts.day": "day",
    "scts.hour": "hour",
    "scts.minutes": "minute",
    "scts.month": "month",
    "scts.seconds": "second",
    "scts.timezone": "zone",
    "scts.year": "year",
    "sms_body": "data",
    "sms_text": "text",
    "status_report": "bits",
    "status_report.active": "first error cancels other reports",
    "status_report.original_udh": "header in the report",
    "status_report.permanent_error": "report permanent error",
    "status_report.short_msg": "report completion",
    "status_report.temp_error_no_attempt": "report temporary error, not tried again",
    "status_report.temp_error_transfer": "report temporary error, still tried",
    "tp-da": ("digits", "name"),
    "tp-dcs": "TP-DCS",
    "tp-fcs": "TP-FCS",
    "tp-lp": "TP-LP",
    "tp-mms": "TP-MMS",
    "tp-mr": "TP-MR",
    "tp-mti": "TP-MTI",
    "tp-oa": ("digits", "name"),
    "tp-pid": "TP-PID",
    "tp-ra": "digits",
    "tp-rd": "TP-RD",
    "tp-rp": "TP-RP",
    "tp-sri": "TP-SRI",
    "tp-srq": "TP-SRQ",
    "tp-srr": "TP-SRR",
    "tp-udhi": "TP-UDHI",
    "tp-vpf": "TP-VPF",
    "tp.command_data": "TP-CD",
    "tp.command_data_length": "TP-CDL",
    "tp.command_type": "TP-CT",
    "tp.dcs.present": "TP-DCS",
    "tp.extension": "extension",
    "tp.message_number": "TP-MN",
    "tp.parameter_indicator": "TP-PI",
    "tp.pid.device_type": "device",
    "tp.pid.format_subsequent_bits": "format",
    "tp.pid.message_type": "message type",
    "tp.pid.present": "TP-PID",
    "tp.pid.reserved": "format",
    "tp.pid.sc_specific": "value",
    "tp.pid.sc_specific_use": "format",
    "tp.pid.sm_al_proto": "protocol",
    "tp.pid.telematic_interworking": "telematic interworking",
    "tp.pid.undefined": "value",
    "tp.reserved": "reserved",
    "tp.udl.present": "TP-UDL",
    "tp.user_data_length": "TP-UDL",
    "udh.mm.msg_id": "reference",
    "udh.mm.msg_part": "sequence",
    "udh.mm.msg_parts": "total",
    # tshark has this name for two other fields as well.
    "udh_created": ("source", "alignment", "size"),
    "vp.extension": "extension",
    "vp.reserved": "reserved",
    "vp.single_shot_sm": "single shot",
    "vp.validity_period": ("TP-VP", "validity", "seconds"),
    "vp.validity_period.hour": "hour",
    "vp.validity_period.minutes": "minute",
    "vp.validity_period.seconds": "second",
    "vp.validity_period_format": "format",
}
#: Our names of the fields of SMPP that have another name; those of parameters are tshark's.
SMPP = {
    "SC_interface_version": "sc_interface_version",
    "addr_npi": "addr_npi",
    "addr_ton": "addr_ton",
    "alert_on_message_delivery_type": "alert_on_message_delivery",
    "callback_num.pres": "presentation",
    "callback_num.scrn": "screening",
    "dcs.charset": "coding",
    "dcs.class": "message class",
    "dcs.reserved": "reserved",
    "dcs.sms_coding_group": "coding group",
    "dcs.wait_ind": "indication",
    "dcs.wait_type": "waiting",
    "esm.submit.features": "features",
    "esm.submit.msg_mode": "mode",
    "esm.submit.msg_type": "type",
    "final_date": "final_date",
    "its_session.ind": "end of session",
    "its_session.number": "session",
    "its_session.sequence": "sequence",
    "message": "short_message",
    "message_text": "text",
    "msg_wait.ind": "indication",
    "msg_wait.type": "waiting",
    "network_error.code": "code",
    "network_error.type": "network",
    "opt_param_len": "length",
    "opt_param_tag": "tag",
    "regdel.acks": "acknowledgement",
    "regdel.notif": "intermediate notification",
    "regdel.receipt": "receipt",
    "replace_if_present_flag": "replace",
    "schedule_delivery_time_r": "schedule_delivery_time",
    "validity_period_r": "validity_period",
    "vendor_op": "value",
}
#: Those of user data in SMPP.
USER_DATA = {"short_msg": ("data", "text", "compressed")}
NAMES = {"gsm_sms": TPDU, "gsm_sms_ud": USER_DATA, "smpp": SMPP}


def mapped(case: Case) -> Map:
    return tpdus.tpdu(case.octets, case.kind) if case.kind else smpppdus.pdu(case.octets)


def test_each_field_of_tshark_is_one_of_ours(tmp_path):
    made = cases(SEED, CASES)
    same, reasons, differences = Counter(), Counter(), []
    for case, found in zip(made, dissect(made, tmp_path / "octets.pcap"), strict=True):
        ours = Ours(mapped(case), case)
        for theirs in found:
            reason = ours.same(theirs)
            if reason == "":
                same[theirs.name] += 1
            elif reason:
                reasons[reason] += 1
            else:
                differences.append((theirs, case.kind, case.octets.hex()))
    logging.getLogger(__name__).info("%d the same; %s", sum(same.values()), dict(reasons))
    summary = Counter(theirs.name for theirs, *_ in differences).most_common()
    assert not differences, (summary, differences[:5])
    if CASES >= MANY:
        assert set(reasons) == {*REASONS, *LEFT_OUT.values()}
        assert {f"{layer}.{name}" for layer in NAMES for name in NAMES[layer]} <= set(same)


class Ours:
    """The fields of a map by their names and places."""

    def __init__(self, found: Map, case: Case) -> None:
        self.map, self.case = found, case
        self.fields: dict[tuple[int, str], list[Field]] = {}
        self.starts, self.ends = set[int](), set[int]()
        self._add(found.fields, "")

    def _add(self, fields: tuple[Field, ...], above: str) -> None:
        for field in fields:
            names = {field.name, above} if field.name == "value" else {field.name}
            for name in names:
                self.fields.setdefault((field.start, name), []).append(field)
            self.starts.add(field.start)
            self.ends.add(field.end)
            self._add(field.children, field.name)

    def same(self, theirs: Dissected) -> str | None:
        """Empty if one of our fields is the same, otherwise why none is; None if nobody knows."""
        layer, _, name = theirs.name.partition(".")
        if layer in LEFT_OUT and not is_damage(theirs, self):
            return LEFT_OUT[layer]
        if theirs.name == "smpp.message_payload.duplicate":
            return "" if any("found both" in f.fault for _, f in self.map.walk()) else None
        if theirs.name in SPANS:
            known = theirs.start in self.starts and theirs.end in self.ends
            return "" if known else self.reason(theirs)
        names = NAMES.get(layer, {}).get(name, name)
        for ours in (names,) if isinstance(names, str) else names:
            for field in self.fields.get((theirs.start, ours), ()):
                if theirs.bits in (None, field.bits) and shown(theirs, field, self.map):
                    return ""
        return self.reason(theirs)

    def reason(self, theirs: Dissected) -> str | None:
        """Why tshark says something else, or has a field that we have not."""
        return next((why for why, holds in REASONS.items() if holds(theirs, self)), None)

    def value(self, name: str) -> int | str | bytes | None:
        """The value of the first field with a name."""
        return next((f.value for _, f in self.map.walk() if f.name == name), None)


def shown(theirs: Dissected, ours: Field, found: Map) -> bool:
    """Whether a field shows our value: a number, a text or octets."""
    if isinstance(ours.value, int):
        return number(theirs.show) == ours.value
    octets = theirs.value.lower() == found.of(ours).hex()
    if isinstance(ours.value, bytes) or theirs.name in OCTETS:
        return octets
    if theirs.name.removesuffix("_r") in TIMES:
        return octets and is_time(theirs.show, ours.value)
    return printed(theirs.show) == printed(ours.value)


def printed(text: str) -> str:
    """A text as the XML of tshark has it: line ends and spaces are one, control characters none."""
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\N{REPLACEMENT CHARACTER}", text)
    return "" if text == "(Default)" else " ".join(text.split())


def number(text: str) -> int | None:
    try:
        return int(text, 16) if text.startswith("0x") else int(text)
    except ValueError:
        return None


def is_time(show: str, value: str) -> bool:
    """Whether a time of SMPP is the one that tshark shows; an empty one is 0 seconds there."""
    if not value:
        return float(show) == 0
    moment = times.read(value)
    theirs = datetime.strptime(show[:-14], "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC)
    century = 100 * (theirs.year // 100 != 20)
    ours = moment.astimezone(UTC).replace(microsecond=0)
    return ours.replace(year=ours.year - century) == theirs


# What is tshark's own -----------------------------------------------------------------------------

TIMES = ("smpp.schedule_delivery_time", "smpp.validity_period", "smpp.final_date")
#: Fields of text whose octets are compared.
OCTETS = ("gsm_sms_ud.short_msg", "smpp.message_payload")
#: Fields without a value, or with the octets of several fields of ours: their place is compared.
SPANS = {
    "gsm_sms.gsm_7_bit_default_alphabet",
    "gsm_sms.ie_data",
    "gsm_sms.tp.command_data",
    "smpp.alert_on_message_delivery_null",
    "smpp.callback_num",
    "smpp.callback_num_atag",
    "smpp.dest_subaddress",
    "smpp.dlist",
    "smpp.dlist_resp",
    "smpp.message_payload",
    "smpp.opt_param",
    "smpp.opt_params",
    "smpp.source_subaddress",
}
#: Protocols of tshark that are no fields of ours.
LEFT_OUT = {
    "_ws": "a remark on a value, or on what follows an enhanced validity",
    "e164": "the country of a number",
}


def is_damage(theirs: Dissected, ours: Ours) -> bool:
    """Whether tshark could not read something where it has no reason of its own."""
    return theirs.show.startswith("Malformed") and not in_misread_validity(theirs, ours)


def in_misread_validity(theirs: Dissected, ours: Ours) -> bool:
    if ours.case.kind is not tpdus.Kind.SUBMIT or ours.value("TP-VPF") != 1:
        return False
    start = next(f.start for _, f in ours.map.walk() if f.name == "TP-VP")
    return theirs.start > start or theirs.start < 0


def is_reserved_coding(theirs: Dissected, ours: Ours) -> bool:
    octet = ours.value("TP-DCS")
    is_reserved = octet is not None and (octet & 0x8C == 0x0C or 0x80 <= octet < 0xC0)
    return is_reserved and theirs.name in ("gsm_sms.sms_body", "gsm_sms.sms_text")


def is_data_coding_of_waiting(theirs: Dissected, ours: Ours) -> bool:
    octet = ours.value("data_coding")
    return theirs.name.startswith("smpp.dcs.") and 0x40 <= octet < 0xC0


def is_zone_without_sign(theirs: Dissected, ours: Ours) -> bool:
    zones = ours.fields.get((theirs.start, "zone"), ())
    return theirs.name == "gsm_sms.scts.timezone" and int(theirs.show) in (-f.value for f in zones)


def is_split_pair(theirs: Dissected, ours: Ours) -> bool:
    """Characters beyond U+FFFF are two surrogates of three octets each in the XML."""
    texts = ours.fields.get((theirs.start, "text"), ())
    wide = (re.sub("[\U00010000-\U0010ffff]", "\ufffd" * 6, str(f.value)) for f in texts)
    return theirs.show.count("\ufffd") > 0 and printed(theirs.show) in map(printed, wide)


def is_nothing(theirs: Dissected, _ours: Ours) -> bool:
    return theirs.start == theirs.end >= 0


def is_no_text(theirs: Dissected, ours: Ours) -> bool:
    texts = ours.fields.get((theirs.start, "text"), ())
    marked = any(f.fault or f.meaning == "latin-1" for f in texts)
    is_compressed = (theirs.start, "compressed") in ours.fields
    return theirs.name == "smpp.message_text" and (marked or is_compressed)


def is_lone_escape(theirs: Dissected, ours: Ours) -> bool:
    texts = ours.fields.get((theirs.start, "text"), ())
    ends = (f"{f.value}".removesuffix(" ") + "\N{REPLACEMENT CHARACTER}" for f in texts)
    return theirs.name == "gsm_sms.sms_text" and printed(theirs.show) in map(printed, ends)


def is_schedule_twice(theirs: Dissected, ours: Ours) -> bool:
    names = ("smpp.schedule_delivery_time_r", "smpp.schedule_delivery_time")
    return theirs.name in names and (theirs.start, "validity_period") in ours.fields


REASONS = {
    "enhanced validity has seven octets (9.2.3.12.3), tshark goes on after fewer": (
        in_misread_validity
    ),
    "a reserved TP-DCS is GSM 7-bit text (23.038, 4), tshark shows octets": is_reserved_coding,
    "data_coding 0x40 to 0xBF has no bits of message waiting": is_data_coding_of_waiting,
    "a zone west of Greenwich is negative, tshark shows it without its sign": is_zone_without_sign,
    "characters beyond U+FFFF are one, tshark writes two halves": is_split_pair,
    "validity_period of submit_multi, which tshark calls schedule_delivery_time": is_schedule_twice,
    "a field without octets": is_nothing,
    "octets over 127 in data_coding 0 and 1, and compressed text": is_no_text,
    "an escape at the end of a text is a space (23.038, 6.2.1.1)": is_lone_escape,
}
