"""The ``smsenc`` command: reads arguments, calls the rooms, prints."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from converters.pipeline import Job, Outcome


class Exit(IntEnum):
    """Exit codes; part of the contract with scripts."""

    OK = 0
    BUG = 1
    USAGE = 2
    ALL_REJECTED = 3
    SOME_REJECTED = 4
    REFUSED = 7
    INTERRUPTED = 130
    TERMINATED = 143


EXAMPLES = """\b
Examples:
  smsenc convert contacts.vcf --to +448311234567 --out outbox/
  smsenc convert tune.mid logo.png --to-file numbers.txt --json
  smsenc inspect outbox/
  smsenc inspect 06050415810000:024A3A5180...

Turn contacts, events, ringtones, logos and text into message files that are
ready to upload to an FTP SMS gateway, and look into such files.
"""

EXIT_CODES = """\b
Exit codes: 0 all done; 2 wrong usage; 3 every input rejected; 4 some
rejected; 7 refused by a guard; 130 interrupted; 1 a fault of ours.
"""

_GROUPS = {
    "Make": ("convert", "decode", "transcode"),
    "Look": ("inspect", "preview", "count", "formats"),
}


class _Grouped(TyperGroup):
    """Lists the commands under the headings of ``_GROUPS``."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - given
        for heading, names in _GROUPS.items():
            commands = [(name, self.commands[name]) for name in names]
            rows = [(name, command.get_short_help_str(60)) for name, command in commands]
            with formatter.section(heading):
                formatter.write_dl(rows)


