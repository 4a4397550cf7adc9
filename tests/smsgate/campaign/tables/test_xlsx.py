import datetime as dt
import io
import pickle
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import SourceError
from smsenc import SmsencError
from smsgate.campaign.tables import unpacking, xlsx
from smsgate.campaign.tables.kinds import chunks, digest, open_table, read
from smsgate.campaign.tables.model import RowError, TableOptions

NOON = dt.datetime(2024, 5, 1, 12, 30)  # noqa: DTZ001 - a sheet knows no zones


@pytest.fixture
def table(tmp_path):
    def make(rows, name="t.xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / name
        book.save(path)
        return open_table(str(path))

    return make


def test_cells_are_what_people_read(table):
    opened = table(
        [
            ("Name", "Phone", "Since", "Paid", "At"),
            ("Zoë", 447700900123, dt.date(2024, 5, 1), True, NOON),
            (None, 447700900124.0, 0.5, False, None),
            (),
            ("Ann", "+44 7700 900125"),
            ("too", "many", 1, 2, 3, 4),
        ]
    )
    assert (opened.kind, opened.columns[opened.to]) == ("xlsx", "Phone")
    (chunk,) = chunks(opened)
    first, second, third, fourth = read(opened, chunk)
    assert first == (2, ["Zoë", "447700900123", "2024-05-01", "true", "2024-05-01 12:30:00"])
    assert second == (3, ["", "447700900124", "0.5", "false", ""])
    assert third == (5, ["Ann", "+44 7700 900125", "", "", ""])
    assert str(fourth[1]) == "line 6: expected 5 cells, found 6"
    assert chunk.count == 5
    assert [row for row, _ in pickle.loads(pickle.dumps(chunk)).rows] == [2, 3, 5, 6]  # noqa: S301 - our own


def test_chunks_have_their_rows(table):
    opened = table([("to",), *((n,) for n in range(25))])
    found = list(chunks(opened, 10))
    assert [(c.first_row, c.count) for c in found] == [(2, 10), (12, 10), (22, 5)]
    assert [cells for c in found for _, cells in read(opened, c)] == [[str(n)] for n in range(25)]
    assert len({digest(opened, chunk) for chunk in found}) == 3


def test_a_table_is_known_by_what_it_is(table):
    assert table([("to",), ("1",)], name="no-suffix").kind == "xlsx"


def test_an_empty_sheet_has_no_header(table):
    with pytest.raises(SourceError, match="expected a header"):
        table([])


def archive(**members):
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    octets.seek(0)
    return octets


@pytest.mark.parametrize(
    ("limit", "octets"),
    [
        ("MOST_UNPACKED", {"xl__worksheets__sheet1_xml": b" " * 2000}),
        ("MOST_HELD", {"xl__sharedStrings_xml": b" " * 2000}),
        ("MOST_HELD", {"xl__styles_xml": b" " * 2000}),
        ("MOST_MEMBERS", {f"m{n}": b"" for n in range(1001)}),
    ],
)
def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch, limit, octets):
    monkeypatch.setattr(unpacking, limit, 1000)
    with pytest.raises(SourceError, match="expected a spreadsheet of at most"):
        xlsx.open_xlsx("t.xlsx", archive(**octets), TableOptions())


def sheet(rows):
    """A workbook whose sheet says this of its rows."""
    octets = io.BytesIO()
    openpyxl.Workbook().save(octets)
    changed = io.BytesIO()
    with zipfile.ZipFile(octets) as old, zipfile.ZipFile(changed, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(
                    b"<sheetData></sheetData>", f"<sheetData>{rows}</sheetData>".encode()
                )
                assert rows.encode() in content
            new.writestr(member, content)
    changed.seek(0)
    return changed


HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>to</t></is></c></row>'


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row r="99999999999"><c r="A1"><v>1</v></c></row>', "expected at most 1048576 rows"),
        ('<row r="2"><c r="ZZZ2"><v>1</v></c></row>', "expected at most 1048576 rows of 1000"),
        ('<row r="x"><c><v>1</v></c></row>', "expected a spreadsheet, found it damaged"),
        ('<row r="2"><c t="s"><v>7</v></c></row>', "expected a spreadsheet, found it damaged"),
    ],
)
def test_a_sheet_that_lies_of_its_size_is_an_error(rows, message, tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(sheet(HEADER + rows).getvalue())
    opened = open_table(str(path))
    with pytest.raises(SourceError, match=message):
        list(chunks(opened))


# Made once: a workbook holds the time, and the same draws must damage the same octets.
SOUND = sheet(HEADER + '<row r="2"><c r="A2"><v>447700900123</v></c></row>').getvalue()


@given(st.data())
def test_any_damage_is_rows_or_an_error_of_ours(data):
    octets = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        opened = xlsx.open_xlsx("t.xlsx", io.BytesIO(octets), TableOptions())
        found = list(xlsx.chunks(opened, io.BytesIO(octets), 10))
    except SmsencError:
        return
    assert all(isinstance(cells, list | RowError) for chunk in found for _, cells in chunk.rows)
