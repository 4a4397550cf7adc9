"""What is wrong with a gateway, found before it fails: database, folders, certificate, routes."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from converters.errors import SourceError
from smsgate.errors import reason
from smsgate.gateway import accounts, exposure, layout
from smsgate.gateway.callbacks import resolving, targets
from smsgate.gateway.database import NAME, Database
from smsgate.gateway.ftp import addresses, certificate
from smsgate.gateway.queue import ledger
from smsgate.gateway.settings import HttpTls, Role, RouteSettings, Settings, Tls
from smsgate.outbox.reading import read_file
from smsgate.smppclient import Smsc, trial

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LARGEST = 1 << 20  # octets of a certificate
_SOON = timedelta(days=30)


def faults(settings: Settings, database: Database | None, now: float) -> Iterator[str]:
    """A line for each fault; none if all is well. Raises OutboxError.

    ``database`` is None before the first start.
    """
    if database:
        yield from database.read(of_database)
        yield from database.read(lambda conn: of_accounts(conn, settings))
    yield from of_ftp_hosts(settings)
    yield from of_modes(settings.data, settings.storage)
    yield from of_file_systems(settings)
    yield from of_certificate(settings, now)
    for route in settings.routes:
        yield from of_route(route)
    yield from of_callbacks(settings)


def is_new(settings: Settings) -> bool:
    """Whether no gateway has run there yet; one whose database is lost has left folders."""
    return not any((settings.storage / name).exists() for name in (NAME, *layout.FOLDERS))


def of_log_ins(routes: Sequence[RouteSettings]) -> Iterator[tuple[str, str]]:
    """Log in to all message centres at once; for each route what is wrong, empty if nothing is.

    A message centre whose name is not known is not tried.
    """

    async def tried(smscs: Iterable[Smsc]) -> list[str]:
        return await asyncio.gather(*map(trial.problem, smscs))

    smscs = {one.name: one.smsc for one in routes if one.smsc and not any(of_route(one))}
    found = asyncio.run(tried(smscs.values()))
    for name, problem in zip(smscs, found, strict=True):
        yield name, f"route {name}: {problem}" if problem else ""


def of_database(conn: Connection) -> list[str]:
    """Whether SQLite finds its file whole, and each balance is the sum of its ledger."""
    is_file = conn.dialect.name == "sqlite"
    check = conn.exec_driver_sql("PRAGMA quick_check(10)") if is_file else ()
    found = [str(row[0]) for row in check]
    return [f"{NAME}: {line}" for line in found if line != "ok"] + ledger.check(conn)


def of_accounts(conn: Connection, settings: Settings) -> list[str]:
    """Accounts of the settings that are not in the database."""
    known = {one.api_id for one in accounts.listed(conn)}
    return [
        f"account {api_id}: no such account: smsenc gateway account add --api-id {api_id} makes it"
        for api_id in settings.accounts
        if api_id not in known
    ]


def of_modes(data: Path, storage: Path | None = None) -> Iterator[str]:
    """Folders and files of the gateway that other users can read."""
    if os.name != "posix":
        return
    folders = [(storage or data) / name for name in layout.FOLDERS]
    inner = [path for folder in folders for path in (folder, *_entries(folder))]
    for path in (data, *(data.glob(f"{NAME}*")), data / certificate.NAME, *inner):
        mode = _mode(path)
        if mode & 0o077:
            wanted = "700" if path.is_dir() else "600"
            yield f"{path}: other users can use it (mode {mode:o}): chmod {wanted} makes it private"


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.lstat().st_mode)
    except OSError:
        return 0


def of_file_systems(settings: Settings) -> Iterator[str]:
    """Folders that files cannot be renamed between, because they are on other file systems."""
    storage = settings.storage
    for name in layout.FOLDERS:
        yield from _apart(storage / name, storage)
    yield from of_given(settings)


def of_ftp_hosts(settings: Settings) -> Iterator[str]:
    """Names of the FTP server's settings that are not known."""
    if Role.FTP in settings.node.roles:
        yield from (f"[ftp] {fault}" for fault in addresses.faults(settings.ftp))


def of_given(settings: Settings) -> Iterator[str]:
    """What the gateway must not start with.

    An HTTP server that others could listen to, and folders of accounts that another server fills
    and that cannot be used.
    """
    if Role.WEB in settings.node.roles and (open_ := exposure.fault(settings.http)):
        yield open_
    for api_id, given in settings.accounts.items():
        if given.folder is None:
            continue
        folders = [one for one in (given.folder, given.spool) if one]
        found = [line for one in folders for line in _unusable(one)]
        found = found or list(_apart(given.folder, given.spool or settings.storage / layout.SPOOL))
        yield from (f"account {api_id}: {line}" for line in found)


def _unusable(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        yield f"{folder}: {'expected a folder' if folder.exists() else 'no such folder'}"
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield f"{folder}: expected a folder in which the gateway can write"


def _apart(folder: Path, other: Path) -> Iterator[str]:
    try:
        device = folder.stat().st_dev
    except FileNotFoundError:
        if folder.parent != other:  # the gateway makes its own
            yield f"{folder}: no such folder"
        return
    except OSError as error:
        yield f"{folder}: {reason(error)}"
        return
    place = next((one for one in (other, *other.parents) if one.exists()), other)
    if device != place.stat().st_dev:
        yield f"{folder}: expected the file system of {other}, found another: set spool in it"


def of_certificate(settings: Settings, now: float) -> Iterator[str]:
    """Certificates that cannot be used, or not much longer."""
    own, ftp, http = settings.data / certificate.NAME, settings.ftp, settings.http
    used = [ftp.certificate or own] if ftp.tls is not Tls.OFF else []
    used += [http.certificate or own] if http.tls is not HttpTls.OFF else []
    for path in dict.fromkeys(used):
        if path != own or path.exists():
            yield from _of_file(path, now)


def _of_file(path: Path, now: float) -> Iterator[str]:
    try:
        found = x509.load_pem_x509_certificates(read_file(path, _LARGEST))[0]
    except SourceError as error:
        yield f"{path}: {error.message}"
        return
    except (ValueError, IndexError):
        yield f"{path}: expected a certificate in PEM, found none"
        return
    end, today = found.not_valid_after_utc, datetime.fromtimestamp(now, UTC)
    if end - _SOON <= today:
        yield f"{path}: it {'expires' if end > today else 'expired'} on {end:%Y-%m-%d}"


def of_callbacks(settings: Settings) -> Iterator[str]:
    """URLs that are not called, because of their hosts."""
    private = settings.callback.allow_private
    for subject, target in targets.of(settings).items():
        host, port = target.url.host, target.url.port
        try:
            resolving.checked(host, resolving.look_up(host, port), private)
        except (OSError, UnicodeError) as error:
            yield f"account {subject.api_id}: callback: {host}: {reason(error)}"
        except resolving.UnusableError as error:
            yield f"account {subject.api_id}: callback: {error}"


def of_route(route: RouteSettings) -> Iterator[str]:
    """A message centre whose name is not known."""
    if route.smsc is None:
        return
    try:
        socket.getaddrinfo(route.smsc.host, route.smsc.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        yield f"route {route.name}: {route.smsc.host}: {reason(error)}"
