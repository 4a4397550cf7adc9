import pickle
import tempfile
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
