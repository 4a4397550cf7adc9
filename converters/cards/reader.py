"""vCard 2.1, 3.0 and 4.0 to contacts.

Carried: N FN TEL EMAIL ORG TITLE URL NOTE NICKNAME BDAY ADR. Properties that say nothing about the
person (BOOKKEEPING) are dropped without a loss; any other property, or part of one, is a listed
loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import TypeVar

from converters.api import Action, Loss
from converters.cards import kinds
from converters.cards.model import Address, Card, Email, Name, Tel
from converters.cards.properties import PROPERTIES, left_out, preference
from converters.errors import SourceError
from converters.shared import contentlines
from converters.shared.contentlines import Component, Line

_T = TypeVar("_T")
#: Properties of the card and not of the person: their loss is not reported.
BOOKKEEPING = frozenset(
    {
        *("VERSION", "PRODID", "REV", "UID", "SOURCE", "NAME", "PROFILE", "MAILER"),
        *("CLIENTPIDMAP", "X-IRMC-LUID"),
    }
)
#: Values of one property in a card: far more than phones keep, and few enough to read at once.
MOST_VALUES = 100

Found = tuple[Card | SourceError, tuple[Loss, ...]]
#: Values with their preference, 1 first.
_Ranked = list[tuple[int, _T]]


@dataclass(slots=True)
class Draft:
    """What the lines of a card have said so far; empty fields were not mentioned."""

    name: Name | None = None
    formatted: str = ""
    tels: _Ranked[Tel] = field(default_factory=list)
    emails: _Ranked[Email] = field(default_factory=list)
    org: tuple[str, ...] = ()
    title: str = ""
    addresses: _Ranked[Address] = field(default_factory=list)
    url: str = ""
    birthday: date | None = None
    nickname: str = ""
    note: str = ""


def read(octets: bytes, *, groups: bool = False) -> Iterator[Found]:
    """Each card of a source, or the error that rejects it, with its losses.

    The card of a group of contacts is rejected, unless ``groups`` asks for its name. Raises
    SourceError if there is no card at all.
    """
    empty = True
    for component in contentlines.components(octets):
        empty = False
        try:
            yield _card(component, groups=groups)
        except SourceError as error:
            yield error.at(line=component.number), ()
    if empty:
        raise contentlines.not_found(octets, "a vCard")


def _card(component: Component, *, groups: bool) -> Found:
    if component.name != "VCARD":
        raise SourceError(f"expected a vCard, found {component.name}")
    if component.error:
        raise component.error
    draft = Draft()
    losses = component.losses
    for line in component.lines:
        try:
            _read_line(line, component, draft, losses, groups=groups)
        except kinds.GroupError:
            raise
        except SourceError as error:
            losses.append(left_out(line, error.message))
    for child in component.children:
        why = "phones keep no card inside a card"
        losses.append(Loss(what=child.name, action=Action.LEFT_OUT, why=why, line=child.number))
    if not component.closed:
        why = "the card ends without it"
        losses.append(Loss(what="END:VCARD", action=Action.SUPPLIED, why=why))
    if not (groups or draft.tels or draft.emails):
        kinds.check_members(component.lines)
    return _finished(draft), tuple(losses)


def _read_line(
    line: Line, card: Component, draft: Draft, losses: list[Loss], *, groups: bool
) -> None:
    """Add what a line says to the draft."""
    if not line.raw.strip():
        return
    known = PROPERTIES.get(line.name)
    if known is None:
        if not groups:
            kinds.check_person(line)
        _read_other(line, losses)
        return
    field_name, read_value = known
    kept = getattr(draft, field_name)
    if kept:
        _check_count(kept)
    value = contentlines.value(line, card.lines)
    if value.guess:
        loss = Loss(what=line.name, action=Action.GUESSED, why=value.remark, line=line.number)
        losses.append(loss)
    found = read_value(line, value, losses)
    if isinstance(found, list):
        rank = preference(line.params)
        kept += [(rank, one) for one in found]
    elif found:
        setattr(draft, field_name, found)


def _read_other(line: Line, losses: list[Loss]) -> None:
    """A property that phones do not keep: what it says of the kind of the card, or its loss."""
    if line.name in BOOKKEEPING:
        return
    if not line.name:
        raise SourceError("expected NAME:value")
    kind = kinds.said(line)
    if kind is None:
        raise SourceError("phones keep no such property")
    if kind:
        why = f"phones keep people only; {kind} is sent as one"
        losses.append(Loss(what=line.name, action=Action.IGNORED, why=why, line=line.number))


def _check_count(kept: object) -> None:
    if not isinstance(kept, list):
        raise SourceError("phones keep only the first")
    if len(kept) == MOST_VALUES:
        raise SourceError(f"phones keep at most {MOST_VALUES} of them")


def _finished(draft: Draft) -> Card:
    name, formatted = draft.name, draft.formatted
    if not name:
        # N is compulsory in 2.1, and some phones ignore FN; the text is not sent twice.
        substitute = formatted or _substitute(draft)
        if not substitute:
            raise SourceError(
                "expected a name, an organisation, a number or an address, found none"
            )
        name, formatted = Name(family=substitute), ""
    return Card(
        name=name,
        formatted=formatted,
        tels=_sorted(draft.tels),
        emails=_sorted(draft.emails),
        org=draft.org,
        title=draft.title,
        addresses=_sorted(draft.addresses),
        url=draft.url,
        birthday=draft.birthday,
        nickname=draft.nickname,
        note=draft.note,
    )


def _substitute(draft: Draft) -> str:
    """A name for a card that has none."""
    if draft.nickname:
        return draft.nickname
    if draft.org:
        return next(text for text in draft.org if text)
    if draft.emails:
        return _sorted(draft.emails)[0].address
    return _sorted(draft.tels)[0].number if draft.tels else ""


_by_preference = itemgetter(0)


def _sorted(values: _Ranked[_T]) -> tuple[_T, ...]:
    if len(values) == 1:
        return (values[0][1],)
    return tuple([value for _preference, value in sorted(values, key=_by_preference)])
