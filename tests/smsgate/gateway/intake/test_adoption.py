"""Parts of the spool: each process has its own, and takes over those of processes that ended."""

from __future__ import annotations

import pytest

from smsgate.errors import OutboxError
from smsgate.gateway.intake.adoption import Parts
from smsgate.gateway.intake.taking import Spool


@pytest.fixture
def parts(tmp_path):
    """Makes the parts of a node; all are let go of in the end."""
    made = []

    def make(name, *others):
        made.append(Parts([tmp_path, *others], name))
        return made[-1]

    yield make
    for one in made:
        one.close()


def taken(data, part, name="a.txt"):
    """A file that a node took."""
    folder = data / "accounts" / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x")
    return Spool(data, part).take(folder, name, "1", 5.0)


def test_each_process_has_its_own(parts):
    assert [parts("a").own, parts("b").own, parts("a").own] == ["a", "b", "a.1"]


def test_nobody_takes_what_a_process_has(tmp_path, parts):
    a, b = parts("a"), parts("b")
    uid = taken(tmp_path, a.own).uid
    assert b.adopt() == []
    assert b.uids() == {uid}


def test_what_an_ended_process_left_is_taken_once(tmp_path, parts):
    a, b, c = parts("a"), parts("b"), parts("c")
    file = taken(tmp_path, a.own)
    a.close()
    assert (b.adopt(), c.adopt(), b.adopt()) == (["a"], [], ["a"])
    b.read(["a"])
    assert b.adopt() == []
    (found,) = Spool(tmp_path, "a").found()
    assert found[1:] == file[1:]
    again = parts("a")
    assert again.own == "a.1"
    b.release()
    assert c.adopt() == []
    found.spool.remove(found)
    b.release()
    assert parts("a").own == "a"


def test_a_gateway_with_several_nodes_goes_on_with_the_files_of_one(tmp_path, parts):
    taken(tmp_path, "")
    assert parts("a").adopt() == [""]


def test_the_spools_of_accounts_are_divided_in_the_same_way(tmp_path, parts):
    other = tmp_path / "other"
    a, b = parts("a", other), parts("b", other)
    uid = taken(other, a.own).uid
    assert b.adopt() == []
    a.close()
    assert (b.uids(), b.adopt()) == ({uid}, ["a"])


def test_a_name_of_32_hex_digits_is_no_part(tmp_path, parts):
    a = parts("a")
    (tmp_path / "spool" / ("0" * 32)).mkdir()
    assert a.adopt() == [""]
    assert a.uids() == {"0" * 32}


def test_a_storage_that_cannot_be_used(tmp_path):
    (tmp_path / "spool").write_text("")
    with pytest.raises(OutboxError, match="cannot use"):
        Parts([tmp_path], "a")
