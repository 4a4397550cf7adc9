"""The extras of this distribution: the modules of each, and the check that they are installed."""

from __future__ import annotations

from importlib.util import find_spec

from smsenc import OptionError
from smsenc.extras import needed

_PAGES = ("starlette", "uvicorn", "jinja2", "python_multipart")
#: What each extra brings, by the names under which it is imported.
MODULES = {
    "full": ("anyascii",),
    "xlsx": ("openpyxl",),
    "distributed": ("distributed",),
    "watch": ("watchfiles",),
    "web": _PAGES,
    "gateway": (
        *("sqlalchemy", "argon2", "pyftpdlib", "OpenSSL", "watchdog", "alembic", "httpx"),
        *("prometheus_client", *_PAGES),
    ),
    "postgresql": ("asyncpg", "greenlet"),
    "keyring": ("keyring",),
}
#: What each is for, in the words of the command line.
ENABLES = {
    "full": "--substitute full",
    "xlsx": "batch with spreadsheets",
    "distributed": "batch --scheduler",
    "watch": "watch, without delay",
    "web": "studio, simulate",
    "gateway": "gateway",
    "postgresql": "gateway on several machines",
    "keyring": "log-ins from the system's keyring",
}


def missing(extra: str) -> list[str]:
    """The modules of an extra that are not installed."""
    return [name for name in MODULES[extra] if find_spec(name) is None]


def check(extra: str, what: str) -> None:
    """Raise OptionError if an extra is not installed that ``what`` needs."""
    if missing(extra):
        raise OptionError(needed(what, extra))
