from campaigns import campaign

from smsgate.campaign.rows.job import template_of
from smsgate.campaign.rows.keys import keys_of, unpacked
from smsgate.campaign.rows.recipients import UNIT, find_recipients
from smsgate.campaign.tables.kinds import chunks

TABLE = """number,name
+447400123400,Ann
n/a,Bob
+4930901820,
+447400123401,Cy,more
+447400123400,Ann
+447400123402,Dee
+4930901820,Eva
"""


def found(tmp_path, known=(), **changes):
    (tmp_path / "t.csv").write_text(TABLE)
    made = campaign(tmp_path / "t.csv", text="Hi #name#", **changes)
    (chunk,) = chunks(made.table)
    return find_recipients(made, chunk, template_of(made).columns, frozenset(known))


def test_each_row_is_sent_rejected_or_left_out(tmp_path):
    (tmp_path / "stop.txt").write_text("447400123402\n")
    result = found(tmp_path, opt_out=str(tmp_path / "stop.txt"))
    assert list(result.rows) == [2, 8]
    assert result.numbers == ["447400123400", "4930901820"]
    assert result.countries == ["GB", "DE"]
    assert result.columns == [["+447400123400", "+4930901820"], ["Ann", "Eva"]]
    assert [result.content(index) for index in (0, 1)] == [("Ann",), ("Eva",)]
    assert result.cells(1) == ("+4930901820", "Eva")
    assert result.lines == [f"447400123400{UNIT}Ann", f"4930901820{UNIT}Eva"]
    assert result.keys == unpacked(keys_of(result.lines))
    assert sorted((reject.row, reject.column, reject.code) for reject in result.rejects) == [
        (3, "number", "letters"),
        (4, "name", "empty"),
        (5, "", "cells"),
    ]
    assert (result.opted_out, result.repeated, result.read) == (1, 1, 7)


def test_known_rows_are_left_out(tmp_path):
    known = unpacked(keys_of([f"447400123400{UNIT}Ann"]))
    result = found(tmp_path, known)
    assert result.numbers == ["447400123402", "4930901820"]
    assert result.repeated == 2


def test_with_unique_only_the_number_counts(tmp_path):
    result = found(tmp_path, unique=True)
    assert result.keys == unpacked(keys_of(result.numbers))


def test_a_chunk_without_numbers_has_no_rows(tmp_path):
    (tmp_path / "t.csv").write_text("number,name\nn/a,Ann\n")
    made = campaign(tmp_path / "t.csv", text="Hi #name#")
    (chunk,) = chunks(made.table)
    result = find_recipients(made, chunk, template_of(made).columns)
    assert (result.rows, result.lines, list(result.keys), result.read) == ([], [], [], 1)


BLANK = """number,name,town
,,
447400123400,Ann,Rye
;;
 ,\u00a0,\u200b
;
"","",""
,
447400123401,Bob,
,Cy,
"""


def test_rows_without_content_are_skipped_and_counted(tmp_path):
    (tmp_path / "t.csv").write_text(BLANK, encoding="utf-8")
    made = campaign(tmp_path / "t.csv", text="Hi #name#")
    (chunk,) = chunks(made.table)
    result = find_recipients(made, chunk, template_of(made).columns)
    assert result.numbers == ["447400123400", "447400123401"]
    assert [(reject.row, reject.code) for reject in result.rejects] == [(10, "no-number")]
    assert (result.blank, result.read) == (6, 9)
