import csv
import io
import json
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import SAMPLES

from converters.errors import SourceError
from smsenc import OptionError, SmsencError
from smsgate.campaign.tables import octets as raw
from smsgate.campaign.tables.csvtable import MOST_LINES
from smsgate.campaign.tables.kinds import RowError, chunks, digest, open_table, read
from smsgate.campaign.tables.model import LONGEST_ROW

SAMPLE = SAMPLES / "recipients.csv"


@pytest.fixture
def table(tmp_path):
    """A table of these octets under a name."""

    def make(octets, name="t.csv", **given_options):
        path = tmp_path / name
        path.write_bytes(octets)
        return open_table(str(path), **given_options)

    return make


def rows_of(opened, rows=10_000):
    return [row for chunk in chunks(opened, rows) for row in read(opened, chunk)]


def cells_of(opened, rows=10_000):
    return [cells for _, cells in rows_of(opened, rows)]


def told(opened):
    """Rows as values that can be compared."""
    return [
        (row, cells if isinstance(cells, list) else (cells.code, str(cells)))
        for row, cells in rows_of(opened)
    ]


# What a table is.


def test_the_sample_is_a_table():
    opened = open_table(str(SAMPLE))
    assert opened.columns[opened.to] == "phone"
    assert opened.notes == ("charset utf-8", "delimiter comma")
    assert all(isinstance(cells, list) for cells in cells_of(opened))


def test_a_table_and_its_chunks_can_be_sent_to_another_process(table):
    opened = table(b"to,name\n4412,Ann\n")
    (chunk,) = chunks(opened)
    assert pickle.loads(pickle.dumps((opened, chunk))) == (opened, chunk)  # noqa: S301 - our own
    assert len(pickle.dumps(chunk)) < 300
    error = RowError("expected", code="cells", row=7, column="name", cells=("a",))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.code, again.cells) == (str(error), "cells", ("a",))


@pytest.mark.parametrize(
    ("octets", "delimiter"),
    [
        (b"to,name\n1,a\n2,b\n", ","),
        (b"to;name\n1;a,b\n2;b,c\n", ";"),
        (b"to\tname\n1\ta b\n", "\t"),
        (b"to|name\n1|a\n", "|"),
        (b'to;name\n1;"a;b"\n', ";"),
        (b"to\n1\n", ","),
        (b"sep=;\nto;name,first\n1;2\n", ";"),
    ],
)
def test_the_delimiter_is_told_apart(table, octets, delimiter):
    opened = table(octets)
    assert opened.delimiter == delimiter
    assert all(isinstance(cells, list) for cells in cells_of(opened))


def test_a_delimiter_may_be_told(table):
    assert cells_of(table(b"to:name\n1,2:b\n", delimiter=":")) == [["1,2", "b"]]
    assert table(b"to,x\n", name="t.tsv", columns={"to": "to,x"}).delimiter == "\t"
    with pytest.raises(
        OptionError, match=r"--delimiter: expected one ASCII character, found '%%'$"
    ):
        table(b"to\n", delimiter="%%")


