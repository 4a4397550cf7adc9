"""The settings of a run, which are the same for all of its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from converters.shared.parsers import alternatives
from smsenc import Language, OptionError, messagefile
from smsenc.messagefile import Message
from smsenc.messagefile.options import OPTIONS
from smsenc.messagefile.packing import Pack
from smsenc.messagefile.parameters import PARAMETERS
from smsenc.messagefile.profile import CLICKATELL, Profile

#: The output formats, and the gateway parameters that each can carry.
FORMATS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ftp": frozenset(row.field for row in PARAMETERS),
        "pdu": frozenset(("deliv_ack", "validity")),
        "at": frozenset(("deliv_ack", "validity")),
        "smstools": frozenset(("deliv_ack", "validity")),
        "json": frozenset(),
    }
)
#: What is written to no file, but sent, with the parameters that it can carry.
SENT = "smpp"
_CARRIED = {**FORMATS, SENT: frozenset(("sender", "deliv_ack", "validity", "deliv_time"))}

#: The formats that carry text with a header, as an error names them.
WITH_HEADERS = alternatives(tuple(name for name in FORMATS if name != "ftp"))


def check_languages(form: str) -> None:
    """Raise OptionError for a format that cannot carry national tables, which are in a header."""
    if form == "ftp":
        raise OptionError(
            "a message file cannot carry national tables: "
            f"use smsenc convert with --format {WITH_HEADERS}",
            name="--language",
        )


_OPTIONS = {option.key: option.name for option in OPTIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Recipients, a template with the gateway's options, and how messages are packed.

    Body and recipients of ``template`` are filled in for each message. ``options`` are those of the
    converters, as typed. ``mark`` is that of the run, in the names of its files. ``languages`` are
    those whose tables a text may use, because the phones have them. Raises OptionError for an
    option that the format cannot carry, MessageFileError for a template that the profile's gateway
    does not read.
    """

    recipients: tuple[str, ...]
    template: Message
    kind: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    flash: bool = False
    max_parts: int | None = None
    format: str = "ftp"
    pack: Pack = Pack.PARTS
    profile: Profile = CLICKATELL
    mark: str = ""
    languages: tuple[Language, ...] = ()

    def __post_init__(self) -> None:
        if self.format not in _CARRIED:
            expected = ", ".join(FORMATS)
            raise OptionError(f"expected one of {expected}, found {self.format!r}", name="--format")
        if self.pack is not Pack.PARTS and self.format != "ftp":
            raise OptionError(f"not possible with --format {self.format}", name="--pack")
        if self.languages:
            check_languages(self.format)
            if self.options.get("coding", "auto") != "auto":
                raise OptionError("cannot be combined with -O coding", name="--language")
        for row in PARAMETERS:
            if row.field not in _CARRIED[self.format] and getattr(self.template, row.field):
                name = _OPTIONS.get(row.key, row.key)
                raise OptionError(f"not possible with --format {self.format}", name=name)
        messagefile.head(self.template, self.profile)
