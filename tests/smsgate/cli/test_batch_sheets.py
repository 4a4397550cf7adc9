"""``smsenc batch`` and spreadsheets: what cells show, and which sheet is read."""

import datetime as dt
import json

import command
import openpyxl
import pytest
from campaigns import sent

COLUMNS = ("to", "amount", "due")
NUMBER = 447400123456


def batch(*arguments, cwd):
    return command.smsenc("batch", *arguments, cwd=cwd)


@pytest.fixture
def book(tmp_path):
    def make(*rows, money='"£"#,##0.00', date="dd/mm/yyyy", sheets=("People",)):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name in sheets:
            sheet = made.create_sheet(name)
            sheet.append(COLUMNS)
            for row in rows:
                sheet.append((row[0], row[1], row[2]))
                sheet.cell(sheet.max_row, 1).number_format = "#,##0.00"
                sheet.cell(sheet.max_row, 2).number_format = money
                sheet.cell(sheet.max_row, 3).number_format = date
        made.save(tmp_path / "t.xlsx")
        return tmp_path

    return make


DAY = dt.date(2026, 12, 31)


def test_amounts_and_dates_arrive_as_the_sheet_shows_them(book):
    folder = book((NUMBER, 1234.5, DAY))
    done = batch("t.xlsx", "--text", "#amount# by #due#", cwd=folder)
    assert sent(folder / "outbox") == [(str(NUMBER), "£1,234.50 by 31/12/2026")]
    assert "not applied" not in done.stderr


def test_a_format_that_is_not_applied_is_named_once_for_each_column(book):
    folder = book(*((NUMBER + n, 1234.5, DAY) for n in range(3)), money="# ?/?", date="mm-dd-yy")
    done = batch("t.xlsx", "--text", "#amount# by #due#", cwd=folder)
    assert [line for line in done.stderr.splitlines() if line.startswith("!")] == [
        "! amount: format # ?/? not applied: use |money or |date:dd/mm/yyyy in the text",
        "! due: format mm-dd-yy not applied: use |money or |date:dd/mm/yyyy in the text",
    ]
    assert sent(folder / "outbox")[0] == (str(NUMBER), "1234.5 by 2026-12-31")


def test_columns_that_the_text_does_not_use_are_not_named(book):
    folder = book((NUMBER, 1, DAY), money="# ?/?", date="mm-dd-yy")
    assert "not applied" not in batch("t.xlsx", "--text", "Hello", cwd=folder).stderr


def test_filters_get_the_values_whatever_their_formats(book):
    folder = book((NUMBER, 1234.125, DAY), money="#,##0", date="mm-dd-yy")
    text = "#amount|money:1.234,50 €#, #due|date:d mmmm#"
    done = batch("t.xlsx", "--text", text, cwd=folder)
    assert sent(folder / "outbox") == [(str(NUMBER), "1.234,13 €, 31 December")]
    assert "not applied" not in done.stderr


def test_a_column_with_and_without_such_a_filter_is_refused(book):
    folder = book((NUMBER, 1, DAY))
    done = batch("t.xlsx", "--text", "#due# #due|date:d mmm#", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "smsenc: --text: expected the same filter at each place, money or date, found #due# without"
    )


def test_one_sheet_needs_no_word(book):
    folder = book((NUMBER, 1, DAY))
    assert batch("t.xlsx", "--text", "x", cwd=folder).stderr.startswith("t.xlsx: xlsx\n")


def test_of_several_sheets_the_one_that_is_read_is_named(book):
    folder = book((NUMBER, 1, DAY), sheets=("Old", "New"))
    done = batch("t.xlsx", "--text", "x", cwd=folder)
    said = "t.xlsx: xlsx, sheet 'Old', the first of 2 (--sheet NAME reads another)"
    assert done.stderr.splitlines()[0] == said


def test_a_sheet_is_read_by_its_name_in_any_case(book, tmp_path):
    book((NUMBER, 1, DAY), sheets=("Old", "New"))
    made = openpyxl.load_workbook(tmp_path / "t.xlsx")
    made["New"]["A2"] = NUMBER + 1
    made.save(tmp_path / "t.xlsx")
    done = batch("t.xlsx", "--sheet", "new", "--text", "x", cwd=tmp_path)
    assert done.stderr.splitlines()[0] == "t.xlsx: xlsx"
    assert sent(tmp_path / "outbox") == [(str(NUMBER + 1), "x")]


def test_a_sheet_that_is_not_there_is_named_with_the_others(book):
    folder = book((NUMBER, 1, DAY), sheets=("Old", "New"))
    done = batch("t.xlsx", "--sheet", "x", "--text", "x", cwd=folder)
    assert done.returncode == 2
    assert "--sheet: expected a sheet of the file ('Old', 'New'), found 'x'" in done.stderr


def test_only_spreadsheets_have_sheets(tmp_path):
    (tmp_path / "t.csv").write_text("to\n447400123456\n")
    done = batch("t.csv", "--sheet", "x", "--text", "x", cwd=tmp_path)
    assert done.returncode == 2
    assert "--sheet: only a spreadsheet has sheets" in done.stderr


def test_full_substitutes_are_those_of_count(tmp_path):
    (tmp_path / "t.csv").write_text("to,name\n447400123456,Łukasz\n", encoding="utf-8")
    batch("t.csv", "--text", "Hi #name#", "--substitute", "full", cwd=tmp_path)
    assert sent(tmp_path / "outbox") == [("447400123456", "Hi Lukasz")]
    done = batch("t.csv", "--text", "Hi #name#", "--substitute", "all", cwd=tmp_path)
    assert "--substitute: expected one of never, typographic, full, found 'all'" in done.stderr


def test_json_counts_who_opted_out_after_it_was_sent(tmp_path):
    (tmp_path / "t.csv").write_text("to\n447400123456\n")
    done = batch("t.csv", "--text", "x", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["opted_out_late"] == 0


def test_a_sheet_without_a_column_of_numbers_is_named(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "Cover"
    made.create_sheet("People").append(("to",))
    for cell, expected in (("Made by Ann", "called to, phone"), (None, "header")):
        made["Cover"]["A1"] = cell
        made.save(tmp_path / "t.xlsx")
        done = batch("t.xlsx", "--text", "Hello", cwd=tmp_path)
        assert expected in done.stderr
        assert "in sheet 'Cover', the first of 2 (--sheet NAME reads another)" in done.stderr
