"""Files that were sent and are in the outbox again: written again, renamed, or copied.

Nobody can tell whether such a file is a new message or the old one, so it is named and not sent.
docs/outbox.md lists the cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress

from smsgate.errors import OutboxError
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox import contents
from smsgate.outbox.contents import Outgoing, Parts
from smsgate.outbox.files import SEEN, State, digest_of

RESENT = "may have been sent before"
_CAME_BACK = (
    "was written again since it was sent, with the same content: for a new message give it another "
    "name or use --resend; otherwise remove it"
)
_RENAMED = (
    "was sent as {name}: remove it; for a new message write it again, or use --resend if it is to "
    "arrive twice"
)


def find_returned(
    files: Sequence[Outgoing], transfers: Transfers, changed: AbstractSet[str], *, resend: bool
) -> frozenset[str]:
    """The names of these files; it is recorded. With ``resend`` there are none: all are sent.

    Files that have ``changed`` are left out. So are files with the mark of a run that were written
    again: the same mark means the same message.
    """
    rows = transfers.rows
    unmarked = [file for file in files if not rows[file.name].run and file.name not in changed]
    came_back = transfers.came_back(f for f in unmarked if rows[f.name].state in SEEN)
    if resend:
        transfers.set(came_back, State.PLANNED, RESENT)
        return frozenset()
    for state in SEEN:
        some = [name for name in came_back if rows[name].state is state]
        transfers.set(some, state, _CAME_BACK)
    renamed = dict(_renamed(files, transfers))
    for name, other in renamed.items():
        transfers.set([name], State.REFUSED, _RENAMED.format(name=other))
    return frozenset((*came_back, *renamed))


def _renamed(files: Sequence[Outgoing], transfers: Transfers) -> Iterator[tuple[str, str]]:
    """The files of messages that were sent under other names, with such a name."""
    new = [parts for parts in contents.messages(files) if any(map(transfers.is_new, parts))]
    if not new:
        return
    by_digest, by_stamp = transfers.seen_digests(), transfers.gone_stamps()
    for message in new:
        found = _sent_as(message, transfers, by_digest, by_stamp)
        if found:
            unsent = (part.name for part in message if transfers.rows[part.name].state not in SEEN)
            yield from ((name, found) for name in unsent)


def _sent_as(
    message: Parts,
    transfers: Transfers,
    by_digest: Mapping[tuple[str, str], str],
    by_stamp: Mapping[contents.Stamp, str],
) -> str | None:
    """Another name under which one of the new files of a message was sent."""
    for part in message:
        mark = part.fields.mark
        moved = by_stamp.get(part.stamp.kept)
        if not transfers.is_new(part) or not (moved or mark):
            continue
        with suppress(OutboxError):  # its turn to be refused comes
            digest = digest_of(part.read())
            if mark and (other := by_digest.get((mark, digest))):
                return other
            if moved and transfers.digest_of(moved) == digest:
                return moved
    return None
