"""The list of announced names: both places, short writes, and a second place that is full."""

import os

import pytest

from smsgate.errors import OutboxError
from smsgate.outbox.announced import Announced

NAMES = ["000001-a.txt", "000002-b.txt"]


@pytest.fixture
def places(tmp_path):
    for name in ("own", "machine"):
        (tmp_path / name).mkdir()
    return tmp_path / "own", tmp_path / "machine"


def test_both_lists_have_each_name(places):
    for name in NAMES:
        assert Announced(places).add([name]) is None
    for place in places:
        assert Announced((place, None)).names() == frozenset(NAMES)


def test_a_system_that_writes_less_than_asked_for(places, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda number, octets: write(number, octets[:3]))
    Announced(places).add(NAMES)
    for place in places:
        assert Announced((place, None)).names() == frozenset(NAMES)


def test_a_name_that_a_crash_cut_spoils_no_other(places):
    (places[0] / "announced").write_text("000001-a.t")
    Announced(places).add(NAMES[1:])
    assert NAMES[1] in Announced((places[0], None)).names()


def test_only_the_outbox_s_own_list_must_be_written(places):
    places[1].rmdir()
    failure = Announced(places).add(NAMES)
    assert "machine" in str(failure)
    assert Announced(places).names() == frozenset(NAMES)
    (places[0] / "announced").unlink()
    places[0].rmdir()
    with pytest.raises(OutboxError, match="own"):
        Announced(places).add(NAMES)
