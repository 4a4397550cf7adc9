"""The losses that several writers of tunes report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared import charsets
from converters.tunes.melody import Melody


def replaced_title(melody: Melody, title: str, file_format: str) -> Iterator[Loss]:
    """The loss of a title that a format writes as ``title``; none where it is the melody's."""
    if title != melody.title:
        why = f"{file_format} writes {title!r}"
        yield Loss(what=f"title {melody.title!r}", action=Action.REPLACED, why=why)


def rounded_durations(
    melody: Melody, nearest: Callable[[Fraction], Fraction], file_format: str
) -> Iterator[Loss]:
    """The loss of the durations (of a whole note) for which ``nearest`` gives another one."""
    durations = sorted({note.duration for note in melody.notes})
    changed = [(old, new) for old in durations if (new := nearest(old)) != old]
    if changed:
        before, after = zip(*changed, strict=True)
        why = f"the nearest that {file_format} has: {listed(after)}"
        yield Loss(what=f"duration {listed(before)}", action=Action.ROUNDED, why=why)


def listed(values: Sequence[object]) -> str:
    """The first four of some values, separated by commas; an ellipsis for the others."""
    return ", ".join(map(str, values[:4])) + (" …" if len(values) > 4 else "")


#: Of several losses of one kind, those that are named one by one.
MOST_NAMED = 8
#: One token in so many may be unreadable; a tune with more of them is something else.
_ONE_IN = 20


def few_enough(bad: int, of_all: int) -> bool:
    """Whether a tune is still itself without its bad tokens, of all that it has."""
    return bad * _ONE_IN <= of_all


def decoded(octets: bytes) -> str:
    """Text without its byte order mark: UTF-8 where it decodes as that, else windows-1252.

    That is Latin-1 with dashes and quotation marks in place of control characters.
    """
    try:
        return charsets.decode(octets)[0]
    except SourceError:
        return octets.decode("utf-16", "replace")
