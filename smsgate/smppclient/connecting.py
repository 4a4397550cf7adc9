"""The way to a session: a socket, TLS, and the request to bind."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable

from smsenc import SmsencError
from smsenc.smpp import Event, Role, Status, pdus
from smsenc.smpp.status import name as status_name
from smsgate.certificates import make_context
from smsgate.errors import reason
from smsgate.smppclient.session import Session
from smsgate.smppclient.smsc import BindAs, Smsc

_BINDS: dict[BindAs, type[pdus.Bind]] = {
    BindAs.TRANSMITTER: pdus.BindTransmitter,
    BindAs.RECEIVER: pdus.BindReceiver,
    BindAs.TRANSCEIVER: pdus.BindTransceiver,
}
#: A log-in that is refused: another try would be refused, too, and may lock the account.
WRONG_LOG_IN = frozenset((Status.ESME_RINVPASWD, Status.ESME_RINVSYSID))


class BindError(SmsencError):
    """The message centre refuses the bind; ``status`` is the command_status of its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the message centre refuses the log-in: {status_name(status)}")
        self.status = status


async def connect(smsc: Smsc, on_events: Callable[[Session, list[Event]], None]) -> Session:
    """A session whose bind is sent; raises OSError, ValueError for a name that no host can have."""
    context = make_context(smsc.ca_file, verify=True) if smsc.tls else None
    async with asyncio.timeout(smsc.timers.session):
        _, session = await asyncio.get_running_loop().create_connection(
            lambda: Session(Role.ESME, on_events, window=smsc.window, timers=smsc.timers),
            smsc.host,
            smsc.port,
            ssl=context,
        )
    session.send(
        _BINDS[smsc.bind_as](
            system_id=smsc.user, password=smsc.password, system_type=smsc.system_type
        )
    )
    session.flush()
    return session


def why(error: Exception) -> str:
    """What the system says: asyncio has a text of its own, with the address in it."""
    number = getattr(error, "errno", None) or 0
    of_system = number > 0 and not isinstance(error, ssl.SSLError)
    return os.strerror(number).lower() if of_system else reason(error)
