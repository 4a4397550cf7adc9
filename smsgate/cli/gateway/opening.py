"""The folder of a gateway, and its database, as commands use them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from smsgate.cli.commandline import OptionGroup
from smsgate.errors import OutboxError, UnfinishedError
from smsgate.gateway import configuration
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.database import NAME, Database, Work, may_pass
from smsgate.gateway.databases.opening import opened_at, upgrade
from smsgate.gateway.nodes import leases
from smsgate.outbox import lock
from smsgate.outbox.writing import outbox_errors

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_T = TypeVar("_T")

#: Where a gateway is unless --data says otherwise.
FOLDER = "gateway"


class DataOptions(OptionGroup):
    """Which gateway."""

    data: Annotated[
        str, typer.Option(metavar="DIR", help="Folder of the gateway.  [default: gateway]")
    ] = ""

    config: Annotated[
        str,
        typer.Option(metavar="FILE", help="Settings.  [default: gateway.toml in DIR, if there]"),
    ] = ""

    @property
    def folder(self) -> Path:
        """The folder."""
        return Path(self.data or FOLDER)

    @property
    def path(self) -> Path | None:
        """The file with the settings; None if there is none."""
        if self.config:
            return Path(self.config)
        usual = self.folder / configuration.NAME
        return usual if usual.exists() else None

    def opened(self) -> Database:
        """The gateway's database; raises OutboxError, and OptionError for faulty settings."""
        return opened_at(self.folder, self._server())

    def upgrade(self) -> str:
        """Bring the database to this version; the one that it had. Raises OutboxError."""
        if not self.is_made():
            raise OutboxError(f"no gateway in {self.folder}: expected {NAME}")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with outbox_errors(self.folder), lock.lock(self.folder, "a gateway uses this folder"):
            return upgrade(self.folder, self._server())

    def is_made(self) -> bool:
        """Whether there is a database, or one that is elsewhere; raises OptionError."""
        return (self.folder / NAME).exists() or self._server() is not None

    def _server(self) -> URL | None:
        """Where the database is, if it is no file in the folder; raises OptionError."""
        path = self.path
        try:
            return configuration.database(path, os.environ) if path else None
        except ConfigurationError as error:
            raise error.faults[0] from None

    def is_running(self) -> bool:
        """Whether a gateway holds the folder, or has nodes; raises OutboxError."""
        if self._server() is not None:
            return self.read(leases.are_any)
        with outbox_errors(self.folder):
            return lock.is_held(self.folder)

    def transact(self, work: Work[_T]) -> _T:
        """Do work in one transaction, while the gateway runs or not.

        Raises OutboxError, or UnfinishedError if the same command may succeed later.
        """
        return self._do(lambda database: database.transact(work))

    def read(self, work: Work[_T]) -> _T:
        """Do work that changes nothing; it does not wait for the gateway. Raises the same."""
        return self._do(lambda database: database.read(work))

    def _do(self, how: Callable[[Database], _T]) -> _T:
        try:
            database = self.opened()
            try:
                return how(database)
            finally:
                database.close()
        except OutboxError as error:
            if may_pass(error):
                raise UnfinishedError(error.message) from error
            raise
