"""What is wrong, or not as it seems, in a message file: ours or a stranger's.

``rules.RULES`` is the one table. ``lint`` judges a file and never raises, on any octets; ``fixed``
makes the repairs that are safe; ``incomplete`` judges files that lie beside each other. A file that
``messagefile.loads`` refuses has a finding of severity error, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from smsenc.errors import MessageFileError
from smsenc.messagefile.lint.beside import PartOf, incomplete, part_of
from smsenc.messagefile.lint.repairs import fixed
from smsenc.messagefile.lint.rules import BY_CODE, RULES, Rule, Severity
from smsenc.messagefile.lint.scan import Place, scan
from smsenc.messagefile.model import check_schedule
from smsenc.messagefile.profile import CLICKATELL, Profile
from smsenc.messagefile.reader import loads

__all__ = [
    "BY_CODE",
    "RULES",
    "Finding",
    "PartOf",
    "Place",
    "Rule",
    "Severity",
    "finding",
    "fixed",
    "incomplete",
    "lint",
    "part_of",
]

#: One rule reports at most so often in a file: a million bad rows are said in few words.
MOST_FINDINGS = 100


class Finding(NamedTuple):
    """A rule that a place breaks; line and column from 1, 0 for the file as a whole."""

    code: str
    severity: Severity
    line: int
    column: int
    message: str
    advice: str


def lint(
    octets: bytes, profile: Profile = CLICKATELL, *, now: int | None = None
) -> tuple[Finding, ...]:
    """All findings in a file, by line. Never raises.

    ``now`` in UNIX seconds lets ``scheduled_time`` be judged.
    """
    scanned = scan(octets, profile)
    found = [
        finding(rule.code, place)
        for rule in RULES
        for place in islice(rule.check(scanned), MOST_FINDINGS)
    ]
    if not any(one.severity is Severity.ERROR for one in found):
        found += _refused(octets, profile, now)
    return tuple(sorted(found, key=lambda one: (one.line, one.column, one.code)))


def finding(code: str, place: Place) -> Finding:
    """What a rule says of a place."""
    rule = BY_CODE[code]
    return Finding(code, rule.severity, *place, rule.advice)


def _refused(octets: bytes, profile: Profile, now: int | None) -> Iterator[Finding]:
    """Nothing that is refused is clean, even where no rule has a name for it."""
    try:
        message = loads(octets, profile)
        if now is not None:
            check_schedule(message, now=now)
    except MessageFileError as error:
        text = ": ".join(part for part in (error.name, error.message) if part)
        yield finding("X901", Place(error.line or 0, 0, text))
