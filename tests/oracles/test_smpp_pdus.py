"""Generated PDUs beside three programs of others: each reads ours, and ours reads theirs.

tshark only reads. What is left out of a comparison is in a table, with the reason.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

from smpporacles import ask_npm, ask_smpp34, ask_tshark
from smpppdus import KINDS, Draw

from smsenc.smpp import Address, Pdu, Tag, codec, decode, encode, pdus, tlvs
from smsenc.smpp.pdus import DistributionList, Unsuccessful

#: PDUs of each direction; with tshark's it is more than 10,000 in one run.
MANY = 3_000


def drawn(seed, count, kinds=KINDS, tags=(*Tag, 0x1401, 0x3FFF)):
    """So many PDUs, each kind as often as another. Texts are ASCII: the others read no Latin-1."""
    draw = Draw(random.Random(seed), printable=True)
    for n in range(count):
        pdu = draw.pdu(kinds[n % len(kinds)], parameters=0)
        # Each tag once: the npm package has its parameters in an object.
        chosen = draw.chance.sample(tags, draw.chance.randint(0, 6))
        found = tuple(draw.tlv((tag,)) for tag in chosen)
        yield pdu._replace(body=dataclasses.replace(pdu.body, tlvs=found))


def name(kind):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__)[1:]


def assert_none(differences):
    """No difference, or the first ones with how many there are of each."""
    assert not differences, (Counter(what for what, *_ in differences), differences[:5])


# --- The npm package -----------------------------------------------------------------------------

#: source_telematics_id has one octet (5.3.2.8), the package reads two; alert_on_message_delivery
#: has none (5.3.2.41), the package reads one. Of tags without a name it reads only.
NPM_WRONG = {Tag.SOURCE_TELEMATICS_ID, Tag.ALERT_ON_MESSAGE_DELIVERY}
NPM_TAGS = tuple(tag for tag in Tag if tag not in NPM_WRONG)
NPM_NAMES = {
    "destination_port": "dest_port",
    "dest_addresses": "dest_address",
    "unsuccess_smes": "unsuccess_sme",
}
#: A buffer there, a number here.
NPM_BUFFERS = {"ms_validity"}
#: A number there, octets here.
NPM_NUMBERS = {"ussd_service_op"}
#: What may be there more than once is a list.
NPM_LISTS = {"callback_num", "callback_num_atag", "callback_num_pres_ind"}


def npm_address(address, prefix, digits):
    return {
        f"{prefix}_ton": address.ton,
        f"{prefix}_npi": address.npi,
        digits: address.digits,
    }


def npm_destination(one):
    if isinstance(one, DistributionList):
        return {"dl_name": one.name}
    return npm_address(one, "dest_addr", "destination_addr")


def npm_value(field, value):
    """The fields of the package that one of ours is."""
    if isinstance(value, Address):
        prefix = {"destination_addr": "dest_addr", "address_range": "addr"}.get(field, field)
        return npm_address(value, prefix, field)
    if field == "dest_addresses":
        value = [npm_destination(one) for one in value]
    elif field == "unsuccess_smes":
        value = [{**npm_destination(one.address), "error_status_code": one.status} for one in value]
    elif isinstance(value, bytes):
        value = int.from_bytes(value, "big") if field in NPM_NUMBERS else {"hex": value.hex()}
    return {NPM_NAMES.get(field, field): value}


def npm_fields(pdu):
    """A PDU as the package has it."""
    body, found = pdu.body, {}
    for field, *_ in codec.LAYOUTS[type(body)][1]:
        found |= npm_value(field, getattr(body, field))
    for tlv in body.tlvs:
        value = tlv.value
        if tlv.name in NPM_BUFFERS:
            value = bytes((value,))
        key = tlv.name if tlv.tag in tuple(Tag) else str(tlv.tag)
        values = npm_value(key, value)
        found |= {k: [v] for k, v in values.items()} if key in NPM_LISTS else values
    return found


def npm_drawn(seed, tags=NPM_TAGS):
    for pdu in drawn(seed, MANY, tags=tags):
        # The package has a field and a parameter of the same name in one place.
        if type(pdu.body) is pdus.QuerySmResp:
            kept = tuple(tlv for tlv in pdu.body.tlvs if tlv.tag != Tag.MESSAGE_STATE)
            yield pdu._replace(body=dataclasses.replace(pdu.body, tlvs=kept))
        else:
            yield pdu


def test_the_npm_package_reads_ours():
    made = list(npm_drawn(1, (*NPM_TAGS, 0x1401, 0x3FFF)))
    answers = ask_npm([{"read": {"hex": encode(pdu).hex()}} for pdu in made])
    differences = []
    for pdu, seen in zip(made, answers, strict=True):
        expected = npm_fields(pdu) if len(encode(pdu)) > codec.HEADER_OCTETS else {}
        expected |= {
            "command": name(type(pdu.body)),
            "command_id": codec.command_id(type(pdu.body)),
            "command_length": len(encode(pdu)),
            "command_status": pdu.command_status,
            "sequence_number": pdu.sequence_number,
        }
        differences += [
            (key, name(type(pdu.body)), expected.get(key), seen.get(key))
            for key in expected | seen
            if expected.get(key) != seen.get(key)
        ]
    assert_none(differences)


def test_we_read_what_the_npm_package_writes():
    # It writes an error without any field.
    made = [Pdu(pdu.body, pdu.sequence_number) for pdu in npm_drawn(2)]
    asked = [
        {
            "write": name(type(pdu.body)),
            "with": npm_fields(pdu) | {"sequence_number": pdu.sequence_number},
        }
        for pdu in made
    ]
    differences = []
    for pdu, seen in zip(made, ask_npm(asked), strict=True):
        octets = bytes.fromhex(seen.get("hex", ""))
        if octets != encode(pdu) or decode(octets) != pdu:
            differences.append((name(type(pdu.body)), seen, encode(pdu).hex()))
    assert_none(differences)


# --- smpp34 --------------------------------------------------------------------------------------

SMPP34_KINDS = (pdus.SubmitSm, pdus.DeliverSm)


def smpp34_fields(pdu):
    """A submit_sm or a deliver_sm as smpp34 has it."""
    found = {}
    for field, *_ in codec.LAYOUTS[type(pdu.body)][1]:
        found |= npm_value(field, getattr(pdu.body, field))
    raw = [[tlv.tag, tlvs.encode((tlv,))[4:].hex()] for tlv in pdu.body.tlvs]
    return found | {"sequence_number": pdu.sequence_number, "tlvs": raw}


def test_smpp34_reads_ours():
    made = [*drawn(3, MANY, SMPP34_KINDS), *drawn(4, MANY)]
    answers = ask_smpp34([{"read": {"hex": encode(pdu).hex()}} for pdu in made])
    differences = []
    for pdu, seen in zip(made, answers, strict=True):
        octets, kind = encode(pdu), type(pdu.body)
        if kind in SMPP34_KINDS:
            expected = smpp34_fields(pdu) | {"sm_length": len(pdu.body.short_message)}
        else:
            expected = {
                "command_length": len(octets),
                "command_status": pdu.command_status,
                "sequence_number": pdu.sequence_number,
                "body": {"hex": octets[codec.HEADER_OCTETS :].hex()},
            }
        expected["command_id"] = codec.command_id(kind)
        differences += [
            (key, name(kind), expected.get(key), seen.get(key))
            for key in expected | seen
            if expected.get(key) != seen.get(key)
        ]
    assert_none(differences)


def test_we_read_what_smpp34_writes():
    made = list(drawn(5, MANY, SMPP34_KINDS))
    asked = [{"write": name(type(pdu.body)), "with": smpp34_fields(pdu)} for pdu in made]
    differences = []
    for pdu, seen in zip(made, ask_smpp34(asked), strict=True):
        octets = bytes.fromhex(seen.get("hex", ""))
        if octets != encode(pdu) or decode(octets) != pdu:
            differences.append((name(type(pdu.body)), seen, encode(pdu).hex()))
    assert_none(differences)


# --- tshark --------------------------------------------------------------------------------------

#: tshark shows no parameters of these; of the others it shows all.
TSHARK_BARE = {
    *(pdus.GenericNack, pdus.BindReceiver, pdus.BindTransmitter, pdus.BindTransceiver),
    *(pdus.QuerySm, pdus.QuerySmResp, pdus.Unbind, pdus.UnbindResp, pdus.ReplaceSmResp),
    *(pdus.CancelSm, pdus.CancelSmResp, pdus.Outbind, pdus.EnquireLink, pdus.EnquireLinkResp),
}
#: Parts of an octet: field, where it begins, and its greatest value.
TSHARK_PARTS = {
    "esm_class": (
        ("esm.submit.msg_mode", 0, 3),
        ("esm.submit.msg_type", 2, 15),
        ("esm.submit.features", 6, 3),
    ),
    "registered_delivery": (
        ("regdel.receipt", 0, 3),
        ("regdel.acks", 2, 3),
        ("regdel.notif", 4, 1),
    ),
    "replace_if_present_flag": (("replace_if_present_flag", 0, 1),),
    "ms_msg_wait_facilities": (("msg_wait.ind", 7, 1), ("msg_wait.type", 0, 3)),
    "callback_num_pres_ind": (("callback_num.pres", 2, 3), ("callback_num.scrn", 0, 3)),
    "network_error_code": (("network_error.type", 16, 255), ("network_error.code", 0, 65535)),
    "its_session_info": (
        ("its_session.number", 8, 255),
        ("its_session.sequence", 1, 127),
        ("its_session.ind", 0, 1),
    ),
}
TSHARK_NAMES = {
    "short_message": "message",
    "sc_interface_version": "SC_interface_version",
    "destination_port": "destination_port",
    "alert_on_message_delivery": "alert_on_message_delivery_type",
}
#: It shows their lengths only: these have no value of their own in its fields.
TSHARK_OPAQUE = {"callback_num", "callback_num_atag", "0x1401", "0x3FFF"}
TSHARK_EMPTY = ("", "(Default)")
TSHARK_TIMES = ("schedule_delivery_time", "validity_period", "final_date")


def tshark_time(text):
    zone = timezone(timedelta(minutes=15 * int(text[13:15]) * (1 if text[15] == "+" else -1)))
    year = 2000 + int(text[:2]) - 100 * (int(text[:2]) >= 38)
    moment = datetime(year, *(int(text[n : n + 2]) for n in range(2, 12, 2)), tzinfo=zone)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") + f".{text[12]}"


def tshark_value(field, value):
    """Pairs of a field of tshark's and a value of ours."""
    if field in TSHARK_PARTS:
        number = value if isinstance(value, int) else int.from_bytes(value, "big")
        return [(part, number >> at & most) for part, at, most in TSHARK_PARTS[field]]
    if field in TSHARK_TIMES:
        return [(field, tshark_time(value))] if value else []
    if isinstance(value, Address):
        kind = {"destination_addr": "dest_addr", "address_range": "addr"}.get(field, field)
        return [(f"{kind}_ton", value.ton), (f"{kind}_npi", value.npi), (field, value.digits)]
    if isinstance(value, tuple):
        return [pair for one in value for pair in tshark_destination(one)]
    if field == "short_message":
        return [("sm_length", len(value)), ("message", value)]
    if field in ("ussd_service_op", "alert_on_message_delivery"):
        value = int.from_bytes(value, "big") if value else b""
    return [(TSHARK_NAMES.get(field, field), value)]


