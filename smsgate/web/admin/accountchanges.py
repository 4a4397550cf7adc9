"""What is done to an account: as ``smsenc gateway account`` does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smsenc import OptionError
from smsgate.gateway import accounts
from smsgate.gateway import credits as amounts
from smsgate.gateway.accounts import Which
from smsgate.gateway.queue import pauses
from smsgate.gateway.queue.pauses import ALL, Pause
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.scope import Asked, account_id
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST_AMOUNT, _LONGEST_NAME, _LONGEST_NOTE = 40, 200, 1000  # characters


def _look(conn: Connection, found: Asked, _values: Values) -> Values:
    account_id(conn, found, found.path["api_id"])
    return {}


def _back(found: Asked) -> str:
    return f"/accounts/{found.path['api_id']}"


# A new one ----------------------------------------------------------------------------------------


def _new(found: Asked) -> Values:
    credit = found.get("credit")[:_LONGEST_AMOUNT]
    api_id, user = found.get("new_id")[:_LONGEST_NAME], found.get("new_user")[:_LONGEST_NAME]
    try:
        millionths = amounts.read(credit) if credit else accounts.TRIAL
    except OptionError as error:
        raise ProblemError(said=error.message) from error
    if user and not api_id:
        raise ProblemError("admin.no-number")
    return {"credit": millionths, "new_id": api_id, "new_user": user or f"user{api_id}"}


def _ask_new(_conn: Connection, _found: Asked, values: Values) -> Values:
    key = "admin.account.named" if values["new_id"] else "admin.account.unnamed"
    what = text(key, api_id=values["new_id"], user=values["new_user"])
    return {"what": what, "amount": amounts.shown(values["credit"])}


def _add(conn: Connection, _found: Asked, values: Values, now: float) -> Done:
    credit, api_id = values["credit"], values["new_id"]
    new = (
        accounts.named(conn, api_id, values["new_user"], credit=credit, now=now)
        if api_id
        else accounts.add(conn, credit=credit, now=now)
    )
    keys = "admin.secret.of_files", "admin.secret.of_ftp"
    secret = "\n".join(text(key, **new._asdict()) for key in keys)
    return Done(text("admin.done.account-add", api_id=new.api_id), secret)


ADD = Action(
    name="account-add",
    read=_new,
    look=_ask_new,
    do=_add,
    back=lambda _: "/accounts",
    once=True,
)


# Credits ------------------------------------------------------------------------------------------


def _credit(found: Asked) -> Values:
    try:
        amount = amounts.read(found.get("amount")[:_LONGEST_AMOUNT])
    except OptionError as error:
        raise ProblemError(said=error.message) from error
    if not amount:
        raise ProblemError("admin.no-amount")
    sign = -1 if found.get("take") else 1
    return {
        "amount": amounts.shown(amount),
        "millionths": sign * amount,
        "take": sign < 0,
        "note": found.get("note")[:_LONGEST_NOTE],
    }


def _ask_credit(conn: Connection, found: Asked, values: Values) -> Values:
    key = "admin.credit-take" if values["take"] else "admin.credit-add"
    noted = text("admin.credit-note", note=values["note"]) if values["note"] else ""
    return {
        **_look(conn, found, values),
        "what": text(key, amount=values["amount"]),
        "noted": noted,
    }


def _do_credit(conn: Connection, found: Asked, values: Values, now: float) -> Done:
    api_id = found.path["api_id"]
    balance = accounts.credited(conn, api_id, values["millionths"], values["note"], now)
    return Done(text("admin.done.credit", api_id=api_id, balance=amounts.shown(balance)))


CREDIT = Action(
    name="account-credit",
    read=_credit,
    look=_ask_credit,
    do=_do_credit,
    back=_back,
    danger=True,
    once=True,
)


# State --------------------------------------------------------------------------------------------


def _state(
    change: Callable[[Connection, str], None],
    key: str,
    conn: Connection,
    found: Asked,
    _values: Values,
    _now: float,
) -> Done:
    api_id = found.path["api_id"]
    change(conn, api_id)
    return Done(text(key, api_id=api_id))


CLOSE = Action(
    name="account-close",
    look=_look,
    do=partial(_state, accounts.close, "admin.done.account-close"),
    back=_back,
    danger=True,
)
FREEZE = Action(
    name="account-freeze",
    look=_look,
    do=partial(_state, accounts.freeze, "admin.done.account-freeze"),
    back=_back,
    danger=True,
)
OPEN = Action(
    name="account-open",
    look=_look,
    do=partial(_state, accounts.reopen, "admin.done.account-open"),
    back=_back,
)


# Passwords ----------------------------------------------------------------------------------------


def _which(found: Asked) -> Values:
    if found.get("which") not in list(Which):
        raise ProblemError("admin.no-password")
    which = Which(found.get("which"))
    return {"which": which, "what": text(f"admin.password.{which.value}")}


def _password(conn: Connection, found: Asked, values: Values, _now: float) -> Done:
    api_id = found.path["api_id"]
    new = accounts.set_password(conn, api_id, values["which"])
    return Done(text("admin.done.account-password", api_id=api_id), new)


PASSWORD = Action(
    name="account-password",
    read=_which,
    look=_look,
    do=_password,
    back=_back,
    danger=True,
    once=True,
)


# Pauses -------------------------------------------------------------------------------------------


def begin_pause(conn: Connection, api_id: str, queue: int, now: float) -> str:
    """Let messages wait; what waits now. An empty api_id and ALL stand for every one."""
    pauses.begin(conn, _pause(conn, api_id, queue), now)
    return pauses.said(pauses.Named(api_id, queue))


def end_pause(conn: Connection, api_id: str, queue: int) -> str:
    """Let them go again; raises OptionError if they were not paused so."""
    said = pauses.said(pauses.Named(api_id, queue))
    if not pauses.end(conn, _pause(conn, api_id, queue)):
        raise OptionError(text("admin.not-paused", what=said))
    return said


def _pause(conn: Connection, api_id: str, queue: int) -> Pause:
    return Pause(accounts.known(conn, api_id).id if api_id else ALL, queue)


def _begin(conn: Connection, found: Asked, _values: Values, now: float) -> Done:
    said = begin_pause(conn, found.path["api_id"], ALL, now)
    return Done(text("admin.done.pause", what=said))


def _end(conn: Connection, found: Asked, _values: Values, _now: float) -> Done:
    return Done(text("admin.done.resume", what=end_pause(conn, found.path["api_id"], ALL)))


PAUSE = Action(name="account-pause", look=_look, do=_begin, back=_back)
RESUME = Action(name="account-resume", look=_look, do=_end, back=_back)
