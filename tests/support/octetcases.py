"""TPDUs and SMPP PDUs of every kind, drawn from a seed, and how tshark dissects them."""

from __future__ import annotations

import random
import re
import shutil
import struct
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from smpppdus import KINDS, Draw

from smsenc import Coding, Element, dcs, elements, encode_text, gsm7, tpdu, udh
from smsenc.model import IEI, Segment, valid_segment
from smsenc.octetmap.tpdus import Kind
from smsenc.smpp import Pdu, Tag, encode, pdus

_SECONDS = 300
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#x?[0-9A-Fa-f]+;")
_TEXT = "Meet at five? [A-17] ready, 12 €; Grüße, ÆØÅ {x}~"
_WIDE = "Ждём в пять 漢字 😀"
_OPAQUE = (*range(0x70, 0x80), *range(0x80, 0xA0), *range(0xC0, 0xE0))


@dataclass(frozen=True)
class Case:
    """Octets, the kind of TPDU (None for an SMPP PDU), and whether a phone has sent them."""

    octets: bytes
    kind: Kind | None = None

    @property
    def sent(self) -> bool:
        return self.kind in (Kind.SUBMIT, Kind.DELIVER_REPORT, Kind.COMMAND)


# TPDUs --------------------------------------------------------------------------------------------


def element(dice: random.Random, most: int) -> Element | None:
    """An element of any kind with values that it can have; None if it does not fit."""
    iei = dice.choice((*elements.TABLE, *dice.sample(_OPAQUE, 3)))
    row = elements.TABLE.get(iei)
    sizes = [size for _, size in row.fields] if row else [elements.REST]
    if row and row.optional and dice.random() < 0.5:
        sizes += [size for _, size in row.optional]
    data = b"".join(dice.randbytes(size or dice.randint(1, 6)) for size in sizes)
    if iei in (IEI.CONCATENATION_8, IEI.CONCATENATION_16):
        total = dice.randint(1, 255)
        data = data[:-2] + bytes((total, dice.randint(1, total)))
    return Element(int(iei), data) if len(data) + 2 <= most else None


def header(dice: random.Random, most: int = 139) -> bytes:
    found: list[Element] = []
    for _ in range(dice.randint(0, 4)):
        one = element(dice, most - sum(len(e.data) + 2 for e in found) - 1)
        found += [one] if one else []
    return udh.encode(tuple(found))


