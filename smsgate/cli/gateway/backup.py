"""``smsenc gateway backup`` and ``restore``: a gateway in one file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from converters.shared.words import counted
from smsenc import OptionError
from smsgate.cli.commandline import Force, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.gateway.settingsoptions import SettingsOptions
from smsgate.cli.output import note, say
from smsgate.errors import OutboxError, reason
from smsgate.gateway import configuration, database
from smsgate.gateway.backups import making, postgres, restoring
from smsgate.gateway.backups.making import Made
from smsgate.gateway.settings import Settings
from smsgate.outbox.writing import flush

_STANDARD = "-"


class BackupOptions(SettingsOptions):
    """Where to."""

    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file, or - for output.")]
    force: Force = False


class RestoreOptions(DataOptions):
    """From where."""

    file: Annotated[str, typer.Argument(metavar="FILE", help="A backup, or - for input.")]
    resend: Annotated[
        bool,
        typer.Option("--resend", help="Send what was not sent at that time; it may come twice."),
    ] = False


@command
def gateway_backup(options: BackupOptions) -> Exit:
    """Write a gateway to one file, while it runs or not.

    \b
    Examples:
      smsenc gateway backup gateway.tar
      smsenc gateway backup - | zstd > gateway.tar.zst

    The file is a tar with the database as it was at one moment, the files that
    were being read then, gateway.toml and the certificate. The copy of the
    database is checked before it is kept. It has texts, numbers and a private
    key: only its owner can read it. Passwords of routes are not in it.

    Of a gateway on PostgreSQL, it is what pg_dump writes: the database alone.
    """
    if not options.is_made():
        raise OutboxError(f"no gateway in {options.folder}: expected {database.NAME}")
    settings, now = options.settings(), database.now()
    config = Path(options.config) if options.config else options.folder / configuration.NAME
    if options.file == _STANDARD:
        note(_written(settings, config, None, now))
        return Exit.OK
    path = Path(options.file)
    if path.exists() and not options.force:
        raise OptionError(f"{path} is there already: give another name, or --force")
    part = path.with_name(f".{path.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        said = _written(settings, config, part, now)
        flush([str(part)])
        os.replace(part, path)
        flush([str(path.parent)])
    except OSError as error:
        raise OutboxError(f"cannot write {path}: {reason(error)}") from error
    finally:
        part.unlink(missing_ok=True)
    say(f"{path}: {said}")
    return Exit.OK


def _written(settings: Settings, config: Path, path: Path | None, now: float) -> str:
    """Write it to a file or to standard output; what it has, for people."""
    if settings.database is not None:
        postgres.run(settings.database, path)
        return "the database alone, for pg_restore: folders and spools are not in it"
    if path is None:
        target = cast("BinaryIO", sys.stdout.buffer)
        made = making.make(settings, config, target, now)
        target.flush()
        return _said(made)
    with path.open("wb") as file:
        return _said(making.make(settings, config, file, now))


def _said(made: Made) -> str:
    return f"{made.octets} octets, with {counted(made.files, 'file')} of the spool"


@command
def gateway_restore(options: RestoreOptions) -> Exit:
    """Make a gateway of a backup, in a new folder.

    \b
    Examples:
      smsenc gateway restore gateway.tar --data new/
      zstd -d < gateway.tar.zst | smsenc gateway restore - --data new/

    Messages that waited when the backup was made may have been sent since. They
    are "unknown" and keep their credits until somebody decides with smsenc
    gateway message resend or a receipt comes; files that were being read then
    are set aside in the folder "held". With --resend, these messages are sent
    and these files read on: a phone may get a message twice. Messages whose time
    has not come stay delayed.
    """
    now = database.now()
    if options.file == _STANDARD:
        source = cast("BinaryIO", sys.stdin.buffer)
        found = restoring.restore(source, options.folder, now, resend=options.resend)
    else:
        try:
            with open(options.file, "rb") as file:
                found = restoring.restore(file, options.folder, now, resend=options.resend)
        except OSError as error:
            raise OutboxError(f"cannot read {options.file}: {reason(error)}") from error
    say(f"{options.folder} is as it was at {found.made}")
    one = found.messages == 1
    unknown, waits = ("is" if one else "are"), ("waits" if one else "wait")
    what = f"{waits} to be sent again" if options.resend else f"{unknown} unknown"
    say(f"{counted(found.messages, 'message')} {what}, {counted(found.files, 'file')} set aside")
    return Exit.OK
