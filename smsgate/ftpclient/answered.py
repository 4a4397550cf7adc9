"""Files whose upload ended without an answer, and which the gateway's logs have settled since.

``smsenc log`` records the answers in the journal. A file that has one was taken by the gateway.
"""

from __future__ import annotations

from smsgate.ftpclient.lognames import HISTORY
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.sentfiles import steps_of
from smsgate.ftpclient.status import MessageState, SentFile, join
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox.files import State
from smsgate.outbox.home import Home

_ANSWERED = "the gateway has answered it (smsenc log)"


def settle(transfers: Transfers, records: Home, target: str) -> None:
    """UNKNOWN files about which the gateway has said something become DONE.

    An answer that is older than the upload of its file is about another one.
    """
    unknown = [row.name for row in transfers.rows.values() if row.state is State.UNKNOWN]
    if not unknown:
        return
    with LogRecords(records, target) as found:
        steps = steps_of(found)
        answered = [name for name in unknown if _is_answered(name, found, steps)]
    transfers.set(answered, State.DONE, _ANSWERED)


def _is_answered(name: str, found: LogRecords, steps: dict[str, tuple[int, float]]) -> bool:
    step, time = steps.get(name, (0, None))
    file = SentFile(name=name, recipients=None, uploaded=time, step=step)
    rows, _ = join(file, found.heard(name, HISTORY))
    return any(row.state is not MessageState.UNKNOWN for row in rows)
