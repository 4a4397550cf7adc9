"""What is to be sent: the files of an outbox compared with its journal and with the server.

A file that may have been sent by somebody who used another journal becomes UNKNOWN; docs/outbox.md
lists the cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from converters.errors import GuardError
from converters.shared.words import counted
from smsenc import SmsencError
from smsenc.messagefile import names
from smsgate.errors import GatewayError, OutboxError
from smsgate.ftpclient.lognames import LogNames
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.returned import RESENT
from smsgate.ftpclient.transfers import Transfers
from smsgate.masking import cleaned
from smsgate.outbox import contents, home
from smsgate.outbox.contents import Outgoing, Parts
from smsgate.outbox.files import CHANGED, SEEN, State, Transfer, digest_of

_OLDER = (
    "may have been sent: the journal is older than the outbox, or a copy of it was sent "
    "(--resend sends it again)"
)
_OTHER_OUTBOX = "may have been sent: another outbox wrote it (--resend sends it from here, too)"
_ON_SERVER = "may have been sent: the server has a file of this name (--resend sends it again)"
_ANSWERED = "may have been sent: the server has an answer to it (--resend sends it again)"
_INCOMPLETE = "not all parts of its message are in the outbox: write the message again"
_FORM = "NNNNNN-name.txt"
_NOT_NAMED = "are not named as message files"
_MOST_NAMED = 10  # files in one line


def check_outbox(outbox: Path, *, resend: bool) -> None:
    """Raise SmsencError for an outbox without message files, GuardError for one without records.

    It changes nothing; ``upload`` does it first.
    """
    found = contents.names_in(outbox)
    if not found:
        others = misnamed_line(contents.misnamed(outbox))
        raise SmsencError(f"no message files in {outbox}{': ' if others else ''}{others}")
    marked = any(one.mark for one in map(names.parse, found) if one)
    if marked and not resend and not home.exists(outbox):
        raise GuardError(
            "its records (.smsenc) are missing, so nobody knows what was sent: use the outbox that "
            "these files come from, or --resend to send all of them",
            source=str(outbox),
        )


def misnamed_line(files: Sequence[str]) -> str:
    """What to say of files that are not named as message files; empty if there are none."""
    if not files:
        return ""
    one = len(files) == 1
    are, were = ("is not named as a message file", "was") if one else (_NOT_NAMED, "were")
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return (
        f"{counted(len(files), 'file')} {are} ({_FORM}, in the outbox itself) and {were} not sent: "
        f"{', '.join(map(cleaned, files[:_MOST_NAMED]))}{more}"
    )


def compare(transfers: Transfers, *, resend: bool) -> None:
    """Files that may have been sent elsewhere become UNKNOWN; with ``resend`` all are PLANNED."""
    rows = transfers.rows.values()
    if resend:
        unknown = [row.name for row in rows if row.state is State.UNKNOWN]
        transfers.set(unknown, State.PLANNED, RESENT)
        return
    unsent = [row for row in rows if row.state not in SEEN]
    elsewhere, ranks = transfers.announced_elsewhere(), transfers.ranks()
    older = [row.name for row in unsent if row.name in elsewhere]
    foreign = [
        row.name for row in unsent if row.run and row.run not in ranks and row.name not in elsewhere
    ]
    transfers.set(older, State.UNKNOWN, _OLDER)
    transfers.set(foreign, State.UNKNOWN, _OTHER_OUTBOX)


def refuse_incomplete(files: Iterable[Outgoing], transfers: Transfers) -> frozenset[str]:
    """Refuse messages of which a part is neither in the outbox nor sent; returns them."""
    refused = set()
    for parts in contents.messages(files):
        total = parts[0].fields.total
        if len(parts) < total and not all(map(transfers.was_sent, _other_parts(parts))):
            refused.add(parts[0].message)
            unsent = [p.name for p in parts if transfers.rows[p.name].state not in SEEN]
            transfers.set(unsent, State.REFUSED, _INCOMPLETE)
    return frozenset(refused)


def _other_parts(parts: Parts) -> list[str]:
    """The names of the parts of a message that are not in the outbox."""
    there = {part.fields.part for part in parts}
    number, slug, _, total, suffix, mark = parts[0].fields
    missing = (n for n in range(1, total + 1) if n not in there)
    return [names.file_name(number, slug, n, total, suffix, mark=mark) for n in missing]


def find_changed(files: Sequence[Outgoing], transfers: Transfers) -> frozenset[str]:
    """Names of files that have another content than the one that was sent; it is recorded."""
    rows = transfers.rows
    seen = [file for file in files if rows[file.name].state in SEEN]
    changed = [file.name for file in seen if _is_changed(file, rows[file.name])]
    for state in SEEN:
        transfers.set([name for name in changed if rows[name].state is state], state, CHANGED)
    return frozenset(changed)


def _is_changed(file: Outgoing, row: Transfer) -> bool:
    try:
        return row.digest is not None and digest_of(file.read()) != row.digest
    except OutboxError:
        return True


def find_traces(session: RetryingSession, transfers: Transfers) -> None:
    """Files with the mark of a run that the server has, or has answered, become UNKNOWN.

    This journal knows nothing of that. Names without a mark are used again, and so are no trace. A
    server that does not list its folder is not asked. Raises UnreachableError.
    """
    unsent = {row.name for row in transfers.rows.values() if row.run and row.state not in SEEN}
    if not unsent:
        return
    with suppress(GatewayError):
        logs = LogNames(unsent)
        listed = session.ask(lambda one: one.names(lambda n: n in unsent or bool(logs.file_of(n))))
        there = unsent.intersection(listed)
        answered = {file for name in listed if (file := logs.file_of(name))} - there
        transfers.set(sorted(there), State.UNKNOWN, _ON_SERVER)
        transfers.set(sorted(answered), State.UNKNOWN, _ANSWERED)