def tshark_destination(one):
    if isinstance(one, DistributionList):
        return [("dl_name", one.name)]
    if isinstance(one, Unsuccessful):
        return [*tshark_destination(one.address), ("error_status_code", one.status)]
    return tshark_value("destination_addr", one)


def tshark_pairs(pdu):
    kind = type(pdu.body)
    yield "command_length", len(encode(pdu))
    yield "command_id", codec.command_id(kind)
    yield "sequence_number", pdu.sequence_number
    if codec.is_response(kind):
        yield "command_status", pdu.command_status
    if pdu.command_status:  # tshark reads no more of an error
        return
    for field, *_ in codec.LAYOUTS[kind][1]:
        yield from tshark_value(field, getattr(pdu.body, field))
    if kind in TSHARK_BARE:
        return
    for tlv in pdu.body.tlvs:
        yield "opt_param_tag", int(tlv.tag)
        yield "opt_param_len", len(tlvs.encode((tlv,))) - 4
        if tlv.name not in TSHARK_OPAQUE:
            yield from tshark_value(tlv.name, tlv.value)


def tshark_expected(pdu):
    """{field: values}; empty texts are not compared, since tshark has them in some fields only."""
    found = {}
    for field, value in tshark_pairs(pdu):
        shown = value.hex() if isinstance(value, bytes) else value
        if shown != "":
            found.setdefault(field, []).append(str(shown))
    return found


def tshark_seen(field, values):
    """The values of a field in the same form."""
    if field in TSHARK_TIMES:
        return [
            f"{datetime.strptime(v[:-14], '%b %d, %Y %H:%M:%S').replace(tzinfo=UTC)}"[:19]
            + v[-14:-12]
            for v in values
        ]
    said = [value for value in values if value not in TSHARK_EMPTY]
    return [str(int(value, 16)) if value.startswith("0x") else value for value in said]


def test_tshark_reads_ours(tmp_path):
    made = list(drawn(6, 2 * MANY))
    expected = list(map(tshark_expected, made))
    fields = sorted({f"smpp.{field}" for one in expected for field in one})
    assert len(fields) > 80
    found = ask_tshark(map(encode, made), fields, tmp_path / "pdus.pcap")
    differences = []
    for pdu, want, layers in zip(made, expected, found, strict=True):
        seen = {
            field: shown
            for key, values in layers.items()
            if (shown := tshark_seen(field := key.removeprefix("smpp."), values))
        }
        differences += [
            (field, name(type(pdu.body)), want.get(field), seen.get(field), pdu.body.tlvs)
            for field in want | seen
            if want.get(field) != seen.get(field)
        ]
    assert_none(differences)
