"""Who asks for which page, and what of the database is shown to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, select

from smsgate.gateway.tables import account
from smsgate.web.problems import ProblemError
from smsgate.web.who import Role, Who

if TYPE_CHECKING:
    from starlette.requests import Request

_LONGEST = 4000  # characters of a value
_MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: of whom, with the values of its path, and those of its query or form."""

    who: Who
    path: Mapping[str, str]
    given: Mapping[str, str]

    def get(self, name: str) -> str:
        """A value, stripped; empty if it is not given. Raises ProblemError if it is too long."""
        found = self.given.get(name, "").strip()
        if len(found) > _LONGEST or "\0" in found:
            raise ProblemError("admin.long", most=_LONGEST)
        return found

    def of(self, column: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
        """The condition that rows are of an account that is shown; none for those who see all."""
        return () if self.who.account is None else (column == self.who.account,)

    @property
    def sees_all(self) -> bool:
        """Whether all accounts are shown."""
        return self.who.role is not Role.OWNER

    @property
    def is_admin(self) -> bool:
        """Whether everything may be changed."""
        return self.who.role is Role.ADMIN


def asked(request: Request, given: Mapping[str, str] | None = None) -> Asked:
    """What a request asks; ``given`` are the fields of its form.

    No path with a NUL is there: databases would refuse it.
    """
    if any("\0" in one for one in request.path_params.values()):
        raise missing()
    values = dict(request.query_params) if given is None else given
    return Asked(request.state.who, dict(request.path_params), values)


def number(text: str, most: int = _MOST_ID) -> int:
    """A number of a path or a query; raises ProblemError, as for a page that is not there."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= most:
        return int(text)
    raise missing()


def missing() -> ProblemError:
    """What is not there, or is another account's: nobody can tell which."""
    return ProblemError("problems.missing", status=404)


def account_id(conn: Connection, found: Asked, api_id: str) -> int:
    """The id of an account that is shown; raises ProblemError."""
    query = select(account.c.id).where(account.c.api_id == api_id, *found.of(account.c.id))
    key = conn.execute(query).scalar()
    if key is None:
        raise missing()
    return int(key)
