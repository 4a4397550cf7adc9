"""The parts of a message to a message centre, and what it answered."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from smsenc import SmsencError, split
from smsenc.messagefile import Message
from smsgate.masking import cleaned
from smsgate.runs import direct, submits
from smsgate.runs.submits import Route, Submit
from smsgate.smppclient import Accepted, Result, Smsc, Unknown
from smsgate.web.problems import ProblemError
from smsgate.web.studio import files
from smsgate.web.studio.made import REFERENCE

_PATIENCE = 8.0  # seconds until there is a session
_LONGEST = 60.0  # seconds for all parts


class Sent(NamedTuple):
    """A part, and its message id or why it was refused."""

    part: int
    total: int
    accepted: bool
    answer: str


async def send(made: files.Result, number: str, smsc: Smsc) -> tuple[Sent, ...]:
    """Send a message to a number; raises ProblemError if that cannot be tried."""
    parts = split(made.payload, reference=REFERENCE)
    template = Message(to=(number,), text="")
    found = submits.of_parts(made.asked.name, parts, (number,), template, Route())
    sent: list[Sent] = []

    def tell(submit: Submit | None, result: Result | SmsencError) -> None:
        place = (submit.number, submit.total) if submit else (len(sent) + 1, len(parts))
        if isinstance(result, Accepted):
            sent.append(Sent(*place, accepted=True, answer=result.message_id))
        else:
            why = result.reason if isinstance(result, Unknown) else str(result)
            sent.append(Sent(*place, accepted=False, answer=cleaned(why)))

    try:
        async with asyncio.timeout(_LONGEST):
            await direct.send(found, smsc, tell, patience=_PATIENCE)
    except TimeoutError:
        raise ProblemError("studio.late", status=504, sent=len(sent), total=len(parts)) from None
    except SmsencError as error:
        raise ProblemError(said=cleaned(str(error)), status=502) from None
    return tuple(sent)
