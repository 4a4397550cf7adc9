import pytest

from converters.cards.model import Name
from converters.cards.reader import read


@pytest.mark.parametrize(
    ("lines", "family"),
    [
        ("FN:Zoë Müller", "Zoë Müller"),
        ("N:;;;;\nFN:Example Ltd", "Example Ltd"),
        ("ORG:;Sales", "Sales"),
        ("NICKNAME:Zo\nORG:Example", "Zo"),
        ("EMAIL:zoe@example.com\nTEL:1", "zoe@example.com"),
        ("TEL:+44 7700 900123", "+447700900123"),
    ],
)
def test_a_card_without_a_name_is_called_by_what_it_has(lines, family):
    ((card, losses),) = read(f"BEGIN:VCARD\nVERSION:4.0\n{lines}\nEND:VCARD\n".encode())
    assert (card.name, card.formatted, losses) == (Name(family=family), "", ())


def test_bookkeeping_is_no_loss_and_content_is():
    source = b"BEGIN:VCARD\nN:a\nUID:1\nREV:2\nKIND:individual\nPRODID:x\nIMPP:\nX-A:1\nPHOTO:2\n"
    ((_card, losses),) = read(source + b"END:VCARD\n")
    assert [str(loss) for loss in losses] == [
        "line 8: X-A left out: phones keep no such property",
        "line 9: PHOTO left out: phones keep no such property",
    ]


def test_numbers_without_end():
    ((card, losses),) = read(b"BEGIN:VCARD\nN:a\n" + b"TEL:1\n" * 102 + b"END:VCARD\n")
    assert len(card.tels) == 100
    assert [str(loss) for loss in losses] == [
        "line 103: TEL left out: phones keep at most 100 of them",
        "line 104: TEL left out: phones keep at most 100 of them",
    ]


@pytest.mark.parametrize(
    ("params", "charset", "guess"),
    [
        (";CHARSET=UTF-8", "utf-8", None),
        (";CHARSET=ISO-8859-1", "iso-8859-1", None),
        (";CHARSET=windows-1252", "cp1252", None),
        (";CHARSET=GB2312", "gb2312", None),
        (";CHARSET=GBK", "gbk", None),
        (";CHARSET=Shift_JIS", "shift_jis", None),
        (";CHARSET=BIG5", "big5", None),
        (";CHARSET=KOI8-R", "koi8-r", None),
        (";CHARSET=windows-1251", "cp1251", None),
        (";CHARSET=ISO-8859-2", "iso-8859-2", None),
        (";CHARSET=ISO-8859-1", "utf-8", "utf-8"),
        (";CHARSET=windows-1251", "utf-8", "utf-8"),
        (";CHARSET=UTF-8", "cp1252", "windows-1252"),
        ("", "cp1252", "windows-1252"),
        ("", "shift_jis", "Shift_JIS"),
        ("", "utf-8", None),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_charsets_declared_rightly_wrongly_and_not_at_all(params, charset, guess, quoted):
    text = {"cp1252": "Zoë Müller", "iso-8859-2": "Łukasz", "shift_jis": "小西一弘"}.get(
        charset, ""
    )
    text = text or {"gb": "张伟", "bi": "張偉", "ko": "Жанна", "cp": "Жанна"}.get(
        charset[:2], "Zoë"
    )
    octets = text.encode(charset)
    if quoted:
        params += ";ENCODING=QUOTED-PRINTABLE"
        octets = b"=\r\n".join(b"=%02X" % octet for octet in octets)  # cuts every character
    source = b"BEGIN:VCARD\r\nN%s:%s\r\nEND:VCARD\r\n" % (params.encode(), octets)
    ((card, losses),) = read(source)
    if quoted and guess == "Shift_JIS":
        return  # nothing tells it from windows-1252 but the octets as they stand
    assert card.name.family == text
    why = f"not in the expected charset, read as {guess}"
    assert [loss.why for loss in losses] == ([why] if guess else [])


def test_a_charset_is_taken_from_the_lines_beside():
    source = "N;CHARSET=GBK:张伟\nORG:北京\n".encode("gbk")
    ((card, (loss,)),) = read(b"BEGIN:VCARD\n" + source + b"END:VCARD\n")
    assert card.org == ("北京",)
    assert str(loss) == "line 3: ORG guessed: not in the expected charset, read as GBK"
