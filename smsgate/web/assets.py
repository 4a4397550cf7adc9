"""Style sheets and scripts: files of this package, whose addresses change with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

PREFIX = "/static"
_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file: its octets, its media type, and what its address ends with."""

    octets: bytes
    kind: str
    version: str


@cache
def assets() -> Mapping[str, Asset]:
    """All files by name."""
    found = {}
    for one in (files(__package__) / "static").iterdir():
        kind = _KINDS.get(one.name.rpartition(".")[2])
        if kind:
            octets = one.read_bytes()
            found[one.name] = Asset(octets, kind, hashlib.sha256(octets).hexdigest()[:12])
    return found


def address(name: str) -> str:
    """The path of a file, below the application's own path; raises KeyError."""
    return f"{PREFIX}/{name}?{assets()[name].version}"


async def _answer(request: Request) -> Response:
    found = assets().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": _FOREVER if request.url.query == found.version else "no-cache"}
    return Response(found.octets, media_type=found.kind, headers=headers)


ROUTE = Route(f"{PREFIX}/{{name}}", _answer, methods=["GET"])
