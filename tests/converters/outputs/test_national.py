"""Texts in national tables, in the formats that carry them."""

import pytest

from converters.outputs.job import FORMATS, Job
from converters.outputs.packers import pack, unpack
from converters.outputs.parts import Label
from smsenc import (
    Coding,
    Language,
    MessageClass,
    OptionError,
    Payload,
    decode_text,
    encode_text,
    join,
)
from smsenc.messagefile import Message

NUMBER = "905301234567"
TEMPLATE = Message(to=(NUMBER,), text="")
TURKISH = "Doğum günün kutlu olsun, şimdi görüşürüz! Sağlıkla kal, yarın akşam bekliyoruz."
HINDI = "नमस्ते, आपका ऑर्डर तैयार है। कृपया आज शाम पाँच बजे से पहले दुकान से ले जाएँ।"
OTHERS = sorted(FORMATS.keys() - {"ftp"})


def job(form, *languages, **changes):
    given = {"recipients": (NUMBER,), "template": TEMPLATE, "format": form} | changes
    return Job(**given, languages=languages)


def sent(text, form, *languages, **changes):
    packed = pack(encode_text(text), job(form, *languages, **changes), Label(7, "a", 5))
    found = [part.found for name, octets in packed.files for part in unpack(name, octets)]
    return join(found), packed


@pytest.mark.parametrize("form", OTHERS)
@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [(TURKISH, Language.TURKISH, 1), (HINDI, Language.HINDI, 1), (TURKISH * 3, 1, 2)],
)
def test_the_text_comes_back_from_fewer_parts(text, language, parts, form):
    payload, packed = sent(text, form, Language(language))
    assert (decode_text(payload), payload.coding) == (text, Coding.GSM7)
    assert len(packed.segments) == parts < len(sent(text, form)[1].segments)
    (loss,) = packed.losses
    assert f"{Language(language).name.lower()} table (for '" in loss.what


def test_a_text_that_gains_nothing_stays_as_it_is():
    for text in ("hello", "漢字"):
        payload, packed = sent(text, "at", Language.TURKISH)
        assert (payload, packed.losses) == (encode_text(text), ())


def test_a_flash_text_stays_one():
    given = encode_text(TURKISH, message_class=MessageClass.FLASH)
    packed = pack(given, job("pdu", Language.TURKISH), Label(7, "a", 5))
    assert packed.segments[0].message_class is MessageClass.FLASH


def test_octets_have_no_tables():
    tune = Payload.to_port(0x1581, bytes(20))
    assert pack(tune, job("pdu", Language.TURKISH), Label(7, "a", 5)).losses == ()


def test_a_message_file_refuses_them():
    with pytest.raises(OptionError) as caught:
        job("ftp", Language.TURKISH)
    assert str(caught.value) == (
        "--language: a message file cannot carry national tables: "
        "use smsenc convert with --format pdu, at, smstools or json"
    )


def test_a_coding_and_a_language_exclude_each_other():
    with pytest.raises(OptionError, match="--language: cannot be combined with -O coding"):
        job("at", Language.TURKISH, options={"coding": "ucs2"})
