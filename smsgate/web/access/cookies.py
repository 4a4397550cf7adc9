"""The one cookie: a token, of a session or of a visitor who has not logged in.

Each form's token against forged requests (CSRF) is made from it, so it ends with it too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_NAME = "smsenc-session"
#: What browsers accept only over TLS, and from the host itself (RFC 6265bis, 4.1.3.2).
_OF_HOST = f"__Host-{_NAME}"
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


def name(request: Request) -> str:
    """The name of the cookie: over TLS, none is read that came without it."""
    return _OF_HOST if _is_safe(request) else _NAME


def token(request: Request) -> str:
    """The token of a request; empty if it has none."""
    found = request.cookies.get(name(request), "")
    return found if _FORM.fullmatch(found) else ""


def give(request: Request, response: Response, value: str) -> None:
    """Let the browser keep a token until it is closed; an empty one ends what it has."""
    response.set_cookie(
        name(request),
        value,
        max_age=None if value else 0,
        path="/",
        secure=_is_safe(request),
        httponly=True,
        samesite="lax",  # a link from elsewhere finds its reader logged in; forms have tokens
    )


def csrf(value: str) -> str:
    """The token of the forms of who has this token."""
    return hmac.new(value.encode(), b"forms", hashlib.sha256).hexdigest()


def _is_safe(request: Request) -> bool:
    return request.url.scheme == "https"
