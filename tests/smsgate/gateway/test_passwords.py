"""Hashes of passwords: their parameters, and what a log-in costs."""

from __future__ import annotations

import statistics
import threading
import time

import pytest

from smsgate.gateway import passwords
from smsgate.gateway.passwords import Verifier, generated, hashed

PASSWORD = "correct horse"  # noqa: S105 - made up


@pytest.fixture(scope="module")
def stored():
    return hashed(PASSWORD)


def seconds(work, count):
    """Of a processor, for a call: the median of some."""
    found = []
    for _ in range(count):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def test_a_hash_has_the_parameters_that_owasp_names(stored):
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(stored) <= 200
    assert hashed(PASSWORD) != stored


@pytest.mark.parametrize("password", [PASSWORD, "", "£-ß-日本", "\udcff\x00"])
def test_the_right_password_matches_and_others_do_not(password):
    verifier, stored = Verifier(), hashed(password)
    for _ in range(2):
        assert verifier.matches(stored, password)
        assert not verifier.matches(stored, password + "x")
        assert not verifier.matches(None, password)


def test_a_damaged_hash_matches_nothing():
    assert not Verifier().matches("no hash", PASSWORD)
    assert not Verifier().matches("", "")


def test_an_absurdly_long_password_is_wrong():
    long = "x" * 1025
    assert not Verifier().matches(hashed(long), long)


def test_the_second_log_in_costs_microseconds(stored):
    verifier = Verifier()
    assert verifier.matches(stored, PASSWORD)
    assert seconds(lambda: verifier.matches(stored, PASSWORD), 200) < 0.001


def test_an_unknown_user_costs_as_much_as_a_wrong_password(stored):
    verifier = Verifier()
    verifier.matches(stored, PASSWORD)
    wrong = seconds(lambda: verifier.matches(stored, "wrong"), 9)
    unknown = seconds(lambda: verifier.matches(None, PASSWORD), 9)
    assert 0.4 < wrong / unknown < 2.5


def test_the_cache_is_bounded_and_has_no_password():
    verifier = Verifier(most=3)
    others = [hashed(str(n)) for n in range(4)]
    for n, other in enumerate(others):
        assert verifier.matches(other, str(n))
    assert [stored for stored, _ in verifier._proven] == others[1:]
    assert all(str(n).encode() != digest for n, (_, digest) in enumerate(verifier._proven))


def test_threads_may_share_it(stored):
    verifier, found = Verifier(most=1), []

    def log_in(password):
        found.append((password, verifier.matches(stored, password)))

    threads = [
        threading.Thread(target=log_in, args=(f"{PASSWORD}{'x' * (n % 2)}",)) for n in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert all(right == (password == PASSWORD) for password, right in found)


def test_generated_passwords_have_no_letters_that_look_alike():
    found = {generated() for _ in range(200)}
    assert len(found) == 200
    assert {len(one) for one in found} == {16}
    assert not set("".join(found)) & set("0O1lIo")
    assert set("".join(found)) == set(passwords._ALPHABET)
