"""A run over many sources: each is converted and written; an error in one stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from converters.api import Item
from converters.errors import GuardError, SourceError
from converters.pipeline import Job, Outcome, items, package_item
from converters.shared import charsets
from smsenc import NumberError, SmsencError
from smsenc.messagefile.numbers import international
from smsenc.messagefile.parameters import lines_of
from smsgate import tracing
from smsgate.errors import OutboxError
from smsgate.outbox import reading
from smsgate.outbox.folder import Outbox
from smsgate.outbox.references import reference_after

_LARGEST_LOT = 64  # messages
_MOST_OCTETS = 4 << 20  # of a lot
#: Numbers of one list, and lines of it that are none: with more, it is no list of numbers.
MOST_LISTED, MOST_ERRORS = 1_000_000, 1_000


def run(  # noqa: PLR0913 - where sources come from, and what varies from run to run
    names: Iterable[str],
    job: Job,
    outbox: Outbox | None,
    *,
    reference: int = 1,
    number: int = 1,
    read: Callable[[str], bytes] = reading.read,
) -> Iterator[Outcome]:
    """Convert every source; yields an Outcome for each message, written if there is an outbox.

    The first message in several parts gets ``reference``, the first file ``number``. ``read`` gives
    the octets of a source or raises SourceError.
    """
    for lot in _lots(_converted(names, job, reference, number, read)):
        yield from _written(lot, outbox) if outbox else lot


def _converted(
    names: Iterable[str], job: Job, reference: int, number: int, read: Callable[[str], bytes]
) -> Iterator[Outcome]:
    for name in names:
        for index, item in enumerate(_items(name, job, read), start=1):
            outcome = package_item(
                item, job, source=name, index=index, number=number, reference=reference
            )
            if outcome.error:
                outcome.error.at(source=name)
            else:
                tracing.step("{}: message {} is a {}", name, index, outcome.kind)
                number += outcome.numbers
                reference = next_reference(reference, outcome)
            yield outcome


def _lots(outcomes: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    """Lots of 1, 2, 4 … messages: the first is seen at once, and one flush serves many."""
    size = 1
    while lot := _lot(outcomes, size):
        yield lot
        size = min(2 * size, _LARGEST_LOT)


def _lot(outcomes: Iterator[Outcome], size: int) -> list[Outcome]:
    lot: list[Outcome] = []
    octets = 0
    for outcome in islice(outcomes, size):
        lot.append(outcome)
        octets += sum(len(content) for _, content in outcome.files)
        if octets > _MOST_OCTETS:
            break
    return lot


def _written(lot: list[Outcome], outbox: Outbox) -> Iterator[Outcome]:
    """The outcomes of a lot after it was written; after a failure each message is tried alone."""
    try:
        outbox.write(outcome.files for outcome in lot)
    except (OutboxError, GuardError):
        for outcome in lot:
            yield _written_alone(outcome, outbox)
    else:
        yield from lot


def _written_alone(outcome: Outcome, outbox: Outbox) -> Outcome:
    try:
        outbox.write((outcome.files,))
    except (OutboxError, GuardError) as error:
        named = error.at(source=outcome.source)
        return replace(outcome, files=(), parts=0, octets=0, error=named)
    return outcome


def next_reference(reference: int, outcome: Outcome) -> int:
    """The reference of the message after ``outcome``, which was given ``reference``."""
    several = outcome.parts > 1 and not outcome.error
    return reference_after(reference) if several else reference


def _items(name: str, job: Job, read: Callable[[str], bytes]) -> Iterator[Item]:
    """The items of a source; an error that ends it early is its last item."""
    try:
        yield from items(name, read(name), kind=job.kind, options=job.options)
    except SmsencError as error:
        yield Item(kind="", error=error)


def recipients(
    typed: Iterable[str], listed: Iterable[str]
) -> tuple[tuple[str, ...], tuple[SmsencError, ...]]:
    """Numbers as digits, without repetitions and in order, and the errors in the listed files.

    ``typed`` come from the command line: an invalid one raises NumberError. ``listed`` are names of
    files with a number in each line: an invalid line is an error, and the others are used.
    """
    numbers = dict.fromkeys(map(_typed_number, typed))
    errors: list[SmsencError] = []
    for name in listed:
        try:
            found, wrong = _listed_numbers(charsets.decode(reading.read(name))[0])
        except SmsencError as error:
            errors.append(error.at(source=name))
            continue
        numbers |= found
        errors += [error.at(source=name) for error in wrong]
    return tuple(numbers), tuple(errors)


def _listed_numbers(text: str) -> tuple[dict[str, None], list[NumberError]]:
    """The numbers in the lines of a list, and the errors of its other lines.

    Raises SourceError for too many of either.
    """
    numbers: dict[str, None] = {}
    errors: list[NumberError] = []
    for line, one in enumerate(lines_of(text), start=1):
        if not one.strip():
            continue
        try:
            numbers.setdefault(international(one))
        except NumberError as error:
            errors.append(error.at(line=line))
        if len(errors) > MOST_ERRORS:
            found = f"{len(errors)} lines without one"
            raise SourceError(f"expected a list of numbers, found {found}", line=line)
        if len(numbers) > MOST_LISTED:
            raise SourceError(f"expected at most {MOST_LISTED} numbers, found more", line=line)
    return numbers, errors


def _typed_number(text: str) -> str:
    try:
        return international(text)
    except NumberError as error:
        raise error.at(name="--to") from None
