"""Parts to a message centre, without a gateway between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from smsenc import SmsencError
from smsgate.errors import GatewayLogInError, GatewayLostError
from smsgate.runs.submits import Found, Submit
from smsgate.runs.submitted import Submitted
from smsgate.smppclient import BindError, Client, Result, Smsc

#: Called with each part and how it ended, or with the error of what cannot be sent.
OnResult = Callable[[Submit | None, Result | SmsencError], None]


async def send(
    found: Iterable[Found],
    smsc: Smsc,
    tell: OnResult,
    *,
    records: Submitted | None = None,
    patience: float = 30.0,
) -> None:
    """Send all parts in order; ``records`` says which of them were sent by an earlier run.

    Raises GatewayLostError if there is no session within ``patience`` seconds, GatewayLogInError
    for a log-in that is refused, OutboxError for records that cannot be written.
    """
    async with Client(smsc) as client:
        await _bound(client, patience)
        for lot in _lots(found, 4 * smsc.window):
            await _send_lot(lot, client, tell, records)


async def _bound(client: Client, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            await client.bound()
    except BindError as error:
        raise GatewayLogInError(str(error)) from None
    except TimeoutError:
        raise GatewayLostError(client.problem or f"no answer from {client.smsc}") from None


def _lots(found: Iterable[Found], size: int) -> Iterator[list[Found]]:
    iterator = iter(found)
    while lot := list(islice(iterator, size)):
        yield lot


async def _send_lot(
    lot: list[Found], client: Client, tell: OnResult, records: Submitted | None
) -> None:
    known: dict[int, Result] = {}
    new: list[Submit] = []
    for place, one in enumerate(lot):
        if isinstance(one, Submit):
            result = records.known(one) if records else None
            if result is None:
                new.append(one)
            else:
                known[place] = result
    if records:
        records.announce(new)
    results = await asyncio.gather(*(client.submit(one.body) for one in new))
    if records:
        records.record(zip(new, results, strict=True))
    ended = iter(results)
    for place, one in enumerate(lot):
        if isinstance(one, Submit):
            tell(one, known[place] if place in known else next(ended))
        else:
            tell(None, one)
