"""Filters for amounts and dates."""

import pytest

from smsenc import OptionError
from smsgate.campaign.rows.template import compile_template
from smsgate.campaign.tables.model import RejectCode, RowError


def merged(source, cell):
    return compile_template(f"[#a|{source}#]", ("a",)).merge([cell])[1:-1]


@pytest.mark.parametrize(
    ("source", "cell", "text"),
    [
        ("money", "1234.5", "1,234.50"),
        ("money", "7", "7.00"),
        ("money", "0.001", "0.00"),
        ("money", "-1234.5", "-1,234.50"),
        ("money", "(5)", "-5.00"),
        ("money", "1,234", "1,234.00"),
        ("money", "1.234,50", "1,234.50"),
        ("money", "1 234 567,5", "1,234,567.50"),
        ("money:£1,234.50", "1234.5", "£1,234.50"),
        ("money:£1,234.50", "£1234.5", "£1,234.50"),
        ("money:£1,234.50", "-£5", "-£5.00"),
        ("money:1.234,50 €", "1.234", "1.234,00 €"),
        ("money:1.234,50 €", "-42.1250", "-42,13 €"),
        ("money:1 234,5", "1234", "1 234,0"),
        ("money:1234.50", "1234567", "1234567.00"),
        ("money:1'234", "1234.4", "1'234"),
        ("default:0|money", "", "0.00"),
        ("date:d mmmm yyyy", "2026-12-31", "31 December 2026"),
        ("date:dd/mm/yyyy", "2026-12-31 10:00:00", "31/12/2026"),
        ("date:h:mm", "14:30:00", "14:30"),
        ("date:d mmm from dd/mm/yyyy", "5/6/2026", "5 Jun"),
        ("date:d mmm from dd/mm/yyyy", "2026-06-05", "5 Jun"),
        ("date:d mmm|upper", "2026-06-05", "5 JUN"),
    ],
)
def test_amounts_and_dates_are_written_as_asked(source, cell, text):
    assert merged(source, cell) == text


@pytest.mark.parametrize(
    ("source", "cell", "reason"),
    [
        ("money", "1.234", "expected an amount, found '1.234', which may be 1234 or 1.234"),
        ("money", "€5", "expected an amount such as 1234.50, found '€5'"),
        ("money:£1,234.50", "€5", "expected an amount such as 1234.50, found '€5'"),
        ("money", "1,2,3", "expected an amount such as 1234.50, found '1,2,3'"),
        ("money", ".5", "expected an amount such as 1234.50, found '.5'"),
        ("money", "ask", "expected an amount such as 1234.50, found 'ask'"),
        ("money", "1" * 101, "expected an amount such as 1234.50, found"),
        (
            "date:d mmm",
            "5/6/2026",
            "expected a date such as 2026-12-31 (or, say, date:d mmm yyyy from dd/mm/yyyy), found",
        ),
        (
            "date:d mmm from dd/mm/yyyy",
            "32/6/2026",
            "expected a date such as dd/mm/yyyy, found '32/6/2026'",
        ),
        ("date:d mmm", "14:30", "expected a date such as 2026-12-31"),
    ],
)
def test_a_cell_that_is_neither_rejects_its_row(source, cell, reason):
    with pytest.raises(RowError) as error:
        merged(source, cell)
    assert (error.value.code, error.value.name) == (RejectCode.VALUE, "a")
    assert error.value.message.startswith(reason)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("money:x", "expected 1234.50 as it is to be written after money:, as in £1,234.50"),
        ("money:1,234,50", "expected 1234.50 as it is to be written"),
        ("date:x", "expected a format such as dd/mm/yyyy after date:"),
        ("date:d mmm from mm/yy", "expected a format with day, month and year after from"),
        ("date", "expected upper, lower, title, cut:N, default:TEXT, money, money:EXAMPLE or"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(source, reason):
    with pytest.raises(OptionError) as error:
        compile_template(f"#a|{source}#", ("a",))
    assert error.value.message.startswith(reason)
