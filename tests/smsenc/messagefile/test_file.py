import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import MessageFileError
from smsenc.messagefile import (
    Credentials,
    Message,
    check_schedule,
    dumps,
    instants,
    loads,
    template_head,
)
from smsenc.messagefile.parameters import PARAMETERS
from smsenc.messagefile.profile import Profile
from smsenc.messagefile.rows import join_rows

NUMBER = "448311234567"
SEED = b"""api_id:xxxxx
user:xxxxx
password:xxxxx
to: 448311234567
text: This is my first ftp to SMS message
"""

latin1 = st.characters(min_codepoint=0x20, max_codepoint=0xFF).filter(
    lambda c: not "\x7f" <= c <= "\x9f"
)
word = st.text(latin1, min_size=1, max_size=20).map(str.strip).filter(bool)
numbers = st.from_regex("[1-9][0-9]{6,14}", fullmatch=True)
bodies = st.one_of(
    st.fixed_dictionaries({"text": st.lists(st.text(latin1), max_size=4).map("\n".join)}),
    st.fixed_dictionaries({"text": st.text(max_size=500), "unicode": st.just(True)}),
    st.fixed_dictionaries({"data": st.binary(max_size=9000), "udh": st.none() | st.binary()}),
)


times = st.integers(0, 2**31).map(instants.written) | st.integers(0, 2**31).map(str)
times = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"deliv_time": st.integers(0, 10080)}),
    st.fixed_dictionaries({"scheduled_time": times}),
)
options = st.fixed_dictionaries(
    {},
    optional={
        "client_id": st.from_regex("[A-Za-z0-9]{1,32}", fullmatch=True),
        "sender": st.from_regex("[0-9]{1,16}", fullmatch=True),
        "concat": st.integers(1, 35),
        "deliv_ack": st.booleans(),
        "callback": st.integers(0, 7),
        "validity": st.integers(1, 1440),
        "max_credits": st.decimals("0.8", 10**6, places=2),
        "req_feat": st.integers(0, 0x7FFF),
        "queue": st.integers(1, 3),
        "escalate": st.booleans(),
        "mo": st.booleans(),
        "binary": st.booleans(),
        "reply": st.just("ann@example.org, bob@example.org"),
        "delimiter": st.sampled_from(",;|~"),
    },
)
kinds = st.sampled_from([None, "SMS_TEXT", "SMS_FLASH", "SMS_NOKIA_CLEAN"])


@st.composite
def messages(draw):
    body = draw(bodies)
    return Message(
        to=tuple(draw(st.lists(numbers, min_size=1, max_size=3))),
        credentials=draw(st.builds(Credentials, api_id=word, user=word, password=word)),
        extra=tuple(draw(st.lists(st.tuples(st.just("x-key"), word), max_size=2))),
        msg_type=None if body.get("udh") is not None else draw(kinds),
        **draw(options),
        **draw(times),
        **body,
    )


@given(messages())
def test_loads_is_the_inverse_of_dumps(message):
    octets = dumps(message)
    assert loads(octets) == message
    assert all(len(line) <= 8192 for line in octets.split(b"\n"))
    assert loads(octets.replace(b"\n", b"\r\n")) == loads(octets.replace(b"\n", b"\r")) == message


cells = st.text(latin1.filter(lambda c: c not in ";#"), max_size=9).map(str.strip)


@given(st.lists(st.tuples(numbers, cells, cells), min_size=1, max_size=5).map(tuple))
def test_templates_come_back_with_their_cells(rows):
    message = Message(rows=rows, delimiter=";", text="Dear #field1#, #field2#")
    assert loads(dumps(message)) == message


@given(st.binary(max_size=300))
def test_any_octets_are_a_message_or_our_error(octets):
    for data in (octets, SEED + octets):
        try:
            loads(data)
        except MessageFileError:
            pass


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


def test_the_first_sample_of_the_format():
    message = loads(SEED)
    assert message.to == (NUMBER,)
    assert message.text == "This is my first ftp to SMS message"
    assert not message.ready
    assert message.warnings == ()


def test_the_order_and_spelling_of_the_lines():
    message = Message(
        to=(NUMBER, "4915112345678"),
        text=" two\nlines ",
        credentials=Credentials(api_id="1", user="u", password="a:b"),
        client_id="abc",
        sender="Bank",
        msg_type="SMS_FLASH",
        deliv_ack=True,
        queue=1,
        escalate=False,
        extra=(("colour", "blue"),),
    )
    assert dumps(message) == (
        b"api_id:1\nuser:u\npassword:a:b\ncliMsgId:abc\nfrom:Bank\nmsg_type:SMS_FLASH\n"
        b"deliv_ack:1\nqueue:1\nescalate:0\ncolour:blue\ntext:  two\ntext:lines \n"
        b"to:448311234567\nto:4915112345678\n"
    )


