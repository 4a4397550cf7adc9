import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import MessageFileError
from smsenc.messagefile import Credentials, Message, check_schedule, dumps, instants, loads

NUMBER = "448311234567"


@given(
    st.sampled_from(["text", "sender", "client_id", "reply", "msg_type", "scheduled_time"]),
    st.text(max_size=6),
    st.sampled_from("\r\n\x00\x85\u2028"),
    st.text(max_size=6),
)
def test_no_value_adds_a_line(name, before, control, after):
    fields = {"to": (NUMBER,), "text": "x", name: f"{before}{control}to:449000000{after}"}
    try:
        octets = dumps(Message(**fields))
    except MessageFileError:
        return
    assert loads(octets).to == (NUMBER,)
    assert octets.count(b"\nto:") == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "x", "to": [NUMBER]}, "to: expected tuple, found list"),
        ({"text": "x", "to": NUMBER}, "to: expected tuple, found str"),
        ({"text": "x", "to": (448311234567,)}, "to: expected a number as str, found int"),
        ({"text": "x", "rows": [(NUMBER, "a")], "to": ()}, "rows: expected tuple, found list"),
        ({"text": b"x"}, "text: expected str, found bytes"),
        ({"data": "00"}, "data: expected bytes, found str"),
        ({"text": "x\ty"}, "text: expected no control character, found U+0009"),
        ({"text": "x", "data": b""}, "text: expected either a text or data (gateway error 101)"),
        ({"text": "x", "to": ()}, "to: expected either recipients or csv rows (gateway error 101)"),
        (
            {"text": "x", "to": ("+44",)},
            "to: expected 7 to 15 digits, found '+44' (gateway error 105)",
        ),
        (
            {"data": b"", "sender": "Bank"},
            "from: expected digits with 8-bit data, found 'Bank' (gateway error 106)",
        ),
        (
            {"data": b"", "udh": b"", "msg_type": "SMS_FLASH"},
            "udh: expected no header with msg_type SMS_FLASH (gateway error 102)",
        ),
        (
            {"text": "x", "deliv_time": 20, "scheduled_time": "1700000000"},
            (
                "deliv_time: expected no delay together with scheduled_time, found 20 "
                "(gateway error 120)"
            ),
        ),
        ({"text": "x", "extra": (("to", "1"),)}, "to: expected the name of an unknown key"),
        (
            {"text": "x", "delimiter": "ab"},
            "delimiter: expected one character, no digit, found 'ab'",
        ),
    ],
)
def test_what_breaks_a_rule_is_not_made(fields, message):
    with pytest.raises(MessageFileError) as caught:
        Message(**{"to": (NUMBER,)} | fields)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("a\nto:1", "csv: expected no control character, found U+000A"),
        ("a,b", "csv: expected a cell without delimiter or #field#, found 'a,b'"),
        ("#field1#", "csv: expected a cell without delimiter or #field#, found '#field1#'"),
    ],
)
def test_cells_cannot_break_out_of_their_row(cell, message):
    with pytest.raises(MessageFileError) as caught:
        Message(rows=((NUMBER, cell),), text="#field1#")
    assert str(caught.value) == message


def test_the_password_shows_nowhere():
    secret = Credentials(api_id="1", user="u", password="hunter2")
    message = Message(to=(NUMBER,), text="x", credentials=secret)
    assert "hunter2" not in repr(message)
    for value in ("hunter2\n", " hunter2", ""):
        with pytest.raises(MessageFileError) as caught:
            Message(
                to=(NUMBER,),
                text="x",
                credentials=Credentials(api_id="1", user="u", password=value),
            )
        assert "hunter2" not in str(caught.value)
    with pytest.raises(MessageFileError) as caught:
        loads(b"password hunter2\n")
    assert "hunter2" not in str(caught.value)


SECONDS = 1_700_000_000


@pytest.mark.parametrize("ahead", [0, 1, 604_800])
@pytest.mark.parametrize("form", [str, instants.written])
def test_a_time_within_seven_days_is_taken(ahead, form):
    message = Message(to=(NUMBER,), text="x", scheduled_time=form(SECONDS + ahead))
    check_schedule(message, now=SECONDS)


@pytest.mark.parametrize("ahead", [-1, 604_801])
def test_a_time_further_off_is_not(ahead):
    message = Message(to=(NUMBER,), text="x", scheduled_time=str(SECONDS + ahead))
    with pytest.raises(MessageFileError) as caught:
        check_schedule(message, now=SECONDS)
    assert str(caught.value) == (
        "scheduled_time: expected a time in the future, at most 7 days ahead, "
        f"found '{SECONDS + ahead}' (gateway error 120)"
    )
    assert caught.value.code == 120


@pytest.mark.parametrize("start", ["=1+1", "+44", "-1", "@SUM(A1)", "|calc", "%0A"])
def test_what_a_spreadsheet_takes_for_a_formula_is_text_as_any(start):
    message = Message(rows=((NUMBER, start),), delimiter=";", text=f"{start} #field1#")
    assert loads(dumps(message)) == message
    for key in ("client_id", "sender", "msg_type", "scheduled_time"):
        with pytest.raises(MessageFileError):
            Message(to=(NUMBER,), text="x", **{key: start})
    with pytest.raises(MessageFileError):
        Message(rows=((f"{start}{NUMBER}", "x"),), text="x")


@given(
    st.sampled_from(["api_id", "user", "password", "cell", "number", "delimiter", "key", "extra"]),
    st.text(max_size=5),
    st.sampled_from(["\r", "\n", "\x00", "\x85", "\u2028", "\nto:449000000000", "\ncsv:"]),
    st.text(max_size=5),
)
def test_no_part_of_a_message_adds_a_line(where, before, control, after):
    value = f"{before}{control}{after}"
    fields = {
        "cell": {"rows": ((NUMBER, value),)},
        "number": {"rows": ((value, "x"),)},
        "delimiter": {"rows": ((NUMBER, "x"),), "delimiter": control},
        "key": {"to": (NUMBER,), "extra": ((value, "x"),)},
        "extra": {"to": (NUMBER,), "extra": (("x", value),)},
    }
    login = {"api_id": "1", "user": "u", "password": "p"}
    for key in login:
        fields[key] = {"to": (NUMBER,), "credentials": Credentials(**login | {key: value})}
    with pytest.raises(MessageFileError):
        Message(text="x", **fields[where])


def test_a_sender_s_name_takes_no_replies():
    with pytest.raises(MessageFileError) as caught:
        Message(to=(NUMBER,), text="x", sender="Bank", mo=True)
    assert str(caught.value) == (
        "from: expected the number that replies come to, found 'Bank' (gateway error 106)"
    )
