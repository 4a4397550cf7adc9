"""Whose a message from a phone is: what the configuration says, or who wrote to that phone last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, literal_column, select

from smsgate.gateway.settings import AccountSettings, NumberSettings
from smsgate.gateway.tables import account, file, message

_LOT, _LAST = 100, 2000  # messages to a phone that are looked at, together and in all
_ANSWERS: ColumnElement[bool] = literal_column("message.answers = 1")  # as in the partial index


class Owner(NamedTuple):
    """An account, and the phone's number as its message files have it."""

    account: int | None
    handset: str


def configured(
    rules: Iterable[NumberSettings], handset: str, number: str, text: str | None
) -> str | None:
    """The api_id of the rule that fits best; None without one.

    A rule with a number fits better than one without, then one with a keyword, then one with a
    longer prefix, then the first.
    """
    word = next(iter((text or "").split(maxsplit=1)), "").casefold()
    fitting = [one for one in rules if _fits(one, handset, number, word)]
    found = max(fitting, key=_precision, default=None)
    return found.account if found else None


def _fits(rule: NumberSettings, handset: str, number: str, word: str) -> bool:
    return (
        rule.number in ("", number)
        and rule.keyword.casefold() in ("", word)
        and handset.startswith(rule.prefix)
    )


def _precision(rule: NumberSettings) -> tuple[bool, bool, int]:
    return bool(rule.number), bool(rule.keyword), len(rule.prefix)


class Owners:
    """The accounts in a transaction; ``settings`` are theirs by api_id."""

    def __init__(
        self,
        conn: Connection,
        rules: Sequence[NumberSettings],
        settings: Mapping[str, AccountSettings],
    ) -> None:
        self._conn = conn
        self._rules = rules
        self._settings = settings
        rows = conn.execute(select(account.c.api_id, account.c.id))
        self._ids: dict[str, int] = {row[0]: row[1] for row in rows}
        self._prefixes = {
            self._ids[api_id]: one.prefix
            for api_id, one in settings.items()
            if one.prefix and api_id in self._ids
        }

    def of(self, handset: str, number: str, text: str | None) -> Owner:
        """Whose a message is; nobody's if no rule fits and nobody wrote to the phone."""
        api_id = configured(self._rules, handset, number, text)
        key = self._ids.get(api_id) if api_id else None
        if key is None:
            key = self._last_writer(handset, number)
        return Owner(key, self.international(key, handset))

    def international(self, key: int | None, handset: str) -> str:
        """A phone's number with the account's prefix in place of a first 0."""
        prefix = self._prefixes.get(key) if key is not None else None
        return prefix + handset[1:] if prefix and handset.startswith("0") else handset

    def _last_writer(self, handset: str, number: str) -> int | None:
        """The account of the last message to a phone that named this number, or asked for replies.

        Prefixes of accounts are tried, too: a message centre may write numbers as in its country.
        """
        numbers = {self.international(key, handset) for key in self._prefixes} | {handset}
        query = (
            select(message.c.account, file.c.content)
            .join(file, file.c.id == message.c.file)
            .where(_ANSWERS, message.c.recipient.in_(sorted(numbers)))
            .order_by(message.c.id.desc())
        )
        asked = None
        for first in range(0, _LAST, _LOT):
            rows = self._conn.execute(query.limit(_LOT).offset(first)).all()
            for key, content in rows:
                sender, mo = _asked(content)
                if sender == number:
                    return int(key)
                asked = int(key) if asked is None and mo else asked
            if len(rows) < _LOT:
                break
        return asked


def _asked(content: str) -> tuple[str, bool]:
    """The sender of a file, and whether it asks for replies."""
    try:
        found = json.loads(content)
    except ValueError:
        return "", False
    return str(found.get("from", "")), found.get("mo") == "1"
