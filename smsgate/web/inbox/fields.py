"""The content of a message as labels with texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smsgate.web.texts import catalogue, text

#: Lists of contents in a content.
_SEVERAL = ("cards", "events")
#: What is shown otherwise, or said by other fields.
_HIDDEN = frozenset(("rows", "notes", "height"))

#: Times as ISO 8601 writes them.
_TIMES = frozenset(("start", "end", "due", "alarm", "except"))


class Field(NamedTuple):
    """A label and its text."""

    label: str
    text: str
    key: str


def groups(content: Mapping[str, object]) -> list[list[Field]]:
    """The fields of a content: one group, or one for each card or event."""
    for key in _SEVERAL:
        found = content.get(key)
        if isinstance(found, list | tuple):
            return [list(_fields(one)) for one in found if isinstance(one, Mapping)]
    return [list(_fields(content))]


def named(table: str, key: str) -> str:
    """The word for a key in a table of the catalogue; the key itself if it has none."""
    found = f"inbox.{table}.{key}"
    return text(found) if found in catalogue() else key.replace("-", " ").capitalize()


def _fields(content: Mapping[str, object]) -> Iterator[Field]:
    for key, value in content.items():
        if key == "width":
            yield Field(named("fields", "size"), _size(content), "size")
        elif key not in _HIDDEN:
            yield from _field(key, value)


def _field(key: str, value: object) -> Iterator[Field]:
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        for one in value:
            yield from _field(key, one)
    elif isinstance(value, Mapping) and "types" in value:
        types = ", ".join(str(one).lower() for one in _listed(value["types"]))
        label = f"{named('fields', key)} ({types})" if types else named("fields", key)
        others = {name: one for name, one in value.items() if name != "types"}
        yield Field(label, _text(others), key)
    elif value != "":
        yield Field(named("fields", key), _shown(key, value), key)


def _shown(key: str, value: object) -> str:
    if key == "seconds":
        return text("inbox.seconds", seconds=value)
    return _text(value).replace("T", " ") if key in _TIMES else _text(value)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        if "rows" in value:
            return _size(value)
        return ", ".join(map(_text, value.values()))
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return text("inbox.yes") if value else text("inbox.no")
    return str(value)


def _size(picture: Mapping[str, object]) -> str:
    return text("inbox.pixels", width=picture.get("width"), height=picture.get("height"))
