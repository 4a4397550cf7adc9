"""``smsenc send``: messages go to a message centre over SMPP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from converters.api import Loss
from converters.outputs.job import SENT
from converters.pipeline import Outcome
from converters.records import loss_record
from converters.shared.words import counted
from smsenc import SmsencError
from smsgate.cli import errorlines
from smsgate.cli.commandline import command
from smsgate.cli.converteroptions import ConverterOptions, LanguageOptions
from smsgate.cli.exits import Exit
from smsgate.cli.gatewayoptions import GatewayOptions
from smsgate.cli.jobs import JobOptions, job, recipients
from smsgate.cli.output import note, note_skipped, say
from smsgate.cli.sendoptions import SendOptions
from smsgate.cli.tally import Tally
from smsgate.cli.wording import as_json, loss_lines
from smsgate.masking import printable
from smsgate.runs import direct, received, submits, submitted
from smsgate.runs.submits import Found, Submit
from smsgate.smppclient import Accepted, Refused, Result, Smsc, Unknown

#: A template has a recipient, also where message files say who gets them.
_NOBODY = ("448311234567",)


@command
def send(
    options: SendOptions,
    to: JobOptions,
    conversion: ConverterOptions,
    national: LanguageOptions,
    gateway: GatewayOptions,
) -> Exit:
    """Send sources or an outbox over SMPP, without a gateway between.

    \b
    Examples:
      smsenc send logo.png --to 448311234567 --smsc smpp://me@smsc.example:2775
      smsenc send outbox/ --smsc smpps://me@smsc.example --window 50
      echo "Meet at 5" | smsenc send - --to 448311234567 --smsc smpp://localhost

    The password comes from SMSENC_SMPP_PASSWORD, or with the user from a TOML
    file that SMSENC_SMPP_CREDENTIALS names. What is sent of an outbox is in its
    records: the same command sends what is left, and nothing twice. Message
    files say who gets them; --to is for everything else.
    """
    centre = options.centre()
    shown = _Shown(json=options.json)
    numbers = _recipients(options, to, shown)
    made = job(
        numbers or _NOBODY,
        to,
        conversion,
        gateway,
        kind=options.as_,
        format_=SENT,
        languages=national.languages(),
    )
    made = replace(made, recipients=numbers)
    for group in _groups(options.source):
        found = submits.of(
            group, made, options.route(), reference=options.reference, skip=note_skipped
        )
        _send(group, found, centre, shown, options)
    note(shown.summary())
    return shown.code


def _recipients(options: SendOptions, to: JobOptions, shown: _Shown) -> tuple[str, ...]:
    """The numbers of --to; none are needed where all sources are message files."""
    if not (to.to or to.to_file) and all(map(submits.is_ready, options.source)):
        return ()

    def show(outcome: Outcome) -> None:
        if outcome.error:
            shown(None, outcome.error)

    return recipients(to, Tally(), show)


def _groups(sources: list[str]) -> Iterator[list[str]]:
    """Each outbox alone, because it has records of its own; all else between together."""
    group: list[str] = []
    for source in sources:
        if received.is_outbox(source):
            if group:
                yield group
            yield [source]
            group = []
        else:
            group.append(source)
    if group:
        yield group


def _send(
    group: list[str], found: Iterator[Found], centre: Smsc, shown: _Shown, options: SendOptions
) -> None:
    with ExitStack() as stack:
        records = None
        if received.is_outbox(group[0]):
            opened = submitted.opened(
                Path(group[0]), f"{centre.user}@{centre}", resend=options.resend
            )
            records = stack.enter_context(opened)
        asyncio.run(direct.send(found, centre, shown, records=records))


@dataclass(slots=True)
class _Shown:
    """Prints results, and counts them."""

    json: bool
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    rejected: int = 0
    last: str = ""
    losses: tuple[Loss, ...] = ()

    def __call__(self, submit: Submit | None, result: Result | SmsencError) -> None:
        if submit is None or isinstance(result, SmsencError):
            self.rejected += 1
            errorlines.rejected(cast("SmsencError", result))
            return
        state, detail = self._count(result)
        if submit.losses is not self.losses:  # those of another message
            self.losses = submit.losses
            for line in loss_lines(submit.losses):
                note(line)
        if self.json:
            say(as_json(_record(submit, state, detail)))
            return
        if submit.source != self.last:
            say(printable(submit.source))
            self.last = submit.source
        part = f"part {submit.number} of {submit.total}"
        say(f"  {submit.to:15}  {part:15}  {state}{f' {printable(detail)}' if detail else ''}")

    def _count(self, result: Result) -> tuple[str, str]:
        match result:
            case Accepted(message_id):
                self.accepted += 1
                return "accepted", message_id
            case Refused():
                self.refused += 1
                return "refused", str(result)
            case Unknown(reason):
                self.unknown += 1
                return "unknown", reason

    def summary(self) -> str:
        """One line at the end."""
        counts = {
            "accepted": self.accepted,
            "refused": self.refused,
            "unknown": self.unknown,
            "rejected": self.rejected,
        }
        total = self.accepted + self.refused + self.unknown
        found = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        return f"{counted(total, 'part')}: {found or 'nothing to send'}"

    @property
    def code(self) -> Exit:
        """The exit code of the run."""
        if self.unknown:
            return Exit.UNKNOWN
        if self.refused or self.rejected:
            return Exit.SOME_REJECTED if self.accepted else Exit.ALL_REJECTED
        return Exit.OK if self.accepted else Exit.USAGE


def _record(submit: Submit, state: str, detail: str) -> dict[str, object]:
    return {
        "source": submit.source,
        "to": submit.to,
        "part": submit.number,
        "parts": submit.total,
        "state": state,
        "message_id": detail if state == "accepted" else None,
        "reason": None if state == "accepted" else detail,
        "losses": list(map(loss_record, submit.losses)),
    }
