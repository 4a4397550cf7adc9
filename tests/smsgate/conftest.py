"""Folders, certificates and servers for the tests of the upload."""

from __future__ import annotations

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
