"""Folders, certificates, servers and databases."""

from __future__ import annotations

from functools import partial

import postgres
import pytest
import trustme
from command import NUMBER, environment
from crashing import Crashes
from ftpservers import HOST, Pyftpd
from outboxes import SECRETS
from places import ROOT

from smsgate import masking


@pytest.fixture(autouse=True)
def _no_secrets():
    """No secret of another test is masked."""
    yield
    masking.forget()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """An authority's PEM file, and one with a server's key and certificate."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued = authority.issue_cert(HOST, "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    return folder / "ca.pem", folder / "server.pem"


@pytest.fixture
def remote(tmp_path):
    """The folder of the server's files."""
    folder = tmp_path / "remote"
    folder.mkdir()
    return folder


@pytest.fixture
def drop(tmp_path):
    """A watched folder."""
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def ftpd(remote):
    """A plain server on the folder."""
    with Pyftpd(remote) as server:
        yield server


@pytest.fixture(scope="module")
def crashes(tmp_path_factory):
    """Runs of the command that can end at any moment, all on one machine and day."""
    state = str(tmp_path_factory.mktemp("state"))
    variables = environment(**SECRETS, XDG_STATE_HOME=state, SOURCE_DATE_EPOCH="1700000000")
    folder = tmp_path_factory.mktemp("first")
    (folder / "a.txt").write_text("Hello")
    with Crashes(variables | {"PYTHONPATH": str(ROOT)}) as found:
        # The first run makes the machine's folder; after it, all runs have the same events.
        assert found.run("convert", "a.txt", "--to", NUMBER, cwd=folder).code == 0
        yield found


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server for the tests of this process."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server):
    """The URL of an empty database on it, for one test."""
    url = postgres_server.fresh()
    yield url
    postgres_server.drop(url)


def _on_sqlite(request):
    from smsgate.gateway.databases.sqlite import SqliteDatabase

    return partial(SqliteDatabase, request.getfixturevalue("tmp_path"))


def _on_postgresql(request):
    from sqlalchemy.engine import make_url

    from smsgate.gateway.databases.postgresql import PostgresDatabase

    return partial(PostgresDatabase, make_url(request.getfixturevalue("postgres_url")))


_KINDS = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}


@pytest.fixture(params=list(_KINDS))
def opened(request):
    """A function that opens a gateway's database; of both kinds one after the other."""
    return _KINDS[request.param](request)


@pytest.fixture
def database(opened):
    """A gateway's database, of both kinds one after the other."""
    found = opened(make=True)
    yield found
    found.close()
