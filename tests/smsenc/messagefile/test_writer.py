import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import MessageFileError
from smsenc.messagefile import (
    Credentials,
    Message,
    dumps,
    head,
    instants,
    loads,
    log_in,
)
from smsenc.messagefile.parameters import PARAMETERS
from smsenc.messagefile.profile import Profile
from smsenc.messagefile.rows import join_rows

NUMBER = "448311234567"

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


def test_a_character_beyond_the_charset_is_refused_when_writing():
    with pytest.raises(MessageFileError) as caught:
        dumps(Message(to=(NUMBER,), text="5 €"))
    assert str(caught.value) == (
        "text: expected iso-8859-1 characters, found '€' (U+20AC); "
        "unicode=True takes any character, but no csv rows"
    )
    assert loads(dumps(Message(to=(NUMBER,), text="5 €", unicode=True))).text == "5 €"


def test_only_data_goes_on_in_a_further_line():
    written = dumps(Message(to=(NUMBER,), data=bytes(9000)))
    assert written.count(b"\ndata:") == 3
    with pytest.raises(MessageFileError) as caught:
        dumps(Message(to=(NUMBER,), text="x" * 8188))
    assert str(caught.value) == "text: expected a line of at most 8192 octets, found 8193"


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
    assert head(alone, profile) + join_rows(rows, ";", profile) == dumps(message, profile)


@given(messages(), st.sampled_from([Profile(), PROFILES[0]]))
def test_the_head_is_everything_before_the_recipients(message, profile):
    try:
        octets = dumps(message, profile)
    except MessageFileError:
        return
    end = b"\r\n" if profile.line_end == "crlf" else b"\n"
    recipients = b"".join(b"to:%s%s" % (number.encode(), end) for number in message.to)
    assert head(message, profile) + recipients == octets
    assert octets.startswith(log_in(message.credentials, profile))


def test_the_log_in_is_the_first_three_lines():
    credentials = Credentials(api_id="1", user="u", password="p")
    assert log_in(credentials) == b"api_id:1\nuser:u\npassword:p\n"
    with pytest.raises(MessageFileError) as caught:
        log_in(Credentials(api_id="1", user="u", password="€"))
    assert str(caught.value) == "password: expected iso-8859-1 characters, found others"
