"""Every error of the package: one root, leaves that carry the place as fields.

Inner layers do not know the file, outer ones do: each adds its own key on the way up with
:meth:`SmsencError.at`, and the text grows to ``a.vcf:12: TEL: expected a number, found 'x'``.
"""

from __future__ import annotations

from typing import Self


class SmsencError(Exception):
    """Root of all errors that this project raises on purpose.

    ``message`` says what was expected and what was found; ``source`` (a file's name), ``line``
    (from 1), ``offset`` (octets or characters, from 0) and ``name`` (a property or key) say where.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        line: int | None = None,
        offset: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.line = line
        self.offset = offset
        self.name = name

    def at(
        self,
        *,
        source: str | None = None,
        line: int | None = None,
        offset: int | None = None,
        name: str | None = None,
    ) -> Self:
        """Add the keys that the outer layer knows; a key that is already there stays."""
        self.source = source if self.source is None else self.source
        self.line = line if self.line is None else self.line
        self.offset = offset if self.offset is None else self.offset
        self.name = name if self.name is None else self.name
        return self

    def __str__(self) -> str:
        place = self.source or ""
        if self.line is not None:
            place += f":{self.line}" if place else f"line {self.line}"
        elif self.offset is not None:
            place += f"{': ' if place else ''}offset {self.offset}"
        return ": ".join(part for part in (place, self.name, self.message) if part)


class EncodeError(SmsencError):
    """A ``character`` that the coding cannot hold, at ``offset`` (counted in characters)."""

    def __init__(self, message: str, *, character: str, offset: int) -> None:
        super().__init__(message, offset=offset)
        self.character = character


class DecodeError(SmsencError):
    """Octets or septets that the format does not allow, at ``offset``."""


class HeaderError(DecodeError):
    """A user data header that is damaged or does not fit (3GPP TS 23.040, 9.2.3.24)."""


class TpduError(DecodeError):
    """A TPDU that the specification does not allow (3GPP TS 23.040, 9.2.2), at ``offset``."""


class SplitError(SmsencError):
    """A payload that cannot be cut into parts: too long, or a header that leaves no room."""


class JoinError(SmsencError):
    """Parts that do not make one message; ``missing`` names the sequence numbers not there."""

    def __init__(self, message: str, *, missing: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class NumberError(SmsencError):
    """A recipient's number that the gateway would not take."""


class MessageFileError(SmsencError):
    """A message file that breaks the grammar or a rule; ``name`` is the key, ``line`` the line.

    ``code`` is the number of the error that a gateway would answer with, None where it has none.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        line: int | None = None,
        offset: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(message, line=line, offset=offset, name=name)
        self.code = code

    def __str__(self) -> str:
        return super().__str__() + (f" (gateway error {self.code:03})" if self.code else "")


class OptionError(SmsencError):
    """An option with a value outside its range; ``name`` is the option."""
