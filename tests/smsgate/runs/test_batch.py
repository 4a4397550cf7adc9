"""A run over many sources, and the recipients that it is for."""

import pytest
from outboxes import message_files

from converters.pipeline import Job
from smsenc import NumberError
from smsenc.messagefile import Message, loads
from smsgate.outbox.folder import Outbox
from smsgate.outbox.runs import RunIdentity, RunKind
from smsgate.runs.batch import recipients, run

TO = "447700900123"
JOB = Job(recipients=(TO,), template=Message(to=(TO,), text=""))
IDENTITY = RunIdentity(kind=RunKind.CONVERT, key="", label="")
CARD = "BEGIN:VCARD\nVERSION:2.1\nN:{}\nTEL:+44 7700 900123\nEND:VCARD\n"


@pytest.fixture
def sources(tmp_path):
    """A short card, one in several parts, and between them a source that is none."""
    long = CARD.format("x" * 60 + ";" + "y" * 60)
    for name, text in {"a.vcf": CARD.format("A") + long, "b.vcf": "none", "c.vcf": long}.items():
        (tmp_path / name).write_text(text)
    return [str(tmp_path / name) for name in ("a.vcf", "b.vcf", "gone.vcf", "c.vcf")]


def references(outcome):
    """The concatenation references of the message's files: their headers end in it, N and I."""
    return {loads(octets).udh[-3] for _, octets in outcome.files if outcome.parts > 1}


def test_every_message_has_an_outcome(sources, tmp_path):
    with Outbox(tmp_path / "out") as outbox:
        outbox.begin(IDENTITY)
        outcomes = list(run(sources, JOB, outbox, reference=255, number=7))
    assert [one.status for one in outcomes] == [
        "written",
        "written",
        "rejected",
        "rejected",
        "written",
    ]
    assert [str(one.error) for one in outcomes if one.error] == [
        f"{sources[1]}:1: expected a vCard, found 'none'",
        f"{sources[2]}: no such file",
    ]
    names = [name for one in outcomes for name, _ in one.files]
    assert [name[:8] for name in names if ".p1-" in name or ".p" not in name] == [
        "000007-a",
        "000008-a",
        "000009-c",
    ]
    assert sorted(names) == sorted(path.name for path in message_files(tmp_path / "out"))


def test_references_follow_each_other_from_255_to_1(sources):
    outcomes = list(run(sources, JOB, None, reference=255))
    assert [references(one) for one in outcomes] == [set(), {255}, set(), set(), {1}]


def test_without_an_outbox_nothing_is_written(sources, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert [len(one.files) > 0 for one in run(sources, JOB, None)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert sorted(tmp_path.iterdir()) == before


def test_a_message_that_cannot_be_written_is_rejected(sources, tmp_path):
    with Outbox(tmp_path / "out") as outbox:
        outbox.begin(IDENTITY)
        (tmp_path / "out/000001-a.txt").mkdir()  # no file can be renamed to this
        first, second, *_ = run(sources, JOB, outbox)
    assert (first.status, first.files, first.parts) == ("rejected", (), 0)
    assert str(first.error) == f"{sources[0]}: cannot write to {tmp_path / 'out'}: is a directory"
    assert second.status == "written"


def test_recipients_of_the_command_line_and_of_files(tmp_path):
    (tmp_path / "list").write_text(" 448311234567\r\n\nabc\n+44 7700 900123\r448311234567")
    numbers, errors = recipients(
        ["+44 7700 900123"], [str(tmp_path / "list"), str(tmp_path / "none")]
    )
    assert numbers == ("447700900123", "448311234567")
    assert [str(error) for error in errors] == [
        f"{tmp_path / 'list'}:3: expected digits, found letters in 'abc'",
        f"{tmp_path / 'none'}: no such file",
    ]
    with pytest.raises(NumberError):
        recipients(["abc"], [])


def test_a_file_that_is_no_list_of_numbers_gives_one_error(tmp_path):
    junk, good = tmp_path / "junk.txt", tmp_path / "good.txt"
    junk.write_bytes(b"447700900123\n" + b"x\r" * 5_000)
    good.write_bytes(b"447700900124\nx\n")
    numbers, (first, second) = recipients((), (str(junk), str(good)))
    assert numbers == ("447700900124",)
    assert str(first) == (f"{junk}:1002: expected a list of numbers, found 1001 lines without one")
    assert (second.source, second.line) == (str(good), 2)


def test_numbers_of_command_line_and_list_are_cleaned_as_everywhere(tmp_path):
    (tmp_path / "list").write_text(
        '\u202a+447700900321\u202c\n="447700900322"\n+447700900323 / 24\n'
    )
    numbers, errors = recipients(
        ["+44 (0)7700\u2009900324", "tel:+447700900325", "'447700900326"], [str(tmp_path / "list")]
    )
    assert numbers == tuple(
        str(n) for n in (*range(447700900324, 447700900327), 447700900321, 447700900322)
    )
    assert [str(error) for error in errors] == [
        f"{tmp_path / 'list'}:3: expected one number, found two or more in '+447700900323 / 24'"
    ]
    with pytest.raises(NumberError, match=r"--to: expected a number, found '4.47701E.11'"):
        recipients(["4.47701E+11"], [])
