"""What ``smsenc log`` found, in words for people and as JSON objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from converters.shared.words import counted, shortened
from smsenc.messagefile import names
from smsgate.cli.wording import few

if TYPE_CHECKING:
    from smsenc.messagefile.logs import Reply, Stray
    from smsgate.ftpclient.logrecords import Place
    from smsgate.ftpclient.status import MessageStatus

#: Characters of a line in a log that nobody understands.
_LONGEST_STRAY = 60
#: Columns for the name of a file in a table.
_NAME_WIDTH = 26

_STANDING = ("file", "to", "state", "id", "error", "status", "meaning", "charge", "time")
_ROWS = ("row", "table_row", "part", "parts")
_REPLY = ("time", "handset", "to", "text", "opt_out")


def standing_record(row: MessageStatus) -> dict[str, object]:
    """The JSON object of one message to one recipient; money is text, so that nothing rounds it."""
    record = {name: getattr(row, name) for name in (*_STANDING, *_ROWS)}
    charge = None if row.charge is None else str(row.charge)
    return record | {"charge": charge, "remark": "; ".join(row.remarks)}


def standing_line(row: MessageStatus, *, marked: bool = False) -> str:
    """One message to one recipient for people; ``marked`` as in ``short_name``."""
    number = row.error if row.error is not None else row.status
    why = f"{number:03} {row.meaning}" if number is not None else row.meaning
    place = f"  (row {row.table_row})" if row.table_row else ""
    file = short_name(row.file, marked=marked)
    return f"{file:<{_NAME_WIDTH}}  {row.to or '':<14}  {row.state:<9}  {why}{place}".rstrip()


def short_name(file: str, *, marked: bool = False) -> str:
    """A file's number, its source, and which part of its message it is; in a column.

    The mark of its run, which says nothing to people, is there if the file is ``marked``, because
    another run has one like it. --json and --csv have the whole name.
    """
    name = names.parse(file)
    if name is None or not name.mark:
        return _fitting(file, 0)
    part = f" part {name.part}/{name.total}" if name.total > 1 else ""
    mark = f".{name.mark}" if marked else ""
    return f"{_fitting(f'{name.number:06}-{name.slug}', len(mark) + len(part))}{mark}{part}"


def _fitting(text: str, more: int) -> str:
    """A text shortened so that so many characters ``more`` fit into the column."""
    room = _NAME_WIDTH - more
    return text if len(text) <= room else f"{text[: room - 1]}…"


def states_line(counts: Mapping[Any, int], known: Iterable[str], messages: int) -> str:
    """How many messages are in which state, in the order of all ``known`` states.

    Parts that are files of their own are counted by themselves, if there are any.
    """
    said = ", ".join(f"{counts[state]} {state}" for state in known if counts[state])
    total = sum(counts.values())
    parts = f" in {counted(total, 'part')}" if total > messages > 0 else ""
    return f"{counted(messages or total, 'message')}{parts}{': ' if said else ''}{said}"


def remark_lines(remarks: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What the gateway says about files, by file."""
    yield from few([f"{file}: {text}" for file, texts in remarks.items() for text in texts])


def ignored_lines(files: Mapping[str, int]) -> Iterator[str]:
    """How many answers are about messages that were sent earlier, under the names of files."""
    if not files:
        return
    yield _ignored(sum(files.values()))
    yield from few([f"{name}: {counted(count, 'answer')} ignored" for name, count in files.items()])


def _ignored(count: int) -> str:
    one = count == 1
    return (
        f"{counted(count, 'answer')} {'is' if one else 'are'} older than the upload of "
        f"{'its' if one else 'their'} file and {'was' if one else 'were'} ignored"
    )


def log_lines(place: Place, strays: Sequence[Stray]) -> Iterator[str]:
    """The lines of a log that say nothing about a message."""
    for stray in strays:
        text = shortened(stray.text, _LONGEST_STRAY)
        yield f"{place.log}:{stray.line}: neither an answer nor a reply: '{text}'"
    if place.strays > len(strays):
        yield f"{place.log}: {place.strays - len(strays):,} more such lines"
    if place.skipped:
        yield f"{place.log}: {counted(place.skipped, 'line')} skipped: too long"


def reply_record(reply: Reply) -> dict[str, object]:
    """The JSON object of one reply."""
    return {name: getattr(reply, name) for name in _REPLY}


def reply_line(reply: Reply) -> str:
    """One reply for people."""
    stop = "  (opted out)" if reply.opt_out else ""
    return f"{reply.time}  {reply.handset:<15}  {reply.text}{stop}"
