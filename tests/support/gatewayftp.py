"""The gateway's FTP server with accounts, and a taker that moves files as the intake does."""

from __future__ import annotations

import ftplib
import os
import threading
import time
from pathlib import Path

from smsgate.gateway.ftp.protocols import FtpAccount
from smsgate.gateway.ftp.server import FtpServer
from smsgate.gateway.settings import FtpSettings, Tls

PASSWORDS = {"3001": "s3cr3t-Kühlschrank", "3002": "other-Schrank"}
MESSAGE = b"api_id:3001\nuser:u\npassword:p\ntext:Hello\nto:447700900123\n"


class Taking:
    """Notes what it is asked, and takes files to ``spool``."""

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self.events: list[tuple] = []
        self.failing: list[Exception] = []
        self.full: set[str] = set()
        self.changed = threading.Condition()
        spool.mkdir(exist_ok=True)

    def _note(self, *event):
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def _move(self, folder, name):
        if self.failing:
            raise self.failing.pop(0)
        os.rename(folder / name, self.spool / name)
        return True

    def is_full(self, api_id):
        return api_id in self.full

    def take(self, folder, name):
        taken = self._move(folder, name)
        self._note("take", folder.name, name)
        return taken

    def prove(self, folder, name):
        if not (folder / name).read_bytes().endswith(b"\n"):
            self._note("odd", folder.name, name)
            return False
        taken = self._move(folder, name)
        self._note("prove", folder.name, name)
        return taken

    def stored(self, folder, name):
        self._note("stored", folder.name, name)

    def incomplete(self, api_id, name, size, cut):
        self._note("incomplete", api_id, name, size, cut)

    def wait_for(self, *event):
        """Wait until this was noted; the list of all."""
        with self.changed:
            assert self.changed.wait_for(lambda: event in self.events, 60), self.events
        return self.events

    def wait_for_cut(self, api_id, name, size, *hows):
        """Wait until an upload was cut in one of these ways."""
        cuts = [("incomplete", api_id, name, size, how) for how in hows]
        with self.changed:
            assert self.changed.wait_for(lambda: set(cuts) & set(self.events), 60), self.events

    @property
    def taken(self):
        return {path.name: path.read_bytes() for path in self.spool.iterdir()}


class Gateway:
    """A server, its folders and what it said."""

    def __init__(self, data: Path, **settings) -> None:
        self.data = data
        self.taker = Taking(data / "spool")
        self.told: list[str] = []
        self.checked: list[tuple[str, str]] = []
        self.server = FtpServer(
            FtpSettings(**{"port": 0, "tls": Tls.OFF} | settings),
            data,
            self,
            self.taker,
            self.told.append,
        )
        self.host, self.port = self.server.start()

    def check(self, ftp_user, password, address):
        assert address == "127.0.0.1"
        self.checked.append((ftp_user, password))
        if PASSWORDS.get(ftp_user) != password:
            return None
        return FtpAccount(ftp_user, self.folder(ftp_user), self.incoming(ftp_user))

    def folder(self, api_id="3001"):
        return self.data / "accounts" / api_id

    def incoming(self, api_id="3001"):
        return self.data / "incoming" / api_id

    def client(self, user="3001", *, log_in=True, **context):
        kind = ftplib.FTP_TLS if context else ftplib.FTP
        client = kind(timeout=10, encoding="utf-8", **context)
        try:
            client.connect(self.host, self.port)
            if log_in:
                client.login(user, PASSWORDS[user])
                if context:
                    client.prot_p()
        except BaseException:
            client.close()
            raise
        return client

    def transfer(self, client, command, octets=b""):
        """A data connection on which these octets were sent and have been written."""
        name = command.rpartition(" ")[2]
        data = client.transfercmd(command)
        before = self.size(name) if command.startswith("APPE") else 0
        data.sendall(octets)
        self.wait_until(lambda: self.uploaded(name) == before + len(octets))
        return data

    def uploaded(self, name):
        found = [one.uploads[name] for one in self.listener.folders.values() if name in one.uploads]
        return found[0].size if found else -1

    def size(self, name):
        path = self.incoming() / name
        return path.stat().st_size if path.exists() else (self.folder() / name).stat().st_size

    @property
    def listener(self):
        return self.server._listener

    @staticmethod
    def wait_until(condition):
        for _ in range(6000):
            if condition():
                return
            time.sleep(0.01)
        raise AssertionError(condition)
