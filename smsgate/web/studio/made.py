"""From what is asked for to a message: its payload, its parts, and what is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from converters import registry
from converters.api import Action, AnyConverter, Item, Loss, View
from converters.pipeline import converter_of, items
from converters.registry import viewer_of
from smsenc import (
    Coding,
    MessageClass,
    OptionError,
    Payload,
    Segment,
    SmsencError,
    decode_text,
    split,
)
from smsenc.messagefile.count import Count, count
from smsenc.messagefile.numbers import international
from smsgate.web.studio.asked import EXAMPLE, Asked

#: Messages of a source that can be chosen.
MOST_ITEMS = 200
#: The concatenation reference, which is that of the command's first message.
REFERENCE = 1
_LONGEST_LABEL = 60
#: Where the contents of cards, events, tunes and texts have their names.
_NAMES = ("name", "summary", "title", "text", "mcc-mnc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A message with its parts; ``error`` says why there is none.

    ``labels`` name the messages of the source, ``has_more`` says that it has more of them.
    ``number`` is the recipient's. ``counted`` is what a text costs.
    """

    asked: Asked
    number: str
    converter: AnyConverter | None = None
    labels: tuple[str, ...] = ()
    has_more: bool = False
    kind: str = ""
    payload: Payload | None = None
    segments: tuple[Segment, ...] = ()
    view: View | None = None
    losses: tuple[Loss, ...] = ()
    counted: Count | None = None
    error: SmsencError | None = None

    @property
    def octets(self) -> int:
        """Octets of all headers and data."""
        return sum(len(one.udh) + len(one.data) for one in self.segments)


def make(asked: Asked, octets: bytes) -> Made:
    """The message that is asked for, or why there is none."""
    made = Made(asked=asked, number=EXAMPLE)
    try:
        converter = converter_of(asked.name, octets, asked.kind)
        asked = replace(asked, options=_options(asked, converter))
        made = replace(made, asked=asked, converter=converter, number=_number(asked))
        found = _items(asked, octets)
        labels = tuple(_label(one, n) for n, one in enumerate(found[:MOST_ITEMS], start=1))
        made = replace(made, labels=labels, has_more=len(found) > MOST_ITEMS)
        item = found[min(asked.item, len(labels)) - 1]
        return _with(made, item)
    except SmsencError as error:
        return replace(made, error=error)


def _options(asked: Asked, converter: AnyConverter) -> Mapping[str, str]:
    """The options that are meant for a converter, not for one with another table."""
    before = registry.converters().get(asked.controls_of, converter)
    return asked.options if before.option_names == converter.option_names else {}


def _number(asked: Asked) -> str:
    if not asked.number:
        return EXAMPLE
    try:
        return international(asked.number)
    except SmsencError as error:
        raise error.at(name="number") from None


def _items(asked: Asked, octets: bytes) -> list[Item]:
    """The first messages of a source; an error that ends it early is its last item."""
    found: list[Item] = []
    given = items(asked.name, octets, kind=asked.kind, options=asked.options)
    try:
        found.extend(islice(given, MOST_ITEMS + 1))
    except SmsencError as error:
        if not found:
            raise
        found.append(Item(kind="", error=error))
    if not found:
        raise OptionError("expected a message, found none", name=asked.name)
    return found


def _with(made: Made, item: Item) -> Made:
    payload = item.unwrap()
    made = replace(made, losses=item.losses)
    if viewer_of(payload).kind == "text" and not payload.elements:
        made, payload = _counted(made, payload)
    if made.asked.flash and payload.coding is not Coding.OCTETS:
        payload = replace(payload, message_class=MessageClass.FLASH)
    viewer = viewer_of(payload)
    return replace(
        made,
        kind=viewer.kind,
        payload=payload,
        segments=split(payload, reference=REFERENCE),
        view=viewer.view(payload),
        losses=(*made.losses, *_preview_losses(payload)),
    )


def _counted(made: Made, payload: Payload) -> tuple[Made, Payload]:
    """What a text costs; it is sent in the cheapest of the ways that are allowed."""
    asked = made.asked
    found = count(decode_text(payload), languages=asked.languages, substitute=asked.substitute)
    made = replace(made, counted=found)
    if asked.options.get("coding", "auto") != "auto":
        return made, payload
    return replace(made, losses=(*made.losses, *_replaced(found))), found.plan.payload


def _replaced(found: Count) -> Iterator[Loss]:
    for one in dict.fromkeys((r.original, r.replacement) for r in found.plan.replaced):
        original, replacement = one
        yield Loss(what=repr(original), action=Action.REPLACED, why=f"sent as {replacement!r}")


def _preview_losses(payload: Payload) -> Iterator[Loss]:
    """What the picture of the screen does not show as it is."""
    for writer in viewer_of(payload).previews:
        if writer.suffix == ".png":
            yield from writer.losses(payload)


def _label(item: Item, number: int) -> str:
    if item.payload is None:
        return f"{number}: {item.error}"[:_LONGEST_LABEL]
    try:
        content = viewer_of(item.payload).view(item.payload).content
    except SmsencError as error:
        return f"{number}: {error}"[:_LONGEST_LABEL]
    name = next((str(content[key]) for key in _NAMES if content.get(key)), item.kind)
    return f"{number}: {name}"[:_LONGEST_LABEL]
