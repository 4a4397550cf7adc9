"""What a message centre receives is what the message file said: samples and generated files.

All files go through one gateway into one message centre. Its PDUs are joined and decoded by us and
by gammu, which gets them from the octets on the wire, not from our decoder. The number of generated
files is in SMSENC_GATEWAY_FILES.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import oracles
from command import NUMBER, records, smsenc
from gatewayfiles import File, generated, with_sample
from gateways import Gateway, Smsc, Wire, by_number, put, until, wire
from phones import by_gammu, received, tpdu_part
from places import ROOT

from converters.outputs.messagetypes import payload_of
from converters.pictures.logos import encode_removal
from converters.tunes import rtttl
from smsenc import Coding, MessageClass, Payload, decode_text, join, messagefile, split, udh
from smsenc.messagefile.packing import Pack

FILES = int(os.environ.get("SMSENC_GATEWAY_FILES", "1000"))
SECONDS = 120


class Sample(NamedTuple):
    """A message of samples/: its files by name, and what its recipient must get."""

    source: str
    number: str
    files: dict[str, bytes]
    payload: Payload


class Passed(NamedTuple):
    """What went in, the answers, and what came out, by number."""

    samples: list[Sample]
    files: list[File]
    answers: dict[str, list]
    parts: dict[str, list]
    by_gammu: dict[str, dict]


def through_the_gateway(folder):
    """Everything once through one gateway."""
    with Smsc(folder / "smsc") as smsc, Gateway(folder / "data", smsc.port) as gateway:
        account = gateway.account
        files = [generated(n, account) for n in range(FILES)]
        samples = [*_samples(folder, account)]
        sent = {one.name: one.octets for one in files}
        sent |= {name: octets for one in samples for name, octets in one.files.items()}
        with gateway.session() as client:
            for name, octets in sent.items():
                put(client, name, octets)
        there = gateway.folder()
        until(lambda: len([*there.glob("*.txt.log")]) == len(sent), gateway.errors, SECONDS)
        gateway.settled(SECONDS)
        answers = {name: gateway.log(name) for name in sent}
    parts = by_number(smsc.received())
    read = by_gammu(parts.values())
    return Passed(samples, files, answers, parts, dict(zip(parts, read, strict=True)))


def _samples(folder, account):
    """Every message file that ``smsenc convert samples/`` makes, in each packing."""
    secrets = {
        "SMSENC_API_ID": account.api_id,
        "SMSENC_USER": account.user,
        "SMSENC_PASSWORD": account.password,
    }
    for at, pack in enumerate(Pack):
        words = ("convert", "samples", "--to", NUMBER, "--out", folder / pack, "--pack", pack)
        done = smsenc(*words, "--json", cwd=ROOT, env=secrets)
        for n, record in enumerate(records(done)):
            if record["files"]:
                number = f"4478{at}{n:07}"
                files = {
                    f"{pack}-{os.path.basename(path)}": with_sample(_read(path), NUMBER, number)
                    for path in record["files"]
                }
                yield Sample(record["source"], number, files, _meant(files.values()))


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _meant(files):
    """The payload that message files say: of one, or of one for each part."""
    payloads = [payload_of(messagefile.loads(octets)) for octets in files]
    if len(payloads) == 1:
        return payloads[0]
    return join(segment for one in payloads for segment in split(one, reference=1))


def all_expected(passed):
    return {to: (one, what) for one in passed.files for to, what in one.expected.items()}


# --- Accepted, and complete -----------------------------------------------------------------------


def every_recipient_is_accepted(passed):
    for one in passed.files:
        found = {answer.to: answer.state for answer in passed.answers[one.name]}
        assert found == dict.fromkeys(one.expected, "accepted"), (one, passed.answers[one.name])
    for sample in passed.samples:
        for name in sample.files:
            (answer,) = passed.answers[name]
            assert (answer.to, answer.state) == (sample.number, "accepted"), (name, answer)


def nothing_else_was_sent(passed):
    numbers = {*all_expected(passed), *(one.number for one in passed.samples)}
    assert set(passed.parts) == numbers


def the_parts_of_a_message_come_in_order_and_fit(passed):
    for number, bodies in passed.parts.items():
        places = [place(wire(body)) for body in bodies]
        assert places == [(n, len(bodies)) for n in range(1, len(bodies) + 1)], number
        assert len({body.data_coding for body in bodies}) == 1
        for one in map(wire, bodies):
            header, data, length = tpdu_part(one)
            assert len(header) + len(data) <= 140, number
            assert length <= 160


def place(one: Wire):
    """Number and count of a part, as its header says."""
    at = 1
    while at < len(one.header):
        iei, size = one.header[at : at + 2]
        if iei in (0, 8):
            total, number = one.header[at + size : at + size + 2]
            return number, total
        at += 2 + size
    return 1, 1


# --- Read by us -----------------------------------------------------------------------------------


def we_read_what_the_samples_said(passed):
    for sample in passed.samples:
        assert received(passed.parts[sample.number]) == sample.payload, sample.source


def we_read_what_the_generated_files_said(passed):
    for number, (file, expected) in all_expected(passed).items():
        found = received(passed.parts[number])
        if expected.text is not None:
            assert decode_text(found) == expected.text, file
            flash = found.message_class is MessageClass.FLASH
            assert flash == expected.flash, file
        else:
            assert found.coding is Coding.OCTETS, file
            assert (udh.encode(found.elements) if found.elements else b"") == expected.header, file
            if expected.open_start:
                assert found.data.endswith(expected.octets), file
            else:
                assert found.data == expected.octets, file


def a_logo_is_removed_by_an_empty_one(passed):
    for number, (file, expected) in all_expected(passed).items():
        if b"SMS_NOKIA_CLEAN" in file.octets:
            assert received(passed.parts[number]).data == encode_removal()
            assert expected.header


def senders_and_receipts_are_as_asked(passed):
    for number, (file, _) in all_expected(passed).items():
        for body in passed.parts[number]:
            assert body.source_addr.digits == file.sender, file
            assert bool(body.registered_delivery & 3) == file.ack, file


# --- Read by gammu --------------------------------------------------------------------------------


def gammu_reads_the_texts(passed):
    for number, (file, expected) in all_expected(passed).items():
        if expected.text is None:
            continue
        parts = passed.by_gammu[number]["parts"]
        assert "".join(part["text"] for part in parts) == expected.text, file
        classes = {part["class"] for part in parts}
        assert classes == ({0} if expected.flash else {-1}), file


def gammu_finds_ports_and_octets(passed):
    for number, (file, expected) in all_expected(passed).items():
        if expected.text is not None:
            continue
        data = b"".join(wire(body).data for body in passed.parts[number])
        assert data.endswith(expected.octets), file
        if expected.header[1:2] == b"\x05":
            assert passed.by_gammu[number]["port"] == f"0x{expected.header[3:5].hex().upper()}", (
                file
            )
        assert {part["coding"] for part in passed.by_gammu[number]["parts"]} == {"8bit"}


def gammu_reads_the_contents_of_predefined_types(passed):
    for number, (file, expected) in all_expected(passed).items():
        found = passed.by_gammu[number]
        if expected.tune:
            ours, _ = rtttl.parse(expected.tune)
            theirs, _ = rtttl.parse(found["ringtone_rtttl"])
            assert tones(theirs) == tones(ours), file
        elif b"NOKIA_OLOGO" in file.octets:  # a caller icon has a version, which gammu leaves out
            assert found["ota_bitmap"]["rows"] == rows(expected.octets), file
        elif b"NOKIA_VCARD" in file.octets:
            values = {entry["Value"] for entry in found["vcard"]["Entries"]}
            assert {"Bloggs", "+1234567890"} <= values, file
        elif b"NOKIA_VCAL" in file.octets:
            values = [entry["Value"] for entry in found["vcal"]["Entries"]]
            assert expected.octets.split(b"SUMMARY:")[1].split(b"\r")[0].decode() in values, file


def rows(bitmap):
    """The rows of an OTA bitmap 72 pixels wide."""
    bits = "".join(f"{octet:08b}" for octet in bitmap[4:]).translate({48: ".", 49: "#"})
    return [bits[at : at + 72] for at in range(0, len(bits), 72)]


def tones(melody):
    return [(note.pitch, note.duration) for note in melody.notes]


def gammu_reads_the_samples_as_it_reads_their_own_parts(passed):
    own = oracles.gammu(
        [oracles.part_of(part) for part in split(one.payload, reference=1)]
        for one in passed.samples
    )
    for sample, meant in zip(passed.samples, own, strict=True):
        assert said(passed.by_gammu[sample.number]) == said(meant), sample.source


def said(found):
    keys = ("port", "ringtone_rtttl", "ota_bitmap", "vcard", "vcal")
    parts = [{k: v for k, v in part.items() if not k.startswith("id")} for part in found["parts"]]
    return {key: found.get(key) for key in keys} | {"parts": parts}


CHECKS = (
    every_recipient_is_accepted,
    nothing_else_was_sent,
    the_parts_of_a_message_come_in_order_and_fit,
    we_read_what_the_samples_said,
    we_read_what_the_generated_files_said,
    a_logo_is_removed_by_an_empty_one,
    senders_and_receipts_are_as_asked,
    gammu_reads_the_texts,
    gammu_finds_ports_and_octets,
    gammu_reads_the_contents_of_predefined_types,
    gammu_reads_the_samples_as_it_reads_their_own_parts,
)


def test_what_arrives_is_what_the_files_said(tmp_path):
    # One test, because each process of xdist would have a run of its own.
    passed = through_the_gateway(tmp_path)
    for check in CHECKS:
        check(passed)
