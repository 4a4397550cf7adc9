"""Accounts: who may log in, with which folder. Functions work on a connection of the database."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from smsenc import OptionError
from smsgate.gateway import credits as amounts
from smsgate.gateway import layout, passwords
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.database import Database
from smsgate.gateway.ftp.protocols import FtpAccount
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.queue import ledger
from smsgate.gateway.settings import Settings
from smsgate.gateway.states import AccountState
from smsgate.gateway.tables import account

#: What a new account gets (specification 2.6 of the retired service), and the first one to try.
TRIAL = 10 * CREDIT
FIRST = 10_000_000 * CREDIT

_API_ID = re.compile(r"[1-9][0-9]{0,15}")
_PRINTABLE = re.compile(r"[!-~\xa1-\xff](?:[ -~\xa1-\xff]*[!-~\xa1-\xff])?")
_LONGEST_USER = 64
_PASSWORDS = range(8, 129)  # characters
_TRIES = 100


class Which(StrEnum):
    """The password in message files, or that of the FTP server."""

    FILE = "file"
    FTP = "ftp"


class New(NamedTuple):
    """A new account; only hashes of its passwords are kept."""

    id: int
    api_id: str
    user: str
    password: str
    ftp_user: str
    ftp_password: str


class Account(NamedTuple):
    """An account; the balance is in millionths of a credit."""

    id: int
    api_id: str
    user: str
    ftp_user: str
    state: AccountState
    balance: int
    created: float


@dataclass(frozen=True, slots=True)
class Known:
    """What a log-in is compared with; nothing in it is shown."""

    api_id: str
    state: AccountState
    user: str = field(repr=False)
    stored: str = field(repr=False)


# Changes ------------------------------------------------------------------------------------------


def add(conn: Connection, *, credit: int, now: float) -> New:
    """A new account with an unused api_id and generated passwords."""
    api_id = _unused(conn)
    return named(conn, api_id, f"user{api_id}", credit=credit, now=now)


def named(conn: Connection, api_id: str, user: str, *, credit: int, now: float) -> New:
    """A new account with this api_id, which is its FTP user too; raises OptionError."""
    if not _API_ID.fullmatch(api_id):
        raise OptionError(f"expected up to 16 digits, found {api_id!r}", name="api_id")
    if len(user) > _LONGEST_USER or not _PRINTABLE.fullmatch(user):
        what = f"expected 1 to {_LONGEST_USER} printable characters of Latin-1, found {user!r}"
        raise OptionError(what, name="user")
    if find(conn, api_id):
        raise OptionError(f"the account {api_id} exists already", name="api_id")
    password, ftp_password = passwords.generated(), passwords.generated()
    row = {
        "api_id": api_id,
        "user": user,
        "password_hash": passwords.hashed(password),
        "ftp_user": api_id,
        "ftp_password_hash": passwords.hashed(ftp_password),
        "state": AccountState.OPEN,
        "balance": 0,
        "created": now,
    }
    (key,) = conn.execute(insert(account).values(row)).inserted_primary_key or (0,)
    ledger.grant(conn, key, credit, "new account", now)
    return New(key, api_id, user, password, api_id, ftp_password)


def first(conn: Connection, now: float) -> New | None:
    """An account to try the gateway with, if it has none."""
    known = conn.execute(select(account.c.id).limit(1)).first()
    return None if known else add(conn, credit=FIRST, now=now)


def credited(conn: Connection, api_id: str, amount: int, note: str, now: float) -> int:
    """Add an amount to a balance, or take a negative one from it; the new balance.

    Raises OptionError, also if the balance does not have what is taken.
    """
    found = known(conn, api_id)
    balance = ledger.available(conn, found.id)
    if amount < 0 and balance + amount < 0:
        has = amounts.shown(balance)
        raise OptionError(f"{api_id} has {has} credits, fewer than {amounts.shown(-amount)}")
    ledger.grant(conn, found.id, amount, note, now)
    return balance + amount


def set_password(conn: Connection, api_id: str, which: Which, password: str | None = None) -> str:
    """Replace a password by this one or a generated one, which is returned; raises OptionError."""
    new = passwords.generated() if password is None else _checked(password)
    column = {Which.FILE: account.c.password_hash, Which.FTP: account.c.ftp_password_hash}[which]
    values = {column: passwords.hashed(new)}
    conn.execute(update(account).where(account.c.id == known(conn, api_id).id).values(values))
    return new


def close(conn: Connection, api_id: str) -> None:
    """End an account: nobody can log in; what it has queued is still sent. Raises OptionError."""
    _set_state(conn, api_id, AccountState.CLOSED)


def freeze(conn: Connection, api_id: str) -> None:
    """Refuse an account's files with error 004 from now on; raises OptionError."""
    _set_state(conn, api_id, AccountState.FROZEN)


def reopen(conn: Connection, api_id: str) -> None:
    """End ``freeze`` or ``close``; raises OptionError."""
    _set_state(conn, api_id, AccountState.OPEN)


def _set_state(conn: Connection, api_id: str, state: AccountState) -> None:
    found = known(conn, api_id)
    conn.execute(update(account).where(account.c.id == found.id).values(state=state))


