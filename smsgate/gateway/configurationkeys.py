"""What may be in gateway.toml: the keys of each table, and which values they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from smsenc import OptionError
from smsenc.messagefile.parameters import FEATURES
from smsenc.smpp.mapping import Carry, Classes, Gsm7
from smsgate import masking
from smsgate.gateway.callbacks import urls
from smsgate.gateway.routing.regions import REGIONS
from smsgate.gateway.settings import Binds, HttpTls, Method, Receipts, Role, Tls, Unknown
from smsgate.smppclient import BindAs, parse
from smsgate.smppclient.results import BUSY

_DAY = 86_400
_GIGABYTE = 1 << 30


class Kind(NamedTuple):
    """Which values a key takes, in words, in which unit, and how one is read.

    ``read`` gets the value and the folder of the file. It raises ValueError for another value, or
    an OptionError that says what is wrong and shows no password.
    """

    expected: str
    read: Callable[[object, Path], object]
    unit: str = ""


class Key(NamedTuple):
    """A key of a table; the setting has ``_`` for ``-``."""

    name: str
    kind: Kind
    required: bool = False

    @property
    def field(self) -> str:
        """The name of the setting."""
        return self.name.replace("-", "_")


# Kinds --------------------------------------------------------------------------------------------


def _whole(least: int, most: int, unit: str = "") -> Kind:
    def read(value: object, _folder: Path) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return Kind(f"a whole number from {least} to {most}", read, unit)


def _number(least: float, most: float, unit: str = "seconds") -> Kind:
    def read(value: object, _folder: Path) -> float:
        if type(value) not in (int, Decimal) or not least <= float(str(value)) <= most:
            raise ValueError
        return float(str(value))

    return Kind(f"a number from {least:g} to {most:.0f}", read, unit)


def _text(expected: str, pattern: str) -> Kind:
    form = re.compile(pattern)

    def read(value: object, _folder: Path) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise ValueError
        return value

    return Kind(expected, read)


def _one_of(kind: type[StrEnum]) -> Kind:
    def read(value: object, _folder: Path) -> StrEnum:
        return kind(str(value))

    return Kind(f"one of {', '.join(kind)}", read)


def _path(value: object, folder: Path) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError
    return folder / Path(value).expanduser()


def _price(value: object, _folder: Path) -> Decimal:
    if type(value) not in (int, Decimal) or not 0 <= Decimal(str(value)) <= 1000:
        raise ValueError
    return Decimal(str(value))


def _ports(value: object, _folder: Path) -> range:
    found = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", str(value))
    if not found or not 1 <= int(found[1]) <= int(found[2]) <= 65_535:
        raise ValueError
    return range(int(found[1]), int(found[2]) + 1)


def _smsc(value: object, _folder: Path) -> tuple[str, int, str, bool]:
    return parse(str(value))


def _listed(form: str) -> Callable[[object, Path], tuple[str, ...]]:
    """A reader of words in one text, between commas; each once."""
    word = re.compile(form)

    def read(value: object, _folder: Path) -> tuple[str, ...]:
        found = [one.strip() for one in value.split(",")] if isinstance(value, str) else []
        if not found or len(found) > _MOST_LISTED or not all(map(word.fullmatch, found)):
            raise ValueError
        return tuple(dict.fromkeys(found))

    return read


_COUNTRIES = _listed("[A-Z]{2}")
_NUMBERS = _listed("0[xX][0-9A-Fa-f]{1,8}|[1-9][0-9]{0,8}")


def _regions(value: object, folder: Path) -> frozenset[str]:
    found = frozenset(_COUNTRIES(value, folder))
    if not found <= REGIONS:
        raise ValueError
    return found


def _codes(value: object, folder: Path) -> frozenset[int]:
    found = _NUMBERS(value, folder)
    codes = frozenset(int(one, 16 if one[1:2] in ("x", "X") else 10) for one in found)
    if codes & _NEVER:
        raise ValueError
    return codes


def _database(value: object, _folder: Path) -> URL:
    """A server of PostgreSQL; raises OptionError for a password, ValueError for anything else."""
    try:
        url = make_url(str(value))
    except SQLAlchemyError:
        raise ValueError from None
    if url.password:
        masking.remember(url.password)
        what = "name a private file in database-password-file, or a variable in "
        raise OptionError(f"no password is read from this file: {what}database-password-env")
    is_ours = url.drivername in {"postgresql", _DRIVER}
    if not (is_ours and url.database and url.username and url.query.keys() <= {"host", "ssl"}):
        raise ValueError
    return url.set(drivername=_DRIVER)


def _octet(value: object, _folder: Path) -> int:
    if type(value) is not int or value not in _OCTETS:
        raise ValueError
    return value


def _features(value: object, _folder: Path) -> int:
    names = {name.strip() for name in str(value).split(",")}
    if not names <= set(FEATURES):
        raise ValueError
    return sum(FEATURES[name] for name in names)


def _url(value: object, _folder: Path) -> str:
    return urls.parse(str(value)).text


def _networks(value: object, _folder: Path) -> tuple[IPv4Network | IPv6Network, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError
    return tuple(ip_network(one) for one in value)


_MOST_LISTED = 1000
#: A success, and what makes the whole connection wait.
_NEVER = frozenset((0, *BUSY))


def roles(value: object, _folder: Path | None = None) -> frozenset[Role]:
    """Roles by their names, with commas between; raises ValueError."""
    return frozenset(Role(name.strip()) for name in str(value).split(","))


_DRIVER = "postgresql+asyncpg"
_OCTETS = frozenset((0x02, 0x04, *range(0xF4, 0xF8)))
_PORT = _whole(0, 65_535)
_COUNT = _whole(1, 1_000_000)
_SECONDS = _number(0, 365 * _DAY)
_LONG = _number(0, 3660 * _DAY)
_FILE = Kind("the name of a file", _path)
_FOLDER = Kind("the name of a folder", _path)
_HOST = _text("a host name or address", r"[!-~]{1,253}")
_NAME = _text("1 to 32 letters, digits, - or _", r"[A-Za-z0-9_-]{1,32}")
_USER = r"[!-9;-~](?:[ -9;-~]{0,98}[!-9;-~])?"
_NAMES = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_VARIABLE = _text("the name of a variable", r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_LATIN = _text("at most 12 characters", r"[ -~]{0,12}")
_URL = Kind("http://host/path or https://host/path", _url)
_API_ID = _text("up to 16 digits in quotes", r"[1-9][0-9]{0,15}")
_SMSC = Kind("smpp://user@host:port", _smsc)
_CODES = Kind("command_status such as 0x0B, 0x45, but none of 0, 0x14, 0x58", _codes)

#: Keys above all tables.
TOP = (
    Key("database", Kind(f"{_DRIVER}://user@host:port/name", _database)),
    Key("database-password-file", _FILE),
    Key("database-password-env", _VARIABLE),
)

# Tables -------------------------------------------------------------------------------------------

#: The tables of the file by name. [[route]], [[account]] and [[number]] may be repeated.
TABLES: Mapping[str, tuple[Key, ...]] = MappingProxyType(
    {
        "ftp": (
            Key("host", _HOST),
            Key("port", _PORT),
            Key("tls", _one_of(Tls)),
            Key("certificate", _FILE),
            Key("passive-ports", Kind("first-last, such as 50000-50100", _ports)),
            Key("public-address", _HOST),
            Key("idle", _number(1, _DAY)),
            Key("connections", _whole(1, 10_000)),
            Key("per-address", _whole(1, 10_000)),
            Key("per-account", _whole(1, 10_000)),
            Key("largest-file", _whole(1, 1024 * _GIGABYTE, "octets")),
            Key("most-files", _COUNT),
        ),
        "http": (
            Key("host", _HOST),
            Key("port", _PORT),
            Key("tls", _one_of(HttpTls)),
            Key("certificate", _FILE),
            Key("behind-proxy", Kind('a list of addresses, such as ["127.0.0.1"]', _networks)),
            Key("name", Kind("names of this host, such as sms.example.com", _listed(_NAMES))),
            Key("idle", _number(60, _DAY)),
            Key("longest", _number(60, 30 * _DAY)),
        ),
        "limits": (
            Key("settle", _number(0, 3600)),
            Key("keep", _SECONDS),
            Key("repeat", _SECONDS),
            Key("messages-per-file", _whole(1, 100_000_000)),
            Key("history-size", _whole(4096, _GIGABYTE, "octets")),
            Key("history-files", _whole(1, 1000)),
            Key("most-waiting", _whole(1, 100_000_000)),
            Key("most-waiting-per-account", _whole(1, 100_000_000)),
            Key("reply-parts", _number(1, 7 * _DAY)),
            Key("texts", _LONG),
            Key("messages", _LONG),
            Key("events", _LONG),
        ),
        "callback": (
            Key("timeout", _number(0.1, 300)),
            Key("at-once", _whole(1, 1000)),
            Key("per-url", _whole(1, 1000)),
            Key("allow-private", Kind('a list of networks, such as ["10.0.0.0/8"]', _networks)),
            Key("largest-answer", _whole(0, 1 << 24, "octets")),
            Key("ca-file", _FILE),
        ),
        "node": (
            Key("name", _NAME),
            Key("roles", Kind(f"names among {', '.join(Role)}", roles)),
            Key("lease", _number(1, 3600)),
            Key("storage", _FOLDER),
            Key("home", _text("at most 32 letters, digits, - or _", r"[A-Za-z0-9_-]{0,32}")),
        ),
        "route": (
            Key("name", _NAME, required=True),
            Key("smsc", _SMSC, required=True),
            Key("password-file", _FILE),
            Key("password-env", _VARIABLE),
            Key("ca-file", _FILE),
            Key("bind-as", _one_of(BindAs)),
            Key("system-type", _LATIN),
            Key("window", _whole(1, 10_000)),
            Key("rate", _number(0.001, 1_000_000, "parts a second")),
            Key("unknown", _one_of(Unknown)),
            Key("receipts", _one_of(Receipts)),
            Key("price", Kind("credits from 0 to 1000", _price)),
            Key("features", Kind(f"names among {', '.join(FEATURES)}", _features)),
            Key("binds", _one_of(Binds)),
            Key("carry", _one_of(Carry)),
            Key("gsm7", _one_of(Gsm7)),
            Key("classes", _one_of(Classes)),
            Key("binary", Kind("0x02, 0x04 or 0xF4 to 0xF7", _octet)),
            Key("prefixes", Kind("digits such as 44, 1", _listed("[1-9][0-9]{0,15}"))),
            Key("regions", Kind("ISO codes of countries such as GB, IE", _regions)),
            Key("numbers", Kind("numbers, or * for all", _listed(r"[0-9]{1,16}|\*"))),
            Key("weight", _whole(1, 1000)),
            Key("escalate-after", _number(1, 7 * _DAY)),
            Key("failures", _whole(1, 1_000_000)),
            Key("rest", _number(1, 600)),
            Key("other-route", _CODES),
            Key("retry", _CODES),
            Key("end", _CODES),
        ),
        "account": (
            Key("api-id", _API_ID, required=True),
            Key("folder", _FOLDER),
            Key("spool", _FOLDER),
            Key("settle", _number(0, 3600)),
            Key("prefix", _text("1 to 8 digits in quotes", r"[1-9][0-9]{0,7}")),
            Key("callback", _URL),
            Key("reply-callback", _URL),
            Key("callback-method", _one_of(Method)),
            Key("callback-user", _text("1 to 100 characters without a colon", _USER)),
            Key("callback-password-file", _FILE),
            Key("callback-password-env", _VARIABLE),
        ),
        "number": (
            Key("account", _API_ID, required=True),
            Key("number", _text("1 to 16 letters or digits in quotes", r"[0-9A-Za-z]{1,16}")),
            Key("keyword", _text("a word of at most 20 characters", r"[^\W_]{1,20}")),
            Key("prefix", _text("1 to 15 digits in quotes", r"[0-9]{1,15}")),
        ),
    }
)
#: The keys that tell tables of one name apart.
UNIQUE = MappingProxyType({"route": "name", "account": "api-id"})
#: Tables that may be there once.
ONCE = ("ftp", "http", "limits", "callback", "node")
