"""Accounts, their log-ins and what a wrong one costs."""

from __future__ import annotations

import os
import stat

import pytest
from sqlalchemy import func, select

from smsenc import OptionError
from smsgate.gateway import accounts
from smsgate.gateway.accounts import AccountState, FtpLogIns, Which
from smsgate.gateway.database import NAME
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.ftp.protocols import FtpAccount
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.queue import ledger
from smsgate.gateway.settings import AccountSettings, Settings
from smsgate.gateway.tables import ledger as entries

NOW = 1_700_000_000.0


@pytest.fixture
def database(tmp_path):
    found = SqliteDatabase(tmp_path, make=True)
    yield found
    found.close()


@pytest.fixture(scope="module")
def verifier():
    return Verifier()


class Counting(Verifier):
    """Counts what was compared with a hash."""

    def matches(self, stored, password):
        self.compared = getattr(self, "compared", 0) + 1
        return super().matches(stored, password)


def add(database, credit=accounts.TRIAL):
    return database.transact(lambda conn: accounts.add(conn, credit=credit, now=NOW))


def test_a_new_account_has_generated_log_ins_and_its_credit(database):
    new = add(database)
    assert len(new.api_id) == 7
    assert new.api_id.isdigit()
    assert (new.user, new.ftp_user) == (f"user{new.api_id}", new.api_id)
    assert len({new.password, new.ftp_password}) == 2
    found = database.transact(lambda conn: accounts.find(conn, new.api_id))
    assert found == (new.id, new.api_id, new.user, new.api_id, AccountState.OPEN, 10_000_000, NOW)
    rows = database.transact(lambda conn: list(conn.execute(select(entries))))
    assert [(row.account, row.kind, row.amount, row.time) for row in rows] == [
        (new.id, "grant", 10_000_000, NOW)
    ]


def test_only_hashes_of_passwords_are_in_the_database(database, tmp_path):
    new = add(database)
    octets = b"".join(path.read_bytes() for path in tmp_path.glob(f"{NAME}*"))
    assert new.user.encode() in octets
    assert new.password.encode() not in octets
    assert new.ftp_password.encode() not in octets
    assert b"$argon2id$" in octets


def test_the_first_account_is_made_once(database):
    new = database.transact(lambda conn: accounts.first(conn, NOW))
    assert new is not None
    assert database.transact(lambda conn: accounts.first(conn, NOW)) is None
    (found,) = database.transact(accounts.listed)
    assert (found.api_id, found.balance) == (new.api_id, 10_000_000 * 1_000_000)


def test_an_account_can_have_the_api_id_that_its_senders_have(database):
    def add(conn):
        return accounts.named(conn, "3114", "Jos\xe9 B", credit=0, now=NOW)

    assert database.transact(add).ftp_user == "3114"
    with pytest.raises(OptionError) as error:
        database.transact(add)
    assert str(error.value) == "api_id: the account 3114 exists already"


@pytest.mark.parametrize(
    ("api_id", "user", "error"),
    [
        ("../x", "u", "api_id: expected up to 16 digits, found '../x'"),
        ("", "u", "api_id: expected up to 16 digits, found ''"),
        ("0", "u", "api_id: expected up to 16 digits, found '0'"),
        ("1\n", "u", "api_id: expected up to 16 digits, found '1\\n'"),
        ("\u0661", "u", "api_id: expected up to 16 digits, found '\u0661'"),
        ("1", "", "user: expected 1 to 64 printable characters of Latin-1, found ''"),
        ("1", "a\nb", "user: expected 1 to 64 printable characters of Latin-1, found 'a\\nb'"),
        ("1", " a", "user: expected 1 to 64 printable characters of Latin-1, found ' a'"),
        ("1", "\u20ac", "user: expected 1 to 64 printable characters of Latin-1, found '\u20ac'"),
    ],
)
def test_names_that_no_file_or_folder_can_have_are_refused(database, api_id, user, error):
    with pytest.raises(OptionError) as found:
        database.transact(lambda conn: accounts.named(conn, api_id, user, credit=0, now=NOW))
    assert str(found.value) == error
    assert database.transact(accounts.listed) == []


# Log-ins ------------------------------------------------------------------------------------------


def file_error(database, verifier, new, **changed):
    given = {"api_id": new.api_id, "user": new.user, "password": new.password} | changed
    return database.transact(
        lambda conn: accounts.file_error(accounts.file_log_in(conn, new.id), verifier, **given)
    )