def test_unicode_text_is_hex():
    assert b"unicode:1\ntext:03A903A80398\n" in dumps(
        Message(to=(NUMBER,), text="ΩΨΘ", unicode=True)
    )


def test_a_header_and_octets():
    udh, data = bytes.fromhex("040402F1F2"), bytes(range(16))
    written = dumps(Message(to=(NUMBER,), udh=udh, data=data, binary=True))
    assert b"binary:1\nudh:040402F1F2\ndata:000102030405060708090A0B0C0D0E0F\n" in written


def test_data_split_at_an_odd_digit_is_joined():
    octets = SEED.replace(b"text: This", b"data:ABC\ndata: D\nx:")
    assert loads(octets).data == b"\xab\xcd"


def test_a_stranger_s_spellings_are_read_with_a_warning():
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


@pytest.mark.parametrize(
    ("fields", "message"),
    [
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


def test_a_character_beyond_the_charset_is_refused_when_writing():
    with pytest.raises(MessageFileError) as caught:
        dumps(Message(to=(NUMBER,), text="5 €"))
    assert str(caught.value) == "text: expected iso-8859-1 characters, found '€' (U+20AC)"


def test_only_data_goes_on_in_a_further_line():
    written = dumps(Message(to=(NUMBER,), data=bytes(9000)))
    assert written.count(b"\ndata:") == 3
    with pytest.raises(MessageFileError) as caught:
        dumps(Message(to=(NUMBER,), text="x" * 8188))
    assert str(caught.value) == "text: expected a line of at most 8192 octets, found 8193"


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


def test_the_generated_messages_have_every_parameter():
    fields = {"msg_type", "unicode", "udh", "deliv_time", "scheduled_time"}
    drawn = (
        "client_id sender concat deliv_ack callback validity max_credits req_feat queue escalate"
    )
    assert fields | {*drawn.split(), "mo", "binary", "reply"} == {row.field for row in PARAMETERS}


PROFILES = [
    Profile(name="utf", charset="utf-8", line_end="crlf"),
    Profile(name="euro", charset="iso-8859-15", line_end="cr"),
    Profile(name="short", charset="windows-1252", longest_line=300, most_messages=3),
]


@given(messages(), st.sampled_from(PROFILES))
def test_a_file_of_any_profile_reads_back(message, profile):
    try:
        octets = dumps(message, profile)
    except MessageFileError:
        return
    assert loads(octets, profile) == message


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252"])
def test_a_charset_with_a_euro_sign_holds_it(charset):
    profile = Profile(name="x", charset=charset)
    message = Message(to=(NUMBER,), text="5 €")
    assert loads(dumps(message, profile), profile) == message


def test_a_profile_s_limits():
    few = Profile(name="few", most_messages=1, most_parts=2, keys=("queue", *NEEDED))
    many = Message(to=(NUMBER, "447700900123"), text="x")
    cases = [
        (many, "to: expected at most 1 messages, found 2"),
        (
            Message(to=(NUMBER,), text="x", concat=3),
            "concat: expected at most 2, found 3 (gateway error 113)",
        ),
        (
            Message(to=(NUMBER,), text="x", mo=True),
            "mo: expected a key that the gateway few knows",
        ),
    ]
    for message, text in cases:
        with pytest.raises(MessageFileError) as caught:
            dumps(message, few)
        assert str(caught.value) == text
    with pytest.raises(MessageFileError) as caught:
        loads(b"text:\xff\n", Profile(name="x", charset="utf-8"))
    assert str(caught.value) == "line 1: expected utf-8 characters, found octet FF"


NEEDED = ("api_id", "user", "password", "text", "to")


@given(
    st.lists(st.tuples(numbers, cells, cells), min_size=1, max_size=5).map(tuple),
    st.sampled_from([Profile(), PROFILES[0]]),
)
def test_a_batch_that_appends_its_rows_writes_the_same_octets(rows, profile):
    message = Message(rows=rows, delimiter=";", text="Dear #field1#", concat=2, queue=3)
    alone = Message(to=(NUMBER,), delimiter=";", text="Dear #field1#", concat=2, queue=3)
    head = template_head(alone, profile)
    assert head + join_rows(rows, ";", profile) == dumps(message, profile)


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
        "scheduled_time: expected a time at most 7 days ahead, "
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


def test_a_stranger_s_rows_are_read_with_a_warning():
    octets = SEED.replace(b"to: 448311234567", b"CSV:+44 8311 234567,Ann\rCSV:4915112345678,Bob")
    message = loads(octets)
    assert message.rows == ((NUMBER, "Ann"), ("4915112345678", "Bob"))
    assert message.warnings[-1] == "line 4: csv: '+44 8311 234567' read as 448311234567"
    with pytest.raises(MessageFileError) as caught:
        loads(octets.replace(b"4915112345678", b"0151"))
    assert str(caught.value) == (
        "line 5: csv: expected a number with its country code, found '0151' (gateway error 105)"
    )
