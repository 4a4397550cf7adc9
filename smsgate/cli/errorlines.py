"""Errors as ``output.show_error`` prints them: a line for people, and a record for programs."""

from __future__ import annotations

import os

from smsenc import SmsencError
from smsgate.cli.codes import ErrorKind, Exit
from smsgate.cli.faults import rule_of
from smsgate.cli.output import show_error


def record(error: BaseException, kind: ErrorKind, message: str) -> dict[str, object]:
    """Kind, message and place of an error; ``message`` is used where the error has none."""
    found: dict[str, object] = {"kind": kind}
    if isinstance(error, SmsencError):
        place = {} if error.source is None else {"file": error.source}
        return found | error.record() | place
    name = getattr(error, "filename", None)
    place = {"file": os.fsdecode(name)} if isinstance(name, str | bytes) else {}
    return found | {"message": message} | place


def rejected(error: SmsencError) -> None:
    """Print why one input is rejected; the command goes on."""
    show_error(str(error), record(error, rejected_kind(error), str(error)))


def rejected_kind(error: SmsencError) -> ErrorKind:
    """The kind of an error in an input; nobody has typed what is in it."""
    kind = kind_of(error)
    return ErrorKind.INPUT if kind is ErrorKind.USAGE else kind


def kind_of(error: BaseException) -> ErrorKind:
    """The kind of an error that ends a command."""
    rule = rule_of(error)
    return rule.kind if rule else ErrorKind.INTERNAL


def ending(error: SmsencError, code: Exit, hint: str = "") -> None:
    """Print why a command ends with this code; ``hint`` says what helps."""
    found = record(error, kind_of(error), str(error))
    more = {"hint": hint} if hint else {}
    text = f"smsenc: {error}{f' ({hint})' if hint else ''}"
    show_error(text, found | more | {"exit": int(code)})
