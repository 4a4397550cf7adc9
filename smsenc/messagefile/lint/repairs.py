"""Repairs that do not change what is sent."""

from __future__ import annotations

from smsenc.messagefile.lint.recipients import delimiter_of, digits_of
from smsenc.messagefile.lint.scan import Line, decoded, line_of, scan
from smsenc.messagefile.parameters import BLANKS, LINE_END, MOST_LINES, UTF8_MARK
from smsenc.messagefile.profile import CLICKATELL, LINE_ENDS, Profile


def fixed(octets: bytes, profile: Profile = CLICKATELL) -> bytes:
    """The file with its safe repairs; the same octets if it needs none.

    It loses a byte order mark (F006). Data that are too long for a line continue on the next
    (F004), keys get their standard spelling (K102), and recipients' numbers become digits (R202). A
    second repair changes nothing, and ``loads`` reads the same message as before. A file of so many
    lines that not all were checked, or of as many line ends, is left as it is.
    """
    scanned = scan(octets, profile)
    most = profile.most_messages + MOST_LINES
    if scanned.broken_at is not None or scanned.unchecked or scanned.ends > most:
        return octets
    text, _broken = decoded(octets.removeprefix(UTF8_MARK), profile.charset)
    ends = [*LINE_END.findall(text), ""]
    added = ends[0] or LINE_ENDS[profile.line_end]
    delimiter = delimiter_of(scanned)
    lines = (
        added.join(_repaired(line, delimiter, profile.longest_line)) + end
        for line, end in zip(LINE_END.split(text), ends, strict=True)
    )
    return "".join(lines).encode(profile.charset)


def _repaired(text: str, delimiter: str, longest: int) -> list[str]:
    if not text.strip(BLANKS):
        return [text]
    text = _respelled(line_of(0, text))
    text = _plain_number(line_of(0, text), delimiter)
    return _shorter(line_of(0, text), longest)


def _respelled(line: Line) -> str:
    if line.key is None or line.name == line.key:
        return line.text
    return line.key + line.text[line.text.index(":") :]


def _plain_number(line: Line, delimiter: str) -> str:
    if line.key not in ("to", "csv"):
        return line.text
    first, mark, rest = line.trimmed.partition(delimiter if line.key == "csv" else "\n")
    digits = digits_of(first.strip(BLANKS))
    return line.text if digits in (None, first) else f"{line.name}:{digits}{mark}{rest}"


def _shorter(line: Line, longest: int) -> list[str]:
    if line.key != "data" or len(line.text) <= longest:
        return [line.text]
    digits = line.trimmed
    room = longest - len("data:") & ~1
    return [f"data:{digits[n : n + room]}" for n in range(0, len(digits), room)]
