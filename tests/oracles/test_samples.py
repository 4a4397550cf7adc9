"""gammu and tshark read the messages of the samples as we mean them.

Parts are taken from the written files, not from our values.
"""

from pathlib import Path

import oracles
import pytest
from command import records, smsenc
from PIL import Image
from places import ROOT

from smsenc import Coding, MessageClass, Segment, encode_text, messagefile, split

SAMPLES = ROOT / "samples"
TEXT_REFERENCE = 250  # no record of the samples has it


def run(*arguments):
    done = smsenc(*arguments, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return records(done)


@pytest.fixture(scope="module")
def outbox(tmp_path_factory):
    return tmp_path_factory.mktemp("samples") / "outbox"


@pytest.fixture(scope="module")
def written(outbox):
    return run("convert", "samples", "--to", "448311234567", "--out", outbox, "--json")


@pytest.fixture(scope="module")
def shown(written, outbox):
    assert written
    return {record["source"]: record["content"] for record in run("inspect", outbox, "--json")}


@pytest.fixture(scope="module")
def by_gammu(written):
    """What gammu understands of each record's parts, by the record's first file."""
    return asked(oracles.gammu, written)


@pytest.fixture(scope="module")
def by_tshark(written):
    """What tshark dissects in each record's parts, by the record's first file."""
    return asked(oracles.tshark, written)


def asked(program, written):
    messages = [[oracles.part_of(s) for s in segments(record)] for record in written]
    return dict(zip((record["files"][0] for record in written), program(messages), strict=True))


def segments(record):
    for path in record["files"]:
        message = messagefile.loads(Path(path).read_bytes())
        if message.text is None:
            yield Segment(
                udh=message.udh,
                data=message.data,
                coding=Coding.OCTETS,
                units=len(message.data),
                message_class=MessageClass.ME,
            )
        else:
            coding = "ucs2" if message.unicode else "gsm7"
            payload = encode_text(message.text, coding=coding)
            yield from split(payload, reference=TEXT_REFERENCE)


def of_kind(written, *kinds):
    records = [record for record in written if record["kind"] in kinds]
    assert records
    return records


PORTS = {
    "vcard": 0x23F4,
    "calendar": 0x23F5,
    "ringtone": 0x1581,
    "operator-logo": 0x1582,
    "caller-icon": 0x1583,
}


def test_headers_and_octets_are_what_tshark_dissects(written, by_tshark):
    for record in of_kind(written, *PORTS):
        ours = list(segments(record))
        dissected = by_tshark[record["files"][0]]
        assert len(dissected) == record["parts"] == len(ours)
        assert all(int(d["gsm_sms.destination_port"]) == PORTS[record["kind"]] for d in dissected)
        assert [int(d["gsm_sms.tp.user_data_length"]) for d in dissected] == [s.udl for s in ours]
        if len(ours) > 1:
            assert [int(d["gsm_sms.udh.mm.msg_part"]) for d in dissected] == [
                n + 1 for n in range(len(ours))
            ]
            assert len({d["gsm_sms.udh.mm.msg_id"] for d in dissected}) == 1
            assert int(dissected[-1]["gsm_sms.reassembled.length"]) == sum(
                len(s.data) for s in ours
            )


def test_texts_read_the_same_everywhere(written, by_gammu, by_tshark):
    for record in of_kind(written, "text"):
        text = (ROOT / record["source"]).read_text(encoding="utf-8").rstrip("\n")
        parts = by_gammu[record["files"][0]]["parts"]
        assert "".join(part["text"] for part in parts) == text
        bodies = [d["gsm_sms.sms_text"] for d in by_tshark[record["files"][0]]]
        assert "".join(bodies) == text


def test_cards_have_the_same_names_and_numbers_for_gammu(written, shown, by_gammu):
    for record in of_kind(written, "vcard"):
        ours = shown[record["files"][0]]
        entries = by_gammu[record["files"][0]]["vcard"]["Entries"]
        texts = {entry["Value"] for entry in entries if isinstance(entry["Value"], str)}
        numbers = {entry["Value"] for entry in entries if entry["Type"].startswith("Number")}
        assert numbers == {tel["number"] for tel in ours["tel"]}
        first, last = (
            next((e["Value"] for e in entries if e["Type"] == t), "")
            for t in ("Text_FirstName", "Text_LastName")
        )
        assert first in ours["name"]
        assert last in ours["name"]
        assert first or last
        assert {email["address"] for email in ours.get("email", ())} <= texts


def test_events_have_the_same_words_and_times_for_gammu(written, shown, by_gammu):
    for record in of_kind(written, "calendar"):
        ours = shown[record["files"][0]]
        understood = by_gammu[record["files"][0]]["vcal"]
        entries = {e["Type"]: e["Value"] for e in understood["Entries"]}
        assert entries["TEXT"] == ours["summary"]
        end = ours.get("end", ours.get("due", ""))  # gammu has one name for both
        for time, theirs in ((ours.get("start", ""), "START"), (end, "END")):
            found = entries.get(f"{theirs}_DATETIME", "").removesuffix("+00:00")
            assert found == time.removesuffix("Z")


def test_tunes_have_the_same_notes_for_gammu(written, shown, by_gammu):
    from converters.tunes import rtttl

    for record in of_kind(written, "ringtone"):
        ours = shown[record["files"][0]]
        theirs = by_gammu[record["files"][0]]["ringtone_rtttl"]
        read, _ = rtttl.parse(theirs)
        same, _ = rtttl.parse(ours["rtttl"])
        assert len(read.notes) > 10
        assert [(n.pitch, n.duration, n.tempo) for n in read.notes] == [
            (n.pitch, n.duration, n.tempo) for n in same.notes
        ]


def test_logos_have_the_same_pixels_for_gammu(written, shown):
    icons = []
    for record in of_kind(written, "caller-icon", "operator-logo"):
        assert len(shown[record["files"][0]]["rows"]) == 14
        # The caller icon has the version octet 30 before the bitmap; gammu leaves it out.
        octets = b"".join(s.data for s in segments(record))
        assert octets[:5].hex() == "3000480e01"
        bare = Segment(
            udh=bytes.fromhex("06050415830000"),
            data=octets[1:],
            coding=Coding.OCTETS,
            units=len(octets) - 1,
            message_class=MessageClass.ME,
        )
        icons.append((shown[record["files"][0]]["rows"], oracles.part_of(bare)))
    understood = oracles.gammu([part] for _, part in icons)
    assert [one["ota_bitmap"]["rows"] for one in understood] == [rows for rows, _ in icons]


def test_the_drawn_logo_is_pixel_for_pixel_the_sample(written, shown):
    (record,) = (r for r in written if r["source"] == "samples/logo.png")
    with Image.open(SAMPLES / "logo.png") as picture:
        grey = picture.convert("L")
        rows = [
            "".join("#" if grey.getpixel((x, y)) < 128 else "." for x in range(grey.width))
            for y in range(grey.height)
        ]
    assert shown[record["files"][0]]["rows"] == rows