app = typer.Typer(
    cls=_Grouped,
    help=EXAMPLES,
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def main() -> None:
    """Run the command; every way out has its documented exit code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - kept
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream)
    # Terminated, a run still takes back the message it was half through with.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(Exit.TERMINATED))
    with _exit_codes():
        app(prog_name="smsenc")


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _leave("interrupted", Exit.INTERRUPTED)
    except _OutputError as error:
        _silence()
        _leave(f"expected to write standard output, found: {error}", Exit.SOME_REJECTED)
    except Exception as error:
        if refusal := _refusal(error):
            _leave(str(error), refusal)
        if os.environ.get("SMSENC_DEBUG"):
            raise
        _leave(f"a fault of ours: {type(error).__name__} (SMSENC_DEBUG=1 shows more)", Exit.BUG)


def _refusal(error: Exception) -> Exit | None:
    """The exit code of an error that was meant; the package's own are loaded only by now."""
    from smsenc import GuardError, OutboxError, SmsencError

    if isinstance(error, GuardError):
        return Exit.REFUSED
    if isinstance(error, OutboxError):
        return Exit.ALL_REJECTED
    return Exit.USAGE if isinstance(error, SmsencError) else None


def _leave(message: str, code: Exit) -> NoReturn:
    _note(f"smsenc: {message}")
    raise SystemExit(code)


def _note(message: str) -> None:
    from converters.report import printable

    with suppress(OSError):  # who closed it does not want to know
        print(printable(message), file=sys.stderr, flush=True)


class _OutputError(Exception):
    """Standard output takes no more, for another reason than that its reader left."""


def _say(line: str = "") -> None:
    """Print a line of data. A reader that leaves does not stop the work."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        _silence()
    except OSError as error:
        raise _OutputError((error.strerror or str(error)).lower()) from error


def _silence() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        _say(f"smsenc {version('smsenc')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a command whose exceptions become exit codes before the framework sees them."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        with _exit_codes():
            function(*args, **kwargs)

    return app.command()(guarded)


@_command
def convert(
    source: Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.")],
    to: Annotated[list[str] | None, typer.Option(help="Recipient; may be repeated.")] = None,
    to_file: Annotated[list[str] | None, typer.Option(help="File with a number a line.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the message files.")] = Path("outbox"),
    as_: Annotated[
        str | None, typer.Option("--as", metavar="KIND", help="Converter; see smsenc formats.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("-O", "--option", metavar="KEY=VALUE", help="Setting of a converter."),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ID", help="Sender: digits or 11 letters.")
    ] = None,
    flash: Annotated[bool, typer.Option("--flash", help="Show texts at once.")] = False,
    max_parts: Annotated[
        int | None, typer.Option(min=1, max=255, help="Refuse what needs more parts.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Reject what does not fit whole.")
    ] = False,
    tz: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone that events are written in.")
    ] = None,
    reference: Annotated[
        int, typer.Option(min=0, max=255, help="First concatenation reference.")
    ] = 1,
    format_: Annotated[
        str, typer.Option("--format", help="ftp: message files; pdu: TPDUs in hex, one a line.")
    ] = "ftp",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over earlier files.")] = False,
) -> None:
    """Make message files from cards, events, tunes, pictures and texts.

    \b
    Examples:
      smsenc convert contacts.vcf --to +448311234567
      smsenc convert logo.png --to 448311234567 -O mcc-mnc=262-07
      echo "Meet at 5" | smsenc convert - --to 448311234567 --flash

    A file may hold many cards or events: each is a message of its own.
    Without SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD in the environment
    the files carry placeholders and are not ready to be sent.
    """
    from converters.batch import recipients
    from smsenc import OptionError, SmsencError

    numbers, bad_numbers = recipients(to or (), to_file or ())
    for error in bad_numbers:
        _note(str(error))
    if not numbers and not bad_numbers:
        raise OptionError("expected a recipient, found none", name="--to")
    if not numbers:
        raise typer.Exit(Exit.ALL_REJECTED)
    job = _job(
        numbers,
        sender=sender,
        kind=as_,
        options=_options(option or (), max_parts=max_parts, strict=strict, tz=tz),
        flash=flash,
        max_parts=max_parts,
        format_=format_,
    )
    tally = Tally(rejected=len(bad_numbers))
    show = _outcome_printer(out, as_json=json)
    _convert(source, job, out, tally, show, reference=reference, dry=dry_run, force=force)
    if not tally.sources:
        raise SmsencError(f"expected sources, found none in {', '.join(source)}")
    _summary(tally, job, out, dry=dry_run)
    raise typer.Exit(tally.code)


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    sources: int = 0
    messages: int = 0
    files: int = 0
    parts: int = 0
    rejected: int = 0
    guarded: int = 0
    strangers: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one message."""
        if outcome.error:
            self.rejected += 1
            self.guarded += _refusal(outcome.error) is Exit.REFUSED
            return
        self.messages += 1
        self.files += len(outcome.files)
        self.parts += outcome.parts

    @property
    def code(self) -> Exit:
        """The exit code; a guard's refusals alone are told apart from bad input."""
        if not self.rejected:
            return Exit.OK
        if self.rejected == self.guarded:
            return Exit.REFUSED
        return Exit.SOME_REJECTED if self.messages else Exit.ALL_REJECTED


def _job(
    numbers: tuple[str, ...],
    *,
    sender: str | None,
    kind: str | None,
    options: Mapping[str, str],
    flash: bool,
    max_parts: int | None,
    format_: str,
) -> Job:
    from converters.credentials import find
    from converters.pipeline import Job
    from converters.registry import check_options
    from smsenc import OptionError
    from smsenc.messagefile import Message

    if sender is not None and format_ != "ftp":
        raise OptionError("expected no sender in a TPDU to be submitted", name="--from")
    check_options(options, kind)
    template = Message(to=numbers[:1], text="", sender=sender, credentials=find(os.environ))
    return Job(
        recipients=numbers,
        template=template,
        kind=kind,
        options=options,
        flash=flash,
        max_parts=max_parts,
        format=format_,
    )


def _options(
    typed: Iterable[str], *, max_parts: int | None, strict: bool, tz: str | None
) -> dict[str, str]:
    """Options of converters, those with a flag of their own among them."""
    from smsenc import OptionError

    given: dict[str, str] = {}
    for key, value in map(_pair, typed):
        if given.setdefault(key, value) != value:
            raise OptionError("expected the option once, found it again", name=f"-O {key}")
    flags = {"max-parts": max_parts, "strict": "yes" if strict else None, "tz": tz}
    return given | {key: str(value) for key, value in flags.items() if value is not None}


def _pair(option: str) -> tuple[str, str]:
    from smsenc import OptionError

    key, equals, value = option.partition("=")
    if not equals or not key:
        raise OptionError(f"expected KEY=VALUE, found {option!r}", name="-O")
    return key, value


def _outcome_printer(out: Path, *, as_json: bool) -> Callable[[Outcome], None]:
    from converters import report

    last = ""

    def show(outcome: Outcome) -> None:
        nonlocal last
        paths = tuple(str(out / name) for name, _ in outcome.files)
        if outcome.error:
            _note(str(outcome.error))
        if as_json:
            _say(report.as_json(report.outcome_record(outcome, paths)))
            return
        if outcome.error:
            return
        if outcome.source != last:
            _say(report.printable(outcome.source))
            last = outcome.source
        for line in report.outcome_lines(outcome, paths):
            _say(line)

    return show


def _convert(
    given: list[str],
    job: Job,
    out: Path,
    tally: Tally,
    show: Callable[[Outcome], None],
    *,
    reference: int,
    dry: bool,
    force: bool,
) -> None:
    from contextlib import nullcontext

    from converters.batch import run
    from converters.outbox import Outbox
    from converters.sources import sources

    def names() -> Iterator[str]:
        for source in sources(given, outbox=out):
            tally.sources += not source.skipped
            if source.error:
                _note(f"{source.name}: {source.error}")
                tally.rejected += 1
            elif source.skipped:
                _note(f"{source.name}: passed over: {source.skipped}")
            else:
                yield source.name

    outbox = Outbox(out, secret=job.template.ready, force=force)
    if dry:
        outbox.look()
    with nullcontext() if dry else outbox as writer:
        for outcome in run(names(), job, writer, reference=reference):
            tally.add(outcome)
            show(outcome)
        if writer:
            tally.strangers = writer.strangers()


def _summary(tally: Tally, job: Job, out: Path, *, dry: bool) -> None:
    from converters.report import count

    written = "would be written" if dry else "written"
    numbers = len(job.recipients)
    _note(
        f"{count(tally.messages, 'message')} in {count(tally.files, 'file')} {written} to {out}; "
        f"{count(tally.parts * numbers, 'part')} to pay for {count(numbers, 'number')}"
    )
    if tally.rejected:
        _note(f"{tally.rejected} rejected")
    if tally.strangers:
        _note(f"{out} also holds {count(tally.strangers, 'message file')} of other runs")
    if job.format == "ftp" and not job.template.ready:
        _note("not ready: no credentials (SMSENC_API_ID, SMSENC_USER, SMSENC_PASSWORD)")


@_command
def decode(
    parts: Annotated[
        list[str], typer.Argument(metavar="PARTS...", help="Message files, folders, or hex.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .vcf, .ics, .txt …")],
    force: Annotated[bool, typer.Option("--force", help="Write over earlier files.")] = False,
) -> None:
    """Write received messages back as files, their format told by OUT's suffix.

    \b
    Examples:
      smsenc decode outbox/ contacts.vcf
      smsenc decode 000007-meeting.p1-2.txt 000007-meeting.p2-2.txt event.ics

    Messages of another kind than OUT holds are named and left out.
    """
    from converters.decode import laid_together
    from converters.inspect import inspect as look
    from converters.outbox import write_file
    from smsenc import SmsencError

    good, bad = [], 0
    for shown in look(parts):
        try:
            if shown.payload is None:
                raise shown.error or SmsencError("expected a message, found none")
            laid_together([shown.payload], out.name)
            good.append(shown.payload)
        except SmsencError as error:
            _note(str(error.at(source=shown.source)))
            bad += 1
    if good:
        write_file(out, laid_together(good, out.name), force=force)
        _note(f"{len(good)} written to {out}")
    raise typer.Exit(Exit.OK if not bad else Exit.SOME_REJECTED if good else Exit.ALL_REJECTED)


@_command
def transcode(
    source: Annotated[str, typer.Argument(metavar="IN", help="File to read.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    option: Annotated[
        list[str] | None,
        typer.Option("-O", "--option", metavar="KEY=VALUE", help="Setting of IN's converter."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an earlier file.")] = False,
) -> None:
    """Turn a file into another format that phones know, told by suffix.

    \b
    Examples:
      smsenc transcode tune.mid tune.rtttl
      smsenc transcode logo.png logo.nol -O mcc-mnc=262-07

    It goes the way of a message and back, so OUT holds what a phone would.
    """
    from converters.decode import transcode as turn
    from converters.outbox import write_file
    from converters.sources import read
    from smsenc import OptionError, SmsencError

    try:
        given = _options(option or (), max_parts=None, strict=False, tz=None)
        octets = turn(source, read(source), out.name, given)
    except OptionError:
        raise
    except SmsencError as error:
        _leave(str(error.at(source=source)), Exit.ALL_REJECTED)
    write_file(out, octets, force=force)


@_command
def preview(
    what: Annotated[
        list[str], typer.Argument(metavar="SOURCE|PARTS...", help="A source, or received parts.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="File to write.")],
    option: Annotated[
        list[str] | None,
        typer.Option("-O", "--option", metavar="KEY=VALUE", help="Setting of a converter."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an earlier file.")] = False,
) -> None:
    """See or hear what the phone makes of a message, before it is sent.

    \b
    Examples:
      smsenc preview logo.png -o screen.png
      smsenc preview 000012-tune.txt -o tune.wav

    The format is told by OUT's suffix.
    """
    from converters.decode import preview as make
    from converters.inspect import inspect as look
    from converters.outbox import write_file
    from smsenc import SmsencError

    given = _options(option or (), max_parts=None, strict=False, tz=None)
    for shown in look(what, given):
        if shown.error:
            _leave(str(shown.error), Exit.ALL_REJECTED)
        if shown.payload:
            try:
                octets = make(shown.payload, out.suffix.lower())
            except SmsencError as error:
                _leave(str(error.at(source=shown.source)), Exit.ALL_REJECTED)
            write_file(out, octets, force=force)
            return
    raise SmsencError(f"expected a message, found none in {', '.join(what)}")


@_command
def inspect(
    what: Annotated[
        list[str],
        typer.Argument(metavar="FILE|FOLDER|-|UDH:DATA[:DCS]...", help="Message files or parts."),
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
) -> None:
    """Show what the phone gets from message files or from parts in hex.

    \b
    Examples:
      smsenc inspect outbox/
      smsenc inspect outbox/000001-logo.txt --json
      smsenc inspect 06050415830000:3000480E01FF...:F5

    Parts may come in any order; missing ones are named. DCS is hex and may be
    followed by :UDL, which text of GSM 7-bit needs to be exact.
    """
    from converters import report
    from converters.inspect import inspect as look
    from smsenc import SmsencError

    good = bad = 0
    for shown in look(what):
        good, bad = (good, bad + 1) if shown.error else (good + 1, bad)
        if shown.error:
            _note(str(shown.error))
        if json:
            _say(report.as_json(report.shown_record(shown)))
        elif not shown.error:
            _say("\n".join(report.shown_lines(shown)))
    if not good and not bad:
        raise SmsencError(f"expected message files, found none in {', '.join(what)}")
    raise typer.Exit(Exit.OK if not bad else Exit.SOME_REJECTED if good else Exit.ALL_REJECTED)


@_command
def count(
    text: Annotated[str, typer.Argument(help="The text, or - for standard input.")],
    language: Annotated[
        list[str] | None, typer.Option(help="National table that the phones have, or all.")
    ] = None,
    substitute: Annotated[
        str, typer.Option(help="never, typographic or full: how far it may be changed.")
    ] = "never",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Count what a text costs and name the characters that make it dear.

    \b
    Examples:
      smsenc count "Your order is ready…"
      smsenc count - --json < letter.txt
      smsenc count "Teşekkürler" --language turkish

    Units are septets or, in UCS-2, 16-bit units. A message file may take more
    parts than the air: its charset lacks some of GSM 7-bit.
    """
    from converters import charset, report
    from converters import count as counting
    from converters.sources import STDIN, read

    given = charset.decode(read(text))[0].rstrip("\r\n") if text == STDIN else text
    allowed = counting.languages(language or ())
    found = counting.count(given, languages=allowed, substitute=substitute)
    if json:
        _say(report.as_json(report.count_record(found)))
    else:
        _say("\n".join(report.count_lines(found)))


@_command
def formats(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a format.")] = False,
) -> None:
    """List the formats that convert takes, and their options.

    \b
    Examples:
      smsenc formats
      smsenc formats --json
    """
    from converters import registry, report

    for row in registry.converters().values():
        if json:
            _say(report.as_json(report.format_record(row)))
        else:
            _say("\n".join(report.format_lines(row)))
