"""TOML: a table, or one error that names the key or the line."""

from decimal import Decimal

import pytest

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.campaign.costs.prices import read_prices
from smsgate.outbox import profiles, secretfile, tomlfile

DIGITS = b"9" * 10_000


def test_a_table_is_read():
    octets = b"\xef\xbb\xbfa = 1\nb = 0.5\n[c]\nd = [1, {e = true}]\n"
    assert tomlfile.parse(octets) == {"a": 1, "b": 0.5, "c": {"d": [1, {"e": True}]}}
    assert tomlfile.parse(b"b = 0.1", Decimal) == {"b": Decimal("0.1")}


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"a = 1\nb = " + DIGITS, "2: b: expected a number of at most 38 digits, found more"),
        (b"b = 0x" + DIGITS, "b: expected a number of at most 38 digits, found more"),
        (b"[a.b]\nc = 0x" + DIGITS, "a.b.c: expected a number of at most 38 digits, found more"),
        (b"a = [[0b" + b"1" * 200 + b"]]", "a: expected a number of at most 38 digits, found more"),
        (b"a = " + b"[" * 100_000, "expected TOML, found it nested too deep"),
        (b"a = 1e" + b"9" * 30, "expected TOML, found a number that cannot be read"),
        (b"= 1", "expected TOML, found: Invalid statement (at line 1, column 1)"),
        (b"a = 2024-99-99", None),
        (b"\xff", None),
    ],
)
def test_everything_else_is_one_error(octets, message):
    with pytest.raises(SourceError) as error:
        tomlfile.parse(octets, Decimal)
    text = str(error.value)
    assert text.removeprefix("line ") == message if message else text.startswith("expected TOML")
    assert len(text) < 200


@pytest.mark.parametrize("number", [DIGITS, b"0x" + DIGITS])
def test_all_files_of_toml_are_read_by_it(tmp_path, number):
    path = tmp_path / "t.toml"
    path.write_bytes(b"most_messages = " + number)
    path.chmod(0o600)
    with pytest.raises(OptionError) as profile:
        profiles.read(path)
    assert "most_messages: expected a number of at most 38 digits" in str(profile.value)
    assert str(profile.value).startswith(str(path))
    path.write_bytes(b"password = " + number)
    with pytest.raises(OptionError, match="expected TOML, found another format") as secret:
        secretfile.read(path, ("password",))
    assert "99" not in str(secret.value)
    path.write_bytes(b"default = " + number)
    with pytest.raises(SourceError, match="default: expected a number of at most 38 digits"):
        read_prices(str(path))