@pytest.mark.parametrize(
    ("encoded", "charset"),
    [
        ("to,name\n12,Zoë\n".encode(), "utf-8"),
        ("to,name\n12,Zoë\n".encode("utf-8-sig"), "utf-8"),
        ("to,name\n12,Zoë\n".encode("cp1252"), "windows-1252"),
        ("\ufeffto,name\n12,Zoë\n".encode("utf-16-le"), "utf-16-le"),
        ("\ufeffto,name\n12,Zoë\n".encode("utf-16-be"), "utf-16-be"),
        ("to,name\n12,Zoë\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_the_charset_is_told_apart(table, encoded, charset):
    opened = table(encoded)
    assert opened.charset == charset
    assert rows_of(opened) == [(2, ["12", "Zoë"])]


def test_a_charset_may_be_told(table):
    octets = "to,name\n12,Анна\n".encode("koi8-r")
    assert cells_of(table(octets, charset="koi8-r")) == [["12", "Анна"]]
    with pytest.raises(OptionError, match="expected a charset that tables have"):
        table(octets, charset="iso2022_jp")
    with pytest.raises(OptionError, match=r"--charset: expected a charset, found 'nonsense'$"):
        table(octets, charset="nonsense")


def test_one_damaged_row_does_not_spoil_the_letters_of_the_others(table):
    octets = "to,name\n1,Zoë\n".encode() + b"2,Zo\xeb\n" + "3,Müller\n".encode()
    opened = table(octets)
    assert told(opened) == [
        (2, ["1", "Zoë"]),
        (3, ("unreadable", "line 3: expected a row, found octets that are not utf-8")),
        (4, ["3", "Müller"]),
    ]


def test_columns_are_found_by_name_in_any_case(table):
    assert table(b"Name,PHONE\n").to == 1
    assert table(b"number,phone\n").to == 1  # the better name, not the first
    opened = table(b"id,Contact\n", columns={"to": "contact", "first": "id"})
    assert (opened.to, opened.aliases) == (1, (("first", 0),))


def test_two_columns_of_the_same_name_leave_open_which_number_is_meant(table):
    with pytest.raises(OptionError) as caught:
        table(b"name,to,to\n")
    assert str(caught.value).endswith(
        "t.csv: --column to: expected one column ('name', 'to', 'to'), found 'to'"
    )


def test_a_table_without_a_number_lists_its_columns(table):
    with pytest.raises(OptionError) as caught:
        table(b"447700900123,Ann\n")
    assert str(caught.value).endswith(
        "t.csv: --column to: expected a column called to, phone, mobile, number, msisdn, tel …, "
        "found '447700900123', 'Ann'"
    )
    with pytest.raises(OptionError, match=r"--column to: expected a column of the table \('a'\)"):
        table(b"a\n", columns={"to": "b"})
    with pytest.raises(OptionError, match="expected one column"):
        table(b"a,a\n", columns={"to": "a"})


@pytest.mark.parametrize("octets", [b"", b"\n1,2\n", b",,\n", b'"never closed\n' + b"a\n" * 300])
def test_a_file_without_a_header_is_refused(table, octets):
    with pytest.raises(SourceError, match="expected a header"):
        table(octets)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv: no such file"):
        open_table(str(tmp_path / "none.csv"))
    with pytest.raises(SourceError, match="cannot be read: embedded null byte"):
        open_table("nul\0")


# Rows.


def test_rows_are_counted_as_people_count_them(table):
    octets = b'to,name\n1,"a\nb"\n\n2,c\r\n3,"say ""hi"""\n4'
    assert told(table(octets)) == [
        (2, ["1", "a\nb"]),
        (4, ["2", "c"]),
        (5, ["3", 'say "hi"']),
        (6, ("cells", "line 6: expected 2 cells, found 1")),
    ]


def test_lines_may_end_as_on_old_machines(table):
    assert rows_of(table(b'to,name\r1,a\r2,"b\rc"\r')) == [(2, ["1", "a"]), (3, ["2", "b\rc"])]
    opened = table(b"to,name\n1,a\rb\n2,c\n")
    assert told(opened) == [
        (2, ("unreadable", "line 2: expected a row, found a carriage return inside a row")),
        (3, ["2", "c"]),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_line(table):
    octets = b'to,name\n1,a\n2,"b\n' + b"3,c\n" * 500
    opened = table(octets)
    for rows in (1, 7, 10_000):
        found = rows_of(opened, rows)
        assert [row for row, _ in found] == list(range(2, 504))
        codes = [cells.code for _, cells in found if not isinstance(cells, list)]
        assert codes == ["unreadable"]


def test_a_quote_that_is_open_at_the_end_costs_its_own_line(table):
    assert told(table(b'to,name\n1,"a\n2,b\n')) == [
        (2, ("unreadable", "line 2: expected a row, found a quote that is not closed")),
        (3, ["2", "b"]),
    ]


def test_a_row_that_is_too_long_is_left_out(table):
    octets = b"to,name\n1," + b"x" * (LONGEST_ROW + 10) + b"\n2,b\n"
    found = told(table(octets))
    assert found[0][1][0] == "unreadable"
    assert found[1:] == [(3, ["2", "b"])]


def test_a_row_longer_than_a_chunk_is_not_read_into_memory(table, monkeypatch):
    monkeypatch.setattr(raw, "LONGEST_RANGE", 300_000)
    monkeypatch.setattr(raw, "_BLOCK", 100_000)
    octets = b"to,name\n1,a\n2," + b"x" * 3_000_000 + b"\n3,c\n"
    opened = table(octets)
    found = list(chunks(opened))
    assert [chunk.count for chunk in found] == [1, 1, 1]
    assert [found[n].end for n in (0, 1)] == [found[n].start for n in (1, 2)]
    assert [row for row, _ in rows_of(opened)] == [2, 3, 4]
    assert told(opened)[1][1][0] == "too-long"
    assert len({digest(opened, chunk) for chunk in found}) == 3


def reference(octets):
    text = octets.decode()
    rows = enumerate(csv.reader(io.StringIO(text, "\n")), 1)
    return [(row, cells) for row, cells in rows if row > 1 and cells]


CELLS = st.text(st.sampled_from('ab",;\n é😀'), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=30), st.integers(1, 12), st.booleans())
def test_what_csv_writes_is_read_in_chunks_of_any_size(rows, size, quoted):
    file = io.StringIO(newline="")
    style = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(file, lineterminator="\n", quoting=style)
    writer.writerows([("to", "name"), *rows])
    for charset in ("utf-8", "utf-16"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "t.csv")
            path.write_bytes(file.getvalue().encode(charset))
            opened = open_table(str(path), delimiter=",")
            found = list(chunks(opened, size))
            assert rows_of(opened, size) == reference(file.getvalue().encode())
            assert [c.count for c in found[:-1]] == [size] * len(found[:-1])
            assert_in_turn(opened, found)


def assert_in_turn(opened, found):
    """Chunks lie end to end, from the header to the end of the file."""
    starts = [opened.start, *(chunk.end for chunk in found)]
    assert starts[:-1] == [chunk.start for chunk in found]
    assert [c.number for c in found] == list(range(len(found)))
    row = opened.first_row
    for chunk in found:
        assert chunk.first_row == row
        row += chunk.count


HOSTILE = st.lists(
    st.sampled_from([b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"a", b"\xff", b"\0", "é".encode()]),
    max_size=60,
).map(b"".join)


@settings(max_examples=300)
@given(HOSTILE | st.binary(max_size=80), st.integers(1, 5))
def test_any_octets_give_the_same_rows_in_chunks_of_any_size(octets, size):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(b"to,name\n" + octets)
        opened = open_table(str(path), delimiter=",", charset="utf-8")
        found = list(chunks(opened, size))
        assert_in_turn(opened, found)
        assert starts_and_end(opened, found) == path.stat().st_size
        few, many = ([(r, str(c)) for r, c in rows_of(opened, n)] for n in (size, 10_000))
        assert few == many


def starts_and_end(opened, found):
    return found[-1].end if found else opened.start


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.xlsx", "t.vcf", "t"])
@given(st.binary(max_size=300))
def test_any_octets_are_rows_or_an_error_of_ours(name, octets):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(octets)
        try:
            found = rows_of(open_table(str(path)), 3)
        except SmsencError:
            return
        assert all(isinstance(cells, list | RowError) for _, cells in found)


def test_blocks_end_anywhere(table, monkeypatch):
    octets = b"to,name\n" + b"".join(b'%d,"a\nb ""c"""\n' % n for n in range(300))
    opened = table(octets)
    whole = rows_of(opened)
    for size in (1, 2, 3, 17, 100):
        monkeypatch.setattr(raw, "_BLOCK", size)
        assert rows_of(opened, 7) == whole
    assert len(whole) == 300


def test_a_digest_tells_a_changed_chunk(table):
    opened = table(b"to,name\n1,a\n2,b\n")
    before = [digest(opened, chunk) for chunk in chunks(opened, 1)]
    again = table(b"to,name\n1,a\n2,c\n3,d\n")
    after = [digest(again, chunk) for chunk in chunks(again, 1)]
    assert [old == new for old, new in zip(before, after, strict=False)] == [True, False]
    assert len(before[0]) == 16


def test_a_file_that_became_shorter_is_an_error(table):
    opened = table(b"to,name\n1,a\n2,b\n")
    found = list(chunks(opened))
    table(b"to,name\n1,a\n")
    with pytest.raises(SourceError, match="expected the file as it was, found it shorter"):
        list(read(opened, found[0]))


def test_a_multi_line_cell_may_have_as_many_lines_as_the_limit(table):
    most = b"\n" * (MOST_LINES - 1)
    (cells,) = cells_of(table(b'to,name\n1,"a' + most + b'"\n'))
    assert cells[1].count("\n") == MOST_LINES - 1


# JSON lines.


def test_json_lines_are_a_table(table):
    lines = [
        {"phone": 447700900123, "name": "Zoë"},
        {"phone": 4.4e11, "age": 7, "vip": True},
        {"phone": "1", "name": None, "other": {}},
    ]
    octets = "\n".join(map(json.dumps, lines)).encode() + b"\n\n"
    opened = table(octets, name="t.jsonl")
    assert opened.columns == ("phone", "name", "age", "vip", "other")
    assert told(opened) == [
        (1, ["447700900123", "Zoë", "", "", ""]),
        (2, ["440000000000.0", "", "7", "true", ""]),
        (3, ("unreadable", "line 3: expected a text or a number in 'other', found an object")),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "expected JSON, found expecting property name enclosed in double quotes at 2"),
        (b"[1]", "expected an object, found list"),
        (b"\xff", "expected utf-8 characters, found others"),
        (b"[" * 60_000, "expected an object, found too deep a one"),
        (b'"' + b"x" * LONGEST_ROW, f"expected at most {LONGEST_ROW} octets, found 65537"),
    ],
)
def test_a_bad_line_of_json_is_one_row(table, line, message):
    octets = b'{"to": "1"}\n' + line + b'\n{"to": "2"}'
    found = told(table(octets, name="t.jsonl", charset="utf-8"))
    assert found == [(1, ["1"]), (2, (found[1][1][0], f"line 2: {message}")), (3, ["2"])]


def test_the_first_line_of_json_must_be_an_object(table):
    with pytest.raises(SourceError, match=r"t.jsonl:1: expected an object, found list$"):
        table(b"[1]\n", name="t.jsonl")


# Cards.


def test_a_card_is_a_row_with_its_mobile_number(table):
    octets = (
        b"BEGIN:VCARD\nVERSION:3.0\nN:Bloggs;Joe\nORG:Acme;Sales\n"
        b"TEL;TYPE=PREF,WORK:+44 20 7946 0123\nTEL;TYPE=FAX,CELL:1\nTEL;TYPE=CELL:+447700900123\n"
        b"END:VCARD\nBEGIN:VCARD\nVERSION:3.0\nTEL;TYPE=FAX:2\nN:Fax;Only\nEND:VCARD\n"
        b"BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
    )
    opened = table(octets, name="people.vcf")
    first, second, third = rows_of(opened, 2)
    assert dict(zip(opened.columns, first[1], strict=True)) == dict.fromkeys(opened.columns, "") | {
        "tel": "+447700900123",
        "name": "Joe Bloggs",
        "given": "Joe",
        "family": "Bloggs",
        "organisation": "Acme",
        "unit": "Sales",
    }
    assert (second[0], second[1][0], second[1][1]) == (2, "", "Only Fax")
    assert (third[0], third[1].code) == (3, "unreadable")
    assert "line 14: expected a name" in str(third[1])
