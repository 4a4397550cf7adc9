"""Options that were given and that no format of the sources has: nobody would miss them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from converters.shared.parsers import alternatives
from smsenc import SmsencError

if TYPE_CHECKING:
    from converters.received.inspect import File

#: What the viewers of messages use.
_OF_MESSAGES = ("tz", "mcc-mnc")


class OptionUse:
    """The names of options that no format has had so far, and the formats that were seen."""

    def __init__(self, given: Iterable[str], kind: str | None = None) -> None:
        self.unused = list(given)
        self._kind = kind
        self._formats: list[str] = []

    def watched(self, files: Iterable[File]) -> Iterator[File]:
        """The same files; the format of each is seen as it goes by."""
        for name, octets in files:
            if self.unused and not isinstance(octets, SmsencError):
                with suppress(SmsencError):
                    self._see(name, octets)
            yield name, octets

    def see(self, names: Iterable[str], read: Callable[[str], bytes]) -> None:
        """See the formats of sources, until every option is used."""
        for name in names:
            if not self.unused:
                return
            with suppress(SmsencError):  # it is rejected elsewhere, with its reason
                self._see(name, read(name))

    def add(self, name: str, taken: Collection[str]) -> None:
        """See a format that has these options."""
        self.unused = [one for one in self.unused if one not in taken]
        if name not in self._formats:
            self._formats.append(name)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Each option that is not used, and why. None if no source could be read."""
        if self._formats:
            formats = alternatives(tuple(self._formats))
            why = f"not used: {formats} has no such option"
            yield from ((name, why) for name in self.unused)

    def _see(self, name: str, octets: bytes) -> None:
        # As long to load as a format, and seldom needed.
        from converters.received.inspect import converter_of  # noqa: PLC0415

        found = converter_of(name, octets, self._kind)
        self.add(*((found.name, found.option_names) if found else ("a message", _OF_MESSAGES)))
