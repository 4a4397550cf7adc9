"""The lines of history.log, as ``smsenc.messagefile.logs`` reads them."""

from __future__ import annotations

import json
import re
import time
from functools import lru_cache
from typing import NamedTuple

from smsgate.gateway.credits import CREDIT
from smsgate.masking import harmless

_LAST_SECOND = 253_402_300_799  # of the year 9999
_CLIENT_ID = re.compile("[0-9A-Za-z]{1,32}")
_LONGEST_NAME, _LONGEST_REMARK = 255, 1000
_NAMELESS = "-"


class Subject(NamedTuple):
    """What the lines about a file show of it."""

    name: str
    client: str  # `` cliMsgId: …``, or empty


class Event(NamedTuple):
    """A row of ``tables.event`` with its message; ``file`` is the id of a file."""

    id: int
    account: int
    time: float  # UNIX seconds
    file: int
    uid: str
    recipient: str
    status: int
    charge: int | None  # millionths


class Remark(NamedTuple):
    """A row of ``tables.remark``; ``file`` is a name."""

    id: int
    account: int
    time: float
    file: str
    text: str


def event(subject: Subject, row: Event) -> str:
    """The line about a change."""
    _, _, moment, _, uid, recipient, status, charge = row
    paid = "" if charge is None else f" charge: {charge // CREDIT}.{charge % CREDIT:06}"
    said = f"ID: {uid} To: {recipient} status: {status:03}{subject.client}{paid}"
    return f"{stamp(int(moment))}\t{subject.name}\t{said}\n"


def remark(row: Remark) -> str:
    """The line of a remark, such as a refusal: ``ERR: 105, … To: …``."""
    said = harmless(row.text, _LONGEST_REMARK)
    return f"{stamp(int(row.time))}\t{shown_name(row.file)}\t{said}\n"


def subject(name: str, content: str) -> Subject:
    """What is shown of a file with this name and content (columns of ``tables.file``)."""
    try:
        given = json.loads(content).get("cliMsgId") if content else None
    except (ValueError, AttributeError):
        given = None
    known = isinstance(given, str) and _CLIENT_ID.fullmatch(given)
    return Subject(shown_name(name), f" cliMsgId: {given}" if known else "")


def shown_name(name: str) -> str:
    """A file's name without what could end a field or a line."""
    return harmless(name, _LONGEST_NAME) or _NAMELESS


@lru_cache(4096)
def stamp(second: int) -> str:
    """A UNIX time in UTC: ``2026-11-28 10:00:00``; years beyond four digits are not shown."""
    moment = time.gmtime(min(max(second, 0), _LAST_SECOND))
    return time.strftime("%Y-%m-%d %H:%M:%S", moment)
