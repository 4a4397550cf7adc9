import sqlite3

import pytest

from converters.errors import GuardError
from smsgate.campaign.books.layout import Position
from smsgate.campaign.books.ledger import FinishedChunk, Ledger, OpenRow, Slot
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows.keys import packed
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.model import RejectCode
from smsgate.errors import OutboxError

COUNTERS = {
    **dict.fromkeys(("rows", "sent", "rejected", "guarded", "duplicates", "opted_out"), 1),
    "substituted": 0,
    "tally": CostTally().to_json(),
    "notes": ["card: cut"],
}
CHUNK = FinishedChunk(digest=b"d" * 16, keys=packed([2, 1]), counters=COUNTERS)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "out.journal") as opened:
        yield opened


def test_a_new_journal_is_empty(ledger):
    assert ledger.identity() is None
    assert ledger.position == Position()
    assert (ledger.chunk(0), ledger.chunks(), ledger.open_rows()) == (None, 0, [])


def test_what_is_stored_is_read_back_by_the_next_run(tmp_path):
    path = tmp_path / "out.journal"
    rejects = [Reject(7, "to", RejectCode.LETTERS, "expected digits", ("x", "é"))]
    row = OpenRow(Slot.OWN, 3, b"key", '["000/000003-x.txt"]', b"text:x\n", 2, 1, 44)
    with Ledger(path) as ledger:
        ledger.claim({"text": "'Hello'"})
        with ledger.transaction():
            ledger.store_position(Position(4, 1, 2, 3))
            ledger.commit_chunk(0, CHUNK, rejects)
            ledger.store_open_rows([row])
    with Ledger(path) as ledger:
        assert ledger.identity() == {"text": "'Hello'"}
        assert ledger.position == Position(4, 1, 2, 3)
        assert (ledger.chunk(0), ledger.chunks()) == (CHUNK, 1)
        assert [list(keys) for keys in ledger.stored_keys()] == [[1, 2]]
        assert list(ledger.rejects()) == rejects
        assert ledger.open_rows() == [row]


def test_a_chunk_replaces_its_earlier_version(ledger):
    for rejects in ([Reject(2, "", RejectCode.CELLS, "r")], []):
        with ledger.transaction():
            ledger.commit_chunk(0, CHUNK, rejects)
    assert ledger.chunks() == 1
    assert list(ledger.rejects()) == []


def test_a_transaction_that_fails_changes_nothing(ledger):

    def stop():
        ledger.commit_chunk(0, CHUNK, [])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ledger.transaction():
        stop()
    assert ledger.chunks() == 0
    with (
        pytest.raises(OutboxError, match="expected to write the journal, found: disk I/O error"),
        ledger.transaction(),
    ):
        raise sqlite3.OperationalError("disk I/O error")


def test_a_journal_belongs_to_one_campaign(ledger):
    ledger.claim({"text": "a", "table": "t"})
    ledger.claim({"text": "a", "table": "t"})
    with pytest.raises(GuardError) as caught:
        ledger.claim({"text": "b", "table": "t"})
    assert str(caught.value) == (
        "the outbox belongs to a campaign with a different text: use another --out"
    )


def test_names_and_values_in_the_tables_stay_the_same(ledger, tmp_path):
    """Journals of earlier runs are read: their names and values must not change."""
    ledger.claim({"text": "a"})
    with ledger.transaction():
        ledger.store_position(Position(2, 0, 1, 1))
        ledger.store_open_rows([OpenRow(Slot.TEMPLATE, 1, b",", "[]", b"", 1, 1, 0)])
    with sqlite3.connect(tmp_path / "out.journal") as other:
        assert other.execute("SELECT * FROM campaign ORDER BY name").fetchall() == [
            ("campaign", '{"text": "a"}'),
            ("place", "[2, 0, 1, 1]"),
        ]
        assert other.execute("SELECT slot FROM campaign_open").fetchall() == [("template",)]
    other.close()
    assert [slot.value for slot in Slot] == ["template", "own"]
