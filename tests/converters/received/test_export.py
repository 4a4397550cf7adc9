"""Received payloads as files of other formats."""

import pytest

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
CARD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;Jo\r\nTEL:+447700900123\r\nEND:VCARD\r\n"
(TONE,) = convert("rtttl", TUNE)


def test_a_payload_is_written_in_the_format_of_the_suffix():
    assert decode(TONE, ".rtttl") == TUNE
    assert decode(TONE, ".mid").startswith(b"MThd")
    assert preview(TONE, ".wav").startswith(b"RIFF")


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
        ([("a.vcf", CARD)], "a.vcf: no preview for messages of the kind vcard"),
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
