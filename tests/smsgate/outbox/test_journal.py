"""The SQLite file of an outbox."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress

import pytest

from smsgate.cli.codes import Exit
from smsgate.cli.faults import code_of
from smsgate.errors import OutboxError
from smsgate.outbox import home, journal

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


def failed(code):
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("use", [journal.reading, journal.transaction])
@pytest.mark.parametrize(
    ("code", "said", "ends"),
    [
        (sqlite3.SQLITE_FULL, "cannot write the journal: what sqlite says", Exit.UNFINISHED),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "cannot write the journal: ", Exit.UNFINISHED),
        (sqlite3.SQLITE_LOCKED, "cannot write the journal: ", Exit.UNFINISHED),
        (sqlite3.SQLITE_IOERR_FSYNC, "cannot write the journal: ", Exit.UNFINISHED),
        (sqlite3.SQLITE_CANTOPEN, "cannot write the journal: ", Exit.UNFINISHED),
        (sqlite3.SQLITE_READONLY, "cannot write the journal: ", Exit.ALL_REJECTED),
        (sqlite3.SQLITE_PERM, "cannot write the journal: ", Exit.ALL_REJECTED),
        (sqlite3.SQLITE_CORRUPT_INDEX, "the journal is damaged (OperationalError: ", 3),
        (sqlite3.SQLITE_NOTADB, "the journal is damaged (OperationalError: ", 3),
        (sqlite3.SQLITE_ERROR, "the journal is damaged (OperationalError: ", 3),
    ],
)
def test_a_journal_that_cannot_be_written_is_not_called_damaged(tmp_path, use, code, said, ends):
    path = tmp_path / "journal"
    with (
        closing(journal.connect(path, SCHEMA)) as base,
        pytest.raises(OutboxError) as caught,
        use(path if use is journal.reading else base),
    ):
        raise failed(code)
    assert caught.value.message.startswith(said)
    assert code_of(caught.value) == ends


def test_a_full_journal_says_so(tmp_path):
    path = tmp_path / "journal"
    with closing(journal.connect(path, SCHEMA)) as base:
        base.execute("PRAGMA max_page_count = 3")
        with pytest.raises(OutboxError) as caught, journal.reading(path):
            base.execute("INSERT INTO note VALUES (zeroblob(100000))")
    assert str(caught.value) == "cannot write the journal: database or disk is full"
    assert code_of(caught.value) is Exit.UNFINISHED


def test_a_journal_that_another_process_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "_TIMEOUT", 0.01)
    path = tmp_path / "journal"
    with (
        closing(journal.connect(path, SCHEMA)) as one,
        closing(journal.connect(path, SCHEMA)) as other,
        journal.transaction(one),
        pytest.raises(OutboxError) as caught,
        journal.transaction(other),
    ):
        raise AssertionError
    assert str(caught.value) == "cannot write the journal: database is locked"
    assert code_of(caught.value) is Exit.UNFINISHED


def test_a_journal_whose_path_is_too_long_for_sqlite(tmp_path):
    folder = tmp_path / ("d" * 200) / ("e" * 200) / ("f" * 200)
    folder.mkdir(parents=True)
    with pytest.raises(OutboxError) as caught:
        journal.connect(folder / "journal", SCHEMA)
    assert str(caught.value).endswith(": file name too long")
    assert code_of(caught.value) is Exit.ALL_REJECTED


@pytest.fixture
def mounted(tmp_path):
    """A small file system of its own."""
    place = tmp_path / "mounted"
    place.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if (
        not shutil.which("mount")
        or subprocess.run(made, check=False, capture_output=True).returncode
    ):
        pytest.skip("no right to mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_read_only_file_system(mounted):
    path = mounted / "journal"
    journal.connect(path, SCHEMA).close()
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    with pytest.raises(OutboxError) as caught:
        journal.connect(path, SCHEMA)
    assert str(caught.value) == f"cannot open the journal {path}: read-only file system"
    assert code_of(caught.value) is Exit.ALL_REJECTED


@pytest.mark.parametrize("free", range(0, 80 * 1024, 8 * 1024))
def test_a_full_disk_is_never_called_damage(mounted, free):
    path = mounted / "journal"
    journal.connect(path, SCHEMA).close()
    fill = mounted / "fill"
    with suppress(OSError), fill.open("wb", buffering=0) as file:
        while True:
            file.write(b"z" * 1024)
    os.truncate(fill, max(0, fill.stat().st_size - free))
    with (
        pytest.raises(OutboxError) as caught,
        closing(journal.connect(path, SCHEMA)) as base,
        journal.reading(path),
    ):
        base.execute("INSERT INTO note VALUES (zeroblob(300000))")
    assert "damaged" not in str(caught.value)
    assert code_of(caught.value) is Exit.UNFINISHED


def test_only_a_damaged_journal_is_replaced_by_a_new_one(tmp_path, monkeypatch):
    with home.held(tmp_path) as found:
        path = found.journal
    before = path.read_bytes()

    def refused(*_args, **_named):
        raise failed(sqlite3.SQLITE_BUSY)

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", refused)
        with pytest.raises(OutboxError) as caught, home.held(tmp_path, renew=True):
            raise AssertionError
    assert code_of(caught.value) is Exit.UNFINISHED
    assert path.read_bytes() == before
    path.write_bytes(b"damaged" * 1000)
    with home.held(tmp_path, renew=True) as renewed:
        assert renewed.id == found.id
    assert len(list(path.parent.glob("journal.*.old"))) == 1


def test_the_journal_of_an_earlier_version_is_not_passed_over_while_it_is_used(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(journal, "_TIMEOUT", 0.01)
    old = tmp_path / "outbox.journal"
    with closing(journal.connect(old, SCHEMA)) as base:
        base.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutboxError) as caught, home.held(tmp_path / "outbox"):
            raise AssertionError
    assert code_of(caught.value) is Exit.UNFINISHED
    assert old.is_file()
