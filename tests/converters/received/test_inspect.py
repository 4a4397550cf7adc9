"""What is shown of message files, parts in hex and sources, in whatever order parts come."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES

from converters.outputs.job import FORMATS, Job
from converters.outputs.packers import pack
from converters.outputs.parts import Label
from converters.received.inspect import inspect
from smsenc import OptionError, Payload, SmsencError, decode_text, encode_text
from smsenc.messagefile import Message

NUMBER, OTHER = "447700900123", "447700900124"
TEMPLATE = Message(to=(NUMBER,), text="")
LONG = encode_text("Hello world " * 30)
CARD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;Jo\r\nTEL:+447700900123\r\nEND:VCARD\r\n"


def sent(payload, form="ftp", to=(NUMBER,), number=7, reference=5):
    job = Job(recipients=to, template=TEMPLATE, format=form)
    return list(pack(payload, job, Label(number, "note.txt", reference)).files)


@pytest.mark.parametrize("form", FORMATS)
def test_parts_in_any_order_are_one_message(form):
    payload = Payload.to_port(0x23F4, CARD * 3)
    (shown,) = inspect(reversed(sent(payload, form)))
    assert (shown.port, shown.parts, shown.to, shown.error) == (0x23F4, 2, (NUMBER,), None)
    assert shown.payload == payload


def test_equal_references_of_two_messages_are_told_apart_by_their_names():
    files = [*sent(LONG, "smstools"), *sent(encode_text("Bye world " * 30), "smstools", number=8)]
    found = list(inspect(files))
    assert [shown.content["text"][:3] for shown in found] == ["Hel", "Bye"]


def test_missing_parts_are_listed():
    (shown,) = inspect(sent(LONG, "smstools")[1:])
    assert (shown.kind, shown.parts, shown.missing) == ("text", 3, (1,))
    assert str(shown.error).startswith("000007-note.p2-3.sms: ")


def test_a_source_is_described_and_then_shown():
    description, shown = inspect([("logo.png", (SAMPLES / "logo.png").read_bytes())])
    assert (description.kind, description.payload) == ("picture", None)
    assert (shown.kind, shown.port, shown.parts) == ("caller-icon", 0x1583, 1)


def test_an_error_of_one_file_does_not_stop_the_others():
    files = [
        ("gone.txt", SmsencError("no such file")),
        ("a.vcf", b"BEGIN:VCARD\r\n"),
        ("a.pdu", b"zz"),
    ]
    gone, broken, neither = inspect(files)
    assert str(gone.error) == "gone.txt: no such file"
    assert str(broken.error) == "a.vcf:1: expected END:VCARD, found the end of the file"
    assert str(neither.error) == "a.pdu:1: expected key:value, found no colon"


def test_parts_before_a_bad_line_are_shown():
    bad, good = inspect([("parts.txt", b"-:E8329BFD06:00:05\nFF:00\n")])
    assert str(bad.error) == "parts.txt:2: expected 255 octets of header, found 0"
    assert good.content["text"] == "hello"


@pytest.mark.parametrize("name", ["order.txt", "-", "README"])
def test_a_text_is_shown_as_what_it_would_become(name):
    (shown,) = inspect([(name, "Order\t12 € ready\n".encode())])
    assert (shown.kind, shown.parts, shown.error) == ("text", 1, None)
    assert shown.lines == ("Order 12 € ready",)
    assert {loss.action for loss in shown.losses} == {"replaced"}


@pytest.mark.parametrize("name", ["000001-order.txt", "order.dat", "-"])
def test_a_message_file_is_shown_under_any_name(name):
    message = b"api_id:1\nuser:u\npassword:p\ntext:Hi\nto:447700900123\n"
    (shown,) = inspect([(name, message)])
    assert (shown.lines, shown.to) == (("Hi",), (NUMBER,))


@pytest.mark.parametrize(
    ("name", "octets", "said"),
    [
        ("card.txt", CARD, "holds a vCard: --as vcard, or --as text to send it as it is"),
        ("a.toml", b'a = "1"\nb = 2\n', "no converter reads .toml: --as text sends it as it is"),
        ("a.csv", b"to,name\n+447700900123,Ann\n", "no converter reads .csv: --as text sends"),
    ],
)
def test_what_is_not_sent_as_a_text_is_not_shown_as_one(name, octets, said):
    (shown,) = inspect([(name, octets)])
    assert said in str(shown.error)
    assert next(inspect([(name, octets)], kind="text")).kind == "text"


def test_the_first_row_of_a_template_is_shown_filled_in():
    head = b"api_id:1\nuser:u\npassword:p\ntext:Hi #field2#, #field1#.\n"
    (shown,) = inspect([("t.txt", head + b"csv:447700900123,12,Ann\ncsv:447700900124,3,Bob\n")])
    assert shown.lines == ("Hi #field2#, #field1#.",)
    assert [decode_text(row.payload) for row in shown.shown_rows] == ["Hi Ann, 12."]
    assert shown.rows == 2


def test_options_are_checked_first():
    with pytest.raises(OptionError):
        next(inspect([], {"colour": "red"}))


@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.json", "a.sms", "a.pdu", "-"]))
def test_any_octets_are_shown_or_have_an_error(octets, name):
    with suppress(SmsencError):
        for shown in inspect([(name, octets)]):
            assert (shown.error is None) == (shown.content is not None)
