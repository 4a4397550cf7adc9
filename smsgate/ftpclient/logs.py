"""The logs in the gateway's folder, fetched and matched with the messages of the outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smsenc import SmsencError, messagefile
from smsenc.messagefile.logs import Answer, Reply, Stray, read_answers, read_replies
from smsgate.errors import OutboxError
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.status import MessageStatus, join
from smsgate.outbox import contents, home, journal
from smsgate.outbox.files import SEEN

HISTORY, REPLIES = "history.log", "mo.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """The folder's logs: answers by file, the history of the folder, replies, unreadable lines.

    ``strays`` have the name of the log and a line in it that is neither an answer nor a reply.
    """

    answers: Mapping[str, tuple[Answer, ...]]
    history: tuple[Answer, ...] = ()
    replies: tuple[Reply, ...] = ()
    strays: tuple[tuple[str, Stray], ...] = ()


@dataclass(slots=True)
class LogReader:
    """Fetches the logs of the files ``sent``; each further call fetches only what was added."""

    sent: frozenset[str]
    _octets: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, session: Session) -> Logs:
        """The complete logs as they are now; raises GatewayError."""
        wanted = {f"{name}.log" for name in self.sent} | {HISTORY, REPLIES}
        for name in sorted(wanted.intersection(session.names())):
            before = self._octets.get(name, b"")
            if (size := session.size(name)) is not None and size < len(before):
                before = b""  # a new log
            more = b"" if size == len(before) else session.retrieve(name, len(before))
            self._octets[name] = before + more
        return self._read()

    def _read(self) -> Logs:
        strays: list[tuple[str, Stray]] = []

        def answers(name: str) -> tuple[Answer, ...]:
            rows = read_answers(self._octets[name], whole=False)
            strays.extend((name, row) for row in rows if isinstance(row, Stray))
            return tuple(row for row in rows if isinstance(row, Answer))

        own = sorted(self._octets.keys() - {HISTORY, REPLIES})
        by_file = {name.removesuffix(".log"): answers(name) for name in own}
        history = answers(HISTORY) if HISTORY in self._octets else ()
        replies = read_replies(self._octets.get(REPLIES, b""), whole=False)
        strays.extend((REPLIES, row) for row in replies if isinstance(row, Stray))
        return Logs(
            answers=by_file,
            history=history,
            replies=tuple(row for row in replies if isinstance(row, Reply)),
            strays=tuple(strays),
        )


def recipients(outbox: Path) -> dict[str, tuple[str, ...]]:
    """The recipients of each file that was sent, in the order of sending.

    Without a journal every file counts as sent: another program may have sent them. Raises
    OutboxError.
    """
    records = home.find(outbox)
    known = _journalled(records.journal) if records else None
    with contents.opened(outbox) as files:
        wanted = [file for file in files if known is None or file.name in known]
        return {file.name: _recipients_of(file.name, file.read()) for file in wanted}


def _recipients_of(name: str, octets: bytes) -> tuple[str, ...]:
    try:
        message = messagefile.loads(octets)
    except SmsencError as error:
        raise error.at(source=name) from None
    return message.to or tuple(row[0] for row in message.rows)


def _journalled(path: Path) -> frozenset[str] | None:
    if not path.exists():
        return None
    base = journal.connect(path)
    try:
        marks = ", ".join("?" * len(SEEN))
        rows = base.execute(f"SELECT name FROM file WHERE state IN ({marks})", SEEN)  # noqa: S608 - question marks alone
        return frozenset(name for (name,) in rows)
    except sqlite3.OperationalError:  # a journal without uploads
        return None
    except sqlite3.Error as error:
        raise OutboxError(f"cannot read the journal: {error}") from error
    finally:
        base.close()


def statuses(sent: Mapping[str, tuple[str, ...]], logs: Logs) -> tuple[MessageStatus, ...]:
    """The status of every message of ``sent``."""
    return tuple(join(sent, logs.answers, _ours(sent, logs.history)))


def _ours(sent: Mapping[str, tuple[str, ...]], history: Iterable[Answer]) -> Iterable[Answer]:
    # The history is of the whole folder, in which there may be files of other senders.
    return (row for row in history if row.file is None or row.file in sent)
