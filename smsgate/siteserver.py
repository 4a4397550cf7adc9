"""The documentation's pages over HTTP, for browsers on this machine; only the standard library.

What can be asked for is listed before the first request, so no path leads out of the folder. There
are no lists of folders, and nothing can be changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from smsenc import OptionError
from smsgate.errors import reason

HOST = "127.0.0.1"
_INDEX = "index.html"
_MOST_FILES = 10_000
_LARGEST = 64 << 20  # octets of a file
_AT_ONCE = 32  # requests; a browser opens six connections
_PATIENCE = 20.0  # seconds in which a client must say something
_CHUNK = 1 << 16
_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".woff2": "font/woff2",
    }
)
_OTHER = "application/octet-stream"
_SOURCES = {
    "default-src": "'none'",
    # The theme sets its colours in a script of each page, before anything is seen.
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",  # the search reads pages
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "; ".join(f"{name} {what}" for name, what in _SOURCES.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
)


class Page(NamedTuple):
    """A file that may be asked for, and its content type."""

    path: Path
    type: str


def pages(folder: Path) -> Mapping[str, Page]:
    """The files of a folder by the paths of their addresses; links to other places are left out.

    Raises OptionError for a folder that is too large for a site.
    """
    found: dict[str, Page] = {}
    for path in sorted(_files(folder)):
        if len(found) >= _MOST_FILES:
            raise OptionError(f"{folder}: expected at most {_MOST_FILES} files, found more")
        name = path.relative_to(folder).as_posix()
        found[f"/{name}"] = Page(path, _TYPES.get(path.suffix, _OTHER))
    indexes = {name.removesuffix(_INDEX): page for name, page in found.items() if _is_index(name)}
    return MappingProxyType(found | indexes)


def _is_index(name: str) -> bool:
    return name.endswith(f"/{_INDEX}")


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
                yield path


class _Server(ThreadingHTTPServer):
    """A thread for each request, and no more than ``_AT_ONCE``."""

    daemon_threads = True

    def __init__(self, port: int, known: Mapping[str, Page]) -> None:
        self.known = known
        self._room = BoundedSemaphore(_AT_ONCE)
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking for this machine's name, which may take long and is not used."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Answer in a thread; a connection for which there is no room is closed."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket | tuple[bytes, socket], client_address: Any
    ) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """A client that is gone is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD of what is known; any other method is answered with 501."""

    timeout = _PATIENCE
    server: _Server

    def version_string(self) -> str:
        """Who answers, without versions."""
        return "smsenc"

    def log_message(self, *_: object) -> None:
        """Nothing: what is read is nobody's business."""

    def end_headers(self) -> None:
        """The headers of every answer."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def do_HEAD(self) -> None:
        """The headers of a page."""
        self._answer(with_body=False)

    def do_GET(self) -> None:
        """A page."""
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        page = self.server.known.get(unquote(urlsplit(self.path).path))
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with page.path.open("rb") as file:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", page.type)
            size = os.fstat(file.fileno()).st_size
            self.send_header("Content-Length", str(size))
            self.send_header("Cache-Control", "no-cache")
            self.end_headers()
            while with_body and (octets := file.read(_CHUNK)):
                self.wfile.write(octets)


@contextmanager
def serving(folder: Path, port: int) -> Iterator[int]:
    """Serve the pages of a folder; the value is the port. Raises OptionError for one in use."""
    try:
        server = _Server(port, pages(folder))
    except OSError as error:
        what = f"cannot listen on {HOST}:{port}: {reason(error)}"
        raise OptionError(what, name="--port") from error
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    with server:
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
