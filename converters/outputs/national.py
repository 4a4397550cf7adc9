"""Texts in the national tables of GSM 7-bit (3GPP TS 23.038, A), for phones that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converters.api import Action, Loss
from smsenc import Coding, Payload, Plan, decode_text, plan

if TYPE_CHECKING:
    from converters.outputs.job import Job

_MOST_NAMED = 5


def with_tables(payload: Payload, job: Job) -> tuple[Payload, tuple[Loss, ...]]:
    """A text in the job's languages if that makes it cheaper than Unicode; else the payload.

    A text with a header of its own, such as EMS objects, stays as it is.
    """
    if not job.languages or payload.elements or payload.coding is Coding.OCTETS:
        return payload, ()
    best = plan(
        decode_text(payload),
        languages=job.languages,
        limits=job.profile.limits,
        message_class=payload.message_class,
    )
    tables = dict.fromkeys(one.name.lower() for one in best.payload.languages if one)
    if not tables:
        return payload, ()
    what = f"the phone's {' and '.join(tables)} table (for {_named(best)})"
    why = "a phone without it shows other characters"
    return best.payload, (Loss(what=what, action=Action.GUESSED, why=why),)


def _named(found: Plan) -> str:
    """The characters that only a national table has, the first few of them by name."""
    special = tuple(dict.fromkeys(character for _, character in found.offenders))
    if not special:
        return "fewer parts"
    more = f" and {len(special) - _MOST_NAMED} more" if len(special) > _MOST_NAMED else ""
    return f"{', '.join(map(repr, special[:_MOST_NAMED]))}{more}"