def segment(dice: random.Random, octet: int) -> Segment:
    """User data as a TP-DCS says, with a header or without one."""
    coding = dcs.decode(octet).coding
    front = header(dice) if dice.random() < 0.6 else b""
    room = 140 - len(front)
    if coding is Coding.GSM7:
        most = (room * 8 - gsm7.fill_bits(len(front))) // 7
        septets = encode_text(_text(dice, _TEXT)).data[: dice.randint(0, most)]
        # A header alone, whose fill bits the TPDU has nevertheless.
        data = gsm7.pack(septets, gsm7.fill_bits(len(front))) if septets else b""
        return valid_segment(front, data, coding, len(septets), None)
    if coding is Coding.UCS2:
        data = _text(dice, _WIDE).encode("utf-16-be")[: dice.randint(0, room // 2) * 2]
        return valid_segment(front, data, coding, len(data) // 2, None)
    data = dice.randbytes(dice.randint(0, room))
    return valid_segment(front, data, coding, len(data), None)


def _text(dice: random.Random, letters: str) -> str:
    return "".join(dice.choices(letters, k=dice.choice((0, 1, 7, 8, 40, 160))))


def address(dice: random.Random) -> tpdu.Address:
    if dice.random() < 0.2:
        return tpdu.address("".join(dice.choices("abcdefghXYZ", k=dice.randint(1, 11))))
    digits = "".join(dice.choices("0123456789", k=dice.randint(1, 20)))
    return tpdu.Address(digits, ton=dice.choice((0, 1, 2, 3, 4, 6)), npi=dice.choice((0, 1, 3, 9)))


def stamp(dice: random.Random) -> tpdu.Timestamp:
    numbers = [
        dice.randint(*span) for span in ((0, 99), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59))
    ]
    return tpdu.Timestamp(*numbers, dice.randint(-48, 56))


def validity(dice: random.Random) -> tpdu.Validity:
    enhanced = bytes(
        (dice.choice((0, 1, 2, 3, 0x41, 0x42)), *(dice.randint(0, 5) << 4 for _ in "abcdef"))
    )
    return dice.choice(
        (None, tpdu.Relative(dice.randint(0, 255)), stamp(dice), tpdu.Enhanced(enhanced))
    )


def submit(dice: random.Random) -> bytes:
    return _encoded(
        dice,
        tpdu.Submit,
        destination=address(dice),
        reference=dice.randint(0, 255),
        validity=validity(dice),
        reject_duplicates=dice.random() < 0.5,
    )


def deliver(dice: random.Random) -> bytes:
    return _encoded(
        dice,
        tpdu.Deliver,
        originator=address(dice),
        timestamp=stamp(dice),
        more_messages=dice.random() < 0.5,
    )


def _encoded(dice: random.Random, kind: type[tpdu.Submit | tpdu.Deliver], **own: object) -> bytes:
    """A TPDU with fields of its own, and those that both types have."""
    octet = dice.randint(0, 255)
    found = kind(
        segment=segment(dice, octet),
        dcs=octet,
        pid=dice.randint(0, 255),
        status_report=dice.random() < 0.5,
        reply_path=dice.random() < 0.5,
        **own,
    )
    return tpdu.encode(found)


def _inside(dice: random.Random, start: int, end: int) -> bytes:
    """The octets of a field of an SMS-DELIVER without a header: an address, a time, user data."""
    octet = dice.choice((0, 4, 8, 0xF5))
    found = tpdu.Deliver(
        originator=tpdu.Address("12345678"),
        segment=replace(segment(dice, octet), udh=b""),
        dcs=octet,
        timestamp=stamp(dice),
        pid=dice.randint(0, 255),
    )
    return tpdu.encode(found)[start : end or None]


_ADDRESS, _PID_DCS, _STAMP, _DATA = (1, 7), (7, 9), (9, 16), (16, 0)


def optional(dice: random.Random) -> tuple[bytes, bytes]:
    """TP-PI, and the parameters that it announces."""
    octet = dice.choice((0, 4, 8, 0xF5))
    present = dice.choice((0, 1, 3, 7))
    user = segment(dice, octet)
    user = valid_segment(b"", user.data[:30], Coding.OCTETS, len(user.data[:30]), None)
    octet = 4
    values = (bytes((dice.randint(0, 255),)), bytes((octet,)), bytes((user.udl,)) + user.data)
    return bytes((present,)), b"".join(v for n, v in enumerate(values) if present >> n & 1)


def status_report(dice: random.Random) -> bytes:
    first = 2 | dice.randint(0, 15) << 2 & 0x2C
    times = _inside(dice, *_STAMP) + _inside(dice, *_STAMP)
    indicator, values = optional(dice) if dice.random() < 0.5 else (b"", b"")
    status = bytes((dice.randint(0, 255),))
    reference = bytes((dice.randint(0, 255),))
    return (
        bytes((first,)) + reference + _inside(dice, *_ADDRESS) + times + status + indicator + values
    )


def report(dice: random.Random, number: int) -> bytes:
    indicator, values = optional(dice)
    cause = bytes((dice.randint(0x80, 0xFF),)) if dice.random() < 0.5 else b""
    time = _inside(dice, *_STAMP) if number else b""
    return bytes((number,)) + cause + indicator + time + values


def ordered(dice: random.Random) -> bytes:
    """An SMS-COMMAND."""
    front = bytes((2 | dice.choice((0, 0x20)), dice.randint(0, 255), dice.randint(0, 255)))
    data = dice.randbytes(dice.randint(0, 20))
    middle = bytes((dice.randint(0, 255), dice.randint(0, 255)))
    return front + middle + _inside(dice, *_ADDRESS) + bytes((len(data),)) + data


_TPDUS = (
    *((Kind.SUBMIT, submit),) * 5,
    *((Kind.DELIVER, deliver),) * 5,
    *((Kind.STATUS_REPORT, status_report),) * 2,
    (Kind.DELIVER_REPORT, lambda dice: report(dice, 0)),
    (Kind.SUBMIT_REPORT, lambda dice: report(dice, 1)),
    (Kind.COMMAND, ordered),
)

# SMPP ---------------------------------------------------------------------------------------------

_CARRIERS = (pdus.SubmitSm, pdus.DeliverSm)


def message(dice: random.Random) -> bytes:
    """A submit_sm or deliver_sm whose header, if esm_class says that there is one, is right."""
    draw = Draw(dice, printable=True)
    body = draw.body(dice.choice(_CARRIERS), parameters=0)
    octet = dice.choice((0, 1, 2, 3, 4, 8, 0xC8, 0xD1, 0xE3, 0xF1, 0xF5))
    front = header(dice, 60)
    text = _text(dice, "Meet at five, [A]").encode()[:100]
    if octet in (8, 0xE3):
        text = _text(dice, _WIDE).encode("utf-16-be")[:100]
    esm_class = dice.randint(0, 255) & ~0x40 | 0x40 * bool(front)
    tlvs = tuple(
        draw.tlv((tag,)) for tag in dice.sample((*Tag, 0x1401, 0x3FFF), dice.randint(0, 5))
    )
    tlvs = tuple(tlv for tlv in tlvs if tlv.tag != Tag.MESSAGE_PAYLOAD)
    made = replace(
        body, esm_class=esm_class, data_coding=octet, short_message=front + text, tlvs=tlvs
    )
    return encode(Pdu(made, draw.number(4)))


def any_pdu(dice: random.Random) -> bytes:
    draw = Draw(dice, printable=True)
    kinds = [kind for kind in KINDS if kind not in _CARRIERS]
    found = draw.pdu(dice.choice(kinds))
    if hasattr(found.body, "esm_class"):
        found = found._replace(body=replace(found.body, esm_class=found.body.esm_class & ~0x40))
    return encode(found)


def cases(seed: int, count: int) -> list[Case]:
    """So many TPDUs and PDUs: the half of them are of SMPP."""
    found = []
    for n in range(count):
        dice = random.Random(f"{seed} {n}")
        if n % 2:
            found.append(Case(message(dice) if n % 4 == 1 else any_pdu(dice)))
        else:
            kind, make = dice.choice(_TPDUS)
            found.append(Case(make(dice), kind))
    return found


# tshark -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dissected:
    """A field of tshark's: its name, its octets, what it shows, and its bits if it has some."""

    name: str
    start: int
    end: int
    show: str
    value: str
    bits: int | None


def dissect(found: list[Case], path: Path) -> list[list[Dissected]]:
    """The fields of each case in one run of tshark; a capture of exported PDUs (link type 252)."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x3FFFF, 252)]
    for case in found:
        name = b"gsm_sms\0" if case.kind else b"smpp"
        tags = struct.pack(">HH", 12, len(name)) + name
        tags += struct.pack(">HHIHH", 35, 4, case.sent, 0, 0)
        size = len(tags) + len(case.octets)
        out.append(struct.pack("<IIII", 0, 0, size, size) + tags + case.octets)
    path.write_bytes(b"".join(out))
    command = ["tshark", "-n", "-r", str(path), "-o", "gsm_sms.reassemble:FALSE", "-T", "pdml"]
    command += ["-o", "gsm_sms_ud.port_number_udh_means_wsp:FALSE"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=_SECONDS
    )
    # tshark writes control characters as they are, which XML has not.
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", done.stdout.decode("utf-8", "replace"))
    packets = ET.fromstring(text).findall("packet")  # noqa: S314 - tshark's own
    return [_fields(packet, case) for packet, case in zip(packets, found, strict=True)]


def _fields(packet: ET.Element, case: Case) -> list[Dissected]:
    protocols = {proto.get("name"): proto for proto in packet.findall("proto")}
    frame = int(protocols["frame"].get("size"))
    base = frame - len(case.octets)
    return [
        Dissected(
            one.get("name"),
            int(one.get("pos")) - base,
            int(one.get("pos")) - base + int(one.get("size")),
            one.get("show") or "",
            one.get("value") or "",
            _mask(one.get("showname") or ""),
        )
        for name, proto in protocols.items()
        if name not in ("geninfo", "frame", "exported_pdu")
        for one in proto.iter("field")
        if one.get("name")
    ]


_PATTERN = re.compile(r"([01.]{4} ?)+ = ")


def _mask(shown: str) -> int | None:
    """The bits of ``.... ..01 = TP-MTI``."""
    match = _PATTERN.match(shown)
    if match is None:
        return None
    digits = match[0].replace(" ", "").rstrip("=")
    return int("".join("0" if digit == "." else "1" for digit in digits), 2)
