import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway.intake import taking
from smsgate.gateway.intake.taking import Spool, is_whole, looks_whole

LOGIN = b"api_id:1\nuser:u\npassword:p\n"
MANY = b"to:448311234567\n" * 10_000


@pytest.mark.parametrize(
    ("octets", "looks", "whole"),
    [
        (LOGIN + b"to:448311234567\ntext:Hi\n", True, True),
        (LOGIN + b"to:448311234567\rtext:Hi\r", True, True),
        (LOGIN + b"TO:448311234567\r\nTEXT:Hi\r\n", True, True),
        (LOGIN + b"to:448311234567\ntext:Hi", False, False),
        (LOGIN + b"to:448311234567\n", False, False),
        (LOGIN + b"text:Hi\n", False, False),
        (b"", False, False),
        (b"\n", False, False),
        (LOGIN + b"text:Hi\n" + MANY, True, True),
        (LOGIN + MANY + b"data:00\n", True, True),
        (LOGIN + MANY + b"text:Hi\n" + MANY, False, True),
        (LOGIN + b"text:Hi\n" + MANY[:-5], False, False),
        (b"text:" + b"x" * 200_000 + b"to:1\n", False, False),
    ],
)
def test_whether_a_file_is_whole(tmp_path, octets, looks, whole):
    path = tmp_path / "a.txt"
    path.write_bytes(octets)
    assert (looks_whole(path), is_whole(path)) == (looks, whole)


def test_no_file_is_not_whole(tmp_path):
    assert not looks_whole(tmp_path / "none")
    assert not is_whole(tmp_path)


@given(st.binary(max_size=60), st.integers(1, 40))
def test_what_looks_whole_is_whole(tmp_path_factory, octets, size):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(b"to:1\n" + octets + b"text:x\n")
    before, taking.CHUNK = taking.CHUNK, size
    try:
        assert not looks_whole(path) or is_whole(path)
    finally:
        taking.CHUNK = before


def test_taken_files_are_found_again(tmp_path):
    spool = Spool(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"x")
    taken = spool.take(tmp_path, "a.txt", "7", 1_700_000_000.1234)
    (spool.folder / ("0" * 32)).mkdir()
    assert [one[1:] for one in Spool(tmp_path).found()] == [taken[1:]]
    assert taken.time == 1_700_000_000.1234
    assert taken.path.read_bytes() == b"x"
    assert [path.name for path in spool.folder.iterdir()] == [taken.uid]
    spool.remove(taken)
    spool.remove(taken)
    assert list(spool.folder.iterdir()) == []
