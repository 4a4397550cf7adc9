"""Forms: bounded in size, fields and files, and only from our own pages."""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from smsgate.web.problems import ProblemError

if TYPE_CHECKING:
    from starlette.types import Message

#: The hidden field, and the header of requests that a script makes.
FIELD, HEADER = "csrf", "X-CSRF-Token"
#: Octets of a form without files.
LARGEST = 256 << 10
_MOST_FIELDS = 200
_CHARSET = re.compile(rb"(?i);[ \t]*charset[ \t]*=[^;]*")


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file; its name is text from outside."""

    name: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, the last value of each name, and its files."""

    fields: Mapping[str, str]
    files: tuple[File, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """A field, stripped."""
        return self.fields.get(name, default).strip()


async def form_of(request: Request, *, largest: int = LARGEST, files: int = 0) -> Form:
    """Read the form of a request; raises ProblemError if it is too large or not from our pages."""
    header = request.headers.get(HEADER)
    if header is not None:
        _check(request, header)
    octets = await _octets(request, largest)
    async with _parsed(request, octets, files) as data:
        pairs = data.multi_items()
        fields = {name: value for name, value in pairs if isinstance(value, str)}
        if header is None:
            _check(request, fields.pop(FIELD, ""))
        given = [one for _, one in pairs if isinstance(one, UploadFile) and one.filename]
        return Form(fields, tuple([File(one.filename or "", await one.read()) for one in given]))


def _check(request: Request, token: str) -> None:
    if not hmac.compare_digest(token.encode(), request.state.csrf.encode()):
        raise ProblemError("problems.forged", status=403)


async def _octets(request: Request, largest: int) -> bytes:
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > largest:
            raise ProblemError("problems.large", status=413, most=largest // 1024)
    return bytes(found)


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    """Without the charset that a client says: forms of our pages are in UTF-8."""
    return [
        (name, _CHARSET.sub(b"", value) if name == b"content-type" else value)
        for name, value in request.scope["headers"]
    ]


@asynccontextmanager
async def _parsed(request: Request, octets: bytes, files: int) -> AsyncIterator[FormData]:
    async def receive() -> Message:
        return {"type": "http.request", "body": octets}

    again = Request({**request.scope, "headers": _headers(request)}, receive)
    bounds = {"max_files": files, "max_fields": _MOST_FIELDS, "max_part_size": len(octets)}
    try:
        if _has_files(again):
            parser = MultiPartParser(again.headers, again.stream(), **bounds)
            parser.spool_max_size = len(octets)  # nothing of it comes to a disk
            data = await parser.parse()
        else:
            data = await again.form(**bounds)
    except (HTTPException, MultiPartException, ValueError) as error:
        raise ProblemError("problems.form") from error
    try:
        yield data
    finally:
        await data.close()


def _has_files(request: Request) -> bool:
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    return kind.strip().lower() == "multipart/form-data"
