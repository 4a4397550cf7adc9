"""gateway.toml: what is read, and what is said of faults."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

import smsgate
from smsenc.smpp.mapping import Carry, CodingProfile, Gsm7
from smsgate import masking
from smsgate.gateway.configuration import ConfigurationError, load
from smsgate.gateway.configurationkeys import TABLES, TOP
from smsgate.gateway.settings import (
    AccountSettings,
    FtpSettings,
    Receipts,
    RouteSettings,
    Settings,
    Tls,
    Unknown,
)
from smsgate.smppclient import Smsc

EXAMPLE = Path(smsgate.__file__).parent / "deploy" / "gateway.toml"


@pytest.fixture
def read(tmp_path):
    def read(text, **environ):
        path = tmp_path / "gateway.toml"
        path.write_text(text, "utf-8")
        return load(path, tmp_path, environ)

    return read


@pytest.fixture
def faults(read, tmp_path):
    """The faults of a file without its name."""

    def faults(text, **environ):
        with pytest.raises(ConfigurationError) as error:
            read(text, **environ)
        start = f"{tmp_path / 'gateway.toml'}:"
        shown = [str(one) for one in error.value.faults]
        assert all(one.startswith(start) for one in shown)
        return [one.removeprefix(start) for one in shown]

    return faults


def test_an_empty_file_has_the_defaults(read, tmp_path):
    assert read("") == Settings(data=tmp_path)


def test_what_is_in_the_file_is_set(read, tmp_path):
    (tmp_path / "route.toml").write_text('user = "me"\npassword = "geheim1"\n')
    (tmp_path / "route.toml").chmod(0o600)
    found = read(
        """
        ftp = { tls = "required", passive-ports = "50000-50100", idle = 60.5 }
        [limits]
        settle = 0
        [[route]]
        name = "main"
        smsc = "smpps://smsc.example.com"
        password-file = "route.toml"
        rate = 2.5
        unknown = "resend"
        receipts = "always"
        price = 0.333333
        features = "text, 8bit,concat"
        carry = "sar"
        gsm7 = "packed"
        prefixes = "44, 1,44"
        regions = "GB"
        other-route = "0x0B, 69"
        [[route]]
        name = "other"
        smsc = "smpp://u@h:1"
        [[account]]
        api-id = "1234567"
        folder = "/srv/ftp"
        prefix = "44"
        """
    )
    assert found.ftp == FtpSettings(
        tls=Tls.REQUIRED, passive_ports=range(50_000, 50_101), idle=60.5
    )
    assert found.limits.settle == 0
    smsc = Smsc(
        host="smsc.example.com", port=3550, user="me", password="geheim1", tls=True, rate=2.5
    )
    main, other = found.routes
    assert main == RouteSettings(
        name="main",
        smsc=smsc,
        unknown=Unknown.RESEND,
        receipts=Receipts.ALWAYS,
        price=Decimal("0.333333"),
        features=1 + 2 + 16384,
        carry=Carry.SAR,
        coding=CodingProfile(gsm7=Gsm7.PACKED),
        prefixes=("44", "1"),
        regions=frozenset(("GB",)),
        other_route=frozenset((11, 69)),
    )
    assert other.smsc == Smsc(host="h", port=1, user="u")
    assert found.accounts == {"1234567": AccountSettings(folder=tmp_path / "/srv/ftp", prefix="44")}


def test_all_faults_are_reported_at_once_with_their_lines(faults):
    text = """\
[ftp]
prot = 21
port = "21"
tls = "yes"

