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
        "t.csv: --column to: two columns are called 'to': rename those that are not meant"
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
    with pytest.raises(OptionError, match="two columns are called 'a'"):
        table(b"a,a\n", columns={"to": "a"})


def test_a_name_that_two_columns_have_is_refused_only_where_it_is_used(table):
    assert table(b"to,phone,Phone,note,note\n").to == 0
    for header in (b"Phone,Name,Phone\r\n", b"phone,name,PHONE\n", b"Phone,x,\xe2\x80\x8bphone \n"):
        with pytest.raises(OptionError) as caught:
            table(header)
        assert "two columns are called 'phone': rename" in str(caught.value)
    with pytest.raises(OptionError, match="three columns are called 'a'"):
        table(b"a,a,a,to\n", columns={"x": "a"})


def test_names_of_columns_are_compared_without_invisible_marks_and_odd_spaces(table):
    opened = table("\u200bName,Phone\u00a0 Number\n".encode(), columns={"first": "name"})
    assert (opened.to, opened.aliases) == (1, (("first", 0),))
