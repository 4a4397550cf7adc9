import csv
import io
import tempfile
from operator import itemgetter
from pathlib import Path

import pytest
from campaigns import cells_of, rows_of, values_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.campaign.tables import csvtable
from smsgate.campaign.tables.csvrecords import MOST_LINES
from smsgate.campaign.tables.kinds import chunks, open_table, read_columns
from smsgate.campaign.tables.model import LONGEST_ROW


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
def test_the_delimiter_is_detected(table, octets, delimiter):
    opened = table(octets)
    assert opened.delimiter == delimiter
    assert all(isinstance(cells, list) for cells in cells_of(opened))


def test_a_delimiter_may_be_given(table):
    assert cells_of(table(b"to:name\n1,2:b\n", delimiter=":")) == [["1,2", "b"]]
    assert table(b"to,x\n", name="t.tsv", columns={"to": "to,x"}).delimiter == "\t"
    with pytest.raises(
        OptionError, match=r"--delimiter: expected one ASCII character, found '%%'$"
    ):
        table(b"to\n", delimiter="%%")


@pytest.mark.parametrize("octets", [b"", b"\n1,2\n", b",,\n", b'"never closed\n' + b"a\n" * 300])
def test_a_file_without_a_header_is_refused(table, octets):
    with pytest.raises(SourceError, match="expected a header"):
        table(octets)


def test_rows_are_counted_as_people_count_them(table):
    octets = b'to,name\n1,"a\nb"\n\n2,c\r\n3,"say ""hi"""\n4'
    assert values_of(table(octets)) == [
        (2, ["1", "a\nb"]),
        (4, ["2", "c"]),
        (5, ["3", 'say "hi"']),
        (6, ("cells", "line 6: expected 2 cells, found 1")),
    ]


def test_lines_may_end_with_a_carriage_return(table):
    assert rows_of(table(b'to,name\r1,a\r2,"b\rc"\r')) == [(2, ["1", "a"]), (3, ["2", "b\nc"])]
    opened = table(b"to,name\n1,a\rb\n2,c\n")
    assert values_of(opened) == [
        (2, ("unreadable", "line 2: expected a row, found a carriage return inside a row")),
        (3, ["2", "c"]),
    ]


@pytest.mark.parametrize(
    "cell", [b'"b\rc"', b'"\rc"', b'"b\n\rc"', b'"b\r\r\nc\n9,d"', b'"b\r"', b'"b\nc\r"']
)
def test_a_lone_carriage_return_in_a_quoted_cell_makes_its_row_unreadable(table, cell):
    opened = table(b"to,name\n1,a\n2," + cell + b'\n3,"c\r\nd"\n')
    assert values_of(opened) == [
        (2, ["1", "a"]),
        (3, ("unreadable", "line 3: expected a row, found a carriage return inside a row")),
        (4, ["3", "c\r\nd"]),
    ]


def test_a_quote_that_is_never_closed_makes_only_its_own_line_unreadable(table):
    octets = b'to,name\n1,a\n2,"b\n' + b"3,c\n" * 500
    opened = table(octets)
    for rows in (1, 7, 10_000):
        found = rows_of(opened, rows)
        assert [row for row, _ in found] == list(range(2, 504))
        codes = [cells.code for _, cells in found if not isinstance(cells, list)]
        assert codes == ["unreadable"]


def test_a_quote_that_is_open_at_the_end_makes_only_its_own_line_unreadable(table):
    assert values_of(table(b'to,name\n1,"a\n2,b\n')) == [
        (2, ("unreadable", "line 2: expected a row, found a quote that is not closed")),
        (3, ["2", "b"]),
    ]


def test_a_row_that_is_too_long_is_left_out(table):
    octets = b"to,name\n1," + b"x" * (LONGEST_ROW + 10) + b"\n2,b\n"
    found = values_of(table(octets))
    assert found[0][1][0] == "unreadable"
    assert found[1:] == [(3, ["2", "b"])]


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
            assert_consecutive(opened, found)


def assert_consecutive(opened, found):
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
@example(b'"\r""\n"\r"', 1)
@example(b'"\r\n\r"\n1,a', 1)
@given(HOSTILE | st.binary(max_size=80), st.integers(1, 5))
def test_any_octets_give_the_same_rows_in_chunks_of_any_size(octets, size):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(b"to,name\n" + octets)
        opened = open_table(str(path), delimiter=",", charset="utf-8")
        found = list(chunks(opened, size))
        assert_consecutive(opened, found)
        assert end_of(opened, found) == path.stat().st_size
        few, many = ([(r, str(c)) for r, c in rows_of(opened, n)] for n in (size, 10_000))
        assert few == many
        columns = [read_columns(opened, chunk) for chunk in found]
        assert sorted((r for one in columns for r in by_row(one)), key=itemgetter(0)) == few


def by_row(columns):
    yield from ((row, str(error)) for row, error in columns.errors)
    cells = zip(*columns.cells, strict=True)
    yield from ((row, str(list(one))) for row, one in zip(columns.rows, cells, strict=True))


@pytest.mark.parametrize(
    "octets",
    [b"1,a\n2,b\n", b"1,a\r\n2,b\r\n", b"1,a\n2,b", b"1,a\n2,b\r", b'1,a\n"2","b"\n'],
)
def test_the_columns_of_a_sound_chunk_are_taken_at_once(table, octets):
    opened = table(b"to,name\n" + octets)
    (chunk,) = chunks(opened)
    assert csvtable.columns(opened, chunk) == [["1", "2"], ["a", "b"]]
    assert read_columns(opened, chunk) == (range(2, 4), [["1", "2"], ["a", "b"]], [])


@pytest.mark.parametrize("octets", [b"1,a\n2\n", b"1,a\n\n2,b\n", b"1,a,2\nb\n", b"1,\xff\n"])
def test_the_columns_of_any_other_chunk_are_not(table, octets):
    opened = table(b"to,name\n" + octets, charset="utf-8")
    (chunk,) = chunks(opened)
    assert csvtable.columns(opened, chunk) is None


def end_of(opened, found):
    return found[-1].end if found else opened.start


def test_a_multi_line_cell_may_have_as_many_lines_as_the_limit(table):
    most = b"\n" * (MOST_LINES - 1)
    (cells,) = cells_of(table(b'to,name\n1,"a' + most + b'"\n'))
    assert cells[1].count("\n") == MOST_LINES - 1
