"""Journals that are damaged: the right result or one error that says what to do, never another."""

import os
import random
import shutil
import sqlite3
from contextlib import closing
from functools import partial

import pytest
from campaigns import campaign, journal_of, outbox, write_table

from converters.errors import GuardError
from smsgate.campaign.engine import RunSettings, run
from smsgate.errors import OutboxError

ROWS = 40  # of a chunk
LIMIT = 60  # recipients of a file


class StoppedError(BaseException):
    pass


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """A table, the outbox of a run that was stopped in its middle, and that of a whole run."""
    place = tmp_path_factory.mktemp("half")
    names = ("Ann", "Bob", "Анна", "Ann")
    table = write_table(place / "people.csv", 280, names=names, bad=30)

    def stop(_report, chunk):
        if chunk.number == 3:
            raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        patch.setenv("XDG_STATE_HOME", str(place / "state"))
        with pytest.raises(StoppedError):
            run(campaign(table, limit=LIMIT), place / "out", RunSettings(rows=ROWS), progress=stop)
        run(campaign(table, limit=LIMIT), place / "whole", RunSettings(rows=ROWS))
    with closing(sqlite3.connect(journal_of(place / "out"))) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert base.execute("SELECT count(*) FROM campaign_lines").fetchone()[0] > 0
    return table, place / "out", outbox(place / "whole")


def continued(half, tmp_path, damage):
    """Damage a copy of the journal and continue: the error, or None."""
    table, out, whole = half
    copy = tmp_path / "out"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(out, copy)
    damage(journal_of(copy))
    before = outbox(copy)
    try:
        run(campaign(table, limit=LIMIT), copy, RunSettings(rows=ROWS))
    except (OutboxError, GuardError) as error:
        assert "\n" not in str(error)
        assert before.items() <= outbox(copy).items() | before.items()
        return str(error)
    assert outbox(copy).items() >= whole.items()
    return None


VALUES = (
    None,
    "",
    "x",
    -1,
    2**62,
    2**200,
    1.5,
    "[]",
    "{}",
    "null",
    "[" * 100_000,
    b"",
    b"\xff",
    "é",
)


def tables(path):
    with closing(sqlite3.connect(path)) as base:
        found = base.execute("SELECT name FROM sqlite_master WHERE name LIKE 'campaign_%'")
        return {
            name: [row[1] for row in base.execute(f"PRAGMA table_info({name})")]
            for (name,) in found.fetchall()
            if "autoindex" not in name
        }


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_a_damaged_value_is_one_error_or_does_no_harm(half, tmp_path, value):
    errors = 0
    for table, columns in tables(journal_of(half[1])).items():
        for column in columns:
            damage = partial(put, table=table, column=column, value=value)
            errors += continued(half, tmp_path, damage) is not None
    assert errors > 10


def put(path, table, column, value):
    """Put a value in the place of all of a column, as damage and other programs can."""
    with closing(sqlite3.connect(path)) as base, base:
        names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
        rows = base.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own
        at = names.index(column)
        base.execute(f"DROP TABLE {table}")
        columns = ", ".join(f'"{name}"' for name in names)  # of any type, NULL too
        base.execute(f"CREATE TABLE {table} ({columns})")
        given = str(value) if isinstance(value, int) and value > 2**63 else value
        changed = [(*row[:at], given, *row[at + 1 :]) for row in rows]
        base.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(names))})", changed)  # noqa: S608


@pytest.mark.parametrize("change", ["DROP TABLE {0}", "ALTER TABLE {0} RENAME COLUMN {1} TO other"])
def test_a_table_of_another_shape_is_one_error(half, tmp_path, change):
    for table, columns in tables(journal_of(half[1])).items():
        for column in columns:
            statement = change.format(table, f'"{column}"')

            def damage(path, statement=statement):
                with closing(sqlite3.connect(path)) as base:
                    base.execute(statement)

            error = continued(half, tmp_path, damage)
            assert error or "DROP" in change or table == "campaign_rejects" or column


def test_octets_that_are_changed_are_one_error_or_do_no_harm(half, tmp_path):
    dice = random.Random(4)
    found = {True: 0, False: 0}
    for _ in range(150):

        def damage(path):
            size = path.stat().st_size
            with open(path, "r+b") as file:
                for _ in range(dice.choice((1, 3, 40))):
                    file.seek(dice.randrange(size))
                    file.write(bytes([dice.randrange(256)]))

        found[continued(half, tmp_path, damage) is None] += 1
    assert all(found.values())


@pytest.mark.parametrize("page", range(0, 30, 3))
def test_pages_of_zeros_are_one_error_or_do_no_harm(half, tmp_path, page):
    def damage(path):
        with open(path, "r+b") as file:
            file.seek(page * 4096)
            file.write(bytes(4096))
        os.truncate(path, max(path.stat().st_size, 4096))

    continued(half, tmp_path, damage)