def test_what_is_wrong_with_the_log_in_of_a_file(database):
    verifier, new, other = Counting(), add(database), add(database)
    cases = [
        ({}, 0),
        ({"api_id": ""}, 108),
        ({"api_id": other.api_id}, 108),
        ({"api_id": other.api_id, "user": other.user, "password": other.password}, 108),
        ({"user": ""}, 1),
        ({"password": ""}, 1),
        ({"user": "\xe9"}, 2),
        ({"user": other.user}, 2),
        ({"password": new.ftp_password}, 2),
        ({"password": "\udcff"}, 2),
    ]
    for changed, error in cases:
        assert file_error(database, verifier, new, **changed) == error
    assert verifier.compared == len(cases)  # each took one comparison
    assert len(verifier._proven) == 1


def test_frozen_and_closed_accounts(database, verifier):
    new = add(database)
    database.transact(lambda conn: accounts.freeze(conn, new.api_id))
    assert file_error(database, verifier, new) == 4
    assert file_error(database, verifier, new, password="x") == 2
    assert ftp_state(database, verifier, new) is AccountState.FROZEN
    database.transact(lambda conn: accounts.close(conn, new.api_id))
    assert file_error(database, verifier, new) == 1
    assert ftp_state(database, verifier, new) is None
    database.transact(lambda conn: accounts.reopen(conn, new.api_id))
    assert file_error(database, verifier, new) == 0
    assert ftp_state(database, verifier, new) is AccountState.OPEN


def ftp_state(database, verifier, new, password=None):
    password = new.ftp_password if password is None else password
    return database.transact(
        lambda conn: accounts.ftp_log_in(conn, verifier, new.ftp_user, password)
    )


def test_a_password_can_be_replaced(database, verifier):
    new = add(database)
    assert ftp_state(database, verifier, new) is AccountState.OPEN  # remembered from now on
    changed = database.transact(lambda conn: accounts.set_password(conn, new.api_id, Which.FTP))
    assert ftp_state(database, verifier, new) is None
    assert ftp_state(database, verifier, new, changed) is AccountState.OPEN
    assert file_error(database, verifier, new) == 0
    chosen = "my own password"
    database.transact(lambda conn: accounts.set_password(conn, new.api_id, Which.FILE, chosen))
    assert file_error(database, verifier, new) == 2
    assert file_error(database, verifier, new, password=chosen) == 0


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 129, "two\nlines", " blanks ", "\u20ac" * 9]
)
def test_a_password_that_no_line_can_have_is_refused_and_not_shown(database, password):
    new = add(database)
    with pytest.raises(OptionError) as error:
        database.transact(
            lambda conn: accounts.set_password(conn, new.api_id, Which.FILE, password)
        )
    assert str(error.value) == "expected a password of 8 to 128 printable characters"


def test_an_unknown_account_is_named(database):
    with pytest.raises(OptionError) as error:
        database.transact(lambda conn: accounts.close(conn, "1"))
    assert str(error.value) == "no account 1: smsenc gateway account list shows all"


def test_no_account_shows_its_hash(database):
    new = add(database)
    known = database.transact(lambda conn: accounts.file_log_in(conn, new.id))
    assert "argon2" not in repr(known)


# FTP ----------------------------------------------------------------------------------------------


def test_an_ftp_log_in_gets_private_folders(database, tmp_path):
    verifier, new = Counting(), add(database)
    log_ins = FtpLogIns(database, Settings(data=tmp_path), verifier)
    before = os.umask(0)
    try:
        found = log_ins.check(new.ftp_user, new.ftp_password, "127.0.0.1")
    finally:
        os.umask(before)
    places = (tmp_path / "accounts" / new.api_id, tmp_path / "incoming" / new.api_id)
    assert found == FtpAccount(new.api_id, *places)
    for folder in (found.folder, found.folder.parent, found.incoming, found.incoming.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert log_ins.check(new.ftp_user, new.ftp_password, "127.0.0.1") == found
    verifier.compared = 0
    wrong = [(new.ftp_user, "x"), ("nobody", "x"), ("", ""), ("\udcff'--", "x"), ("9" * 9999, "x")]
    for user, password in wrong:
        assert log_ins.check(user, password, "127.0.0.1") is None
    assert verifier.compared == len(wrong)


def test_a_folder_of_another_server_has_no_ftp_log_in(database, verifier, tmp_path):
    new = add(database)
    given = {new.api_id: AccountSettings(folder=tmp_path / "elsewhere")}
    log_ins = FtpLogIns(database, Settings(data=tmp_path, accounts=given), verifier)
    assert log_ins.check(new.ftp_user, new.ftp_password, "127.0.0.1") is None


def test_the_balance_is_the_sum_of_its_rows(database):
    new = add(database, credit=5)
    database.transact(lambda conn: ledger.grant(conn, new.id, -7, "correction", NOW))
    found = database.transact(lambda conn: accounts.known(conn, new.api_id))
    total = database.transact(
        lambda conn: conn.execute(select(func.sum(entries.c.amount))).scalar()
    )
    assert found.balance == total == -2
