"""``smsenc lint``: mistakes in message files."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated

import typer

from converters.errors import GuardError
from converters.shared.words import counted
from smsenc import OptionError, SmsencError
from smsenc.messagefile.lint import Finding
from smsenc.messagefile.lint.rules import BY_CODE
from smsgate.cli import errorlines, lintrules, wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.gatewayoptions import Profile
from smsgate.cli.output import note_skipped, say
from smsgate.masking import printable
from smsgate.outbox.lint import Judged, judge, lines, record
from smsgate.outbox.profiles import load

_MOST_ALIKE = 3  # files in which the same finding is shown


class Options(OptionGroup):
    """What to check, and how strictly."""

    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|FOLDER|-", help="Message files, from any program."),
    ] = None
    profile: Profile = "clickatell"
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")] = False
    select: Annotated[
        str, typer.Option(metavar="CODES", help="Only these, or what begins so: D6,R202.")
    ] = ""
    ignore: Annotated[str, typer.Option(metavar="CODES", help="Not these.")] = ""
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Only count the findings of each rule.")
    ] = False
    fix: Annotated[
        bool, typer.Option("--fix", help="Make the repairs that do not change the message.")
    ] = False
    explain: Annotated[
        str | None,
        typer.Option(metavar="CODES", help="Only say what these rules mean: K106,B406."),
    ] = None
    json: Json = False

    def sources(self) -> list[str]:
        """What to check; raises OptionError."""
        if not self.what:
            raise OptionError("expected a file or a folder, or --explain CODE")
        return self.what

    def wanted(self, found: Finding) -> bool:
        """Whether a finding is of the rules that were chosen."""
        selected, ignored = _codes("--select", self.select), _codes("--ignore", self.ignore)
        return found.code.startswith(selected or ("",)) and not found.code.startswith(ignored)


def _codes(name: str, given: str) -> tuple[str, ...]:
    codes = tuple(code.upper() for code in re.split(r"[ ,]+", given) if code)
    for code in codes:
        if not any(known.startswith(code) for known in BY_CODE):
            what = "expected codes of rules, such as K106 (see smsenc docs, Lint rules)"
            raise OptionError(f"{what}, found {code!r}", name=name)
    return codes


@command
def lint(options: Options) -> Exit:
    """Find mistakes in message files, and explain how to fix them.

    \b
    Examples:
      smsenc lint outbox/
      smsenc lint outbox/ --statistics
      smsenc lint message.txt --fix
      smsenc lint outbox/ --strict --ignore D6 --json
      smsenc lint --explain K106

    In a folder or a .zip it checks every .txt file, and whether all parts of a
    message are there. The same finding is shown for three files, and then
    counted. The exit code is 4 if there is an error, or with --strict any
    finding; 3 if no file can be read; 7 if a file cannot be repaired because it
    was sent.
    """
    if options.explain is not None:
        for text in lintrules.explanations(options.explain, as_json=options.json):
            say(text)
        return Exit.OK
    report, what = _Report(options), options.sources()
    profile = load(options.profile, os.environ)
    for one in judge(what, profile, now=int(time.time()), fix=options.fix):
        if one.skipped:
            note_skipped(one.source, one.skipped)
        else:
            report.add(replace(one, findings=tuple(filter(options.wanted, one.findings))))
    for line in report.end():
        say(line)
    if not report.files:
        raise SmsencError(f"no message files in {', '.join(what)}")
    return report.code


@dataclass(slots=True)
class _Report:
    """Shows what was found in each file, and counts it."""

    options: Options
    files: int = 0
    refused: int = 0
    unread: int = 0
    guarded: int = 0
    alike: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, one: Judged) -> None:
        """Show the result for one file."""
        self.files += 1
        self.refused += one.refused or (self.options.strict and bool(one.findings))
        self.guarded += isinstance(one.error, GuardError)
        self.unread += one.error is not None and not one.findings
        if one.error:
            errorlines.rejected(one.error)
        new = self._new(one)
        if self.options.json:
            say(wording.as_json(record(one)))
        elif not self.options.statistics:
            for line in lines(replace(one, findings=new)):
                say(printable(line), people=True)

    def _new(self, one: Judged) -> tuple[Finding, ...]:
        """The findings that were not shown in enough files before."""
        keys = {(found.code, found.message) for found in one.findings}
        self.alike.update(keys)
        return tuple(
            found for found in one.findings if self.alike[found.code, found.message] <= _MOST_ALIKE
        )

    def end(self) -> Iterator[str]:
        """What was counted and not shown."""
        if self.options.json:
            return
        for (code, message), files in sorted(self.alike.items()):
            if self.options.statistics:
                yield printable(f"{files:>8,}  {code}  {message}")
            elif files > _MOST_ALIKE:
                more = counted(files - _MOST_ALIKE, "more file")
                yield printable(f"{code} in {more}: {message}")

    @property
    def code(self) -> Exit:
        """The exit code of the command."""
        if self.guarded:
            return Exit.REFUSED
        if self.unread == self.files:
            return Exit.ALL_REJECTED
        return Exit.SOME_REJECTED if self.refused else Exit.OK
