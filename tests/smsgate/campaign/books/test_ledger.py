import sqlite3

import pytest

from converters.errors import GuardError
from smsgate.campaign.books.layout import Position
from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.books.records import FinishedChunk, OpenRow, Slot
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows.keys import packed
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.model import RejectCode
from smsgate.errors import OutboxError
from smsgate.outbox.home import Home
from smsgate.outbox.runs import RunIdentity, RunKind

COUNTERS = {
    **dict.fromkeys(("rows", "sent", "rejected", "guarded", "duplicates", "opted_out", "blank"), 2),
    "substituted": 0,
    "tally": CostTally().to_json(),
    "notes": ["card: cut"],
}
CHUNK = FinishedChunk(digest=b"d" * 16, keys=packed([2, 1]), counters=COUNTERS)
RUN = RunIdentity(kind=RunKind.BATCH, key="rows", label="2026-11-28")
OTHER = RunIdentity(kind=RunKind.BATCH, key="other rows", label="2026-11-28")


def opened(tmp_path):
    return Ledger(Home(tmp_path / "out", tmp_path, ""))


@pytest.fixture
def ledger(tmp_path):
    with opened(tmp_path) as found:
        found.begin("campaign", RUN)
        yield found


def test_a_new_journal_is_empty(ledger):
    assert ledger.mark == RUN.mark
    assert ledger.position == Position()
    assert (ledger.chunk(0), ledger.chunks(), ledger.open_rows()) == (None, 0, [])


def test_what_is_stored_is_read_back_by_the_next_run(tmp_path):
    rejects = [Reject(7, "to", RejectCode.LETTERS, "expected digits", ("x", "é"))]
    names = ("000/000003-x.abcdefgh.txt",)
    row = OpenRow(Slot.OWN, 3, b"key", names, (b"text:x\n",), 2, 1, 44, b"d" * 16)
    with opened(tmp_path) as ledger:
        ledger.begin("campaign", RUN)
        with ledger.transaction():
            ledger.commit_chunk(0, CHUNK, rejects)
            ledger.store_open_rows([row])
            ledger.add_lines(3, 0, b"to:1\n", b"1234")
            ledger.add_files([("000001-x.abcdefgh.txt", "digest")], [])
            ledger.store_position(Position(4, 1, 2, 3))
    with opened(tmp_path) as ledger:
        ledger.begin("campaign", RUN)
        assert ledger.position == Position(4, 1, 2, 3)
        assert (ledger.chunk(0), ledger.chunks()) == (CHUNK, 1)
        assert [list(keys) for keys in ledger.stored_keys()] == [[1, 2]]
        assert list(ledger.rejects()) == rejects
        assert ledger.open_rows() == [row]
        assert list(ledger.lines(3)) == [(b"to:1\n", b"1234")]
        assert ledger.unsent_files() == {"000001-x.abcdefgh.txt": "digest"}


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
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    with (
        pytest.raises(OutboxError, match="cannot write the journal: disk i/o error"),
        ledger.transaction(),
    ):
        raise error


def test_runs_of_one_journal_know_only_their_own_rows(ledger):
    with ledger.transaction():
        ledger.commit_chunk(0, CHUNK, [Reject(2, "", RejectCode.CELLS, "r")])
        ledger.store_position(Position(5, 1, 7, 9))
    ledger.begin("campaign", OTHER)
    assert (ledger.chunk(0), ledger.chunks(), list(ledger.rejects())) == (None, 0, [])
    assert list(ledger.stored_keys()) == []
    assert [list(keys) for keys in ledger.stored_keys(RUN.mark)] == [[1, 2]]
    assert ledger.position == Position(1, 1, 7, 0)  # its files fill the last folder
    assert [run.mark for run in ledger.campaigns()] == [RUN.mark, OTHER.mark]
    assert [run.mark for run in ledger.earlier("campaign", OTHER)] == [OTHER.mark, RUN.mark]
    assert ledger.earlier("another campaign", OTHER) == []


def test_an_unfinished_run_is_found_on_another_day(ledger):
    later = RunIdentity(kind=RunKind.BATCH, key="rows", label="2026-11-29")
    assert [run.label for run in ledger.earlier("campaign", later)] == ["2026-11-28"]
    ledger.finish()
    assert ledger.earlier("campaign", later) == []
    with ledger.transaction():
        ledger.commit_chunk(0, CHUNK, [])  # more was written: it is not finished
        ledger.store_position(ledger.position)
    assert len(ledger.earlier("campaign", later)) == 1


def test_a_campaign_of_an_earlier_version_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "journal") as base:
        base.execute("CREATE TABLE campaign (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        base.execute(f"PRAGMA application_id = {0x534D5331}")
    base.close()
    with pytest.raises(GuardError) as caught, opened(tmp_path):
        pass
    assert str(caught.value) == (
        f"{tmp_path / 'out'}: has a campaign of an earlier version of smsenc, which cannot be "
        "continued: use another --out"
    )
