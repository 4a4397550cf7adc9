"""gateway.toml: every key is checked, and all that is wrong is reported at once, with its line.

``configurationkeys.TABLES`` has what may be in the file; smsgate/deploy/gateway.toml shows it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from converters.errors import SourceError
from converters.shared.words import quoted, shortened
from smsenc import OptionError
from smsenc.smpp.mapping import CodingProfile
from smsgate import masking
from smsgate.gateway.configurationkeys import ONCE, TABLES, TOP, UNIQUE, Key
from smsgate.gateway.settings import (
    AccountSettings,
    CallbackSettings,
    FtpSettings,
    HttpSettings,
    Limits,
    NodeSettings,
    NumberSettings,
    RouteSettings,
    Settings,
)
from smsgate.outbox import secretfile, tomlfile
from smsgate.outbox.reading import read_file
from smsgate.smppclient import Smsc

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_T = TypeVar("_T")

#: The name of the file in the gateway's folder.
NAME = "gateway.toml"
_LARGEST = 1 << 20  # octets
_LONGEST_NAME = 60  # characters that are compared or shown
_PASSWORD = "SMSENC_SMPP_PASSWORD"  # noqa: S105 - the name of a variable

#: Name of a table, number of the table of that name, and key.
_Place = tuple[str, int, str]
_HEADER = re.compile(r"[ \t]*\[\[?[ \t]*([\w-]+)[ \t]*\]")
_KEY = re.compile(r"[ \t]*[\"']?([\w-]+)[\"']?[ \t]*=")

#: What to do instead of writing a password into the file.
_NO_PASSWORDS = (
    "no password is read from this file: name a private file in password-file, or a variable in "
    "password-env"
)
_ACCOUNTS = "no password is read from this file: use smsenc gateway account password"


class ConfigurationError(OptionError):
    """All that is wrong in a file; ``faults`` has an error for each."""

    def __init__(self, faults: list[OptionError]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def load(path: Path, data: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in a file for the gateway in ``data``; raises ConfigurationError.

    Names of files in it are relative to its folder.
    """
    reader = _reader(path, environ)
    return _checked(reader, path, reader.settings(data))


def database(path: Path, environ: Mapping[str, str]) -> URL | None:
    """The database that a file names, whatever else is in it; raises ConfigurationError."""
    reader = _reader(path, environ)
    return _checked(reader, path, reader.database())


def _reader(path: Path, environ: Mapping[str, str]) -> _Reader:
    try:
        octets = read_file(path, _LARGEST)
        given = tomlfile.parse(octets, Decimal)
    except SourceError as error:
        fault = OptionError(error.message, source=str(path), line=error.line, name=error.name)
        raise ConfigurationError([fault]) from None
    return _Reader(given, _lines(octets.decode("utf-8-sig")), path.parent, environ)


def _checked(reader: _Reader, path: Path, found: _T) -> _T:
    """What was read; raises ConfigurationError for its faults."""
    if reader.faults:
        faults = [fault.at(source=str(path)) for fault in reader.faults]
        raise ConfigurationError(sorted(faults, key=lambda fault: fault.line or 0))
    return found


