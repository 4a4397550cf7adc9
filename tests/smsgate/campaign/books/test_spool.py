import pytest
from campaigns import outbox

from smsgate.campaign.books.layout import Position
from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.books.records import Slot
from smsgate.campaign.books.spool import FileContents, Spool
from smsgate.campaign.rows.model import Group, row_numbers
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Volumes
from smsgate.outbox.home import Home
from smsgate.outbox.runs import RunIdentity, RunKind

MARK = RunIdentity(kind=RunKind.BATCH, key="k", label="2026-11-28").mark


def template_head(key, parts):
    return b"concat:%d\ndelimiter:%s\n" % (parts, key)


CONTENTS = FileContents(log_in=b"user:x\n", template_head=template_head, limit=3)


def rows(*names, parts=None, first=2):
    lines = b"".join(b"csv:%s\n" % name.encode() for name in names)
    numbers = row_numbers(range(first, first + len(names)))
    parts = bytes(parts or [1] * len(names))
    return Group(b",", "people", (), lines, len(names), parts, numbers)


def own(key, number):
    heads = (b"text:%s\n" % key,)
    return Group(key, "people", heads, b"to:%d\n" % number, 1, numbers=row_numbers([number]))


@pytest.fixture
def volumes(tmp_path):
    with Volumes(tmp_path / "out").opened() as opened:
        yield opened


@pytest.fixture
def ledger(tmp_path):
    with Ledger(Home(tmp_path, tmp_path, "")) as opened:
        opened.begin("k", RunIdentity(kind=RunKind.BATCH, key="k", label="2026-11-28"))
        yield opened


def settled(spooled, ledger):
    with ledger.transaction():
        spooled.settle()
    return ledger.open_rows()


def files(tmp_path, spooled, ledger):
    settled(spooled, ledger)
    return {name.replace("." + MARK, ""): o for name, o in outbox(tmp_path / "out").items()}


def numbers(ledger):
    """The rows of each file."""
    found = ledger._found("SELECT name, rows FROM campaign_rows ORDER BY name")
    return [list(memoryview(octets).cast("I")) for _, octets in found]


def test_rows_fill_a_file_up_to_its_limit(tmp_path, volumes, ledger):
    spooled = Spool(ledger, volumes, CONTENTS)
    spooled.add(Slot.TEMPLATE, rows("a", "b", parts=[1, 2]))
    spooled.add(Slot.TEMPLATE, rows("c", "d", "e", "f", "g", parts=[1, 1, 1, 1, 3], first=7))
    spooled.close()
    assert files(tmp_path, spooled, ledger) == {
        "000/000001-people.txt": b"user:x\nconcat:2\ndelimiter:,\ncsv:a\ncsv:b\ncsv:c\n",
        "000/000002-people.txt": b"user:x\nconcat:1\ndelimiter:,\ncsv:d\ncsv:e\ncsv:f\n",
        "000/000003-people.txt": b"user:x\nconcat:3\ndelimiter:,\ncsv:g\n",
    }
    assert spooled.position == Position(4, 0, 3, 3)
    assert numbers(ledger) == [[2, 3, 7], [8, 9, 10], [11]]


def test_a_message_with_another_key_closes_the_one_before(tmp_path, volumes, ledger):
    spooled = Spool(ledger, volumes, CONTENTS)
    for key, number in ((b"x", 1), (b"x", 2), (b"y", 3), (b"x", 4)):
        spooled.add(Slot.OWN, own(key, number))
    spooled.close()
    assert list(files(tmp_path, spooled, ledger).values()) == [
        b"user:x\ntext:x\nto:1\nto:2\n",
        b"user:x\ntext:y\nto:3\n",
        b"user:x\ntext:x\nto:4\n",
    ]
    assert numbers(ledger) == [[1, 2], [3], [4]]


def test_open_messages_go_on_in_the_next_run(tmp_path, volumes, ledger):
    first = Spool(ledger, volumes, CONTENTS)
    first.add(Slot.TEMPLATE, rows("a"))
    first.add(Slot.OWN, own(b"x", 1))
    assert [(row.slot, row.number, row.rows, row.size) for row in settled(first, ledger)] == [
        ("own", 2, 1, 5),
        ("template", 1, 1, 6),
    ]
    second = Spool(ledger, volumes, CONTENTS)
    assert not second.is_empty()
    second.add(Slot.TEMPLATE, rows("b", first=3))
    assert [row.size for row in settled(second, ledger)] == [5, 12]
    second.close()
    assert list(files(tmp_path, second, ledger).values()) == [
        b"user:x\nconcat:1\ndelimiter:,\ncsv:a\ncsv:b\n",
        b"user:x\ntext:x\nto:1\n",
    ]
    assert numbers(ledger) == [[2, 3], [1]]
    assert ledger.open_rows() == list(ledger.lines(1)) == []


CHANGES = {
    "gone": "DELETE FROM campaign_lines WHERE number = 1 AND start = {}",
    "shorter": "UPDATE campaign_lines SET lines = substr(lines, 2) WHERE start = {}",
    "zeros": "UPDATE campaign_lines SET lines = zeroblob(6) WHERE start = {}",
    "rows": "UPDATE campaign_lines SET rows = x'09000000' WHERE start = {}",
    "twice": "INSERT INTO campaign_lines SELECT run, number, 99 + {}, lines, rows"
    " FROM campaign_lines LIMIT 1",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("start", [0, 6])
def test_lines_that_are_not_as_they_were_stored_are_never_written(
    tmp_path, volumes, ledger, change, start
):
    spooled = Spool(ledger, volumes, CONTENTS)
    for name in "ab":
        spooled.add(Slot.TEMPLATE, rows(name))
        settled(spooled, ledger)
    ledger._base.execute(change.format(start))
    damaged = r"^the journal is damaged \(message 1 is not as it was stored\): restore it from a"
    with pytest.raises(OutboxError, match=damaged):
        Spool(ledger, volumes, CONTENTS)
    with pytest.raises(OutboxError, match=damaged):
        spooled.close()
    assert list(tmp_path.glob("out/*/[0-9]*.txt")) == []


def test_without_volumes_only_the_position_changes(tmp_path, ledger):
    spooled = Spool(ledger, None, CONTENTS)
    spooled.add(Slot.TEMPLATE, rows("a", "b", "c", "d"))
    assert [row.size for row in settled(spooled, ledger)] == [0]
    spooled.close()
    assert spooled.position == Position(3, 0, 2, 2)
    assert not (tmp_path / "out").exists()
