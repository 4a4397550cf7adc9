"""From a message to what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from converters.received import explained
from converters.registry import viewer_of
from converters.tunes import pianoroll
from smsenc.octetmap import Map, leaves
from smsgate.masking import cleaned
from smsgate.web import octets as octetrows
from smsgate.web import texts
from smsgate.web.studio import controls, files, prices, variants
from smsgate.web.studio.asked import EXAMPLE, Origin
from smsgate.web.studio.controls import known

if TYPE_CHECKING:
    from smsgate.web.studio.made import Made

#: What a page has room for.
_MOST_EXPLAINED, _MOST_LOSSES, _MOST_LINES = 3, 40, 100


def result(made: Made | None, key: str, kept: files.Result | None) -> dict[str, object]:
    """What the part of the page with the result needs; ``key`` is that of what is kept."""
    if made is None or made.payload is None or kept is None:
        line = cleaned(str(made.error)) if made and made.error else ""
        return {"made": None, "line": line, "said": line}
    suffixes = {one.suffix for one in viewer_of(made.payload).previews}
    return {
        "made": made,
        "line": "",
        "said": said(made),
        "key": key,
        "kind": known(f"studio.names.{made.kind}", made.kind),
        "is_seen": ".png" in suffixes,
        "tune": _tune(made) if ".wav" in suffixes else None,
        "lines": _lines(made),
        "losses": [cleaned(str(one)) for one in made.losses[:_MOST_LOSSES]],
        "more_losses": max(0, len(made.losses) - _MOST_LOSSES),
        "price": prices.price(made),
        "messages": files.messages(kept),
        "contents": files.contents(kept),
        "parts": _explained(made),
        "more_parts": max(0, len(made.segments) - _MOST_EXPLAINED),
        "is_example": made.number == EXAMPLE,
        "has_sheet": bool(made.converter and made.converter.sheet),
        "has_variants": variants.has_variants(made.converter),
    }


def said(made: Made) -> str:
    """The message in a sentence."""
    kind = known(f"studio.names.{made.kind}", made.kind)
    parts = texts.text("studio.parts", count=len(made.segments))
    losses = texts.text("studio.losses-count", count=len(made.losses)) if made.losses else ""
    octets = texts.text("studio.octets", count=made.octets)
    return ", ".join(filter(None, (kind, parts, octets, losses)))


def _tune(made: Made) -> dict[str, object]:
    """Where on the picture of its notes a moment of a tune is, and its notes as text."""
    content: Mapping[str, object] = made.view.content if made.view else {}
    seconds = content.get("seconds", 0)
    length = float(seconds) if isinstance(seconds, int | float) else 0.0
    return {
        "left": pianoroll.LEFT,
        "second": pianoroll.per_second(length),
        "seconds": length,
        "rtttl": content.get("rtttl", ""),
    }


def _lines(made: Made) -> tuple[str, ...]:
    """What the phone shows as text; pictures are drawn with blocks, which are no text."""
    lines = made.view.lines if made.view else ()
    return () if any(set(line) & set("█▀▄") for line in lines) else lines[:_MOST_LINES]


def _explained(made: Made) -> list[dict[str, object]]:
    if made.payload is None:
        return []
    first = made.segments[:_MOST_EXPLAINED]
    found = explained.submits(made.payload, first, made.number)
    return [_part(part) for part in found]


def _part(part: Map) -> dict[str, object]:
    """The rows of a part, and its octets with the number of the row of each field."""
    found = octetrows.rows(part, part.fields)
    numbers = {id(row.field): n for n, row in enumerate(found.rows, start=1)}
    return {
        "octets": len(part.octets),
        "rows": found.rows,
        "more": found.more,
        "fields": [
            (numbers[id(field)], found.rows[numbers[id(field)] - 1])
            for field in leaves(part.fields)
            if id(field) in numbers
        ],
    }


def everything(
    made: Made | None, octets: bytes, key: str, kept: files.Result | None
) -> dict[str, object]:
    """What the whole page needs."""
    found = {**form(made, octets), **result(made, key, kept)}
    tune = found.get("tune")
    notes = tune["rtttl"] if isinstance(tune, dict) else ""
    if made and made.asked.origin is Origin.NOTES:  # as they were typed, also where they are wrong
        notes = octets.decode(errors="replace")
    return found | {"notes": notes}


def variant(label: str, made: Made, key: str) -> dict[str, object]:
    """A row of the table of variants."""
    line = cleaned(str(made.error)) if made.error else ""
    size = made.view.content if made.view else {}
    return {
        "label": label,
        "line": line,
        "parts": len(made.segments),
        "octets": made.octets,
        "losses": [cleaned(str(one)) for one in made.losses[:3]],
        "key": key,
        "notes": len(notes) if isinstance(notes := size.get("notes"), list) else None,
    }


def form(made: Made | None, octets: bytes) -> dict[str, object]:
    """What the part of the page with the source and the controls needs."""
    if made is None:
        return {"asked": None, "is_file": False, "text": "", "shown": "", "labels": ()}
    asked, converter = made.asked, made.converter
    rows = controls.controls(converter, asked, octets) if converter else ()
    return {
        "asked": asked,
        "is_file": asked.origin is Origin.FILE,
        "size": len(octets),
        "text": octets.decode(errors="replace") if asked.origin is Origin.TEXT else "",
        "shown": f"{converter.name if converter else ''}:{asked.kept}",
        "kinds": controls.kinds(),
        "main": [one for one in rows if one.is_main],
        "more": [one for one in rows if not one.is_main],
        "labels": made.labels,
        "has_more": made.has_more,
    }
