import gzip
import io
import pickle
import tempfile
import zipfile
from pathlib import Path

import pytest
from campaigns import cells_of, rows_of
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES

from converters.errors import SourceError
from smsenc import SmsencError
from smsgate.campaign.tables.kinds import chunks, digest, open_table
from smsgate.campaign.tables.model import RejectCode, RowError


def sample(name):
    return (SAMPLES / name).read_bytes()


def test_the_sample_is_a_table():
    opened = open_table(str(SAMPLES / "recipients.csv"))
    assert opened.columns[opened.to] == "phone"
    assert opened.notes == ("charset utf-8", "delimiter comma")
    assert all(isinstance(cells, list) for cells in cells_of(opened))


def test_a_table_and_its_chunks_can_be_sent_to_another_process(table):
    opened = table(b"to,name\n4412,Ann\n")
    (chunk,) = chunks(opened)
    assert pickle.loads(pickle.dumps((opened, chunk))) == (opened, chunk)  # noqa: S301 - our own
    assert len(pickle.dumps(chunk)) < 300
    error = RowError("expected", code=RejectCode.CELLS, row=7, column="name", cells=("a",))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.code, again.cells) == (str(error), "cells", ("a",))


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, octets in members.items():
            archive.writestr(name.replace("_", "/").replace("DOT", "."), octets)
    return file.getvalue()


NO_TABLES = {
    "logo.png": (sample("logo.png"), "a PNG picture"),
    "people.csv": (sample("logo.png"), "a PNG picture"),
    "people.xlsx": (sample("logo.png"), "a PNG picture"),
    "people.jsonl": (sample("photo.jpg"), "a JPEG picture"),
    "people.vcf": (b"GIF89a\1\0\1\0", "a GIF picture"),
    "-": (b"BM\x3e\0\0\0\0\0\0\0\x3e\0\0\0", "a picture"),
    "logo.nol": (sample("logo.nol"), "a logo"),
    "logo.otb": (sample("logo.otb"), "a logo"),
    "ode.tsv": (sample("ode-to-joy.mid"), "a MIDI tune"),
    "people.gz": (gzip.compress(b"phone\n447700900123\n"), "a gzip archive"),
    "letter.csv": (b"%PDF-1.4\n1 0 obj", "a PDF document"),
    "people.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an Office document"),
    "sheet.csv": (zipped(a=b"x"), "a zip archive"),
    "files.zip": (zipped(aDOTtxt=b"phone"), "a zip archive of other files"),
    "people.ods": (zipped(mimetype=b"x"), "an OpenDocument file: save its sheet as CSV"),
    "letter.docx": (zipped(word_documentDOTxml=b"<a/>"), "an Office document of another kind"),
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_named(name, tmp_path):
    octets, what = NO_TABLES[name]
    (tmp_path / name).write_bytes(octets)
    with pytest.raises(SourceError) as raised:
        open_table(str(tmp_path / name))
    assert raised.value.message == f"expected a table (.csv, .xlsx, .jsonl, .vcf), found {what}"


@pytest.mark.parametrize(
    "octets",
    [
        b"BMI,phone\n1,447700900123\n",
        b"ID3,phone\nRIFF,447700900123\n",
        "GIF8,phone\n1,447700900123\n".encode("utf-16-le"),
        "to,name\n447700900123,\u4e2d\n".encode("utf-16"),
        "to,name\n447700900123,x\n".encode("utf-16-be"),
        b"\x01,to\n\0,447700900123\n",
    ],
)
def test_a_table_that_begins_as_another_file_is_a_table(octets, table):
    assert len(rows_of(table(octets))) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv: no such file"):
        open_table(str(tmp_path / "none.csv"))
    with pytest.raises(SourceError, match=r"cannot be read: .*embedded null"):
        open_table("nul\0")


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.xlsx", "t.vcf", "t"])
@given(st.binary(max_size=300))
def test_any_octets_give_rows_or_an_error_of_this_project(name, octets):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(octets)
        try:
            found = rows_of(open_table(str(path)), 3)
        except SmsencError:
            return
        assert all(isinstance(cells, list | RowError) for _, cells in found)


def test_a_changed_chunk_has_another_digest(table):
    opened = table(b"to,name\n1,a\n2,b\n")
    before = [digest(opened, chunk) for chunk in chunks(opened, 1)]
    again = table(b"to,name\n1,a\n2,c\n3,d\n")
    after = [digest(again, chunk) for chunk in chunks(again, 1)]
    assert [old == new for old, new in zip(before, after, strict=False)] == [True, False]
    assert len(before[0]) == 16