def _lines(text: str) -> dict[_Place, int]:
    """The lines of keys and, with an empty key, of tables.

    Where TOML is written in another way than one key a line, it may lack some.
    """
    found: dict[_Place, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = header[1]
            counts[table] = counts.get(table, -1) + 1
            found.setdefault((table, counts[table], ""), number)
        elif key := _KEY.match(line):
            found.setdefault((table, counts.get(table, 0), key[1]), number)
    return found


@dataclass
class _Reader:
    """A parsed file; ``faults`` is what was found wrong in it."""

    given: Mapping[str, Any]
    lines: Mapping[_Place, int]
    folder: Path
    environ: Mapping[str, str]
    faults: list[OptionError] = field(default_factory=list)

    def settings(self, data: Path) -> Settings:
        """The settings, of what is right."""
        known = [*TABLES, *(key.name for key in TOP)]
        for name in self.given.keys() - set(known):
            place = (name, 0, "") if (name, 0, "") in self.lines else ("", 0, name)
            self._fault(place, _unknown(name, known), name)
        once = {name: self._values((name, 0, ""), self._table(name)) for name in ONCE}
        routes = [self._route(place, table) for place, table in self._tables("route")]
        given = [*self._tables("account")]
        accounts = [self._account(place, table) for place, table in given]
        numbers = [self._values(place, table) for place, table in self._tables("number")]
        storage = once["node"].get("storage", data)
        self._check_folders(
            [(*place[:2], "folder") for place, _ in given], accounts, {data, storage}
        )
        return Settings(
            data=data,
            database=self.database(),
            ftp=FtpSettings(**once["ftp"]),
            http=HttpSettings(**once["http"]),
            limits=Limits(**once["limits"]),
            callback=CallbackSettings(**once["callback"]),
            node=NodeSettings(**once["node"]),
            routes=tuple(filter(None, routes)),
            accounts=dict(accounts),
            numbers=tuple(NumberSettings(**one) for one in numbers if "account" in one),
        )

    def database(self) -> URL | None:
        """The server of PostgreSQL with its password."""
        names = {key.name for key in TOP}
        place = ("", 0, "")
        found = self._values(place, {one: self.given[one] for one in self.given.keys() & names})
        url: URL | None = found.pop("database", None)
        _, password = self._log_in(("", 0, ""), found, "database_", "")
        return url.set(password=password) if url and password else url

    def _table(self, name: str) -> Mapping[str, Any]:
        found = self.given.get(name, {})
        if isinstance(found, dict):
            return found
        self._fault((name, 0, ""), f"expected one table [{name}]")
        return {}

    def _tables(self, name: str) -> Iterator[tuple[_Place, Mapping[str, Any]]]:
        """The tables of that name; a key that tells them apart is there once."""
        found = self.given.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self._fault((name, 0, ""), f"expected tables [[{name}]]")
            return
        key = UNIQUE.get(name, "")
        seen: list[object] = []
        for number, table in enumerate(found):
            if table.get(key) in seen:
                self._fault((name, number, key), f"expected another {key} in each [[{name}]]", key)
            seen += [table[key]] if key in table else []
            yield (name, number, ""), table

    def _values(self, place: _Place, table: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a table by setting, without the wrong ones."""
        keys = {key.name: key for key in (TABLES[place[0]] if place[0] else TOP)}
        found: dict[str, Any] = {}
        for name, value in table.items():
            where = (*place[:2], name)
            if name in keys:
                found |= self._value(where, keys[name], value)
            elif "password" in name.lower():
                masking.remember(str(value))
                self._fault(where, _ACCOUNTS if place[0] == "account" else _NO_PASSWORDS, name)
            else:
                self._fault(where, _unknown(name, keys), name)
        for key in keys.values():
            if key.required and key.name not in table:
                self._fault(place, f"expected {key.kind.expected}, found nothing", key.name)
        return found

    def _value(self, place: _Place, key: Key, value: object) -> dict[str, Any]:
        try:
            return {key.field: key.kind.read(value, self.folder)}
        except OptionError as error:
            self._fault(place, error.message, key.name)
        except (ValueError, ArithmeticError):
            self._fault(place, f"expected {key.kind.expected}, found {_shown(value)}", key.name)
        return {}

    def _route(self, place: _Place, table: Mapping[str, Any]) -> RouteSettings | None:
        values = self._values(place, table)
        self._check_codes(place, values)
        user, password = self._log_in(place, values)
        of_password = next((key for key in _OF_PASSWORD if key in table), "smsc")
        if not {"name", "smsc"} <= values.keys():
            return None
        host, port, given, tls = values.pop("smsc")
        coding = CodingProfile(**_taken(values, _OF_CODING))
        own = _taken(values, _OF_SMSC)
        try:
            smsc = Smsc(host=host, port=port, user=given or user, password=password, tls=tls, **own)
        except OptionError as error:
            key = of_password if error.name == "password" else "smsc"
            self._fault((*place[:2], key), error.message, f"{key}: {error.name}")
            return None
        return RouteSettings(smsc=smsc, coding=coding, **values)

    def _check_codes(self, place: _Place, values: Mapping[str, Any]) -> None:
        """An answer of a message centre means one thing."""
        seen: set[int] = set()
        for name in _OF_CODES:
            codes = values.get(name.replace("-", "_"), frozenset())
            if twice := seen & codes:
                what = f"expected 0x{min(twice):02X} in one of {', '.join(_OF_CODES)}"
                self._fault((*place[:2], name), what, name)
            seen |= codes

    def _log_in(
        self, place: _Place, values: dict[str, Any], of: str = "", default: str = _PASSWORD
    ) -> tuple[str, str]:
        """User (if there is one) and password; their keys begin with ``of``."""
        file, variable = (values.pop(f"{of}password_{end}", None) for end in ("file", "env"))
        in_file, in_variable = (f"{of}password-{end}".replace("_", "-") for end in ("file", "env"))
        if file and variable:
            self._fault((*place[:2], in_variable), f"use either {in_file} or {in_variable}")
        elif file:
            try:
                found = secretfile.read(file, ("user", "password"))
                return found["user"], found["password"]
            except OptionError as error:
                self._fault((*place[:2], in_file), error.message, in_file)
        elif variable and variable not in self.environ:
            what = f"no password: set the variable {variable}"
            self._fault((*place[:2], in_variable), what, in_variable)
        password = self.environ.get(variable or default, "")
        masking.remember(password)
        return "", password

    def _account(self, place: _Place, table: Mapping[str, Any]) -> tuple[str, AccountSettings]:
        values = self._values(place, table)
        if "spool" in table and "folder" not in table:
            self._fault((*place[:2], "spool"), "set folder too: spool is for its files")
        user, password = self._log_in(place, values, "callback_", "")
        if password:
            values |= {"callback_user": values.get("callback_user", user)}
            values["callback_password"] = password
            if not values["callback_user"]:
                self._fault((*place[:2], ""), "set callback-user too: it is for its password")
        return values.pop("api_id", ""), AccountSettings(**values)

    def _check_folders(
        self, places: list[_Place], accounts: list[tuple[str, AccountSettings]], own: Iterable[Path]
    ) -> None:
        """Whoever uses a folder sees all in it: nobody's is in another's, or the gateway's."""
        others = [one.resolve() for one in own]
        for place, (_, one) in zip(places, accounts, strict=True):
            if one.folder:
                folder = one.folder.resolve()
                if any(it.is_relative_to(folder) or folder.is_relative_to(it) for it in others):
                    expected = "expected a folder apart from the gateway's and other accounts'"
                    self._fault(place, expected, "folder")
                others.append(folder)

    def _fault(self, place: _Place, message: str, name: str | None = None) -> None:
        table, number, _ = place
        places = (place, (table, number, ""), ("", 0, table))
        line = next((self.lines[one] for one in places if one in self.lines), None)
        where = f"[{table}] {name or place[2]}".rstrip() if table in TABLES else name
        self.faults.append(OptionError(message, line=line, name=where))


#: Settings of a route that belong to its message centre, and to its coding.
_OF_SMSC = ("ca_file", "bind_as", "system_type", "window", "rate")
_OF_PASSWORD = ("password-file", "password-env")
_OF_CODES = ("other-route", "retry", "end")
_OF_CODING = ("gsm7", "classes", "binary")


def _taken(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values.pop(name) for name in names if name in values}


def _unknown(name: str, known: Iterable[str]) -> str:
    """What to do about an unknown name: the likely one, or all that there are."""
    names = list(known)
    similar = difflib.get_close_matches(name[:_LONGEST_NAME], names, 1)
    if similar:
        return f"unknown: did you mean {similar[0]}?"
    return f"unknown: expected one of {', '.join(names)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | Decimal):
        return shortened(str(value), _LONGEST_NAME)
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return "a date or time"
