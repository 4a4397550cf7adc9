"""A short, repeatable run of tests/fuzz on every change; the long one is run by hand."""

import pytest
from fuzz import fuzz_core

from smsenc import SmsencError

EXECUTIONS = 50_000


def test_any_octets_give_a_value_or_our_error():
    came = fuzz_core.run(EXECUTIONS, seed=1)
    assert came.total() == EXECUTIONS
    outcomes = {f"{reader.__name__}: read" for reader in fuzz_core.READERS}
    assert outcomes <= came.keys()  # each reader got past its first check


def test_every_seed_is_read():
    came = {seed: fuzz_core.one_input(seed) for seed in fuzz_core.seeds()}
    assert [seed.hex() for seed, outcome in came.items() if not outcome.endswith("read")] == []


def test_what_is_none_of_our_errors_stops_the_run_with_its_input(monkeypatch):
    def broken(octets: bytes) -> None:
        if len(octets) % 2:
            raise SmsencError("refused on purpose")
        raise IndexError("found on purpose")

    monkeypatch.setattr(fuzz_core, "READERS", (broken,))
    monkeypatch.setattr(fuzz_core, "seeds", lambda: [bytes(2)])
    with pytest.raises(IndexError) as caught:
        fuzz_core.run(1000, seed=1)
    assert [note.split()[0] for note in caught.value.__notes__] == ["input:"]
