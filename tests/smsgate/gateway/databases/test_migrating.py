"""A database of the first version becomes one of this version, with all its rows."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, inspect, select, text, update
from sqlalchemy.engine import make_url

from smsgate.errors import OutboxError
from smsgate.gateway import tables
from smsgate.gateway.databases import migrating, versions
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.databases.sqlite import SqliteDatabase

ACCOUNT = {"id": 7, "api_id": "1234567", "user": "user", "ftp_user": "1234567", "state": "open"} | {
    "password_hash": "a",
    "ftp_password_hash": "b",
    "balance": 900,
    "created": 1.5,
}
MESSAGE = {"id": 3, "uid": "0" * 32, "account": 7, "file": 1, "line": 2, "state": "waiting"} | {
    "recipient": "447700900123",
    "text": "Grüße",
    "status": 2,
    "queue": 3,
    "due": 1.0,
    "expires": 2.0,
    "parts": 1,
    "features": 1,
    "charge": 100,
    "changed": 1.0,
    "route": "main",
}
ROWS = {
    "setting": {"key": "version", "value": "1"},
    "account": ACCOUNT,
    "message": MESSAGE,
    "event": {"account": 7, "message": 3, "status": 2, "time": 1.0, "charge": 100},
}

NEW = {"setting": {"value": str(tables.VERSION)}, "message": {"way": "main"}}


class Place:
    """Where a database is; ``open`` opens it as often as wanted."""

    def __init__(self, open_):
        self._open = open_

    def open(self, **named):
        return self._open(**named)

    def do(self, work):
        """Some work, whatever the version."""
        found = []
        self.open(make=True, first=lambda conn: found.append(work(conn))).close()
        return found[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return Place(lambda **named: SqliteDatabase(tmp_path, **named))
    url = make_url(request.getfixturevalue("postgres_url"))
    return Place(lambda **named: PostgresDatabase(url, **named))


def old(conn):
    """The first version, which Alembic had no mark in."""
    command.upgrade(migrating.configured(conn), "1")
    conn.execute(text("DROP TABLE alembic_version"))
    known = MetaData()
    known.reflect(conn)
    for name, row in ROWS.items():
        conn.execute(known.tables[name].insert().values(row))


def differences(conn):
    return compare_metadata(MigrationContext.configure(conn), tables.metadata)


def shape(conn):
    """Columns and indexes, in their order, and what SQLite keeps of each table."""
    look = inspect(conn)
    found = {}
    for name in sorted(look.get_table_names()):
        columns = [
            (one["name"], str(one["type"]), one["nullable"], one["default"])
            for one in look.get_columns(name)
        ]
        indexes = sorted((one["name"], one["column_names"]) for one in look.get_indexes(name))
        found[name] = columns, indexes, look.get_pk_constraint(name)["constrained_columns"]
    return found


def test_rows_are_kept_and_the_tables_are_those_of_a_new_database(place):
    place.do(old)
    assert place.do(migrating.upgrade) == "1"
    assert place.do(differences) == []
    database = place.open()
    try:
        for name, row in ROWS.items():
            found = database.read(
                lambda conn, name=name: dict(
                    conn.execute(select(tables.metadata.tables[name])).mappings().one()
                )
            )
            expected = row | NEW.get(name, {})
            assert found.items() >= expected.items()
        upgraded = database.read(shape)
    finally:
        database.close()
    assert list(upgraded) == sorted({*tables.metadata.tables, "alembic_version"})


def test_columns_are_in_the_order_of_a_new_database(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    SqliteDatabase(tmp_path / "old", make=True, first=old).close()
    SqliteDatabase(tmp_path / "old", first=migrating.upgrade).close()
    shapes, texts = [], []
    for name in ("old", "new"):
        database = SqliteDatabase(tmp_path / name, make=name == "new")
        shapes.append(database.read(shape))
        marks = (
            "SELECT name, sql LIKE '%AUTOINCREMENT%', sql LIKE '%WITHOUT ROWID%' FROM sqlite_master"
        )
        query = f"{marks} WHERE type = 'table' ORDER BY name"
        texts.append(
            [tuple(row) for row in database.read(lambda conn, q=query: conn.execute(text(q)).all())]
        )
        database.close()
    assert shapes[0] == shapes[1]
    assert texts[0] == texts[1]


def test_an_empty_database_is_made_whole_with_the_mark_of_its_version(place):
    place.open(make=True).close()
    assert place.do(differences) == []
    assert place.do(versions.found) == str(tables.VERSION)
    mark = place.do(lambda conn: MigrationContext.configure(conn).get_current_revision())
    assert mark == str(tables.VERSION)
    assert place.do(migrating.upgrade) == str(tables.VERSION)


def test_an_older_one_is_refused_and_says_what_to_do(place):
    place.do(old)
    for make in (False, True):
        with pytest.raises(OutboxError, match="found 1: smsenc gateway upgrade") as error:
            place.open(make=make)
        assert "\n" not in str(error.value)


def test_a_newer_one_is_refused(place):
    place.open(make=True).close()
    newer = update(tables.setting).where(tables.setting.c.key == "version").values(value="99")
    place.do(lambda conn: conn.execute(newer).rowcount)
    with pytest.raises(OutboxError, match="found 99: use the smsenc that made it"):
        place.open()
    with pytest.raises(OutboxError, match="found 99"):
        place.do(migrating.upgrade)


def test_a_step_that_fails_changes_nothing(place, monkeypatch):
    place.do(old)
    monkeypatch.setattr(versions, "note", lambda _: 1 / 0)
    before = place.do(shape)
    with pytest.raises(ZeroDivisionError):
        place.do(migrating.upgrade)
    assert place.do(shape) == before


def test_a_server_without_tables_is_said(postgres_url):
    with pytest.raises(OutboxError, match="no tables of a gateway: smsenc gateway run makes them"):
        PostgresDatabase(make_url(postgres_url))
