"""Every error of the package; their fields say where it happened.

Inner functions do not know the file, outer ones do. Each adds what it knows with
``SmsencError.at``, and the text becomes ``a.vcf:12: TEL: expected a number, found 'x'``.
"""

from __future__ import annotations

from typing import Self


class SmsencError(Exception):
    """The base class of all errors that this project raises on purpose.

    ``message`` says what was expected and what was found. ``source`` (the name of a file), ``line``
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
        """Add what the caller knows about the place; what is already known stays."""
        self.source = source if self.source is None else self.source
        self.line = line if self.line is None else self.line
        self.offset = offset if self.offset is None else self.offset
        self.name = name if self.name is None else self.name
        return self

    def record(self) -> dict[str, object]:
        """``message``, and ``line``, ``offset`` and ``name`` where they are known, for JSON."""
        place = {"line": self.line, "offset": self.offset, "name": self.name}
        return {"message": self.message} | {k: v for k, v in place.items() if v is not None}

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
    """A payload that cannot be split: too long, or its header leaves no room."""


class JoinError(SmsencError):
    """Parts that are not one message; ``missing`` has the sequence numbers of missing parts."""

    def __init__(self, message: str, *, missing: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class NumberError(SmsencError):
    """A recipient's number that the gateway does not accept."""


class MessageFileError(SmsencError):
    """A message file that breaks the grammar or a rule; ``name`` is the key, ``line`` the line.

    ``code`` is the number of the gateway's error, None if the gateway has none for it.
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
