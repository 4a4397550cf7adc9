"""What a format consists of: a ``Converter`` and a ``Viewer``, which hold values and functions.

A converter turns a source file into payloads; a viewer shows what a phone does with a payload.
Both are found through entry points (``smsenc.converters`` and ``smsenc.viewers``), those of this
package and of other packages alike, so that a new format changes no existing file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from smsenc import OptionError, Payload, SmsencError

if TYPE_CHECKING:
    from smsenc.octetmap import Explain, Field

__all__ = [
    "Action",
    "AnyConverter",
    "Converter",
    "Explain",
    "Field",
    "Item",
    "Loss",
    "Option",
    "S",
    "Settings",
    "View",
    "Viewer",
    "Writer",
    "nothing",
    "nothing_lost",
]


def __getattr__(name: str) -> object:
    # Loaded on first use: what explains octets is not needed to make them.
    if name not in ("Explain", "Field"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from smsenc import octetmap  # noqa: PLC0415 - as the comment says

    return getattr(octetmap, name)


class Action(StrEnum):
    """What happened to something that a payload cannot hold as the source has it.

    After ``LEFT_OUT`` and ``CUT`` the phone lacks content of the source (``Loss.partial``). The
    others tell of a change or a doubt.
    """

    LEFT_OUT = "left out"  #: the phone does not get it
    CUT = "cut"  #: the phone gets its beginning
    REPLACED = "replaced"  #: by something that means or looks nearly the same
    EXPANDED = "expanded"  #: written in full, such as a rule that became single events
    ROUNDED = "rounded"  #: to the nearest value that the format has
    GUESSED = "guessed"  #: the source allows several meanings; ``why`` says which one was taken
    IGNORED = "ignored"  #: a statement or an option that is damaged or has no effect
    JOINED = "joined"  #: several values became one
    LEFT_TO_N = "left to N"  #: a formatted name that the structured name repeats
    LOST = "lost"  #: the source itself lacks it, or nothing of it can be seen
    SCALED = "scaled"  #: a picture of another size
    SUPPLIED = "supplied"  #: the source lacks it, and it was added
    INVERTED = "inverted"  #: black and white were exchanged
    NEEDS_UNICODE = "needs Unicode"  #: a character, and with it the whole text is in UCS-2


#: Content of the source that the phone does not get.
_PARTIAL = frozenset((Action.LEFT_OUT, Action.CUT))


class Loss(NamedTuple):
    """Something that the payload does not hold as the source has it."""

    what: str  #: "NOTE", "character U+2026", "note 81"
    action: Action  #: what happened to it
    why: str  #: the reason, for people
    line: int | None = None  #: in the source, from 1

    @property
    def partial(self) -> bool:
        """Whether content of the source does not reach the phone: it was left out or cut."""
        return self.action in _PARTIAL

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.what} {self.action}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message found in a source: a payload with its losses, or the error that rejected it.

    ``name`` is what its files are named after, if that is not the source.
    """

    kind: str  #: as the viewer of the payload names it: "vcard", "ringtone", "text" …
    name: str = ""
    payload: Payload | None = None
    losses: tuple[Loss, ...] = ()
    error: SmsencError | None = None

    def __post_init__(self) -> None:
        if (self.payload is None) == (self.error is None):
            raise ValueError("an item has either a payload or an error")

    def unwrap(self) -> Payload:
        """The payload; raises the error that rejected the item."""
        if self.payload is None:
            raise self.error or ValueError("an item has either a payload or an error")
        return self.payload


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of one converter, given as ``-O name=value`` or as a keyword argument.

    ``parse`` turns the text into a value, or raises ValueError with a message that says what was
    expected.
    """

    name: str
    summary: str
    parse: Callable[[str], object] = str
    default: object = None


#: Parsed options by name, none missing: what a converter without a settings class gets.
Settings = Mapping[str, Any]  # the values have whatever types the converter's parsers give

#: The type of a converter's settings.
S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter(Generic[S]):
    """How sources of one format are recognised and turned into items.

    ``sniff`` gets the first octets of a file (4096 at most) and says whether it can be of this
    format. A converter whose ``sniff`` accepts many kinds of content is not ``specific`` and is
    tried last.

    ``convert`` gets all octets of a source and the settings, and yields items lazily. It raises
    SmsencError when nothing can be read, and yields an Item with ``error`` when only one message of
    the source is bad.

    ``settings_class`` is a frozen class with a field for each option, such as ``max_parts`` for
    ``max-parts``. Without it ``convert`` gets a mapping by option name.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    convert: Callable[[bytes, S], Iterator[Item]]
    options: tuple[Option, ...] = ()
    settings_class: Callable[..., S] | None = None
    specific: bool = True
    #: Shows what a source holds and what would be sent of it; None if it is always all.
    describe: Callable[[bytes, S], View] | None = None
    #: Draws a PNG with the result of each method of converting; None if there is only one method.
    sheet: Callable[[bytes, S], bytes] | None = None
    #: Options that shorten nothing, for a payload that is not sent but written to another file.
    whole: Mapping[str, str] = field(default_factory=dict)

    @property
    def option_names(self) -> tuple[str, ...]:
        """The names that ``settings`` accepts."""
        return tuple(option.name for option in self.options)

    def settings(self, given: Mapping[str, str]) -> S:
        """Parse ``given`` (names as typed); unknown names and bad values raise OptionError."""
        values = {option.name: option.default for option in self.options}
        if given:
            values |= self._parsed(given)
        if self.settings_class is None:
            return cast("S", values)
        return self.settings_class(**{name.replace("-", "_"): v for name, v in values.items()})

    def _parsed(self, given: Mapping[str, str]) -> dict[str, object]:
        known = {option.name: option for option in self.options}
        values: dict[str, object] = {}
        for name, text in given.items():
            if name not in known:
                expected = ", ".join(known) or "none"
                raise OptionError(f"expected an option of {self.name} ({expected})", name=name)
            try:
                values[name] = known[name].parse(str(text))
            except ValueError as error:
                said = str(error)
                found = "" if repr(text) in said else f", found {text!r}"
                raise OptionError(f"{said}{found}", name=name) from error
        return values


