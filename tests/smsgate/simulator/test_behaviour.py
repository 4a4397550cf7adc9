"""What becomes of messages: by probability, and by the end of a number."""

import random

import pytest

from smsenc import OptionError
from smsgate.simulator.behaviour import Behaviour, Fate, Fault, chances, suffixes


def test_one_word_is_certain():
    behaviour = Behaviour(receipts=chances("never", Fate, "--receipts"))
    assert {behaviour.fate("1", random.Random(n)) for n in range(50)} == {Fate.NEVER}


def test_probabilities_are_kept():
    behaviour = Behaviour(receipts=chances("failed=0.1, expired=0.2", Fate, "--receipts"))
    rng = random.Random(1)
    found = [behaviour.fate("1", rng) for _ in range(10_000)]
    assert found.count(Fate.FAILED) == pytest.approx(1000, abs=150)
    assert found.count(Fate.EXPIRED) == pytest.approx(2000, abs=200)
    assert found.count(Fate.DELIVERED) == pytest.approx(7000, abs=300)


def test_the_longest_suffix_counts():
    behaviour = Behaviour(suffixes=suffixes(["1=failed,01=expired", "201=never"], "--suffix"))
    found = [behaviour.fate(one, random.Random(1)) for one in ("11", "101", "201", "2")]
    assert found == [Fate.FAILED, Fate.EXPIRED, Fate.NEVER, Fate.DELIVERED]


def test_the_same_seed_has_the_same_faults():
    behaviour = Behaviour(chaos=chances("cut=0.2,slow=0.5", Fault, "--chaos"))
    one, other = ([behaviour.fault(rng) for _ in range(100)] for rng in map(random.Random, (3, 3)))
    assert one == other
    assert set(one) == {Fault.CUT, Fault.SLOW, None}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("lost", f"expected one of {', '.join(Fate)}, found 'lost'"),
        ("failed=2", "expected a probability from 0 to 1, found '2'"),
        ("failed=nan", "expected a probability from 0 to 1, found 'nan'"),
        ("failed=x", "expected a probability from 0 to 1, found 'x'"),
        ("failed=0.6,late=0.6", "expected probabilities of at most 1 together, found 1.2"),
    ],
)
def test_what_is_wrong_is_said(given, error):
    with pytest.raises(OptionError) as raised:
        chances(given, Fate, "--receipts")
    assert str(raised.value) == f"--receipts: {error}"


@pytest.mark.parametrize("given", ["x=failed", "=failed", "01", "٣=failed"])
def test_a_suffix_is_digits_and_a_state(given):
    with pytest.raises(OptionError, match="--suffix: expected"):
        suffixes([given], "--suffix")
