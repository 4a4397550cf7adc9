"""Who is logged in, until when, and what ends it."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select, update

from smsgate.gateway import accounts, sessions, users
from smsgate.gateway.settings import SessionLimits
from smsgate.gateway.states import UserRole
from smsgate.gateway.tables import page_session

OTHER = "another password 1"


def rows(world):
    return world.do(lambda conn: conn.execute(select(page_session)).mappings().all())


def test_logging_in_and_out(world):
    someone = world.visitor()
    answer = someone.get("/page")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Fpage")
    answer = someone.log_in(next="/page")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/page")
    assert "You are logged in as admin." in someone.get("/page").text
    answer = someone.log_out()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert not someone.is_in()
    assert rows(world) == []


def test_a_page_of_each_role(world):
    for role, may in (("admin", True), ("reader", False), ("owner", False)):
        user = world.user(role)
        assert f"You are logged in as {role}." in user.get("/").text
        assert user.get("/admins/").status_code == (200 if may else 403)


def test_a_token_from_before_the_log_in_is_worth_nothing_after_it(world):
    """Session fixation: somebody else knows the token that the browser has."""
    someone, thief = world.visitor(), world.visitor()
    someone.get("/login")
    before = someone.token
    someone.log_in()
    assert someone.token != before
    thief.steal(before)
    assert not thief.is_in()
    mine = "a" * 43  # chosen by a thief
    someone = world.visitor()
    someone.steal(mine)
    someone.log_in()
    thief.steal(mine)
    assert not thief.is_in()


def test_another_log_in_ends_the_session_before(world):
    someone, thief = world.user(), world.visitor()
    before = someone.token
    assert someone.post(
        "/login",
        data={"name": "reader", "password": "correct horse battery", "csrf": someone.csrf("/")},
    ).is_redirect
    assert "logged in as reader" in someone.get("/").text
    thief.steal(before)
    assert not thief.is_in()


def test_a_stolen_cookie_is_worth_nothing_after_the_log_out(world):
    someone, thief = world.user(), world.visitor()
    thief.steal(someone.token)
    assert thief.is_in()
    someone.log_out()
    assert not thief.is_in()
    assert thief.post("/change", data={"csrf": "0" * 64}).headers["Location"] == "/login"


def test_a_session_ends_that_is_not_used(world):
    someone = world.user()
    for _ in range(5):
        world.now += 1799
        assert someone.is_in()
    world.now += 1801
    assert not someone.is_in()
    assert someone.log_in().is_redirect


def test_a_live_page_is_no_use(simple):
    """It comes again by itself, also when nobody is there."""
    someone = simple.user()
    for _ in range(5):
        simple.now += 300
        stream = {"Accept": "text/event-stream"}
        assert someone.get("/page", headers=stream).status_code == 200
    simple.now += 301
    assert someone.get("/page", headers=stream).status_code == 401
    assert not someone.is_in()


def test_a_session_ends_although_it_is_used(world):
    someone = world.user()
    end = world.now + 43_200
    while world.now + 1000 < end:
        world.now += 1000
        assert someone.is_in()
    world.now = end
    assert not someone.is_in()


def test_its_use_is_not_written_each_time(world):
    someone = world.user()
    seen = Counter()
    for _ in range(30):
        world.now += 10
        assert someone.is_in()
        seen[rows(world)[0]["seen"]] += 1
    assert len(seen) <= 6
    assert world.now - max(seen) <= sessions.LATE


ENDS = {
    "disabled": lambda conn: users.disable(conn, "owner"),
    "another password": lambda conn: users.set_password(conn, "owner", OTHER),
    "another role": lambda conn: users.set_role(conn, "owner", UserRole.READER),
    "removed": lambda conn: users.remove(conn, "owner"),
    "account closed": lambda conn: accounts.close(conn, "1234567"),
}


@pytest.mark.parametrize("why", ENDS)
def test_what_takes_rights_away_ends_all_sessions_of_the_user(world, why):
    here, there, other = world.user("owner"), world.user("owner"), world.user("reader")
    world.do(ENDS[why])
    assert not here.is_in()
    assert not there.is_in()
    assert other.is_in()
    may = {"another password": OTHER, "another role": "correct horse battery"}
    again = here.log_in("owner", may.get(why, "correct horse battery"))
    assert again.status_code == (303 if why in may else 403)


def test_a_frozen_account_can_still_be_looked_at(world):
    world.do(lambda conn: accounts.freeze(conn, "1234567"))
    assert world.user("owner").is_in()


def test_a_user_who_is_disabled_and_enabled_logs_in_again(world):
    someone = world.user("reader")
    world.do(lambda conn: users.disable(conn, "reader"))
    world.do(lambda conn: users.enable(conn, "reader"))
    assert not someone.is_in()
    assert someone.log_in("reader").is_redirect


def test_no_session_begins_with_a_password_of_before(world):
    """Another process changes it between the look at it and the session."""
    found = world.do(lambda conn: users.stored(conn, "admin"))
    world.do(lambda conn: users.set_password(conn, "admin", OTHER))
    assert world.do(lambda conn: sessions.begin(conn, found.id, found.hash, world.now)) is None
    assert rows(world) == []
    assert found.hash not in repr(found)


def test_the_database_has_no_token(world):
    someone = world.user()
    (row,) = rows(world)
    assert someone.token not in repr(dict(row))
    assert someone.csrf("/") not in repr(dict(row))
    thief = world.visitor()
    thief.steal(row["digest"][:43])
    assert not thief.is_in()


def test_a_user_has_not_endless_sessions(world):
    found = world.do(lambda conn: users.stored(conn, "admin"))
    tokens = []
    for n in range(sessions.MOST + 3):
        begun = world.now + n
        tokens.append(
            world.do(lambda conn, begun=begun: sessions.begin(conn, found.id, found.hash, begun))
        )
    limits = SessionLimits(1800, 43_200)
    live = [
        world.do(lambda conn, one=one: sessions.load(conn, one, limits, world.now)) is not None
        for one in tokens
    ]
    assert live == [False] * 3 + [True] * sessions.MOST


def test_what_is_over_is_deleted(world):
    limits = SessionLimits(1800, 43_200)
    for _ in range(3):
        world.user()
    world.now += 1000
    world.user()
    world.now += 900
    assert world.do(lambda conn: sessions.prune(conn, limits, world.now)) == 3
    assert world.do(lambda conn: sessions.prune(conn, limits, world.now)) == 0
    world.do(lambda conn: conn.execute(update(page_session).values(created=0)).rowcount)
    assert world.do(lambda conn: sessions.prune(conn, limits, world.now)) == 1


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "'", "A" * 4000, "../" * 20, "a" * 42 + "="]
)
def test_odd_cookies_are_nobodys(simple, token):
    someone = simple.visitor()
    answer = someone.get("/", headers={"Cookie": f"smsenc-session={token}"})
    assert answer.status_code == 303
