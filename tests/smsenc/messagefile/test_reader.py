import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import MessageFileError
from smsenc.messagefile import loads

NUMBER = "448311234567"
SEED = b"""api_id:xxxxx
user:xxxxx
password:xxxxx
to: 448311234567
text: This is my first ftp to SMS message
"""


@given(st.binary(max_size=300))
def test_any_octets_are_a_message_or_our_error(octets):
    for data in (octets, SEED + octets):
        try:
            loads(data)
        except MessageFileError:
            pass


def test_the_first_sample_of_the_format():
    message = loads(SEED)
    assert message.to == (NUMBER,)
    assert message.text == "This is my first ftp to SMS message"
    assert not message.ready
    assert message.warnings == ()


def test_data_split_at_an_odd_digit_is_joined():
    octets = SEED.replace(b"text: This", b"data:ABC\ndata: D\nx:")
    assert loads(octets).data == b"\xab\xcd"


def test_other_spellings_are_read_with_a_warning():
    octets = (
        SEED.replace(b"api_id", b"api-id").replace(b"to: 44", b"TO: +44") + b"climsgid:7\nz:1\n"
    )
    message = loads(octets)
    assert message.to == (NUMBER,)
    assert message.client_id == "7"
    assert message.extra == (("z", "1"),)
    assert message.warnings == (
        "line 1: api-id: read as api_id",
        "line 4: TO: read as to",
        "line 6: climsgid: read as cliMsgId",
        "line 7: z: unknown key, kept",
        "line 4: to: '+448311234567' read as 448311234567",
    )


def test_csv_and_delimiter_in_any_case():
    octets = SEED.replace(b"to: 448311234567", b"Delimiter: ;\nCSV: 448311234567;Ann;a,b")
    message = loads(octets)
    assert message.rows == ((NUMBER, "Ann", "a,b"),)
    assert message.delimiter == ";"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("queue:9", "line 6: queue: expected a whole number 1 to 3, found '9' (gateway error 101)"),
        (
            "validity:0",
            "line 6: validity: expected a whole number 1 to 1440, found '0' (gateway error 101)",
        ),
        (
            "deliv_time:10081",
            (
                "line 6: deliv_time: expected a whole number 0 to 10080, found '10081' "
                "(gateway error 120)"
            ),
        ),
        ("mo:yes", "line 6: mo: expected 0 or 1, found 'yes' (gateway error 101)"),
        ("udh:ABC", "line 6: udh: expected pairs of hex digits, found 'ABC' (gateway error 102)"),
        (
            "max_credits:x",
            (
                "line 6: max_credits: expected a decimal number from 0.8, found 'x' "
                "(gateway error 101)"
            ),
        ),
        ("from:Much too long", None),
        ("nonsense", "line 6: expected key:value, found no colon"),
        (
            "to:0831",
            "line 6: to: expected a number with its country code, found '0831' (gateway error 105)",
        ),
        (
            "password:again",
            "line 6: password: expected the key once, found it again (gateway error 101)",
        ),
        ("data:00", "line 5: text: expected either a text or data (gateway error 101)"),
        (
            "csv:448311234567",
            "line 4: to: expected either recipients or csv rows (gateway error 101)",
        ),
        ("udh:00", "line 6: udh: expected data with a header, found text (gateway error 102)"),
        (
            "cliMsgId:a b",
            "line 6: cliMsgId: expected 1 to 32 letters or digits, found 'a b' (gateway error 101)",
        ),
    ],
)
def test_faults_are_named_with_line_and_key(line, message):
    with pytest.raises(MessageFileError) as caught:
        loads(SEED + line.encode() + b"\n")
    if message is None:
        message = (
            "line 6: from: expected 1 to 16 digits or 1 to 11 letters and digits, "
            "found 'Much too long' (gateway error 106)"
        )
    assert str(caught.value) == message


def test_other_spellings_in_rows_are_read_with_a_warning():
    octets = SEED.replace(b"to: 448311234567", b"CSV:+44 8311 234567,Ann\rCSV:4915112345678,Bob")
    message = loads(octets)
    assert message.rows == ((NUMBER, "Ann"), ("4915112345678", "Bob"))
    assert message.warnings[-1] == "line 4: csv: '+44 8311 234567' read as 448311234567"
    with pytest.raises(MessageFileError) as caught:
        loads(octets.replace(b"4915112345678", b"0151"))
    assert str(caught.value) == (
        "line 5: csv: expected a number with its country code, found '0151' (gateway error 105)"
    )
