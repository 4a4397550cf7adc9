"""Received payloads as files of other formats."""

import pytest

from converters.calendars.viewer import screen as calendars
from converters.cards.viewer import screen as cards
from converters.errors import SourceError
from converters.pipeline import convert
from converters.received.export import (
    contact_sheet,
    decode,
    one_file,
    preview,
    previewed,
    transcode,
)
from smsenc import Coding, Payload, SmsencError, encode_text

TUNE = b"ode:d=4,o=5,b=100:e,e,f,g\n"
CARD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;Jo\r\nTEL;CELL:+447700900123\r\nEND:VCARD\r\n"
UNKNOWN = b"06050420000000:0011:F5"
(TONE,) = convert("rtttl", TUNE)


def test_a_payload_is_written_in_the_format_of_the_suffix():
    assert decode(TONE, ".rtttl") == TUNE
    assert decode(TONE, ".mid").startswith(b"MThd")
    assert preview(TONE, ".wav").octets.startswith(b"RIFF")


@pytest.mark.parametrize(
    ("payload", "suffix", "error"),
    [
        (encode_text("hi"), ".vcf", "a text cannot be written as .vcf: use .txt"),
        (encode_text("hi"), "", "a text cannot be written as a file without a suffix: use .txt"),
        (
            Payload(data=b"hi", coding=Coding.OCTETS),
            ".txt",
            "no file format for messages of the kind unknown",
        ),
    ],
)
def test_a_format_that_a_kind_does_not_have_is_refused(payload, suffix, error):
    with pytest.raises(SourceError) as caught:
        decode(payload, suffix)
    assert str(caught.value) == error


def test_several_messages_become_one_file_if_its_format_holds_them():
    assert one_file([TONE, TONE], "a.RTTTL").octets == TUNE * 2
    with pytest.raises(SourceError) as caught:
        one_file([TONE, TONE], "a.mid")
    assert str(caught.value) == "expected one message for a .mid file, found 2"


def test_transcoding_lists_the_losses_of_both_steps():
    written = transcode("logo.nol", _nol(), "logo.ngg", {})
    assert written.octets.startswith(b"NGG")
    assert [str(loss) for loss in written.losses] == [
        "network left out: not possible in a .ngg file"
    ]


def _nol():
    (logo,) = convert("picture", b"P1\n72 14\n" + b"0 1 " * 504, mcc_mnc="262-07")
    return decode(logo, ".nol")


def test_the_first_message_is_previewed_with_the_source_in_its_errors():
    assert previewed([("a.rtttl", TUNE)], ".png", {}).octets.startswith(b"\x89PNG")
    for files, error in (
        (
            [("a", b"06050420000000:0011:F5")],
            "06050420000000:0011:F5: no preview for messages of the kind unknown",
        ),
        ([("a.vcf", SmsencError("no such file"))], "a.vcf: no such file"),
        ([], "expected a message, found none in "),
    ):
        with pytest.raises(SmsencError) as caught:
            previewed(files, ".png", {})
        assert str(caught.value) == error


def test_a_contact_sheet_is_of_a_picture():
    with pytest.raises(SourceError) as caught:
        contact_sheet([("a.rtttl", TUNE)], ".png", {})
    assert str(caught.value) == "a.rtttl: expected a picture for a contact sheet, found rtttl"


EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Tea\r\nDTSTART:20261224T170000\r\n"
    b"DTEND:20261224T173000\r\nLOCATION:Kitchen\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("screen", "name", "octets", "title", "text"),
    [
        (cards, "a.vcf", CARD, "Business card", "Jo Doe\nCell:\n+447700900123"),
        (calendars, "a.ics", EVENT, "Calendar", "Tea\n24.12.2026 17:00\nto 17:30\nKitchen"),
    ],
)
def test_a_card_and_an_event_have_a_screen(screen, name, octets, title, text):
    (payload,) = convert(name, octets)
    assert screen(payload)[:2] == (text, title)
    assert previewed([(name, octets)], ".png", {}).octets.startswith(b"\x89PNG")


def test_a_text_and_the_first_row_of_a_template_have_a_screen():
    template = b"api_id:1\nuser:u\npassword:p\ntext:Hi #field1#\ncsv:447700900123,Ann\n"
    filled = previewed([("a.txt", b"Hi Ann")], ".png", {})
    assert filled == previewed([("b.txt", template)], ".png", {})


def test_a_preview_of_a_template_says_that_it_shows_one_row():
    template = b"api_id:1\nuser:u\npassword:p\ntext:Hi #field1#\n"
    rows = b"csv:447700900123,Ann\ncsv:447700900124,Bob\ncsv:447700900125,Cy\n"
    made = previewed([("a.txt", template + rows)], ".png", {})
    assert [str(one) for one in made.losses] == ["2 further rows left out: a preview shows one"]


def test_a_preview_tells_the_losses_of_its_source_and_its_own():
    made = previewed([("a.txt", "One\ttwo \u4f60".encode())], ".png", {})
    assert [loss.action for loss in made.losses] == ["replaced", "replaced"]
    assert "tab" in str(made.losses[0])
    assert "preview" in str(made.losses[1])


def test_a_preview_of_several_messages_says_that_it_shows_one():
    made = previewed([("a.vcf", CARD * 3)], ".png", {})
    assert [str(loss) for loss in made.losses] == [
        "2 further messages left out: a preview shows one"
    ]
