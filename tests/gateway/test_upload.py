"""An upload to a real server: what arrives, in which order, under which names, and once."""

from __future__ import annotations

import pytest
from ftpservers import HOST, LOG_IN, Pyftpd, Watcher, contents, fill_outbox

from gateway.session import Security, Server
from gateway.transfers import State
from gateway.upload import Options, upload


def plain(port, **more):
    return Server(host=HOST, port=port, security=Security.NONE, **more)


@pytest.mark.parametrize("security", ["none", "explicit", "implicit"])
@pytest.mark.parametrize("connections", [1, 4])
def test_every_file_arrives_complete_and_once(
    tmp_path, remote, certificates, security, connections
):
    files = fill_outbox(tmp_path / "outbox", 100)
    authority, certificate = certificates
    server = Pyftpd(remote, security=security, certificate=str(certificate))
    with server, Watcher(remote, files) as watcher:
        where = Server(host=HOST, port=server.port, security=Security(security), ca_file=authority)
        result = upload(tmp_path / "outbox", where, LOG_IN, Options(connections=connections))
    assert contents(remote) == files
    assert sorted(server.renamed) == sorted(files)
    assert (result.sent, result.stopped, watcher.incomplete) == (100, None, [])
    assert {file.state for file in result.files} == {State.DONE}
    assert watcher.looks > 10
    if connections == 1:
        assert server.renamed == list(files)
