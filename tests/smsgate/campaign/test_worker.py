import gc
import pickle

import pytest
from campaigns import campaign

from converters.errors import SourceError
from smsgate.campaign.rows.keys import unpacked
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.kinds import chunks, digest
from smsgate.campaign.tables.model import RejectCode
from smsgate.campaign.worker import ChunkTask, work

TABLE = "number,name\n+447400123400,Ann\nn/a,Bob\n+447400123401,Анна\n+447400123400,Ann\n"


@pytest.fixture
def task(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    made = campaign(tmp_path / "t.csv", text="Hi #name#")
    (chunk,) = chunks(made.table)
    return ChunkTask(made, chunk)


def test_a_chunk_becomes_lines_messages_and_counts(task):
    result = work(task)
    assert result.digest == digest(task.campaign.table, task.chunk)
    assert result.template.lines == b"csv:447400123400,Ann\n"
    (own,) = result.own
    assert own.heads == (b"unicode:1\ntext:00480069002004100 43D043D0430\n".replace(b" ", b""),)
    assert own.lines == b"to:447400123401\n"
    assert result.rejects == (
        Reject(
            3,
            "number",
            RejectCode.LETTERS,
            "expected digits, found letters in 'n/a'",
            ("n/a", "Bob"),
        ),
    )
    assert (result.read, result.repeated, result.opted_out, result.substituted) == (4, 1, 0, 0)
    assert result.tally.by_country() == {"GB": (2, 2)}
    assert result.tally.unicode == 1
    assert pickle.loads(pickle.dumps(result)) == result == work(task)  # noqa: S301 - our own


def test_known_rows_are_not_sent_again(task):
    keys = unpacked(work(task).keys)
    assert len(keys) == 2
    again = work(task._replace(known=frozenset(keys)))
    assert (again.template, again.own, again.keys, again.repeated) == (None, (), b"", 3)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(task, tmp_path, enabled):
    (tmp_path / "t.csv").unlink()
    before = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with pytest.raises(SourceError, match="no such file"):
            work(task)
        assert gc.isenabled() is enabled
    finally:
        gc.enable() if before else gc.disable()
