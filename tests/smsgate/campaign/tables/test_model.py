import pytest

from smsenc import OptionError


def test_columns_are_found_by_name_in_any_case(table):
    assert table(b"Name,PHONE\n").to == 1
    assert table(b"number,phone\n").to == 1  # the better name, not the first
    opened = table(b"id,Contact\n", columns={"to": "contact", "first": "id"})
    assert (opened.to, opened.aliases) == (1, (("first", 0),))


def test_two_columns_of_the_same_name_are_ambiguous(table):
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
