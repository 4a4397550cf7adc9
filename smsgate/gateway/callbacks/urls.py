"""URLs of callbacks: only forms that all programs read in the same way."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from smsenc import OptionError
from smsgate import masking

_LONGEST = 2000
_MOST_PORT = 65_535
_PORTS = {"http": 80, "https": 443}
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f:.]{2,45}\]"
_REST = r"[A-Za-z0-9._~:/?@!$&'()*+,;=%-]*"
_FORM = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?P<rest>(?:[/?]{_REST})?)"
)
_USERINFO = re.compile(r"[A-Za-z]+://([^/?#@]*)@")


class Url(NamedTuple):
    """A URL and its parts; an IPv6 ``host`` is without brackets."""

    text: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Its beginning, which can be shown: paths and queries may have secrets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def digest(self) -> str:
        """What the database knows it by."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def parse(text: str) -> Url:
    """The parts of a URL; raises OptionError, which shows nothing of it."""
    if found := _USERINFO.match(text):
        masking.remember(found[1].partition(":")[2])
        raise OptionError(
            "expected no user or password in the URL: use callback-user and callback-password-file"
        )
    if "#" in text:
        raise OptionError("expected a URL without #: what is behind it is never sent")
    found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        raise OptionError(
            f"expected http://host/path or https://host/path, at most {_LONGEST} characters of "
            "ASCII, with others as %XX"
        )
    port = int(found["port"] or _PORTS[found["scheme"]])
    if not 1 <= port <= _MOST_PORT:
        raise OptionError(f"expected a port from 1 to {_MOST_PORT}")
    return Url(text, found["scheme"], found["host"].strip("[]"), port)