def _unused(conn: Connection) -> str:
    for _ in range(_TRIES):
        api_id = str(1_000_000 + secrets.randbelow(9_000_000))
        if not find(conn, api_id):
            return api_id
    raise OptionError("expected an unused api_id, found none: choose one", name="api_id")


def _checked(password: str) -> str:
    if len(password) not in _PASSWORDS or not _PRINTABLE.fullmatch(password):
        least, most = _PASSWORDS[0], _PASSWORDS[-1]
        raise OptionError(f"expected a password of {least} to {most} printable characters")
    return password


# Questions ----------------------------------------------------------------------------------------

_COLUMNS = [account.c[name] for name in Account._fields]


def find(conn: Connection, api_id: str) -> Account | None:
    """The account of an api_id."""
    row = conn.execute(select(*_COLUMNS).where(account.c.api_id == api_id)).first()
    return _account(row) if row else None


def move(conn: Connection, key: int, home: str) -> None:
    """Note the home in which an account's last file came in, if it is another one."""
    others = account.c.id == key, account.c.home != home
    conn.execute(update(account).where(*others).values(home=home))


def known(conn: Connection, api_id: str) -> Account:
    """The same; raises OptionError if there is none."""
    found = find(conn, api_id)
    if found is None:
        raise OptionError(f"no account {api_id}: smsenc gateway account list shows all")
    return found


def listed(conn: Connection) -> list[Account]:
    """All accounts, oldest first."""
    return [_account(row) for row in conn.execute(select(*_COLUMNS).order_by(account.c.id))]


def _account(row: Iterable[Any]) -> Account:
    found = Account._make(row)
    return found._replace(state=AccountState(found.state))


# Log-ins ------------------------------------------------------------------------------------------


def file_log_in(conn: Connection, account_id: int) -> Known | None:
    """What the log-in of an account's message files is compared with."""
    columns = (account.c.api_id, account.c.state, account.c.user, account.c.password_hash)
    return _expected(conn.execute(select(*columns).where(account.c.id == account_id)).first())


def file_error(
    expected: Known | None, verifier: Verifier, api_id: str, user: str, password: str
) -> int:
    """0 for the right log-in, else an error number (docs/gateway-answers.md).

    108: an api_id that is missing or not that of the folder. 001: no user or password, or a closed
    account. 002: a wrong user or password. 004: a frozen account. Whatever is wrong takes as long.
    """
    if expected is None:
        verifier.matches(None, password)
        return 108
    right = _equal(api_id, expected.api_id) and _equal(user, expected.user)
    is_closed = expected.state is AccountState.CLOSED
    right = verifier.matches(expected.stored if right and not is_closed else None, password)
    if not _equal(api_id, expected.api_id):
        return 108
    if is_closed or not (user and password):
        return 1
    if not right:
        return 2
    return 4 if expected.state is AccountState.FROZEN else 0


def ftp_log_in(
    conn: Connection, verifier: Verifier, ftp_user: str, password: str
) -> AccountState | None:
    """The state of the account of an FTP log-in; None for a wrong one, which takes as long."""
    found = _ftp_known(conn, ftp_user)
    return found.state if _is_right(found, verifier, password) and found else None


def _ftp_known(conn: Connection, ftp_user: str) -> Known | None:
    columns = (account.c.api_id, account.c.state, account.c.ftp_user, account.c.ftp_password_hash)
    if not _API_ID.fullmatch(ftp_user):
        return None
    return _expected(conn.execute(select(*columns).where(account.c.ftp_user == ftp_user)).first())


def _expected(row: Sequence[Any] | None) -> Known | None:
    return Known(row[0], AccountState(row[1]), row[2], row[3]) if row else None


def _is_right(found: Known | None, verifier: Verifier, password: str) -> bool:
    closed = found is None or found.state is AccountState.CLOSED
    return verifier.matches(None if closed or found is None else found.stored, password)


def _equal(given: str, expected: str) -> bool:
    one, other = (text.encode("utf-8", "surrogateescape") for text in (given, expected))
    return hmac.compare_digest(one, other)


class FtpLogIns:
    """The log-ins of the FTP server, which calls ``check`` in its own thread.

    An account whose folder another server serves has none.
    """

    def __init__(self, database: Database, settings: Settings, verifier: Verifier) -> None:
        self._database = database
        self._settings = settings
        self._verifier = verifier

    def renew(self, settings: Settings) -> None:
        """Take other settings."""
        self._settings = settings

    def check(self, ftp_user: str, password: str, address: str) -> FtpAccount | None:  # noqa: ARG002 - of the protocol
        """The folders of this log-in, made if they are not there; None if it is wrong.

        Raises OutboxError if the database cannot be read, OSError if a folder cannot be made.
        """
        found = self._database.read(lambda conn: _ftp_known(conn, ftp_user))
        if not _is_right(found, self._verifier, password) or found is None:
            return None
        given = self._settings.accounts.get(found.api_id)
        return None if given and given.folder else folders(self._settings.storage, found.api_id)


def folders(data: Path, api_id: str) -> FtpAccount:
    """The folders of an account, made for their owner alone if they are not there."""
    found = FtpAccount(api_id, data / layout.ACCOUNTS / api_id, data / layout.INCOMING / api_id)
    for folder in (found.folder, found.incoming):
        for one in (folder.parent, folder):
            one.mkdir(mode=0o700, exist_ok=True)
    return found
