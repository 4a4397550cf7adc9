"""Spreadsheets that unpack to far more than they seem are refused before openpyxl reads them."""

import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest

from converters.errors import SourceError
from smsgate.campaign.tables import unpacking
from smsgate.campaign.tables.kinds import chunks, open_table, read


def workbook(rows=(("to",), ("447700900123",))):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    octets = io.BytesIO()
    book.save(octets)
    return octets


TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def changed(name, make):
    """A sound workbook in which ``make`` gives another content for one of its files."""
    octets = io.BytesIO()
    with (
        zipfile.ZipFile(workbook()) as old,
        zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        contents = {member: old.read(member) for member in old.namelist()}
        contents["xl/sharedStrings.xml"] = b'<sst xmlns="%b"></sst>' % MAIN
        types = contents["[Content_Types].xml"]
        contents["[Content_Types].xml"] = types.replace(b"</Types>", TYPE)
        contents[name] = make(contents[name])
        for member, content in contents.items():
            new.writestr(member, content)
    return octets.getvalue()


def into(mark, piece, times):
    return lambda content: content.replace(mark, piece * times + mark)


STYLES = changed("xl/styles.xml", into(b"</cellXfs>", b"<xf/>", 20_000_000))
TEXTS = changed("xl/sharedStrings.xml", into(b"</sst>", b"<si/>", 7_000_000))
SHEET, TEXT, STYLE = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (STYLES, "at most 250000 styles and other elements, found"),
        (TEXTS, "at most 100002 texts, found 7000000 or more"),
        (
            changed(TEXT, into(b"</sst>", b"<x:si/>", 2_000_000)),
            "at most 250000 styles and other elements, found",
        ),
        (
            changed(TEXT, into(b"</sst>", b"<si><r/><r/><r/><r/></si>", 99_000)),
            "at most 250032 elements of texts, found",
        ),
        (
            changed(SHEET, into(b"<sheetData>", b"<cols><col/></cols>", 2_000_000)),
            "at most 250000 styles and other elements, found",
        ),
        (
            changed(SHEET, into(b"</sheetData>", b"<row>" + b"<c/>" * 400_000 + b"</row>", 1)),
            "at most 250000 elements in a row, found",
        ),
        (
            changed(SHEET, into(b"</sheetData>", b"<row>" + b"<c/>" * 2_000 + b"</row>", 9_000)),
            "at most 16777216 cells, found",
        ),
        (
            changed(SHEET, into(b"</sheetData>", b"<row><c><v>" + b"1" * 2**21, 1)),
            "at most 1048576 octets in a text, found",
        ),
        (
            changed("xl/workbook.xml", into(b"</workbook>", b"<sheet/>", 2_000_000)),
            "at most 250000 styles and other elements, found",
        ),
    ],
    ids=[
        *("styles", "texts", "prefixed", "rich", "columns", "long-row", "cells", "long-text"),
        "sheets",
    ],
)
def test_what_no_list_of_recipients_needs_is_refused_at_once(tmp_path, octets, found):
    path = tmp_path / "t.xlsx"
    path.write_bytes(octets)
    assert len(octets) < 400_000
    begun = time.process_time()
    with pytest.raises(SourceError) as error:
        open_table(str(path))
    assert time.process_time() - begun < 5  # openpyxl takes a minute
    assert found in str(error.value)
    assert str(error.value).endswith(": save the sheet as CSV")


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda old: b'<!DOCTYPE a [<!ENTITY b "c">]>' + old, "expected no document type in"),
        (
            lambda old: b'<?xml version="1.0" encoding="cp037"?>' + old,
            "expected UTF-8 in 'xl/styles.xml', found another charset",
        ),
        (
            lambda _old: '\ufeff<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16-le"),
            "expected no document type in",
        ),
        (
            lambda _old: ("\ufeff<s>" + "<a/>" * 300_000 + "</s>").encode("utf-16-be"),
            "at most 250000 styles and other elements",
        ),
    ],
)
def test_documents_that_hide_what_they_are_are_refused(tmp_path, make, found):
    path = tmp_path / "t.xlsx"
    path.write_bytes(changed(STYLE, make))
    with pytest.raises(SourceError, match=found):
        open_table(str(path))


def test_a_member_that_unpacks_in_one_step_is_refused():
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.xml", b"<a>")
    with pytest.raises(SourceError, match="deflated, found it otherwise"):
        unpacking.check(octets)


def test_pictures_are_no_elements():
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/a.png", b"\x89PNG" + b"<" * 3_000_000)
    unpacking.check(octets)


def test_a_long_table_is_read_and_its_memory_is_bounded(tmp_path):
    path = tmp_path / "t.xlsx"
    rows = 30_000
    path.write_bytes(
        workbook(
            (("to", "name"), *((f"4477009{n:05}", f"Name {n}") for n in range(rows)))
        ).getvalue()
    )
    table = open_table(str(path))
    assert sum(1 for chunk in chunks(table) for _ in read(table, chunk)) == rows
    tracemalloc.start()
    try:
        with open(path, "rb") as file:
            unpacking.check(file)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()
