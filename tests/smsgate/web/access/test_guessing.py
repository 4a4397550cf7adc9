"""A thousand wrong log-ins: they do not get in, cost little, and lock nobody out for long."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest

from smsgate.gateway import guesses, passwords, users
from smsgate.gateway.guesses import Guesses
from smsgate.web.access import door


@pytest.fixture
def computed(monkeypatch):
    """How often a hash was computed, and how many at the same time at most."""
    found = {"count": 0, "now": 0, "most": 0}
    lock, before = threading.Lock(), passwords._verified

    def verified(stored, octets):
        with lock:
            found["count"] += 1
            found["now"] += 1
            found["most"] = max(found["most"], found["now"])
        try:
            return before(stored, octets)
        finally:
            with lock:
                found["now"] -= 1

    monkeypatch.setattr(passwords, "_verified", verified)
    return found


def seconds(answer):
    """After which it may be tried again."""
    found = int(answer.headers["Retry-After"])
    assert f"try again in {found} second" in answer.text
    return found


def test_a_thousand_wrong_log_ins(world, computed):
    """One after another, from one address, for one user, as fast as they come."""
    guesser, csrf = world.visitor(), None
    csrf = guesser.csrf()
    codes = []
    for n in range(1000):
        given = {"name": "admin", "password": f"wrong {n}", "csrf": csrf}
        codes.append(guesser.post("/login", data=given).status_code)
        world.now += 0.01
    assert set(codes) == {403, 429}
    assert computed["count"] < 10
    assert len(world.told) == codes.count(403) == computed["count"]
    assert world.told[0] == "pages: log-in from 192.0.2.1 refused (1 recently)"
    # Another address is not locked out, nor is another user at the same one.
    assert world.user(address="192.0.2.2").is_in()
    assert world.user("reader").is_in()
    # The right password waits as well, and then it is right.
    answer = guesser.log_in()
    assert answer.status_code == 429
    wait = seconds(answer)
    assert 0 < wait <= 60
    world.now += wait
    assert guesser.log_in().is_redirect


def test_waits_grow_up_to_a_minute(world):
    guesser, waits = world.visitor(), []
    for n in range(12):
        assert guesser.log_in(password=f"wrong {n}").status_code == 403
        answer = guesser.log_in()
        assert answer.status_code == 429
        waits.append(seconds(answer))
        world.now += waits[-1]
    assert waits == [1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert guesser.log_in().is_redirect
    assert guesser.log_out()
    assert guesser.log_in(password="wrong").status_code == 403  # it begins anew
    assert seconds(guesser.log_in()) == 1


def test_many_names_from_one_address(simple, computed):
    guesser = simple.visitor()
    csrf = guesser.csrf()
    for n in range(300):
        given = {"name": f"user{n}", "password": "123456", "csrf": csrf}
        guesser.post("/login", data=given)
    assert 20 <= computed["count"] <= 21
    answer = guesser.log_in("reader")
    assert answer.status_code == 429
    assert simple.user("reader", address="192.0.2.2").is_in()


def test_many_addresses_for_one_name(simple, computed, monkeypatch):
    """Whoever has logged in from an address before does not wait for what others do elsewhere."""
    monkeypatch.setattr(guesses, "_ANY_PLACE", 20)
    owner = simple.user(address="198.51.100.1")
    owner.log_out()
    before = computed["count"]
    for n in range(40):
        simple.visitor(f"10.0.{n}.1").log_in(password="wrong")
    assert computed["count"] - before < 30
    assert simple.visitor("203.0.113.5").log_in().status_code == 429  # an unknown address waits
    assert owner.log_in().is_redirect
    simple.now += 60
    assert simple.visitor("203.0.113.5").log_in().is_redirect


def test_log_ins_at_the_same_time_are_computed_one_by_one_and_the_rest_is_refused(simple, computed):
    guesser = simple.visitor()
    csrf = guesser.csrf()

    async def many(count, name):
        given = [
            {"name": name.format(n), "password": f"wrong {n}", "csrf": csrf} for n in range(count)
        ]
        return await asyncio.gather(*(guesser.http.post("/login", data=one) for one in given))

    codes = [one.status_code for one in guesser.run(many(200, "user{}"))]
    assert set(codes) == {403, 503}
    assert codes.count(403) == computed["count"] <= door._MOST_WAITING
    assert computed["most"] == 1
    simple.now += 1000
    before = computed["count"]
    codes = [one.status_code for one in guesser.run(many(200, "admin"))]
    assert computed["count"] - before == codes.count(403) == 1  # those behind it wait for it
    assert 429 in codes


def test_unknown_users_cost_the_same(simple, computed):
    for name in ("admin", "nobody"):
        simple.visitor().log_in(name, "wrong")
    assert computed["count"] == 2


def test_a_right_log_in_is_computed_once(simple, computed):
    for _ in range(5):
        simple.user()
    assert computed["count"] == 1
    simple.do(lambda conn: users.set_password(conn, "admin", "another password 1"))
    assert simple.visitor().log_in().status_code == 403


def test_what_is_told_has_no_name(simple):
    """It may be a password that somebody has typed into the wrong field."""
    simple.visitor().log_in("S3cr3tPassw0rd", "x")
    assert not re.search("s3cr3t", " ".join(simple.told), re.IGNORECASE)


def test_a_clock_that_stands_or_goes_back_locks_nobody_out_for_longer():
    found = Guesses()
    for _ in range(30):
        found.failed("192.0.2.1", "a", 1000.0)
    assert found.wait("192.0.2.1", "a", 1000.0) == 60
    assert found.wait("192.0.2.1", "a", 1060.0) == 0
    assert found.wait("192.0.2.1", "b", 1000.0) == 60
    assert found.wait("2001:db8::1", "a", 1000.0) == 0


def test_an_address_of_ipv6_is_its_network():
    found = Guesses()
    found.failed("2001:db8::1", "a", 0.0)
    assert found.wait("2001:db8::ffff:1", "a", 0.0) == 0.5
    assert found.wait("2001:db8:0:1::1", "a", 0.0) == 0
