"""Files of other runs that wait in the outbox of a campaign, and hold numbers that have opted out.

They are sent with the campaign's own files, and what was written before a number opted out knows
nothing of it. So they are looked through whenever a campaign has an opt-out list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from converters.errors import GuardError
from converters.shared.words import counted
from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.optout import OptOut
from smsgate.campaign.rows.recipients import opted_out
from smsgate.outbox import contents

_MOST_FILES = 20  # in a message
#: The number in a line of a message file: a recipient, or the first cell of a row.
_NUMBER = re.compile(
    rb"^[ \t]*(?:to|csv)[ \t]*:[ \t]*\+?([0-9]{1,19})", re.IGNORECASE | re.MULTILINE
)


class Waiting(NamedTuple):
    """How many recipients of files that wait have opted out, and the names of these files."""

    recipients: int = 0
    files: tuple[str, ...] = ()


def find(campaign: Campaign, ledger: Ledger, out: Path) -> Waiting:
    """The recipients who have opted out in files of other runs that were not sent.

    Raises OutboxError.
    """
    listed = opted_out(campaign)
    if not listed or not out.exists():
        return Waiting()
    found = {name: count for name, count in _counts(listed, ledger, out) if count}
    return Waiting(sum(found.values()), tuple(found))


def _counts(listed: OptOut, ledger: Ledger, out: Path) -> Iterator[tuple[str, int]]:
    sent = ledger.sent_files()
    with contents.opened(out) as files:
        for file in files:
            if file.name not in sent and file.fields.mark != ledger.mark:
                numbers = _NUMBER.findall(file.read())
                yield file.name, sum(number.decode() in listed for number in numbers)


def check(found: Waiting, out: Path, *, force: bool) -> str:
    """What to tell about the files, or ""; raises GuardError without ``force``."""
    if not found.recipients:
        return ""
    said = (
        f"{counted(found.recipients, 'recipient')} in other files of the outbox that wait "
        f"{'has' if found.recipients == 1 else 'have'} opted out ({_named(found.files)})"
    )
    if force:
        return said
    raise GuardError(
        f"{said}: delete these files before the upload and write their other rows again, or use "
        "another --out; --force leaves them as they are",
        source=str(out),
    )


def _named(files: tuple[str, ...]) -> str:
    more = len(files) - _MOST_FILES
    others = f" and {counted(more, 'other file')}" if more > 0 else ""
    return f"{', '.join(files[:_MOST_FILES])}{others}"
