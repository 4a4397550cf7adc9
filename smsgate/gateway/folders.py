"""Where an account's folder is."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, select

from smsgate.gateway import accounts, layout
from smsgate.gateway.database import Database
from smsgate.gateway.settings import Settings
from smsgate.gateway.tables import account


class AccountFolders:
    """The folders of accounts by their keys; new accounts are found when they are asked for."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._api_ids: dict[int, str] = {}

    def renew(self, settings: Settings) -> None:
        """Take other settings."""
        self._settings = settings

    def __call__(self, key: int) -> Path | None:
        """An account's folder; None for an unknown account.

        One of ours is made if that is possible; otherwise whoever opens its files gets the error.
        """
        if key not in self._api_ids:
            self._api_ids |= self._database.read(_api_ids)
        api_id = self._api_ids.get(key)
        if api_id is None:
            return None
        found = layout.folder(self._settings, api_id)
        if found.parent == self._settings.storage / layout.ACCOUNTS:
            with suppress(OSError):
                accounts.folders(self._settings.storage, api_id)
        return found

    def all(self) -> list[Path]:
        """Every folder in which clients' files are, whole or not."""
        self._api_ids |= self._database.read(_api_ids)
        incoming = self._settings.storage / layout.INCOMING
        found = [folder for key in self._api_ids if (folder := self(key))]
        return [*found, *(incoming / one for one in self._api_ids.values())]


def _api_ids(conn: Connection) -> dict[int, str]:
    return {row[0]: row[1] for row in conn.execute(select(account.c.id, account.c.api_id))}
