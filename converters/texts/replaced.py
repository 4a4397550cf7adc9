"""The characters of a text that were replaced, so that it costs fewer parts."""

from __future__ import annotations

from collections.abc import Iterator

from converters.api import Action, Loss
from smsenc import Plan


def losses(plan: Plan) -> Iterator[Loss]:
    """A loss for each character, however often it is in the text."""
    pairs = dict.fromkeys((one.original, one.replacement) for one in plan.replaced)
    for original, replacement in pairs:
        yield Loss(what=repr(original), action=Action.REPLACED, why=f"sent as {replacement!r}")