[[route]]
name = "a b"
smsc = "http://x"
[[route]]
name = "x"
[[account]]
api-id = 1234567
[limit]
settle = 1
[limits]
keep = -1
"""
    assert faults(text) == [
        "2: [ftp] prot: unknown: did you mean port?",
        "3: [ftp] port: expected a whole number from 0 to 65535, found '21'",
        "4: [ftp] tls: expected one of off, optional, required, found 'yes'",
        "7: [route] name: expected 1 to 32 letters, digits, - or _, found 'a b'",
        "8: [route] smsc: expected smpp://user@host:port, found 'http://x'",
        "9: [route] smsc: expected smpp://user@host:port, found nothing",
        "12: [account] api-id: expected up to 16 digits in quotes, found 1234567",
        "13: limit: unknown: did you mean limits?",
        "16: [limits] keep: expected a number from 0 to 31536000, found -1",
    ]


def test_a_password_that_is_too_long_is_a_fault_of_its_key(read, tmp_path):
    """SMPP has passwords of at most eight characters."""
    secret = tmp_path / "route.toml"
    secret.write_text('password = "ninechars"')
    secret.chmod(0o600)
    for key, value in (("password-file", "route.toml"), ("password-env", "LONG")):
        with pytest.raises(ConfigurationError) as error:
            read(f'[[route]]\nname = "a"\nsmsc = "smpp://h"\n{key} = "{value}"', LONG="ninechars")
        fault = f":4: [route] {key}: password: expected at most 8 characters"
        assert str(error.value).endswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ftp = 1", "1: [ftp]: expected one table [ftp]"),
        ("ftp = { prot = 1 }", "1: [ftp] prot: unknown: did you mean port?"),
        ("[[ftp]]", "1: [ftp]: expected one table [ftp]"),
        ("[route]", "1: [route]: expected tables [[route]]"),
        ("route = [1]", "[route]: expected tables [[route]]"),
        ("[ftp]\nxyzzy = 1", "2: [ftp] xyzzy: unknown: expected one of host, port, tls"),
        (
            "[ftp]\nport = true",
            "2: [ftp] port: expected a whole number from 0 to 65535, found true",
        ),
        (
            "[ftp]\nport = []",
            "2: [ftp] port: expected a whole number from 0 to 65535, found a list",
        ),
        ("[ftp]\nport = 1999-01-01", "found a date or time"),
        ("[ftp]\nidle = nan", "2: [ftp] idle: expected a number from 1 to 86400, found NaN"),
        ("[ftp]\nidle = inf", "found Infinity"),
        ('[ftp]\ncertificate = ""', "2: [ftp] certificate: expected the name of a file, found ''"),
        ('[ftp]\npassive-ports = "5-4"', "expected first-last, such as 50000-50100, found '5-4'"),
        ("[ftp]\nport = \n", "expected TOML, found: Invalid value (at line 2"),
        (
            '[[account]]\napi-id = "1"\n[[account]]\napi-id = "1"',
            "4: [account] api-id: expected an",
        ),
        ('[[account]]\napi-id = "1"\nspool = "x"', "3: [account] spool: set folder too"),
        (
            '[[route]]\nname = "a"\nsmsc = "smpp://h"\nbinary = 5',
            "4: [route] binary: expected 0x02",
        ),
        (
            '[[route]]\nname = "a"\nsmsc = "smpp://sixteen_letters_@h"',
            "3: [route] smsc: user: expec",
        ),
    ],
)
def test_what_is_said_of_a_fault(read, tmp_path, text, fault):
    with pytest.raises(ConfigurationError) as error:
        read(text)
    assert fault in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


def test_no_file_is_said(tmp_path):
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / "none.toml", tmp_path, {})
    assert str(error.value) == f"{tmp_path / 'none.toml'}: no such file"


# Passwords ----------------------------------------------------------------------------------------

ROUTE = '[[route]]\nname = "a"\nsmsc = "smpp://u@h"\n'


def test_a_password_comes_from_a_variable(read):
    found = read(ROUTE, SMSENC_SMPP_PASSWORD="geheim1")
    assert found.routes[0].smsc.password == "geheim1"  # noqa: S105
    found = read(f'{ROUTE}password-env = "OWN"\n', SMSENC_SMPP_PASSWORD="geheim1", OWN="geheim2")
    assert found.routes[0].smsc.password == "geheim2"  # noqa: S105
    assert "geheim2" not in repr(found)
    assert masking.cleaned("geheim2") == "***"


def test_a_variable_that_is_not_set_is_named(faults):
    assert faults(f'{ROUTE}password-env = "OWN"\n') == [
        "4: [route] password-env: no password: set the variable OWN"
    ]


def test_no_password_is_read_from_the_file_and_none_is_shown(faults):
    text = f'{ROUTE}password = "geheim9"\n[[account]]\napi-id = "1"\nftp-password = "geheim8"\n'
    of_route, of_account = faults(text)
    no = "no password is read from this file"
    assert of_route == (
        f"4: [route] password: {no}: name a private file in password-file, or a variable in "
        "password-env"
    )
    assert of_account == (f"7: [account] ftp-password: {no}: use smsenc gateway account password")
    (found,) = faults('[[route]]\nname = "a"\nsmsc = "smpp://u:geheim7@h"\n')
    assert "geheim" not in found
    assert "expected no password in the address" in found
    assert masking.cleaned("geheim7 geheim8 geheim9") == "*** *** ***"


@pytest.mark.parametrize(
    ("mode", "content", "fault"),
    [
        (0o644, 'password = "geheim1"', "other users can read it (chmod 600 makes it private)"),
        (0o600, "geheim1", "expected TOML, found another format"),
    ],
)
def test_a_password_file_is_private_and_readable(faults, tmp_path, mode, content, fault):
    path = tmp_path / "secret.toml"
    path.write_text(content)
    path.chmod(mode)
    (found,) = faults(f'{ROUTE}password-file = "secret.toml"\n')
    assert found == f"4: [route] password-file: credentials file {path}: {fault}"


def test_one_place_of_a_password_is_enough(faults):
    (found,) = faults(f'{ROUTE}password-file = "x"\npassword-env = "X"\n')
    assert found == "5: [route] password-env: use either password-file or password-env"


BUSY = "but none of 0, 0x14, 0x58"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('prefixes = "+44"', "prefixes: expected digits such as 44, 1, found '+44'"),
        ('prefixes = ""', "prefixes: expected digits such as 44, 1, found ''"),
        ("prefixes = 44", "prefixes: expected digits such as 44, 1, found 44"),
        (
            'regions = "UK"',
            "regions: expected ISO codes of countries such as GB, IE, found 'UK'",
        ),
        ('numbers = "Bank"', "numbers: expected numbers, or * for all, found 'Bank'"),
        ("weight = 0", "weight: expected a whole number from 1 to 1000, found 0"),
        (
            'retry = "0x58"',
            f"retry: expected command_status such as 0x0B, 0x45, {BUSY}, found '0x58'",
        ),
    ],
)
def test_faults_of_routes(faults, line, fault):
    assert faults(f"{ROUTE}{line}\n") == [f"4: [route] {fault}"]


def test_an_answer_means_one_thing(faults):
    (found,) = faults(f'{ROUTE}other-route = "0x0B, 0x45"\nend = "11"\n')
    assert found == "5: [route] end: expected 0x0B in one of other-route, retry, end"


# The example --------------------------------------------------------------------------------------


def uncommented(text):
    return re.sub(r"(?m)^#(?! )", "", text)


def test_the_example_has_the_defaults(read, tmp_path):
    assert read(EXAMPLE.read_text("utf-8")) == Settings(data=tmp_path)


def test_the_example_has_every_key_with_one_comment():
    lines = uncommented(EXAMPLE.read_text("utf-8")).splitlines()
    found = tomllib.loads("\n".join(lines))
    assert [name for name in found if name not in TABLES] == [key.name for key in TOP]
    tables = {name: one[0] if isinstance(one, list) else one for name, one in found.items()}
    assert {name: list(table) for name, table in tables.items() if name in TABLES} == {
        name: [key.name for key in keys] for name, keys in TABLES.items()
    }
    assert all(re.fullmatch(r".+  # \S.+", line) for line in lines if re.match(r"[a-z]", line))
    assert max(map(len, lines)) <= 100


def test_every_key_of_the_example_can_be_used(read, tmp_path):
    (tmp_path / "route.toml").write_text('password = "geheim1"\n')
    (tmp_path / "route.toml").chmod(0o600)
    text = uncommented(EXAMPLE.read_text("utf-8"))
    for name in ("url.toml", "database.toml"):
        (tmp_path / name).write_text('password = "geheim2"\n')
        (tmp_path / name).chmod(0o600)
    text = "\n".join(line for line in text.splitlines() if "password-env =" not in line)
    found = read(text)
    assert found.routes[0].smsc.host == "smsc.example.com"
    default = RouteSettings(name="main")
    shown = ("unknown", "receipts", "price", "carry")
    assert all(getattr(found.routes[0], one) == getattr(default, one) for one in shown)
    assert found.accounts["1234567"].settle == 5
    assert "geheim2" in found.database.render_as_string(hide_password=False)
    assert "geheim2" not in repr(found)


@pytest.mark.parametrize("other", ["one", "one/sub", ".", "data", "data/accounts/2", "link"])
def test_no_account_has_its_folder_in_that_of_another_or_of_the_gateway(tmp_path, other):
    (tmp_path / "link").symlink_to("one")
    path = tmp_path / "gateway.toml"
    first = '[[account]]\napi-id = "1"\nfolder = "one"\n'
    path.write_text(f'{first}[[account]]\napi-id = "2"\nfolder = "{other}"\n')
    with pytest.raises(ConfigurationError) as error:
        load(path, tmp_path / "data", {})
    assert [(one.line, one.name) for one in error.value.faults] == [(6, "[account] folder")]
    path.write_text(f'{first}[[account]]\napi-id = "2"\nfolder = "one-more"\n')
    assert len(load(path, tmp_path / "data", {}).accounts) == 2
