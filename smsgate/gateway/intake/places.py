"""Which folder belongs to which account, and where its files are moved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from smsgate.errors import OutboxError
from smsgate.gateway import layout
from smsgate.gateway.intake.taking import Spool, Taken
from smsgate.gateway.settings import AccountSettings, Settings

_MOST_TICKS = 4  # in one settle time


def bases(settings: Settings) -> list[Path]:
    """The folders that have a spool."""
    given = (one.spool for one in settings.accounts.values() if one.spool)
    return list(dict.fromkeys((settings.storage, *given)))


class Places:
    """The folders of all accounts: in ``data``, or those that another FTP server fills."""

    def __init__(self, settings: Settings, spool: Spool) -> None:
        self._settings = settings
        self._accounts = settings.storage / layout.ACCOUNTS
        self._locks = settings.storage / layout.LOCKS
        self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own = (self._accounts, settings.storage / layout.INCOMING)
        self._default = spool
        given = settings.accounts.items()
        self._foreign = {one.folder: api_id for api_id, one in given if one.folder}
        self._spools = {
            api_id: Spool(one.spool, spool.part, spool.home) for api_id, one in given if one.spool
        }

    def renew(self, settings: Settings) -> None:
        """Take other settings; the folders are the same."""
        self._settings = settings

    @property
    def foreign(self) -> tuple[Path, ...]:
        """The folders that another FTP server fills."""
        return tuple(self._foreign)

    def adopted(self, parts: Iterable[str]) -> list[Taken]:
        """The files of other nodes, whose parts of the spools this one has taken over."""
        home = self._default.home
        spools = [Spool(base, part, home) for part in parts for base in bases(self._settings)]
        return [taken for spool in spools for taken in spool.found()]

    @property
    def spools(self) -> tuple[Spool, ...]:
        """All spools."""
        return (self._default, *self._spools.values())

    def account(self, folder: Path) -> str:
        """The api_id of a folder; raises OutboxError."""
        if api_id := self._foreign.get(folder):
            return api_id
        if folder.parent in self._own:
            return folder.name
        raise OutboxError(f"no account has the folder {folder}")

    def spool(self, api_id: str) -> Spool:
        """Where an account's files are moved."""
        return self._spools.get(api_id, self._default)

    def folder(self, api_id: str) -> Path:
        """Where an account finds its answers."""
        return layout.folder(self._settings, api_id)

    def lock(self, api_id: str) -> Path:
        """What is locked while answers of an account get their names."""
        return self._locks / api_id

    def log(self, taken: Taken) -> Path:
        """Where the answers to a file are."""
        return self.folder(taken.api_id) / f"{taken.name}.log"

    def prefix(self, api_id: str) -> str:
        """What replaces the first 0 of a number."""
        return self._account(api_id).prefix

    def pushes(self, api_id: str) -> bool:
        """Whether an account is told by callbacks what becomes of its messages."""
        return bool(self._account(api_id).callback)

    def settle(self, folder: Path) -> float:
        """For how many seconds a file of a folder must not change."""
        given = self._account(self.account(folder)).settle
        return self._settings.limits.settle if given is None else given

    def tick(self, longest: float) -> float:
        """Seconds between two scans: a part of the shortest settle time."""
        given = (one.settle for one in self._settings.accounts.values() if one.settle is not None)
        return min(longest, max(0.05, min((self._settings.limits.settle, *given)) / _MOST_TICKS))

    def folders(self) -> list[Path]:
        """All folders that files are taken from."""
        try:
            own = [self._accounts / name for name in os.listdir(self._accounts)]
        except OSError:
            own = []
        return [*(folder for folder in own if folder.is_dir()), *self._foreign]

    def _account(self, api_id: str) -> AccountSettings:
        return self._settings.accounts.get(api_id, AccountSettings())
