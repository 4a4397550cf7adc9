import pickle
import random
import sys

import pytest

from converters.errors import SourceError
from smsgate.campaign.rows import optout
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.optout import OptOut, read_optout


def written(tmp_path, octets):
    path = tmp_path / "stop.txt"
    path.write_bytes(octets)
    return str(path)


def test_numbers_of_an_opt_out_list(tmp_path):
    octets = (
        '\ufeff# asked to stop\n+44 7700 900123,2024-05-01,Zoë\r\n\n"447700900124"\n'
        "447700900123\nn/a\n4.47E+11\n"
    ).encode()
    found, errors = read_optout(written(tmp_path, octets), Numbers())
    assert len(found) == 2
    assert "447700900123" in found
    assert "447700900124" in found
    assert "447700900125" not in found
    assert [(error.line, error.code) for error in errors] == [(6, "letters"), (7, "spreadsheet")]
    assert str(errors[0]).endswith("stop.txt:6: expected digits, found letters in 'n/a'")


def test_a_first_line_that_names_the_column_is_no_number(tmp_path):
    octets = b"Number,account,kind,since\n447700900123,all,opted-out,2026-11-29 18:35:34Z\nnumber\n"
    found, errors = read_optout(written(tmp_path, octets), Numbers())
    assert len(found) == 1
    assert "447700900123" in found
    assert [error.line for error in errors] == [3]


def test_an_opt_out_list_asks_no_one_who_is_not_on_it(tmp_path):
    random.seed(2)
    listed = {f"4474{random.randrange(10**8):08}" for _ in range(2000)}
    found, errors = read_optout(written(tmp_path, "\n".join(listed).encode()), Numbers())
    assert not errors
    asked = listed | {f"4474{random.randrange(10**8):08}" for _ in range(2000)}
    assert {digits for digits in asked if digits in found} == listed
    assert sys.getsizeof(found.numbers) < 10 * len(listed)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    assert again == found


def test_an_empty_list_holds_nobody():
    assert "447700900123" not in OptOut()
    assert len(OptOut()) == 0


def test_a_list_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(SourceError, match=r"none\.txt: no such file"):
        read_optout(str(tmp_path / "none.txt"), Numbers())
    with pytest.raises(SourceError, match=r"stop\.txt: offset 0: expected utf-16-le characters"):
        read_optout(written(tmp_path, b"\xff\xfe\x00\xdc1"), Numbers())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path, end):
    octets = end.join(("447700900123", "447700900124", "x", "")).encode()
    found, errors = read_optout(written(tmp_path, octets), Numbers())
    assert (len(found), [error.line for error in errors]) == (2, [3])


@pytest.mark.parametrize("line", [b"x\n", b"4477009001234567890\n", b"a" * 5_000 + b"\n"])
def test_what_is_no_list_is_refused(tmp_path, line):
    path = written(tmp_path, b"447700900123\n" + line * 20_000)
    with pytest.raises(SourceError) as error:
        read_optout(path, Numbers())
    assert str(error.value) == (
        f"{path}:1002: expected a list of numbers, found 1001 lines without one"
    )


def test_a_list_has_a_largest_size(tmp_path, monkeypatch):
    monkeypatch.setattr(optout, "MOST_NUMBERS", 2)
    octets = b"447700900123\n447700900124\n447700900125\n"
    with pytest.raises(SourceError, match=r"txt:3: expected at most 2 numbers, found more"):
        read_optout(written(tmp_path, octets), Numbers())


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("\u202a+447700900321\u202c", "447700900321"),
        ("\u200e447700900321", "447700900321"),
        ("+44\u20117700\u00a0900321,Zo\u00eb,2024-05-01", "447700900321"),
        ("'+447700900321;asked by phone", "447700900321"),
        ('="447700900321"', "447700900321"),
        ("tel:+44-7700-900321;phone-context=x", "447700900321"),
        ("+44 (0)7700 900321,20240501", "447700900321"),
        ("447700900321\t1714567890", "447700900321"),
        (
            "\uff0b\uff14\uff147700900321",
            "447700900321",
        ),
    ],
)
def test_a_number_of_the_list_is_read_as_one_of_a_table(tmp_path, line, number):
    found, errors = read_optout(written(tmp_path, f"{line}\n".encode()), Numbers())
    assert (list(found.numbers), errors) == ([int(number)], ())


@pytest.mark.parametrize(
    "line",
    [
        *("447700900321,447700900322", "+447700900321;+447700900322", "+447700900321 / 900322"),
        *("447700900321\t+447700900322", "+447700900321 +447700900322"),
    ],
)
def test_two_numbers_in_a_line_are_an_error_because_both_opted_out(tmp_path, line):
    found, errors = read_optout(written(tmp_path, f"{line}\n".encode()), Numbers())
    assert len(found) == 0
    assert [(error.line, error.code) for error in errors] == [(1, "two-numbers")]
