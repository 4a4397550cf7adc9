import csv
from dataclasses import replace
from pathlib import Path

import pytest
from campaigns import campaign, outbox, unmarked

from converters.pipeline import items
from smsenc import IEI, Payload, Port, join, messagefile, udh
from smsenc.messagefile.packing import package
from smsenc.model import Coding, Segment
from smsgate.campaign.engine import RunSettings, run
from smsgate.campaign.rows import attachments
from smsgate.campaign.rows.job import BLANK, head
from smsgate.campaign.tables.kinds import chunks, open_table
from smsgate.campaign.worker import ChunkTask, work

OCTETS = Coding.OCTETS

CARD = "BEGIN:VCARD\nVERSION:3.0\nN:{0};Ann\nFN:Ann {0}\nTEL:+447700900123\nNOTE:{1}\nEND:VCARD\n"


@pytest.fixture
def cards(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.vcf").write_text(CARD.format(name.title(), "x" * 120))
    (tmp_path / "bad.vcf").write_text("no card")
    (tmp_path / "both.vcf").write_text(CARD.format("A", "") + CARD.format("B", ""))
    return tmp_path


def table(folder, names):
    path = folder / "people.csv"
    with open(path, "w", newline="") as file:
        rows = [(f"+4474001{n:05}", name) for n, name in enumerate(names)]
        csv.writer(file).writerows([("number", "card"), *rows])
    return path


def by_column(folder, names, **changes):
    return campaign(table(folder, names), attach_column=1, attachments=str(folder), **changes)


def messages(folder):
    return {name: messagefile.loads(octets) for name, octets in outbox(folder).items()}


def payload(found):
    """The parts of one message, put together again."""
    parts = (
        Segment(udh=m.udh or b"", data=m.data, coding=Coding.OCTETS, units=len(m.data))
        for m in found
    )
    return join(parts)


def test_rows_in_turn_share_a_message(cards, tmp_path):
    names = ["one.vcf", "one.vcf", "two.vcf", "one.vcf"]
    report = run(by_column(cards, names), tmp_path / "out", RunSettings(rows=2))
    found = messages(tmp_path / "out")
    assert list(map(unmarked, found)) == [
        f"000/00000{n}-{name}.p{part}-{2}.txt"
        for n, name in ((1, "one"), (2, "two"), (3, "one"))
        for part in (1, 2)
    ]
    assert [len(m.to) for m in found.values()] == [2, 2, 1, 1, 1, 1]
    assert (report.sent, report.files, report.tally.parts) == (4, 6, 8)
    for n, name in ((0, "one"), (1, "two"), (2, "one")):
        (item,) = items(f"{name}.vcf", (cards / f"{name}.vcf").read_bytes())
        assert payload(list(found.values())[2 * n : 2 * n + 2]).data == item.payload.data


def test_an_attachment_for_all_is_one_message(cards, tmp_path):
    path = table(cards, ["-"] * 25)
    run(
        campaign(path, attach=str(cards / "one.vcf"), limit=20),
        tmp_path / "out",
        RunSettings(rows=4),
    )
    assert [len(m.to) for m in messages(tmp_path / "out").values()] == [20, 20, 5, 5]


def test_a_file_of_two_cards_is_two_messages(cards, tmp_path):
    report = run(by_column(cards, ["both.vcf"] * 3), tmp_path / "out")
    assert [len(m.to) for m in messages(tmp_path / "out").values()] == [3, 3]
    assert report.tally.parts == 6


def test_references_follow_the_rows(cards, tmp_path):
    names = ["one.vcf", "two.vcf"] * 130
    run(by_column(cards, names, reference=255), tmp_path / "out", RunSettings(rows=50))
    headers = [udh.decode(m.udh) for m in messages(tmp_path / "out").values()]
    found = [e.data[0] for header in headers for e in header if e.iei == IEI.CONCATENATION_8]
    # The first row of a table is row 2, behind its header.
    assert found[::2] == [row % 255 or 255 for row in range(1, 261)]


@pytest.mark.parametrize(
    ("cell", "code", "reason"),
    [
        ("", "empty", "expected a file, found an empty cell"),
        ("../x.vcf", "attachment", "expected a file below {0}, found '../x.vcf'"),
        ("/etc/passwd", "attachment", "expected a file below {0}, found '/etc/passwd'"),
        ("no.vcf", "attachment", "no.vcf: no such file"),
        ("bad.vcf", "attachment", "bad.vcf: line 1: expected a vCard, found 'no card'"),
    ],
)
def test_what_cannot_be_sent_is_rejected(cards, cell, code, reason):
    made = by_column(cards, ["one.vcf", cell])
    result = work(ChunkTask(made, next(chunks(made.table))))
    (reject,) = result.rejects
    assert (reject.row, reject.column, reject.code) == (3, "card", code)
    assert reject.reason.startswith(reason.format(cards))
    assert len(result.own) == 1


def test_an_attachment_is_converted_once(cards, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        attachments, "read", lambda path: seen.append(path) or Path(path).read_bytes()
    )
    attachments.attachment.cache_clear()
    run(by_column(cards, ["one.vcf", "two.vcf"] * 50), tmp_path / "out", RunSettings(rows=10))
    assert len(seen) == 2
    assert open_table(str(cards / "people.csv")).columns == ("number", "card")


@pytest.mark.parametrize(
    "options",
    [{}, {"sender": "447700900001", "client_id": "abc123", "reply": "a@example.com"}],
)
@pytest.mark.parametrize("data", [b"", b"x", b"x" * 133, b"x" * 500])
def test_parts_are_written_as_their_messages_would_be(tmp_path, options, data):
    (tmp_path / "one.vcf").write_text("")
    message = replace(BLANK, **options)
    made = by_column(tmp_path, ["one.vcf"], message=message)
    for payload in (Payload.to_port(Port.VCARD, data), Payload(data=data or b"y", coding=OCTETS)):
        expected = package(payload, message, reference=7).messages
        assert attachments._heads(made, payload, 7) == tuple(map(head, expected))
