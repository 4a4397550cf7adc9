"""Users of the pages: their log-ins, and what each may do. Functions work on a connection.

Whatever takes a right away ends the sessions of the user in the same transaction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, or_, select, update

from smsenc import OptionError
from smsgate.gateway import accounts, passwords, sessions
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.states import AccountState, UserRole
from smsgate.gateway.tables import account, page_user

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The user that the first start makes.
FIRST = "admin"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")
_PASSWORDS = range(12, 129)  # characters; NIST SP 800-63B allows 8 only with a second factor


class NewUser(NamedTuple):
    """A new user; only the hash of the password is kept."""

    user: str
    password: str


class User(NamedTuple):
    """A user; ``account`` is the api_id of an owner's account, empty for others."""

    name: str
    role: UserRole
    account: str
    created: float
    disabled: bool


class Stored(NamedTuple):
    """What a log-in is compared with, and the key of its user."""

    id: int
    hash: str

    def __repr__(self) -> str:
        return f"Stored(id={self.id})"


# Changes ------------------------------------------------------------------------------------------


def add(  # noqa: PLR0913 - what a user has
    conn: Connection,
    name: str,
    role: UserRole,
    *,
    api_id: str = "",
    password: str | None = None,
    now: float,
) -> NewUser:
    """A new user with this password or a generated one; raises OptionError."""
    if not _NAME.fullmatch(name):
        what = "expected at most 64 small letters, digits, . _ @ or -"
        raise OptionError(f"{what}, found {name!r}", name="NAME")
    if _find(conn, name):
        raise OptionError(f"the user {name} exists already", name="NAME")
    row = {
        "name": name,
        "role": role,
        "account": _account(conn, role, api_id),
        "created": now,
    }
    new = passwords.generated() if password is None else _checked(password)
    conn.execute(insert(page_user).values(row | {"password_hash": passwords.hashed(new)}))
    return NewUser(name, new)


def first(conn: Connection, now: float) -> NewUser | None:
    """An admin, if there are no users."""
    known = conn.execute(select(page_user.c.id).limit(1)).first()
    return None if known else add(conn, FIRST, UserRole.ADMIN, now=now)


def set_password(conn: Connection, name: str, password: str | None = None) -> str:
    """Replace a password by this one or a generated one, which is returned; raises OptionError."""
    new = passwords.generated() if password is None else _checked(password)
    _change(conn, name, password_hash=passwords.hashed(new))
    return new


def set_role(conn: Connection, name: str, role: UserRole, api_id: str = "") -> None:
    """Let a user do something else; raises OptionError."""
    _change(conn, name, role=role, account=_account(conn, role, api_id))


def disable(conn: Connection, name: str) -> None:
    """Let a user log in no more; raises OptionError."""
    _change(conn, name, disabled=1)


def enable(conn: Connection, name: str) -> None:
    """End ``disable``; raises OptionError."""
    _change(conn, name, disabled=0)


def remove(conn: Connection, name: str) -> None:
    """Delete a user; raises OptionError, also for the only one: a start would make another."""
    key = _known(conn, name)
    if not conn.execute(select(page_user.c.id).where(page_user.c.id != key).limit(1)).first():
        what = f"{name} is the only user: add another, or use smsenc gateway user disable"
        raise OptionError(what, name="NAME")
    conn.execute(delete(page_user).where(page_user.c.id == key))
    sessions.end_all(conn, key)


def _change(conn: Connection, name: str, **values: object) -> None:
    """Change a user. The row is locked first: no session can begin between the two statements."""
    key = _known(conn, name)
    conn.execute(update(page_user).where(page_user.c.id == key).values(**values))
    sessions.end_all(conn, key)


def _account(conn: Connection, role: UserRole, api_id: str) -> int | None:
    """The key of an owner's account; raises OptionError."""
    if (role is UserRole.OWNER) != bool(api_id):
        what = "an owner needs the API_ID of an account" if not api_id else "it is for an owner"
        raise OptionError(what, name="--account")
    return accounts.known(conn, api_id).id if api_id else None


def _checked(password: str) -> str:
    if len(password) not in _PASSWORDS or not password.isprintable():
        least, most = _PASSWORDS[0], _PASSWORDS[-1]
        raise OptionError(f"expected a password of {least} to {most} printable characters")
    return _normal(password)


def _normal(password: str) -> str:
    """The same octets for the same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", password)


# Questions ----------------------------------------------------------------------------------------


def listed(conn: Connection) -> list[User]:
    """All users by name."""
    columns = [page_user.c[name] for name in ("name", "role", "created", "disabled")]
    joined = page_user.outerjoin(account, page_user.c.account == account.c.id)
    query = select(account.c.api_id, *columns).select_from(joined).order_by(page_user.c.name)
    return [_user(row) for row in conn.execute(query)]


def _user(row: Iterable[Any]) -> User:
    api_id, name, role, created, disabled = row
    return User(name, UserRole(role), api_id or "", created, bool(disabled))


def stored(conn: Connection, name: str) -> Stored | None:
    """What a log-in is compared with; None if nobody can log in with this name."""
    if not _NAME.fullmatch(name):  # a server of PostgreSQL takes no zeros in a text
        return None
    joined = page_user.outerjoin(account, page_user.c.account == account.c.id)
    open_ = or_(page_user.c.account.is_(None), account.c.state != AccountState.CLOSED)
    query = select(page_user.c.id, page_user.c.password_hash).select_from(joined)
    known = page_user.c.name == name, page_user.c.disabled == 0, open_
    row = conn.execute(query.where(*known)).first()
    return Stored(*row) if row else None


def is_right(found: Stored | None, verifier: Verifier, password: str) -> bool:
    """Whether a password is right; an unknown user takes as long."""
    return verifier.matches(found.hash if found else None, _normal(password))


def _find(conn: Connection, name: str) -> int | None:
    query = select(page_user.c.id).where(page_user.c.name == name)
    return conn.execute(query.with_for_update()).scalar()


def _known(conn: Connection, name: str) -> int:
    found = _find(conn, name)
    if found is None:
        raise OptionError(f"no user {name}: smsenc gateway user list shows all")
    return found
