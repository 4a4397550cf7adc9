"""Answers and replies as rows of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from smsenc.messagefile.logs import Answer, Reply
from smsgate.ftpclient.status import Heard

#: What an answer says.
COLUMNS = "id, error, text, recipient, status, client_id, charge, time"


def said_by(row: Answer) -> tuple[object, ...]:
    """The values of ``COLUMNS``."""
    charge = None if row.charge is None else str(row.charge)
    return row.id, row.error, row.text, row.to, row.status, row.client_id, charge, row.time


def reply_of(row: Sequence[Any]) -> Reply:
    """A row of ``log_reply``."""
    time, handset, to, text, line = row
    return Reply(time=time, handset=handset, to=to, text=text, line=line)


def heard_of(file: str, row: Sequence[Any]) -> Heard:
    """An answer about a file: log, generation, line, step, look, ``COLUMNS``."""
    log, generation, line, step, look, *said = row
    id_, error, text, to, status, client_id, charge, time = said
    answer = Answer(
        line=line,
        id=id_,
        error=error,
        text=text,
        to=to,
        status=status,
        client_id=client_id,
        charge=None if charge is None else Decimal(charge),
        time=time,
        file=file,
    )
    return Heard(answer=answer, source=(log, generation), step=step, look=look)
