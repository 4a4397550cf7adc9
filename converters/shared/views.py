"""What a phone shows of a message, as labels with texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from converters.api import View

#: A label and its text; a text may have several lines.
Pairs = Iterable[tuple[str, str]]


def view_of(plural: str, contents: Sequence[Mapping[str, object]], pairs: Iterable[Pairs]) -> View:
    """View of one or more cards or events: one is the content itself, several are a list.

    ``plural`` is the key of that list; ``pairs`` are the labels and texts of each.
    """
    lines = [line for some in pairs for line in ("", *aligned(some))]
    content = contents[0] if len(contents) == 1 else {plural: contents}
    return View(content=content, lines=tuple(lines[1:]))


def aligned(pairs: Pairs) -> Iterator[str]:
    """Lines with the labels and, in a column beside them, the texts. Empty texts are skipped."""
    shown = [(label, text) for label, text in pairs if text]
    width = max(len(label) for label, _text in shown)
    for label, text in shown:
        yield from f"{label:<{width}}  {text}".replace("\n", f"\n{'':<{width}}  ").split("\n")
