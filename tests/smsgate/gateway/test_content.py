from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import join
from smsenc.messagefile import PLACEHOLDER, Credentials, Message
from smsgate.gateway import content

LOGIN = Credentials(api_id="1", user="u", password="secret")
FULL = Message(
    to=("448311234567", "448311234568"),
    data=b"\x00\xff",
    credentials=LOGIN,
    client_id="abc1",
    sender="447700900123",
    msg_type="SMS_TEXT",
    concat=3,
    deliv_ack=True,
    callback=7,
    deliv_time=15,
    validity=60,
    max_credits=Decimal("1.50"),
    req_feat=6,
    queue=1,
    escalate=False,
    mo=True,
    binary=True,
    udh=bytes.fromhex("06050415810000"),
    reply="a@b",
)


def _shared(message: Message) -> Message:
    nobody = (content.NOBODY,)
    return replace(message, to=nobody, rows=(), delimiter=",", credentials=PLACEHOLDER, extra=())


def test_every_field_that_matters_for_sending_comes_back():
    assert content.loads(content.dumps(FULL)) == _shared(FULL)
    assert "secret" not in content.dumps(FULL)


@given(st.text(st.characters(exclude_categories=())))
def test_any_unicode_text_comes_back(text):
    message = Message(to=("448311234567",), text=text, unicode=True, scheduled_time="1900000000")
    stored = content.dumps(message)
    assert stored.isascii()
    assert content.loads(stored) == _shared(message)


def test_a_template_comes_back_without_its_rows():
    message = Message(rows=(("448311234567", "Ann"),), text="Hi #field1#")
    assert content.loads(content.dumps(message)) == _shared(message)


@pytest.mark.parametrize(("text", "parts"), [("x" * 160, 1), ("x" * 161, 2), ("Ω€" * 40, 1)])
def test_the_payload_of_a_row_has_the_parts_that_are_counted(text, parts):
    shared = content.loads(content.dumps(Message(to=("448311234567",), text="#field1#")))
    found = content.payload(shared, text)
    cut = content.segments(found, 7)
    assert len(cut) == content.parts_of(found) == parts
    assert join(cut) == found
