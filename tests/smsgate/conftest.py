"""Folders, certificates and servers for the tests of the upload."""

from __future__ import annotations

import pytest
import trustme
from ftpservers import HOST, Pyftpd

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
def ftpd(remote):
    """A plain server on the folder."""
    with Pyftpd(remote) as server:
        yield server
