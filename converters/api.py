"""What a converter and a viewer are: rows of values and functions, no base classes.

A *converter* turns a source file into payloads; a *viewer* shows what a phone makes of a payload.
Both are found through entry points (``smsenc.converters`` and ``smsenc.viewers``), ours and
strangers' alike, so that a format is added without touching another file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from smsenc import OptionError, Payload, SmsencError


class Action(StrEnum):
    """What became of something that a payload does not hold as the source has it."""

    LEFT_OUT = "left out"
    CUT = "cut"
    REPLACED = "replaced"
    EXPANDED = "expanded"
    ROUNDED = "rounded"
    GUESSED = "guessed"
    IGNORED = "ignored"
    JOINED = "joined"
    LEFT_TO_N = "left to N"  # a formatted name that the structured name repeats
    LOST = "lost"
    SCALED = "scaled"
    SUPPLIED = "supplied"


#: What the source says and the phone does not get.
_PARTIAL = frozenset((Action.LEFT_OUT, Action.CUT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something of the source that the payload does not hold as it was."""

    what: str  #: "NOTE", "character U+2026", "note 81"
    action: Action
    why: str
    line: int | None = None  #: of the source, from 1

    @property
    def partial(self) -> bool:
        """Whether something that the source says does not reach the phone."""
        return self.action in _PARTIAL

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.what} {self.action}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message found in a source: a payload with its losses, or the error that rejected it."""

    kind: str  #: as the viewer of the payload names it: "vcard", "ringtone", "text" …
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

    ``parse`` turns the text into a value; a ValueError it raises says what was expected.
    """

    name: str
    summary: str
    parse: Callable[[str], Any] = str
    default: Any = None


#: Options after parsing, as a converter without a settings class gets them: by name, all present.
Settings = Mapping[str, Any]

#: The class of a converter's settings.
S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter(Generic[S]):
    """A row: how sources of one format are told apart and turned into items.

    ``sniff`` gets the first octets of the file (4096 at most) and says whether the content can be
    this format; a row that recognises nothing in particular is not ``specific`` and is tried last.
    ``convert`` yields items lazily; it raises SmsencError when nothing can be read,
    and yields an Item with ``error`` when only one message of the source is bad.

    ``settings_class`` is a frozen class with a field for each option: ``max_parts`` for
    ``max-parts``. Without it ``convert`` gets a mapping by the options' names.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    convert: Callable[[bytes, S], Iterator[Item]]
    options: tuple[Option, ...] = ()
    settings_class: Callable[..., S] | None = None
    specific: bool = True
    #: Shows what a source holds and what would be chosen of it; None where there is no choice.
    describe: Callable[[bytes, S], View] | None = None
    #: Draws a PNG of what each way of converting makes of a source; None where there is one way.
    sheet: Callable[[bytes, S], bytes] | None = None
    #: Options that keep a source whole, for a payload that is written back to a file at once.
    whole: Mapping[str, str] = field(default_factory=dict)

    @property
    def option_names(self) -> tuple[str, ...]:
        """The names that ``settings`` takes."""
        return tuple(option.name for option in self.options)

    def settings(self, given: Mapping[str, str]) -> S:
        """Parse ``given`` (names as typed); unknown names and bad values raise OptionError."""
        known = {option.name: option for option in self.options}
        values = {option.name: option.default for option in self.options}
        for name, text in given.items():
            if name not in known:
                expected = ", ".join(known) or "none"
                raise OptionError(f"expected an option of {self.name} ({expected})", name=name)
            try:
                values[name] = known[name].parse(str(text))
            except ValueError as error:
                raise OptionError(f"{error}, found {text!r}", name=name) from error
        if self.settings_class is None:
            return cast("S", values)
        return self.settings_class(**{name.replace("-", "_"): v for name, v in values.items()})


#: A row of the registry: each has a settings class of its own.
AnyConverter = Converter[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the phone will show: ``content`` for programs (JSON), ``lines`` for people."""

    content: Mapping[str, Any]
    lines: tuple[str, ...] = field(default=())


def nothing_lost(_payload: Payload) -> tuple[Loss, ...]:
    """The losses of a writer whose files hold all that a payload says."""
    return ()


@dataclass(frozen=True, slots=True)
class Writer:
    """A file format that a received payload can be written back to, told by ``suffix``.

    ``joins`` says that files of this format laid end to end are one file of several messages;
    ``losses`` says what of a payload the file does not hold.
    """

    suffix: str
    write: Callable[[Payload], bytes]
    joins: bool = False
    losses: Callable[[Payload], tuple[Loss, ...]] = nothing_lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A row: what arrives on ``port`` is a ``kind``, shown by ``view``.

    ``writers`` keep it as a file that can be read again, ``previews`` let it be seen or heard.
    """

    kind: str
    port: int
    view: Callable[[Payload], View]
    writers: tuple[Writer, ...] = ()
    previews: tuple[Writer, ...] = ()