#: One of several converters, each with its own type of settings.
AnyConverter = Converter[Any]  # settings only pass from a converter's parsers to its functions


class View(NamedTuple):
    """What the phone will show: ``content`` for programs (JSON), ``lines`` for people."""

    content: Mapping[str, object]
    lines: tuple[str, ...] = ()


def nothing_lost(_payload: Payload) -> tuple[Loss, ...]:
    """The losses of a writer whose files hold all of a payload."""
    return ()


def nothing(_octets: bytes) -> Iterable[Field]:
    """Nothing is known of the octets."""
    return ()


@dataclass(frozen=True, slots=True)
class Writer:
    """A file format that a received payload can be written to; ``suffix`` names it.

    ``joins`` says that several files of this format, joined end to end, are one file with several
    messages. ``losses`` lists what the file does not hold of a payload.
    """

    suffix: str
    write: Callable[[Payload], bytes]
    joins: bool = False
    losses: Callable[[Payload], tuple[Loss, ...]] = nothing_lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """How payloads of one kind are recognised, shown and written to files.

    What arrives on ``port`` is of this kind. A payload without a port, or with one that no viewer
    has, is of this kind if ``accepts`` says so; ``accepts`` reads elements, coding and octets and
    never raises. A viewer that accepts many kinds of content is not ``specific`` and is asked last.

    ``writers`` make files that can be converted again, ``previews`` files to look at or listen to.
    ``explain`` names the fields in the octets of a payload; it never raises.
    """

    kind: str
    port: int | None = None
    accepts: Callable[[Payload], bool] | None = None
    specific: bool = True
    view: Callable[[Payload], View]
    #: Shows the same with its times in the zone of that name; None if it shows no times.
    in_zone: Callable[[Payload, str], View] | None = None
    writers: tuple[Writer, ...] = ()
    previews: tuple[Writer, ...] = ()
    explain: Explain = nothing
