"""The rules: one table for the linter, its documentation and its repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from smsenc.messagefile.lint import body, lines, options, recipients
from smsenc.messagefile.lint.scan import Place, Scan


class Severity(StrEnum):
    """An error is refused or sends something else; a warning may be right."""

    ERROR = "error"
    WARNING = "warning"


def _elsewhere(scanned: Scan) -> Iterator[Place]:  # noqa: ARG001 - all checks have it
    """The check of a rule that needs more than one file, or the file's permissions."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``advice`` is what to do; ``fix`` says whether ``repairs`` does it.

    ``error`` is the number with which the gateway answers a file that breaks it. It is 0 if the
    file is accepted, or if the number depends on the place, which then has it.
    """

    code: str
    severity: Severity
    summary: str
    advice: str
    check: Callable[[Scan], Iterator[Place]] = _elsewhere
    fix: bool = False
    error: int = 0


_E, _W = Severity.ERROR, Severity.WARNING
RULES = (
    # F: the file and its lines.
    Rule("F001", _E, "line without a colon", "write key:value", lines.no_colon, error=101),
    Rule(
        "F002", _E, "octets outside the charset", "save the file in the charset", lines.undecodable
    ),
    Rule(
        "F003",
        _E,
        "line that is too long",
        "shorten the value: only data can continue on another line",
        lambda s: lines.too_long(s, data=False),
        error=101,
    ),
    Rule(
        "F004",
        _E,
        "data line that is too long",
        "continue on another data line",
        lambda s: lines.too_long(s, data=True),
        fix=True,
        error=101,
    ),
    Rule(
        "F005",
        _E,
        "control character",
        "remove it; write a line break as another text line",
        lines.control_character,
        error=101,
    ),
    Rule("F006", _W, "byte order mark", "save without it", lines.byte_order_mark, fix=True),
    Rule("F007", _W, "mixed line ends", "use one line end", lines.line_ends),
    Rule("F008", _E, "too many lines", "divide the file", lines.too_many_lines, error=101),
    Rule(
        "F009",
        _E,
        "file in UTF-8",
        "save it in the charset, or send Unicode: unicode:1 with hex as text",
        lines.utf8,
    ),
    # K: keys.
    Rule("K101", _W, "unknown key", "correct its spelling, or remove it", lines.unknown_key),
    Rule(
        "K102",
        _W,
        "non-standard spelling of a key",
        "use the standard spelling",
        lines.spelling,
        fix=True,
    ),
    Rule("K103", _E, "repeated key", "keep one of the lines", lines.repeated_key, error=101),
    Rule(
        "K104",
        _E,
        "key that the gateway does not know",
        "remove it, or choose a profile that has it",
        lines.unsupported_key,
    ),
    Rule(
        "K105",
        _E,
        "missing log-in line",
        "begin with api_id, user and password",
        lines.missing_login,
    ),
    Rule(
        "K106", _W, "placeholder log-in", "upload replaces it with your log-in", lines.placeholder
    ),
    Rule("K107", _E, "value out of range", "write a value in the expected range", lines.bad_value),
    # R: recipients.
    Rule(
        "R201",
        _E,
        "not a valid phone number",
        "write it with its country code",
        recipients.bad_number,
        error=105,
    ),
    Rule(
        "R202",
        _W,
        "number with +, 00, spaces or punctuation",
        "write digits only",
        recipients.decorated,
        fix=True,
    ),
    Rule(
        "R203",
        _W,
        "repeated recipient",
        "remove one: the message is sent and charged twice",
        recipients.repeated_recipient,
    ),
    Rule(
        "R204",
        _E,
        "both to and csv, or neither",
        "use to for messages, csv for rows",
        recipients.recipient_kinds,
        error=101,
    ),
    Rule("R205", _E, "too many messages", "divide the recipients among files", recipients.too_many),
    # T: templates.
    Rule(
        "T301",
        _E,
        "field that no row fills",
        "add cells to every row",
        recipients.unfilled_field,
        error=101,
    ),
    Rule(
        "T302",
        _W,
        "more cells than fields",
        "remove them, or use them in the text",
        recipients.unused_cells,
    ),
    Rule(
        "T303",
        _E,
        "#field# in a cell",
        "send this text as a message of its own",
        recipients.cell_field,
        error=101,
    ),
    Rule(
        "T304",
        _E,
        "unusable delimiter",
        "use one character that is not a digit",
        recipients.bad_delimiter,
        error=101,
    ),
    # B: the body.
    Rule(
        "B401",
        _E,
        "both text and data, or neither",
        "write one of them",
        body.body_kinds,
        error=101,
    ),
    Rule("B402", _E, "empty message", "write a text", body.empty_body, error=107),
    Rule(
        "B403",
        _E,
        "incomplete or invalid hex",
        "write two hex digits for each octet",
        body.odd_hex,
        error=101,
    ),
    Rule(
        "B404",
        _E,
        "unicode:1 without hex",
        "write the text as hex, or unicode:0",
        body.not_utf16,
        error=116,
    ),
    Rule(
        "B405",
        _W,
        "hex without unicode:1",
        "add unicode:1; otherwise phones show the hex digits",
        body.seems_hex,
    ),
    Rule(
        "B406",
        _W,
        "character that GSM 7-bit lacks",
        "replace it, or send Unicode: a single part holds 70 characters instead of 160",
        body.not_gsm,
    ),
    Rule(
        "B407",
        _E,
        "more parts than concat",
        "raise concat, or shorten the text",
        body.too_many_parts,
        error=113,
    ),
    # U: headers and options that depend on each other.
    Rule(
        "U501",
        _E,
        "sender is a name, but the message is 8-bit data",
        "use a number",
        options.named_sender,
        error=106,
    ),
    Rule(
        "U502", _E, "header with msg_type", "keep one of them", options.header_and_type, error=102
    ),
    Rule(
        "U503",
        _E,
        "header with text",
        "send data with a header",
        options.header_and_text,
        error=102,
    ),
    Rule("U504", _E, "bad user data header", "correct its lengths", options.bad_header, error=102),
    Rule(
        "U505",
        _E,
        "delay and scheduled time together",
        "keep deliv_time or scheduled_time",
        options.both_times,
        error=120,
    ),
    Rule("U506", _W, "delay of ten minutes or less", "use a longer delay", options.short_delay),
    Rule(
        "U507",
        _W,
        "unknown feature bits",
        "use documented bits",
        options.unknown_features,
        error=114,
    ),
    Rule(
        "U508",
        _W,
        "replies without a number",
        "set from to your rented number",
        options.reply_to_name,
        error=106,
    ),
    # D: the files of a folder.
    Rule("D601", _E, "part missing from its set", "add the missing part to the folder"),
    Rule("D602", _E, "name and header disagree", "rename the file to match its header"),
    Rule(
        "D603",
        _W,
        "file with a log-in that other users can read",
        "remove the permissions of group and others",
    ),
    # X: everything else.
    Rule("X901", _E, "refused by the reader", "see the message"),
)
BY_CODE = MappingProxyType({rule.code: rule for rule in RULES})
