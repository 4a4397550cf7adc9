"""Each way of writing a message, from the payload to the files."""

import json

import pytest

from converters.outputs.job import FORMATS, Job
from converters.outputs.messagetypes import payload_of
from converters.outputs.packers import PACKERS, pack
from converters.outputs.parts import Label
from converters.pipeline import items, package_item
from smsenc import (
    MessageClass,
    MessageFileError,
    OptionError,
    Payload,
    SmsencError,
    encode_text,
    tpdu,
)
from smsenc.messagefile import Message, loads
from smsenc.messagefile.names import SUFFIXES, file_name, parse
from smsenc.messagefile.packing import Pack
from smsenc.messagefile.profile import Profile
from smsenc.splitting import split

NUMBER, OTHER = "447700900123", "447700900124"
TEMPLATE = Message(to=(NUMBER,), text="")
TUNE = b"ode:d=4,o=5,b=100:e,e,f,g,g,f,e,d\n"
LABEL = Label(7, "note.txt", 5)


def job(**changes):
    return Job(**{"recipients": (NUMBER,), "template": TEMPLATE} | changes)


def test_recipients_beyond_a_file_go_into_the_next_with_the_next_number():
    packed = pack(
        Payload.to_port(0x1581, bytes(200)),
        job(recipients=(NUMBER, OTHER), profile=Profile(most_messages=1)),
        LABEL,
    )
    assert packed.numbers == 2
    assert [name for name, _ in packed.files] == [
        "000007-note.p1-2.txt",
        "000007-note.p2-2.txt",
        "000008-note.p1-2.txt",
        "000008-note.p2-2.txt",
    ]
    assert [loads(octets).to for _, octets in packed.files] == [
        (NUMBER,),
        (NUMBER,),
        (OTHER,),
        (OTHER,),
    ]


def test_json_is_an_object_with_the_parts_in_hex():
    payload = encode_text("Привет " * 12, message_class=MessageClass.FLASH)
    packed = pack(payload, job(format="json", recipients=(NUMBER, OTHER)), LABEL)
    ((name, octets),) = packed.files
    assert name == "000007-note.json"
    assert json.loads(octets) == {
        "to": [NUMBER, OTHER],
        "coding": "ucs2",
        "class": 0,
        "port": None,
        "parts": [
            {"udh": s.udh.hex(), "data": s.data.hex(), "dcs": 0x18, "udl": len(s.udh + s.data)}
            for s in split(payload, reference=5)
        ],
    }


def test_tpdus_carry_validity_and_receipt():
    template = Message(to=(NUMBER,), text="", validity=60, deliv_ack=True)
    packed = pack(encode_text("hi"), job(format="pdu", template=template), LABEL)
    ((_, octets),) = packed.files
    found = tpdu.decode(bytes.fromhex(octets.decode()))
    assert (found.validity, found.status_report) == (tpdu.Relative(11), True)


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"ftp"}))
def test_what_a_format_has_no_room_for_is_refused(form):
    with pytest.raises(OptionError) as caught:
        job(format=form, template=Message(to=(NUMBER,), text="", queue=1))
    assert str(caught.value) == f"--queue: not possible with --format {form}"
    with pytest.raises(OptionError) as caught:
        job(format=form, pack=Pack.GATEWAY)
    assert str(caught.value) == f"--pack: not possible with --format {form}"


def test_a_template_that_the_gateway_does_not_read_is_refused_at_once():
    few = Profile(name="few", keys=("api_id", "user", "password", "text", "to"))
    with pytest.raises(MessageFileError) as caught:
        job(template=Message(to=(NUMBER,), text="", queue=1), profile=few)
    assert str(caught.value) == "queue: expected a key that the gateway few knows"


@pytest.mark.parametrize("way", list(Pack))
def test_a_tune_comes_back_from_every_way_of_packing(way):
    (item,) = items("ode.rtttl", TUNE)
    outcome = package_item(item, job(pack=way), source="ode.rtttl", index=1, number=1, reference=1)
    assert outcome.error is None
    ((_, octets),) = outcome.files
    message = loads(octets)
    assert payload_of(message) == item.payload
    assert message.msg_type == ("SMS_NOKIA_RTTL" if way is Pack.MSG_TYPE else None)
    if way is Pack.MSG_TYPE:
        assert message.text.startswith("ode:")


@pytest.mark.parametrize("text", ["", "nonsense", "a:b:q", "x" * 300])
def test_a_tune_that_is_none_is_refused(text):
    message = Message(to=(NUMBER,), text=text, msg_type="SMS_NOKIA_RTTL")
    with pytest.raises(SmsencError, match="expected"):
        payload_of(message)


def test_a_card_is_no_message_type():
    card = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Example;Ann\r\nTEL:+447700900123\r\nEND:VCARD\r\n"
    (item,) = items("a.vcf", card)
    outcome = package_item(
        item, job(pack=Pack.MSG_TYPE), source="a.vcf", index=1, number=1, reference=1
    )
    assert str(outcome.error).endswith(
        "found a vcard, which is sent as udh and data (gateway error 112)"
    )


def test_an_outbox_knows_the_files_of_every_format():
    assert PACKERS.keys() == FORMATS.keys() == SUFFIXES.keys()
    for suffix in SUFFIXES.values():
        assert parse(file_name(1, "a", suffix=suffix)) is not None
