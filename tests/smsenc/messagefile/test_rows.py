import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsenc import MessageFileError
from smsenc.messagefile.profile import Profile
from smsenc.messagefile.rows import DELIMITERS, check_row, choose_delimiter, first_fault, join_rows

NUMBER = "447700900123"
texts = st.text(st.sampled_from(",;#field1 \t\n\r\x00\x85\u2028aé€0123456789"), max_size=12)
rows = st.lists(
    st.lists(texts | st.just(NUMBER) | st.just("#field1#"), max_size=4)
    | st.tuples(st.just(NUMBER), texts),
    max_size=4,
)


@given(rows, st.sampled_from(",;.|"))
@example([[f"{NUMBER},x"], []], ",")
@example([[NUMBER, "x\n447700900124,y"]], ",")
@example([[f"{NUMBER}\n{NUMBER}"]], ",")
def test_all_rows_at_once_are_judged_as_one_by_one(found, delimiter):
    fault = None
    for index, row in enumerate(found):
        try:
            check_row(row, delimiter)
        except MessageFileError as error:
            fault = index, str(error)
            break
    seen = first_fault(found, delimiter)
    assert (seen and (seen[0], str(seen[1]))) == fault


def test_rows_become_lines():
    assert join_rows([(NUMBER, "Ann", "x"), (NUMBER,)], ";") == (
        b"csv:447700900123;Ann;x\ncsv:447700900123\n"
    )
    assert join_rows([]) == b""
    crlf = Profile(name="x", line_end="crlf", charset="utf-8")
    assert join_rows([(NUMBER, "é")], ",", crlf) == b"csv:447700900123,\xc3\xa9\r\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("07700900123", "x"), "expected a number with its country code, found '07700900123'"),
        (("+447700900123",), "expected digits only (447700900123), found '+447700900123'"),
        ((), "expected a number, found an empty row"),
        ((NUMBER, "x "), "expected a row that does not end with a space, found 'x '"),
        ((NUMBER, "€"), "expected iso-8859-1 characters, found '€' (U+20AC)"),
        ((NUMBER, "x" * 8176), "expected a line of at most 8192 octets, found 8193"),
    ],
)
def test_a_bad_row_is_named_with_its_place(row, message):
    with pytest.raises(MessageFileError) as caught:
        join_rows([(NUMBER, "good"), row, (NUMBER,)])
    text = str(caught.value).removesuffix(" (gateway error 105)")
    assert text == f"line 2: csv: {message}"


def test_a_delimiter_that_no_cell_needs():
    assert choose_delimiter([(NUMBER, "a"), (NUMBER, "b")]) == ","
    assert choose_delimiter([(NUMBER, "a,b"), (NUMBER, "c|d")]) == ";"
    assert choose_delimiter([(NUMBER, "".join(DELIMITERS))]) is None
