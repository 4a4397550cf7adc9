"""What a campaign finds out about its outbox before it writes there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from converters.errors import GuardError
from converters.shared.words import counted
from smsenc.messagefile.names import FileName
from smsgate.campaign.books import archive
from smsgate.campaign.books.ledger import Ledger
from smsgate.outbox import home
from smsgate.outbox.folder import Volumes


def check_out(out: Path) -> None:
    """Raise OutboxError for a file that is no archive of message files, before there are records.

    If it has records, it was one, and ``archive`` says what is wrong with it.
    """
    if home.is_archive(out) and not home.exists(out):
        archive.packed(out)


def wanted_in(ledger: Ledger) -> Callable[[FileName], bool]:
    """Whether a file is of no campaign, or of one whose journal has it."""
    positions = {row.mark: row.next for row in ledger.campaigns()}
    unfinished = {(mark, row.number) for mark in positions for row in ledger.open_rows(mark)}

    def wanted(name: FileName) -> bool:
        position = positions.get(name.mark)
        done = position is not None and name.number < position.number
        return position is None or (done and (name.mark, name.number) not in unfinished)

    return wanted


def check_files(out: Path, ledger: Ledger, volumes: Volumes) -> None:
    """Raise GuardError if files that were written, and were not sent, are not as they were."""
    expected = ledger.unsent_files()
    if not expected:
        return
    found = volumes.digests(lambda name: name.mark == ledger.mark)
    there = archive.packed(out) if home.is_archive(out) else ()
    wrong = [
        name
        for name, digest in expected.items()
        if found.get(name) != digest and (name in found or name not in there)
    ]
    if wrong:
        raise GuardError(
            f"{counted(len(wrong), 'file')} of this campaign "
            f"{'is' if len(wrong) == 1 else 'are'} missing or not as written, first {min(wrong)}: "
            f"{_SOME_SENT if ledger.has_sent_files() else _NONE_SENT}",
            source=str(out),
        )


_NONE_SENT = "restore the outbox, or use --name NAME to write all files again as a new campaign"
#: A file that was deleted for a late opt-out is missing, too; all rows again would be sent twice.
_SOME_SENT = (
    "other files of it were sent, so put rows that were added or corrected since, and those of "
    "these files that are still to be sent, in a table of their own, and use another --name; "
    "this table with another --name would be sent to everybody again"
)
