"""The controls of the converter that reads a source, made from its table of options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from converters import registry
from converters.api import AnyConverter, Option
from converters.shared.parsers import Choice, WholeNumber, flag
from smsenc import Language, SmsencError, Substitute
from smsgate.web import texts
from smsgate.web.studio.asked import OPTION, Asked

#: Those that people use most; the others are one step away.
_MAIN = frozenset(
    (
        *("target", "mcc-mnc", "size", "dither", "threshold", "place", "invert", "text"),
        *("track", "start", "bars", "transpose", "phone", "max-parts"),
        *("form", "tz", "coding", "language", "substitute", "flash"),
    )
)
#: Numbers that are found by trying have a slider as well.
_SLIDERS = frozenset(("threshold", "transpose"))
#: Screens and logos of well-known phones.
SIZES = ("72x14", "78x21", "72x28", "84x48", "96x65", "101x80")
_SUGGESTED: Mapping[str, Sequence[str]] = {
    "size": (*SIZES, "source"),
    "tz": ("UTC", "Europe/London", "Europe/Berlin", "Asia/Kolkata"),
}
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control: ``kind`` is select, number, check or text; ``choices`` are values and labels."""

    name: str
    kind: str
    label: str
    hint: str
    value: str
    choices: Pairs = ()
    suggested: Sequence[str] = ()
    least: int | None = None
    most: int | None = None
    slider: bool = False
    is_main: bool = False


def controls(converter: AnyConverter, asked: Asked, octets: bytes) -> tuple[Control, ...]:
    """A control for each option of a converter, and those of the message that it makes."""
    voices = _voices(converter, octets)
    found = [_control(one, asked.options, voices) for one in converter.options]
    if converter.name == "text":
        found += _of_texts(asked)
    return tuple(found)


def _control(option: Option, given: Mapping[str, str], voices: Pairs) -> Control:
    name, parse = option.name, option.parse
    value = given.get(name, _default(option))
    kind, least, most = "text", None, None
    choices: Pairs = ()
    if parse is flag:
        kind = "check"
    elif name == "track" and voices:
        kind, choices = "select", (("", texts.text("studio.automatic")), *voices)
    elif isinstance(parse, Choice):
        kind, choices = "select", _choices(name, parse, is_optional=option.default is None)
    elif isinstance(parse, WholeNumber):
        kind, least, most = "number", parse.least, parse.most
    return Control(
        name=f"{OPTION}{name}",
        kind=kind,
        label=known(f"studio.options.{name}", name),
        hint=known(f"studio.hints.{name}", option.summary),
        value=value,
        choices=choices,
        suggested=_SUGGESTED.get(name, ()),
        least=least,
        most=most,
        slider=name in _SLIDERS and kind == "number",
        is_main=name in _MAIN,
    )


def _default(option: Option) -> str:
    """The default as somebody would type it."""
    default = option.default
    if default is None:
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(option.parse, Choice):
        return next((key for key, value in option.parse.values.items() if value == default), "")
    return f"{default:g}" if isinstance(default, float) else str(default)


def _choices(name: str, parse: Choice[object], *, is_optional: bool) -> Pairs:
    found = tuple((key, known(f"studio.choices.{name}.{key}", key)) for key in parse.values)
    return (("", texts.text("studio.automatic")), *found) if is_optional else found


def known(key: str, otherwise: str) -> str:
    """A text of the catalogue; formats of other packages have none there."""
    return texts.catalogue().get(key, otherwise)


def _voices(converter: AnyConverter, octets: bytes) -> Pairs:
    """The tracks of a tune that has several voices, the likeliest melody first."""
    if converter.describe is None or "track" not in converter.option_names:
        return ()
    try:
        content = converter.describe(octets, converter.settings({})).content
    except SmsencError:
        return ()
    voices = content.get("voices")
    return _tracks(voices) if isinstance(voices, list) else ()


def _tracks(voices: Iterable[Mapping[str, object]]) -> Pairs:
    found: dict[str, str] = {}
    for voice in voices:
        found.setdefault(str(voice["track"]), texts.text("studio.voice", **voice))
    return tuple(found.items())


def _of_texts(asked: Asked) -> list[Control]:
    """The choices for texts that no converter has."""
    names = [one.name.lower() for one in Language if one]
    language = (
        "all" if len(asked.languages) > 1 else "".join(one.name.lower() for one in asked.languages)
    )
    return [
        _own("language", language, ("", *names, "all")),
        _own("substitute", asked.substitute.value, tuple(Substitute)),
        Control(
            name="flash",
            kind="check",
            label=texts.text("studio.flash"),
            hint=texts.text("studio.flash-hint"),
            value="yes" if asked.flash else "no",
            is_main=True,
        ),
    ]


def _own(name: str, value: str, keys: Sequence[str]) -> Control:
    pairs = tuple(
        (key, known(f"studio.choices.{name}.{key or 'none'}", key.capitalize())) for key in keys
    )
    return Control(
        name=name,
        kind="select",
        label=known(f"studio.{name}", name),
        hint=known(f"studio.{name}-hint", ""),
        value=value,
        choices=pairs,
        is_main=True,
    )


def kinds() -> Pairs:
    """The converters by name, for a source that is not recognised."""
    names = ((name, known(f"studio.kinds.{name}", name)) for name in registry.converters())
    return (("", texts.text("studio.automatic")), *names)
