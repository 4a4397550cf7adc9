"""What plugins give is checked where it comes in; our own formats are checked by mypy and tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, cast

from converters.api import Action, Converter, Item, Loss, Option, View, Viewer, Writer
from smsenc import Coding, Element, MessageClass, Payload, SmsencError

if TYPE_CHECKING:
    from smsenc.octetmap import Field

_Types = Mapping[str, type | UnionType]

#: Types of the fields that others rely on; functions are checked as they are called.
_ROWS: Mapping[type, _Types] = {
    Converter: {
        "name": str,
        "summary": str,
        "suffixes": tuple,
        "options": tuple,
        "specific": bool,
        "whole": Mapping,
    },
    Viewer: {
        "kind": str,
        "port": int | None,
        "specific": bool,
        "writers": tuple,
        "previews": tuple,
    },
    Option: {"name": str, "summary": str},
    Writer: {"suffix": str, "joins": bool},
}
#: Types of what is in tuples.
_PARTS = {"suffixes": str, "options": Option, "writers": Writer, "previews": Writer}

_ITEM: _Types = {
    "kind": str,
    "name": str,
    "losses": tuple,
    "payload": Payload | None,
    "error": SmsencError | None,
}
_PAYLOAD: _Types = {
    "data": bytes,
    "coding": Coding,
    "elements": tuple,
    "message_class": MessageClass | None,
}
_LOSS: _Types = {"what": str, "action": Action, "why": str, "line": int | None}
_ERROR: _Types = {
    "message": str,
    "source": str | None,
    "line": int | None,
    "offset": int | None,
    "name": str | None,
}
_FIELD: _Types = {
    **dict.fromkeys(("name", "clause", "meaning", "fault"), str),
    "start": int,
    "end": int,
    "children": tuple,
    "value": int | str | bytes,
    "bits": int | None,
}
_LAST_PORT = 0xFFFF


def check(name: str, value: object, kind: type | UnionType) -> None:
    """Raise TypeError, with the name of the value, if it is of another type."""
    if not isinstance(value, kind):
        kinds = kind.__args__ if isinstance(kind, UnionType) else (kind,)
        expected = " or ".join("None" if one is NoneType else one.__name__ for one in kinds)
        raise TypeError(f"{name}: expected {expected}, found {kind_of(value)}")


def kind_of(value: object) -> str:
    """The type of a value, for people."""
    return "None" if value is None else type(value).__name__


def check_row(row: object) -> None:
    """A converter or viewer, with all that belongs to it. Raises TypeError or ValueError."""
    for name, kind in _types_of(row).items():
        value = getattr(row, name)
        check(name, value, kind)
        for part in value if name in _PARTS else ():
            check(name, part, _PARTS[name])
            if not isinstance(part, str):
                check_row(part)
    suffixes = (*getattr(row, "suffixes", ()), *filter(None, [getattr(row, "suffix", None)]))
    for suffix in suffixes:
        if not suffix.startswith(".") or suffix != suffix.lower():
            raise ValueError(f"suffix: expected a dot and small letters, found {suffix!r}")
    if isinstance(row, Viewer):
        _check_port(row)


def _types_of(row: object) -> _Types:
    return next(types for row_class, types in _ROWS.items() if isinstance(row, row_class))


def _check_port(row: Viewer) -> None:
    if row.port is None and row.accepts is None:
        raise ValueError("expected a port or accepts, found neither: no payload would be shown")
    if row.port is not None and not 0 <= row.port <= _LAST_PORT:
        raise ValueError(f"port: expected 0 to {_LAST_PORT}, found {row.port}")


def _check_all(value: object, types: _Types) -> None:
    for name, kind in types.items():
        check(name, getattr(value, name), kind)


def check_item(item: object) -> None:
    """What a converter yields. Raises TypeError or ValueError."""
    check("item", item, Item)
    found = cast("Item", item)
    _check_all(found, _ITEM)
    check_losses(found.losses)
    if found.payload is not None:
        _check_all(found.payload, _PAYLOAD)
        for element in found.payload.elements:
            check("elements", element, Element)
            check("element", element.data, bytes)
    if found.error is not None:
        check_error(found.error)


def check_losses(losses: object) -> None:
    """What a converter or writer lists. Raises TypeError or ValueError."""
    check("losses", losses, tuple)
    for loss in cast("tuple[Any, ...]", losses):
        check("losses", loss, Loss)
        _check_all(loss, _LOSS)
        _check_line(loss.line)


def check_error(error: SmsencError) -> None:
    """An error that is raised or yielded. Raises TypeError or ValueError."""
    _check_all(error, _ERROR)
    _check_line(error.line)


def _check_line(line: int | None) -> None:
    if line is not None and line < 1:
        raise ValueError(f"line: expected 1 or more, found {line}")


def check_view(view: View) -> None:
    """What a viewer shows. Raises TypeError."""
    check("content", view.content, Mapping)
    _check_json("content", view.content)
    check("lines", view.lines, tuple)
    for line in view.lines:
        check("lines", line, str)


def _check_json(name: str, value: object) -> None:
    """A value that JSON has."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            check(f"key of {name}", key, str)
            _check_json(f"{name}[{key!r}]", one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _check_json(name, one)
    elif not isinstance(value, (str, int, float, NoneType)):
        raise TypeError(f"{name}: expected a value that JSON has, found {kind_of(value)}")


def check_explained(fields: tuple[object, ...], first: int, last: int) -> None:
    """Fields that a plugin makes are fields, and lie within the octets or the field above."""
    from smsenc.octetmap import Field  # noqa: PLC0415 - only what explains octets needs it

    for one in fields:
        check("field", one, Field)
        _check_all(one, _FIELD)
        field = cast("Field", one)
        size = field.end - field.start
        if not first <= field.start <= field.end <= last or (field.bits or 0) >> 8 * size:
            what = f"octets {first} to {last}, found {field.start} to {field.end}"
            raise ValueError(f"field: expected {what}")
        check_explained(field.children, field.start, field.end)
