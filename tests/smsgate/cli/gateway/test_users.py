"""smsenc gateway user: who may log in to the pages."""

from __future__ import annotations

import json
import re

import pytest
from command import smsenc

from smsgate.gateway import accounts, passwords, users
from smsgate.gateway.databases.sqlite import SqliteDatabase

PASSWORD = "correct horse battery"  # noqa: S105 - made up


@pytest.fixture
def database(tmp_path):
    tmp_path.chmod(0o700)
    found = SqliteDatabase(tmp_path, make=True)
    found.transact(lambda conn: accounts.named(conn, "1234567", "u", credit=0, now=1.0))
    yield found
    found.close()


@pytest.fixture
def user(database, tmp_path):  # noqa: ARG001 - in its folder
    """A function that runs a command; what it prints."""

    def run(words, stdin="", code=0):
        done = smsenc("gateway", "user", *words.split(), "--data", tmp_path, stdin=stdin)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr

    return run


def is_right(database, name, password):
    found = database.read(lambda conn: users.stored(conn, name))
    return users.is_right(found, passwords.Verifier(), password)


def test_users_are_made_with_a_password_that_is_shown_once(user, database):
    shown = user("add anna --role admin")
    found = re.fullmatch(
        r"user anna of the pages; the password is not shown again:\n  ([a-z2-9]{16})\n", shown
    )
    assert is_right(database, "anna", found[1])
    found = json.loads(user("add acme --role owner --account 1234567 --json"))
    assert set(found) == {"user", "password"}
    assert is_right(database, "acme", found["password"])
    assert user("add screen --role reader --type", f"{PASSWORD}\n") == "screen can log in\n"
    assert is_right(database, "screen", PASSWORD)
    lines = user("list").splitlines()
    assert lines[0].split() == ["user", "role", "account", "disabled", "created"]
    assert [line.split()[:2] for line in lines[1:]] == [
        ["acme", "owner"],
        ["anna", "admin"],
        ["screen", "reader"],
    ]
    (first, *_) = map(json.loads, user("list --json").splitlines())
    assert first.items() >= {
        ("user", "acme"),
        ("role", "owner"),
        ("account", "1234567"),
        ("disabled", False),
    }
    assert not re.search("argon2|[0-9a-f]{20}", user("list") + user("list --json"))


def test_changes(user, database):
    user("add anna --role admin --type", f"{PASSWORD}\n")
    assert user("password anna", "another password\n") == "anna has a new password\n"
    assert is_right(database, "anna", "another password")
    new = user("password anna --generate").split()[-1]
    assert is_right(database, "anna", new)
    assert user("disable anna") == "anna cannot log in\n"
    assert not is_right(database, "anna", new)
    assert json.loads(user("list --json"))["disabled"] is True
    assert user("enable anna") == "anna can log in\n"
    assert is_right(database, "anna", new)
    assert user("role anna --role owner --account 1234567") == "anna is owner\n"
    assert json.loads(user("list --json"))["account"] == "1234567"
    assert user("role anna --role reader") == "anna is reader\n"
    assert json.loads(user("list --json"))["account"] == ""
    user("add bob --role admin --type", f"{PASSWORD}\n")
    assert user("remove anna") == "anna is removed\n"
    assert json.loads(user("list --json"))["user"] == "bob"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("add Anna --role admin", "NAME: expected at most 64 small letters, digits, . _ @ or -"),
        ("add - --role admin", "NAME: expected"),
        (f"add {'a' * 65} --role admin", "NAME: expected"),
        ("add anna --role boss", "--role: expected one of admin, owner, reader, found 'boss'"),
        ("add anna --role owner", "--account: an owner needs the API_ID of an account"),
        ("add anna --role admin --account 1234567", "--account: it is for an owner"),
        ("add anna --role owner --account 7", "no account 7: smsenc gateway account list shows"),
        ("add known --role admin", "NAME: the user known exists already"),
        ("role nobody --role admin", "no user nobody: smsenc gateway user list shows all"),
        ("password nobody --generate", "no user nobody"),
        ("disable nobody", "no user nobody"),
        ("enable nobody", "no user nobody"),
        ("remove nobody", "no user nobody"),
        ("remove known", "NAME: known is the only user: add another, or use smsenc gateway user"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(user, words, line):
    user("add known --role reader")
    said = user(words, code=2)
    assert said.startswith(f"smsenc: {line}")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("", "no password in the first line of standard input: --generate makes one"),
        ("short\n", "expected a password of 12 to 128 printable characters"),
        ("x" * 129, "expected a password of 12 to 128 printable characters"),
        ("a\tpassword\x1b with controls\n", "expected a password of 12 to 128 printable"),
    ],
)
def test_passwords_that_are_refused(user, given, line):
    user("add known --role reader")
    said = user("password known", given, code=2)
    assert said.startswith(f"smsenc: {line}")
    assert said.count("\n") == 1


def test_a_user_needs_a_gateway(tmp_path):
    words = ("gateway", "user", "add", "anna", "--role", "admin", "--data", tmp_path / "none")
    done = smsenc(*words)
    assert done.returncode == 3
    assert "no gateway in" in done.stderr
