"""The SQLite file of an outbox."""

import sqlite3
from contextlib import closing

import pytest

from smsgate.errors import OutboxError
from smsgate.outbox import journal

SCHEMA = "CREATE TABLE IF NOT EXISTS note (text TEXT);"


def test_what_is_committed_is_there_for_the_next(tmp_path):
    path = tmp_path / "journal"
    with closing(journal.connect(path, SCHEMA)) as base:
        base.execute("INSERT INTO note VALUES ('one')")
        base.execute("BEGIN")
        base.execute("INSERT INTO note VALUES ('never committed')")
    with closing(journal.connect(path, SCHEMA)) as base:
        assert base.execute("SELECT text FROM note").fetchall() == [("one",)]


def test_only_its_owner_can_read_it(tmp_path):
    with closing(journal.connect(tmp_path / "journal", SCHEMA)):
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"journal": 0o600, "journal-wal": 0o600, "journal-shm": 0o600}


def test_packages_share_it(tmp_path):
    for table in ("one", "two"):
        journal.connect(tmp_path / "journal", f"CREATE TABLE {table} (n INTEGER);").close()
    with closing(journal.connect(tmp_path / "journal")) as base:
        names = base.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
    assert names == [("one",), ("two",)]


def test_another_database_is_refused(tmp_path):
    path = tmp_path / "journal"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE other (n INTEGER)")
    with pytest.raises(OutboxError) as caught:
        journal.connect(path)
    assert str(caught.value) == f"cannot use {path} as a journal: it is another database"


@pytest.mark.parametrize("octets", [b"no database, but long enough for one" * 30])
def test_another_file_is_refused(tmp_path, octets):
    path = tmp_path / "journal"
    path.write_bytes(octets)
    with pytest.raises(OutboxError) as caught:
        journal.connect(path)
    assert str(caught.value) == f"cannot open the journal {path}: file is not a database"
    assert path.read_bytes() == octets


def test_a_folder_that_does_not_exist(tmp_path):
    path = tmp_path / "none" / "journal"
    with pytest.raises(OutboxError) as caught:
        journal.connect(path)
    assert str(caught.value).startswith(f"cannot open the journal {path}: ")
