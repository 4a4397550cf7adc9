"""Where people go after they have logged in: only to a page of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from starlette.types import Scope

LOGIN, LOGOUT, FIRST = "/login", "/logout", "/"
#: A path with its query: browsers take a second / or \ for the beginning of a host.
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1999}")


def local(wanted: str) -> str:
    """A path that a browser cannot take for another host; else the first page."""
    path = wanted.partition("?")[0]
    is_ours = _LOCAL.fullmatch(wanted) and path not in (LOGIN, LOGOUT)
    return wanted if is_ours else FIRST


def login(scope: Scope) -> str:
    """The page to log in with, which leads back to a page that was asked for."""
    if scope["method"] not in ("GET", "HEAD"):
        return LOGIN
    query = scope.get("query_string", b"").decode("latin-1")
    path = quote(path_of(scope), safe="/:@!$&'()*+,;=~-._")
    wanted = local(f"{path}?{query}" if query else path)
    return LOGIN if wanted == FIRST else f"{LOGIN}?{urlencode({'next': wanted})}"


def path_of(scope: Scope) -> str:
    """The path of a request, below that of the application."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
