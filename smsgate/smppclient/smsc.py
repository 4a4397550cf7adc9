"""Where a message centre is, and how it wants to be talked to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from smsenc import OptionError
from smsenc.smpp import Timers
from smsgate import masking

PORT = 2775
TLS_PORT = 3550
#: Characters that a bind has room for (SMPP 3.4, 4.1.1).
_LONGEST = {"user": 15, "password": 8, "system_type": 12}
_SCHEMES = {"smpp": PORT, "smpps": TLS_PORT}


class BindAs(StrEnum):
    """What a session is for."""

    TRANSMITTER = "transmitter"
    RECEIVER = "receiver"
    TRANSCEIVER = "transceiver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Smsc:
    """A message centre, a log-in and its limits.

    ``window`` is how many messages may wait for their answers; ``rate`` is in parts a second, None
    for no limit of ours. ``first_wait`` and ``longest_wait`` are the seconds before the client
    connects again, or sends again what a busy message centre refused: the wait grows from the one
    to the other. ``ca_file`` has the certificates that are trusted with ``tls``, None for those of
    the system. Raises OptionError for a value outside its range.
    """

    host: str
    port: int = PORT
    user: str = ""
    password: str = field(default="", repr=False)
    system_type: str = ""
    bind_as: BindAs = BindAs.TRANSCEIVER
    tls: bool = False
    ca_file: Path | None = None
    window: int = 10
    rate: float | None = None
    timers: Timers = field(default_factory=Timers)
    first_wait: float = 0.5
    longest_wait: float = 60.0

    def __post_init__(self) -> None:
        masking.remember(self.password)
        if not 1 <= self.window <= 10_000:
            raise OptionError(f"expected 1 to 10000, found {self.window}", name="window")
        if self.rate is not None and not 0 < self.rate <= 1_000_000:
            raise OptionError(f"expected parts a second, found {self.rate}", name="rate")
        for name, most in _LONGEST.items():
            value = getattr(self, name)
            if len(value) > most:
                raise OptionError(f"expected at most {most} characters", name=name)
            if "\0" in value or max(value, default="") > "\xff":
                raise OptionError("expected characters of Latin-1 and no NUL", name=name)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse(url: str) -> tuple[str, int, str, bool]:
    """Host, port, user and whether to use TLS, of ``smpp://user@host:port`` or ``smpps://``.

    Raises OptionError. A password does not belong there: other users of a machine see arguments.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OptionError("expected smpp://user@host:port", name="--smsc") from None
    if parts.password is not None:
        masking.remember(parts.password, unquote(parts.password))
        raise OptionError(
            "expected no password in the address: set SMSENC_SMPP_PASSWORD", name="--smsc"
        )
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.path not in ("", "/"):
        raise OptionError(f"expected smpp://user@host:port, found {url!r}", name="--smsc")
    user = unquote(parts.username or "")
    return parts.hostname, port or _SCHEMES[parts.scheme], user, parts.scheme == "smpps"
