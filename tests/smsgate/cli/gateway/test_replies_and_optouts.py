"""The commands for replies of phones, and for numbers that get no messages."""

from __future__ import annotations

import pytest
from command import records
from gatewayqueue import new
from phonereplies import HANDSET, NUMBER, deliver, phones

from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.settings import NumberSettings
from smsgate.gateway.states import State


@pytest.fixture
def queue(tmp_path):
    tmp_path.chmod(0o700)
    database = SqliteDatabase(tmp_path, make=True)
    yield phones(database, numbers=(NumberSettings(account="1", number=NUMBER),))
    database.close()


def test_replies_are_listed_without_their_texts(queue, gateway):
    queue.arrive(*deliver("Yes"), *deliver("Nobody's", to="449999999999"))
    queue.look()
    mine, other = records(gateway("reply list", "--json"))
    assert (mine["account"], mine["handset"], mine["number"]) == ("1", HANDSET, NUMBER)
    assert (other["account"], "text" in other) == (None, False)
    assert "Yes" not in gateway("reply list").stdout
    assert "'Yes'" in gateway("reply list", "--texts").stdout
    (one,) = records(gateway("reply list", "--account", "1", "--texts", "--json"))
    assert (one["text"], one["time"]) == ("Yes", "2023-11-14 22:13:20Z")
    assert not gateway("reply list", "--since", "2023-11-15", "--json").stdout
    assert len(records(gateway("reply list", "--since", "2023-11-14T22:00", "--json"))) == 2
    assert "--since" in gateway("reply list", "--since", "today", code=2).stderr
    gateway("reply list", "--account", "1", "--undelivered", code=2)
    gateway("reply list", "--account", "9", code=2)


def test_a_reply_that_is_nobodys_is_given_to_an_account_once(queue, gateway):
    queue.arrive(*deliver("Hi", to="449999999999"))
    queue.look()
    (one,) = records(gateway("reply list", "--undelivered", "--json"))
    gateway("reply assign", one["uid"], "1")
    assert not gateway("reply list", "--undelivered", "--json").stdout
    assert "already" in gateway("reply assign", one["uid"], "1", code=3).stderr
    assert queue.balance() == 1_000_000 - 333_333


def test_numbers_are_listed_and_taken_from_the_list(queue, gateway):
    (uid,) = queue.accept(new(HANDSET))
    done = gateway("optout add", "+44 7700 900123", "447700900124", "--account", "1")
    assert done.stdout == "2 numbers added, 1 message cancelled\n"
    assert queue.state(uid)[0] == State.CANCELLED
    gateway("optout add", "447700900125", "--kind", "blocked")
    found = records(gateway("optout list", "--json"))
    assert [(one["number"], one["account"], one["kind"]) for one in found] == [
        ("447700900123", "1", "opted-out"),
        ("447700900124", "1", "opted-out"),
        ("447700900125", "all", "blocked"),
    ]
    assert records(gateway("optout list", "--json", "--account", "1")) == found  # what bars them
    assert len(records(gateway("optout list", "--json", "--account", "all"))) == 1
    assert len(records(gateway("optout list", "--json", "--kind", "blocked"))) == 1
    assert gateway("optout remove", "447700900123").stdout == "0 numbers removed\n"
    done = gateway("optout remove", "447700900123", "--account", "1")
    assert done.stdout == "1 number removed\n"


def test_thousands_come_from_a_file_and_go_to_one(gateway, tmp_path):
    numbers = [f"4477009{n:05}" for n in range(3000)]
    (tmp_path / "in.csv").write_text("number,why\n" + "".join(f"{one},x\n" for one in numbers))
    done = gateway("optout add", "--file", str(tmp_path / "in.csv"), "--kind", "delisted")
    assert done.stdout.startswith("3,000 numbers added") or done.stdout.startswith("3000 numbers")
    listed = gateway("optout list", "--csv").stdout
    assert [line.split(",")[0] for line in listed.splitlines()[1:]] == numbers
    done = gateway("optout remove", "--file", "-", "--kind", "delisted", stdin=listed)
    assert done.stdout.split()[0].replace(",", "") == "3000"


def test_one_line_that_is_no_number_changes_nothing(gateway, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("447700900123\nsomebody\n")
    error = gateway("optout add", "--file", str(path), code=3).stderr
    assert f"{path}:2" in error
    assert "expected a number of 3 to 15 digits, found 'somebody'" in error
    assert not gateway("optout list", "--json").stdout
    gateway("optout add", code=2)
    gateway("optout add", "12", code=2)
    gateway("optout add", "447700900123", "--account", "9", code=2)
