"""Find what is wrong or suspicious in a message file, from any program.

``rules.RULES`` is the table of rules. ``lint`` checks a file and never raises, on any octets;
``fixed`` makes the safe repairs; ``incomplete`` checks the files of a folder together. A file that
``messagefile.loads`` refuses always has a finding of severity error.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from smsenc.errors import MessageFileError
from smsenc.messagefile.lint.repairs import fixed
from smsenc.messagefile.lint.rules import BY_CODE, RULES, Rule, Severity
from smsenc.messagefile.lint.scan import Place, scan
from smsenc.messagefile.lint.sets import PartOf, incomplete, part_of
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

#: The most findings of one rule that are listed for a file, which may have a million bad rows.
MOST_FINDINGS = 100


class Finding(NamedTuple):
    """A place that breaks a rule; line and column from 1, 0 for the complete file."""

    code: str
    severity: Severity
    line: int
    column: int
    message: str
    advice: str


def lint(
    octets: bytes, profile: Profile = CLICKATELL, *, now: int | None = None
) -> tuple[Finding, ...]:
    """All findings in a file, by line; of many of one rule the first, and how many more there are.

    Never raises. With ``now``, in UNIX seconds, ``scheduled_time`` is checked, too.
    """
    scanned = scan(octets, profile)
    found = [finding(rule.code, place) for rule in RULES for place in _listed(rule.check(scanned))]
    if not any(one.severity is Severity.ERROR for one in found):
        found += _refused(octets, profile, now)
    return tuple(sorted(found, key=lambda one: (one.line, one.column, one.code)))


def _listed(places: Iterator[Place]) -> Iterator[Place]:
    """The first places, and one that says how many more there are."""
    yield from islice(places, MOST_FINDINGS)
    if more := sum(1 for _ in places):
        yield Place(0, 0, f"{more} more places, which are not listed", 0)


def finding(code: str, place: Place) -> Finding:
    """The finding of a rule at a place."""
    rule = BY_CODE[code]
    line, column, found, error = place
    if number := rule.error if error is None else error:
        found += f" (gateway error {number:03})"
    return Finding(code, rule.severity, line, column, found, rule.advice)


def _refused(octets: bytes, profile: Profile, now: int | None) -> Iterator[Finding]:
    """A finding for a file that the reader refuses, even if no rule describes the reason."""
    try:
        message = loads(octets, profile)
        if now is not None:
            check_schedule(message, now=now)
    except MessageFileError as error:
        text = ": ".join(part for part in (error.name, error.message) if part)
        yield finding("X901", Place(error.line or 0, 0, text, error.code))
