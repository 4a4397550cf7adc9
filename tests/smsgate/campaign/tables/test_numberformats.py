"""What cells show of their values, by their number formats."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.campaign.tables import dateformats
from smsgate.campaign.tables.numberformats import shown

ACCOUNTING = '_-"£"* #,##0.00_-;-"£"* #,##0.00_-;_-"£"* "-"??_-;_-@_-'
MORNING = dt.datetime(2026, 12, 31, 9, 5, 7)  # noqa: DTZ001 - a sheet knows no zones
EVENING = MORNING.replace(hour=19)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (42, "@", "42"),
        (1234.5, "0.00", "1234.50"),
        (1234.5, '"£"#,##0.00', "£1,234.50"),
        (1234.5, "[$£-809]#,##0.00", "£1,234.50"),
        (1234.5, '#,##0.00\\ "€"', "1,234.50 €"),
        (1234567, '0.0,,"M"', "1.2M"),
        (-1234.5, ACCOUNTING, "-£1,234.50"),
        (0, ACCOUNTING, "£-"),
        (-5, "#,##0_);(#,##0)", "(5)"),
        (-5, "#,##0.00;[Red]-#,##0.00", "-5.00"),
        (-5, "0.0", "-5.0"),
        (-0.001, "0.00", "0.00"),
        (1.005, "0.00", "1.01"),  # as written, not as the float is
        (0.175, "0.0%", "17.5%"),
        (42, "00000", "00042"),
        (0.5, "#.00", ".50"),
        (0.25, "0.0##", "0.25"),
        (5, "0.0##", "5.0"),
        (7, '"no. "0', "no. 7"),
        (3, '"paid"', "paid"),
        (3, ";;;", ""),
        (10**20, "#,##0", "100,000,000,000,000,000,000"),
        (MORNING, "dd/mm/yyyy", "31/12/2026"),
        (MORNING, "d mmmm yyyy;@", "31 December 2026"),
        (MORNING, "[$-809]ddd d mmm yy", "Thu 31 Dec 26"),
        (MORNING, "[$-en-GB]dddd", "Thursday"),
        (MORNING, "DD.MM.YYYY HH:MM:SS", "31.12.2026 09:05:07"),
        (MORNING, "m:ss", "5:07"),
        (MORNING, 'd. "de" mmm', "31. de Dec"),
        (EVENING, "h:mm AM/PM", "7:05 PM"),
        (MORNING.replace(hour=0), "hh:mm am/pm", "12:05 AM"),
        (dt.time(9, 5), "hh:mm", "09:05"),
        (dt.date(2026, 1, 2), "yyyy-mm-dd", "2026-01-02"),
    ],
)
def test_common_formats_are_applied(value, code, text):
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (5, "# ?/?"),
        (5, "0.00E+00"),
        (5, "[<10]0;00"),
        (5, "0000 0000"),
        (5, '"open'),
        (5, "0" * 300),
        (MORNING, "mm-dd-yy"),  # the computer's own
        (MORNING, "[$-F800]dddd, mmmm dd, yyyy"),
        (MORNING, "[$-407]d. mmmm"),  # German
        (MORNING, "x"),
        (dt.time(9, 5), "dd/mm"),
        (dt.timedelta(days=1), "[h]:mm"),
    ],
)
def test_other_formats_are_not(value, code):
    assert shown(value, code) is None


def test_numbers_in_german_dates_are_the_same_in_english():
    assert shown(MORNING, "[$-407]dd.mm.yyyy") == "31.12.2026"


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)), st.text())
def test_any_format_gives_a_text_or_nothing(value, code):
    assert isinstance(shown(value, code), str | None)
    assert isinstance(shown(MORNING, code), str | None)


CODES = st.sampled_from(["dd/mm/yyyy", "d mmmm yyyy", "m/d/yyyy h:mm", "yyyy-mm-dd hh:mm:ss"])


@given(st.datetimes(min_value=dt.datetime(1000, 1, 1)), CODES)  # noqa: DTZ001
def test_what_is_written_is_read(moment, code):
    text = dateformats.written(moment, code)
    assert dateformats.written(dateformats.read(text, code), code) == text


@pytest.mark.parametrize(
    ("text", "code", "iso"),
    [
        ("5/6/26", "d/m/yy", "2026-06-05"),
        ("5/6/69", "d/m/yy", "1969-06-05"),
        ("5  jun 2026", "d mmmm yyyy", "2026-06-05"),
    ],
)
def test_dates_are_read_as_people_write_them(text, code, iso):
    assert dateformats.read(text, code).date().isoformat() == iso


@pytest.mark.parametrize("text", ["31/02/2026", "1/13/2026", "x", "", "1/2/26"])
def test_what_is_no_date_is_none(text):
    assert dateformats.read(text, "dd/mm/yyyy") is None
