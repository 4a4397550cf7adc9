"""What a message says, as text: whatever is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from smsenc import SmsencError
from smsgate.gateway import content
from smsgate.gateway.tables import file, message

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST = 10_000  # characters


class Content(NamedTuple):
    """``text``, or ``data`` in hex; ``is_erased``: it was too old. Cut if it is absurdly long."""

    text: str = ""
    data: str = ""
    sender: str = ""
    kind: str = ""
    client: str = ""
    is_erased: bool = False


def of(conn: Connection, uid: str, merged: str | None) -> Content:
    """What a message says; ``merged`` is its own text, of a row of a template."""
    query = select(file.c.content).join(message, message.c.file == file.c.id)
    stored = conn.execute(query.where(message.c.uid == uid)).scalar() or ""
    if stored.startswith(content.ERASED) or merged == "":
        return Content(is_erased=True)
    return _read(stored, merged)


def _read(stored: str, merged: str | None) -> Content:
    """Never fails: what cannot be read is shown as it is stored."""
    try:
        found = content.loads(stored)
    except (SmsencError, ValueError, TypeError, AttributeError):
        return Content(text=(stored if merged is None else merged)[:_LONGEST])
    text = found.text if merged is None else merged
    data = "" if found.data is None else found.data.hex()
    return Content(
        text=_whole(str(text or "")[:_LONGEST]),
        data=data[:_LONGEST],
        sender=str(found.sender or ""),
        kind=str(found.msg_type or ""),
        client=str(found.client_id or ""),
    )


def _whole(text: str) -> str:
    """Without halves of characters, which a page cannot have."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
