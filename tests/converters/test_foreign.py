"""Files that could be sent as texts and are something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import registry
from converters.errors import SourceError
from converters.foreign import refusal
from converters.pipeline import items
from smsenc import decode_text

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Field;Ana;;;\r\nTEL:+447700900321\r\nEND:VCARD\r\n"
MESSAGE = "api_id:1\nuser:u\npassword:p\nto:447700900321\ntext:Hi\n"
ITSELF = ", or --as text to send it as it is"
NO_CONVERTER = ", which no converter reads: --as text sends it as it is"


def why(octets):
    return refusal(octets, registry.converters().values())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CARD, "holds a vCard: --as vcard"),
        (f"\ufeff\r\n{CARD}", "holds a vCard: --as vcard"),
        (f"Here it is:\r\n\r\n{CARD}", "holds a vCard: --as vcard"),
        ("begin : vcard\nend:vcard\n", "holds a vCard: --as vcard"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "holds a calendar: --as calendar"),
        ("Tune:d=4,o=5,b=120:8c6,8d#6,p\n", "holds an RTTTL tune: --as rtttl"),
        ("# my tunes\nTune:d=4,o=5,b=120:8c6,8d#6,p\n", "holds an RTTTL tune: --as rtttl"),
        ("/* XPM */\nstatic char *x[] = {\n", "holds a picture: --as picture"),
        ("BEGIN:IMELODY\nMELODY:c2\nEND:IMELODY\n", "holds an iMelody tune: --as imelody"),
    ],
)
def test_a_text_that_holds_one_of_our_formats_names_its_converter(text, reason):
    assert why(text.encode()) == reason + ITSELF
    if "picture" not in reason:
        assert why(text.encode("utf-16")) == reason + ITSELF


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG picture"),
        (b'<?xml version="1.0"?>\n<!-- a --><svg></svg>', "an SVG picture"),
        (b"#define im_width 8\n#define im_height 8\n", "an XBM picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"X:1\nT:Reel\nK:D\ndfa|\n", "an ABC tune"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE score-partwise>\n", "MusicXML"),
        (b"<score-partwise><part/></score-partwise>", "MusicXML"),
        (b"<!DOCTYPE html>\n<title>x</title>", "HTML"),
        (b"<p>Hello <b>Ann</b></p>", "HTML or XML"),
        (b"<?xml version='1.0'?>\n<a/>", "XML"),
        (b'{"to": "447700900321"}\n', "JSON"),
        (b'[{"to": 1}]', "JSON"),
        (b'currency = "EUR"\n[prices]\nGB = "0.04"\n', "TOML"),
        (b"Name;Mobile\r\nAna;447700900321\r\n", "a table (CSV)"),
        (b"phone,name\n447700900321,Ana\n447700900322,Bo\n", "a table (CSV)"),
        (b"Filetype: Flipper Music Format\nVersion: 0\n", "a Flipper file"),
        (b"PK\3\4 and words", "a zip archive"),
        (b"{\\rtf1 Hello}", "an RTF document"),
        (b"-----BEGIN PRIVATE KEY-----\nMC4C\n", "a key or certificate"),
        (b"From: a\nMIME-Version: 1.0\n\nHi", "an e-mail"),
        (b"BEGIN:VNOTE\r\nVERSION:1.1\r\nBODY:Hi\r\nEND:VNOTE\r\n", "an object of a phone"),
        (b"MECARD:N:Field,Ana;TEL:+447700900321;;\n", "a contact for a barcode"),
        (b"To: 447700900321\nAlphabet: GSM\nHex: yes\n\n4869\n", "a message for SMS Server Tools"),
        (b"AT+CMGF=0\r\nAT+CMGS=16\r\n", "lines of a modem"),
        (b'+CMGL: 1,"REC READ","+447700900321",,"26/11/28"\r\nHi\r\nOK\r\n', "lines of a modem"),
        (b"0001000C914477009023010000024834\n", "a message in hex (PDU)"),
        (
            b"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
            "a message in hex (PDU)",
        ),
    ],
)
def test_a_text_that_is_no_text_is_refused_by_its_name(octets, what):
    assert why(octets) == f"holds {what}{NO_CONVERTER}"


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "Hello, Bob\nSee you, Ann",
        "Name, it is nice\nto see you, again",
        "Phone, wallet, keys\nticket, coat, shoes",
        "<3 you",
        "<Ann> are you there?",
        "[Reminder] Meet at 5",
        "[1] and [2]",
        "{name}, hello",
        "x = 5",
        "To: Bob\nFrom: Ann\nHi",
        "Login:\nuser: ann\npassword: x",
        "Text: call me",
        "Note: at nine, at six: be there",
        "#define: to say what a word means",
        "X: a letter",
        "Your code: 0001000C9144770090230100",
        "d41d8cd98f00b204e9800998ecf8427e",
        "447700900321447700900322",
        "To: Bob\nHex: bring it",
        "Use AT+CMGF=0 first",
        "MECARD: is it here?",
    ],
)
def test_texts_are_texts(text):
    assert why(text.encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE,
        f"\ufeff{MESSAGE}",
        "Api-ID : 1\r\nthis is no line\r\n",
        "to:447700900321\ntext:Hi\n",
        'api_id = "1"\nuser = "u"\n',
    ],
)
@pytest.mark.parametrize("kind", [None, "text"])
def test_a_message_file_is_never_a_text(text, kind):
    with pytest.raises(SourceError) as caught:
        list(items("note.txt", text.encode(), kind=kind))
    assert str(caught.value) == "already a message file: smsenc upload sends it"


@pytest.mark.parametrize(
    "suffix", ["svg", "fmf", "xbm", "eps", "abc", "html", "JSON", "csv", "toml"]
)
def test_a_suffix_that_no_converter_has_is_refused_by_name(suffix):
    with pytest.raises(SourceError) as caught:
        list(items(f"a.{suffix}", b"Hello"))
    assert str(caught.value) == (
        f"no converter reads .{suffix.lower()}: --as text sends it as it is"
    )
    (item,) = items(f"a.{suffix}", b"Hello", kind="text")
    assert decode_text(item.unwrap()) == "Hello"


def test_what_is_named_as_a_text_is_sent_as_it_is():
    (item,) = items("note.txt", CARD.encode(), kind="text")
    assert decode_text(item.unwrap()) == CARD.replace("\r\n", "\n").rstrip()


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_octets_have_a_reason_or_none(octets):
    found = why(octets)
    assert found is None or found.startswith(("holds ", "already "))
