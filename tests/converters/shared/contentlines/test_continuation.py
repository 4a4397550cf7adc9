import pytest

from converters.shared.contentlines import components, value
from converters.shared.contentlines.continuation import BLANK, STRAY, begins_property

QP = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"


def lines(*given, version="2.1"):
    """The lines of a card as (name, text), and its losses as texts."""
    source = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *given, "END:VCARD", ""])
    (card,) = components(source.encode("latin-1"))
    found = [(line.name, value(line).text) for line in card.lines[1:]]
    return found, [str(loss) for loss in card.losses]


@pytest.mark.parametrize(
    ("rows", "text", "told"),
    [
        ((f"{QP}=C5=", " =81ucja"), "Łucja", []),  # inside a character
        ((f"{QP}=C5=", "\t=81ucja"), "Łucja", []),
        ((f"{QP}Zo=C=", " 3=AB"), "Zoë", []),  # inside an =XX
        ((f"{QP}Zo=C3==", " AB"), "Zoë", []),
        ((f"{QP}=C5=81=", " =C3=B3d=C5=BA"), "Łódź", [BLANK]),  # between two
        ((f"{QP}Anna=", " Smith"), "Anna Smith", []),  # the blank is text
        ((f"{QP}=C5=", " =81=", " ucja"), "Łucja", []),  # this source folds so
        (("FN;CHARSET=GBK;QUOTED-PRINTABLE:=D5=", " =C5"), "张", []),
        (("FN;CHARSET=Shift_JIS;QUOTED-PRINTABLE:=83=", " V=83=8F"), "シワ", []),
        (("FN:Zo\xc3", " \xab"), "Zoë", []),
        ((f"{QP}=C5=", " \t=81=", "  =C5=BA"), "Łź", []),
    ],
)
def test_the_blank_of_a_fold(rows, text, told):
    found, losses = lines(*rows)
    assert (found, losses) == ([("FN", text)], [f"line 3: FN guessed: {why}" for why in told])


def test_version_3_removes_the_blank_of_every_fold():
    assert lines(f"{QP}Anna=", " Smith", version="3.0")[0] == [("FN", "AnnaSmith")]


@pytest.mark.parametrize(
    "following",
    [
        *("TEL;CELL:+447700900112", "TEL:1", "item1.EMAIL:a@example.com", "X-IRMC-LUID:1"),
        *("TEL ;CELL:1", "EMAIL;INTERNET:a=3Db@example.com", "URL:http://example.com/?v=ABC"),
        *("tel;cell:1", "tel:1", "BDAY:19700415", "N;CHARSET=UTF-8;QUOTED-PRINTABLE:=C3=AB"),
    ],
)
def test_a_property_ends_a_soft_break(following):
    found, losses = lines("NOTE;QUOTED-PRINTABLE:Ana=20Field=", following)
    assert found[0] == ("NOTE", "Ana Field")
    assert len(found) == 2
    assert following.upper().removeprefix("ITEM1.").startswith(found[1][0])
    assert found[1][1]
    assert losses == [f"line 3: NOTE ignored: {STRAY}"]


@pytest.mark.parametrize(
    "following",
    [
        "Tel: 12",
        "tel: 12",
        "Call the office: now",
        "TEL: 12=0D=0A=",
        "TEL;CELL:12=0D=0A=",
        "ORG: a=20b",
        "URL of ours: x",
        "a=3Db:c",
    ],
)
def test_a_text_goes_on_after_a_soft_break(following):
    found, losses = lines("NOTE;QUOTED-PRINTABLE:Ana=20Field=0D=0A=", following, "")
    assert [name for name, _text in found] == ["NOTE"]
    assert losses == []


def test_a_soft_break_with_blanks_behind_it_leaves_no_sign():
    found, losses = lines("FN;QUOTED-PRINTABLE:Ana= ", "TEL;CELL:1")
    assert found == [("FN", "Ana"), ("TEL", "1")]
    assert losses == [f"line 3: FN ignored: {STRAY}"]


def test_an_indented_property_ends_a_soft_break():
    found, losses = lines("FN;QUOTED-PRINTABLE:Ana=", " TEL;CELL:1")
    assert found == [("FN", "Ana"), ("TEL", "1")]
    assert losses[0] == f"line 3: FN ignored: {STRAY}"


def test_a_property_with_parameters_ends_a_soft_break_whatever_its_end():
    found, losses = lines("FN;QUOTED-PRINTABLE:Ana=", "TEL;TYPE=CELL:1=", "ORG:Field")
    assert found == [("FN", "Ana"), ("TEL", "1="), ("ORG", "Field")]
    assert losses == [f"line 3: FN ignored: {STRAY}"]


def test_a_word_in_small_letters_is_a_property_only_after_a_short_line():
    assert begins_property(b"tel:1", short=True)
    assert not begins_property(b"tel:1", short=False)


def test_indented_properties_are_lines():
    found, losses = lines("N:Ana", " TEL:12", " EMAIL:a@example.com", "NOTE:one", " two: three")
    assert found == [
        *(("N", "Ana"), ("TEL", "12"), ("EMAIL", "a@example.com")),
        ("NOTE", "one two: three"),
    ]
    why = "a blank stands before it; read as a line of its own"
    assert losses == [f"line 4: TEL guessed: {why}"]
