import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import reference_folder

from converters.errors import SourceError
from converters.shared import contentlines
from converters.shared.contentlines import (
    Line,
    Value,
    blocks,
    components,
    content_line,
    escape,
    join_fields,
    logical_lines,
    parse_line,
    unescape,
    value,
)
from smsenc import EncodeError, Payload, Port, encode_text


def normal(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


# Lone surrogates are no characters; text is normal when reading would not change it.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).map(normal)
NASTY = st.text(st.sampled_from(list('aBE =;,\\:"\nüЖ😀')), max_size=120).map(normal)


def read_back(octets):
    (number, line), *rest = logical_lines(octets)
    assert (number, rest) == (1, [])
    return value(parse_line(number, line))


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        (b"A:1\r\nB:2\r\n", [(1, b"A:1"), (2, b"B:2")]),
        (b"A:1\rB:2\nC:3\r\r\nD:4", [(1, b"A:1"), (2, b"B:2"), (3, b"C:3"), (4, b"D:4")]),
        (b"\n\nA:1\n\n b\nB:2", [(3, b"A:1b"), (6, b"B:2")]),
        (b"VERSION:3.0\nA:one\n \ttwo\n", [(1, b"VERSION:3.0"), (2, b"A:one\ttwo")]),
        (b"VERSION:2.1\nA:one\n \ttwo\n", [(1, b"VERSION:2.1"), (2, b"A:one two")]),
        (b"A;QUOTED-PRINTABLE:=C=\n3= \ny\nB:", [(1, b"A;QUOTED-PRINTABLE:=C3y"), (4, b"B:")]),
        (b"A;ENCODING=quoted-printable:x=\n y", [(1, b"A;ENCODING=quoted-printable:x y")]),
        (b"A;QUOTED-PRINTABLE:x=\nEND:VCARD", [(1, b"A;QUOTED-PRINTABLE:x="), (2, b"END:VCARD")]),
        (b"A:x=\nB:2", [(1, b"A:x="), (2, b"B:2")]),
        (b"A;BASE64:\nAAAA\nBBBB\n\nB:2", [(1, b"A;BASE64:AAAABBBB"), (5, b"B:2")]),
        (b"A;ENCODING=b:AA\n BB\nB:2", [(1, b"A;ENCODING=b:AABB"), (3, b"B:2")]),
    ],
)  # fmt: skip
def test_logical_lines(octets, lines):
    assert list(logical_lines(octets)) == lines


@pytest.mark.parametrize(
    ("octets", "line"),
    [
        (b"TEL;HOME;pref:1", Line("TEL", (("TYPE", "HOME"), ("TYPE", "pref")), b"1", 7)),
        (b"item1.tel;type=a,b:1", Line("TEL", (("TYPE", "a,b"),), b"1", 7)),
        (b'X;P="a:b;c";Q=d:1:2', Line("X", (("P", "a:b;c"), ("Q", "d")), b"1:2", 7)),
        (b'X;P="a:1', Line("X", (("P", "a"),), b"1", 7)),
        (b"X;base64;P=:1", Line("X", (("ENCODING", "base64"), ("P", "")), b"1", 7)),
        (b"N : a", Line("N", (), b" a", 7)),
        (b"no colon", Line("", (), b"no colon", 7)),
        (b";:", Line("", (("TYPE", ""),), b"", 7)),
    ],
)
def test_parse_line(octets, line):
    assert parse_line(7, octets) == line


def test_types_are_taken_apart():
    line = parse_line(1, b'TEL;home;TYPE="work, voice";TYPE=cell,,:1')
    assert line.types == ("HOME", "WORK", "VOICE", "CELL")


def tree(component):
    return component.name, len(component.lines), [tree(child) for child in component.children]


@pytest.mark.parametrize(
    ("octets", "trees"),
    [
        (b"", []),
        (b"junk\nBEGIN:A\nX:1\nend : a \nBEGIN:B\nEND:B", [("A", 1, []), ("B", 0, [])]),
        (b"BEGIN:A\nBEGIN:B\nX:1\nEND:B\nEND:A", [("A", 0, [("B", 1, [])])]),
        (b"BEGIN:A\nBEGIN:B\nEND:A\nX:1", [("A", 0, [("B", 0, [])])]),
        (b"BEGIN:A\nEND:B\nX:1", [("A", 1, [])]),
        (b"BEGIN:VCARD\nX:1\nBEGIN:VCARD\nEND:VCARD", [("VCARD", 1, []), ("VCARD", 0, [])]),
        (b"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nEND:VCARD\n", [("VCARD", 1, [("VCARD", 0, [])])]),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nBEGIN:VTODO\nEND:VTODO\n",
            [("VCALENDAR", 0, [("VEVENT", 0, [("VALARM", 0, [])]), ("VTODO", 0, [])])],
        ),
    ],
)
def test_components(octets, trees):
    assert [tree(component) for component in components(octets)] == trees


def test_a_component_knows_whether_it_was_closed_and_where_it_began():
    first, second = components(b"\nBEGIN:A\nEND:A\nBEGIN:B\n")
    assert (first.closed, first.number) == (True, 2)
    assert (second.closed, second.number) == (False, 4)


def test_too_many_lines(monkeypatch):
    monkeypatch.setattr(contentlines, "MOST_LINES", 3)
    first, second = components(b"BEGIN:A\n" + b"X:1\n" * 9 + b"END:A\nBEGIN:B\nX:1\nEND:B\n")
    assert str(first.error) == "line 1: expected at most 3 lines in a A, found more"
    assert len(first.lines) <= 4
    assert second.error is None


def test_too_deep():
    (component,) = components(b"".join(b"BEGIN:X%d\n" % n for n in range(2000)))
    assert str(component.error) == (
        "line 1: expected at most 8 components inside each other in a X0, found more"
    )


def test_too_long(monkeypatch):
    monkeypatch.setattr(contentlines, "MOST_COMPONENT_OCTETS", 30)
    first, second = components(b"BEGIN:A\n" + b"X:1\n" * 9 + b"END:A\nBEGIN:B\nX:1\nEND:B\n")
    assert str(first.error) == "line 1: expected at most 30 octets in a A, found more"
    assert second.error is None
    with pytest.raises(SourceError) as caught:
        value(Line("X", (), b"x" * 65_537, 1))
    assert str(caught.value) == "expected at most 65536 octets, found 65537"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_source_in_utf_16_becomes_utf_8(charset):
    octets = "begin:vcard\r\nN:Zoë\r\n".encode(charset)
    assert b"".join(blocks(octets)) == "begin:vcard\r\nN:Zoë\r\n".encode()
    assert contentlines.begins(octets, "VCARD")
    assert not contentlines.begins(octets, "VCALENDAR")


@pytest.mark.parametrize("octets", [b"a\n" * 90, b"a\r" * 90, b"a\r\n" * 60, b"a" * 190, b"\n" * 9])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_blocks_end_with_a_line(octets, charset, monkeypatch):
    monkeypatch.setattr(contentlines, "BLOCK_OCTETS", 16)
    found = list(blocks(octets.decode().encode(charset)))
    assert b"".join(found) == octets
    if b"\n" in octets:
        assert all(block.endswith(b"\n") for block in found if block)
        assert max(map(len, found)) <= 24


def test_what_a_line_has_too_much_is_not_kept(monkeypatch):
    monkeypatch.setattr(contentlines, "BLOCK_OCTETS", 16)
    monkeypatch.setattr(contentlines, "MOST_LINE_OCTETS", 16)
    long, folded = b"X:" + b"a" * 99 + b"\n", b"X:1\n" + b" 1\n" * 99
    lines = [(number, len(line)) for number, line in logical_lines(long + folded + b"Y:1\n")]
    assert lines == [(1, 32), (2, 11), (102, 3)]


@pytest.mark.parametrize(
    "octets", [b"", b"BEGIN:VCARDS\n", b"X\nBEGIN:VCARD\n", b"BEGIN:VCALENDAR\n"]
)
def test_what_does_not_begin_a_card(octets):
    assert not contentlines.begins(octets, "VCARD")


@pytest.mark.parametrize(
    ("head", "octets", "text", "guess"),
    [
        (b"X", "é".encode(), "é", ""),
        (b"X", b"\xe9\x80", "é€", "windows-1252"),
        (b"X;CHARSET=ISO-8859-2", b"\xb1", "ą", ""),
        (b"X;CHARSET=Shift_JIS", b"\x95\x5c", "表", ""),  # its second octet is a backslash
        (b"X;CHARSET=UTF-8", b"\xe9", "é", "windows-1252"),
        (b"X;CHARSET=x-nobody", "é".encode(), "é", "utf-8"),
        (b"X;CHARSET=x-nobody", b"e", "e", ""),
        (b"X;CHARSET=unicode_escape", rb"\u0041", r"\u0041", ""),
        (b"X;ENCODING=B", b"w6k=", "é", ""),
        (b"X;QUOTED-PRINTABLE", b"=C3=A9 =3D=ZZ", "é ==ZZ", ""),
    ],
)
def test_value(head, octets, text, guess):
    decoded = value(parse_line(1, head + b":" + octets))
    assert (decoded.text, decoded.guess) == (text, guess)


def test_a_value_of_damaged_base64():
    with pytest.raises(SourceError) as caught:
        value(Line("X", (("ENCODING", "B"),), b"abcde", 4))
    assert str(caught.value).startswith("line 4: expected base64, found ")


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ("", ("",)),
        ("a;b;", ("a", "b", "")),
        ("a,b;c", ("a,b", "c")),
        (r"a\;b\\;c", ("a;b\\", "c")),
        (r"a\,b\nc\d;\ ", ("a,b\nc\\d", "\\")),
        ("a\\", ("a\\",)),
    ],
)
def test_fields(raw, fields):
    assert Value(raw).fields == fields


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("plain; as, it is=", b"X:plain; as, it is=\r\n"),
        ("a" * 200, b"X:" + b"a" * 200 + b"\r\n"),
        ("é=", b"X;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=A9=3D\r\n"),
        ("a\nb", b"X;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab\r\n"),
        ("a ", b"X;ENCODING=QUOTED-PRINTABLE:a=20\r\n"),
    ],
)
def test_content_line(text, octets):
    assert content_line("X", text) == octets


def test_a_row_is_76_columns_and_never_begins_like_another_line():
    octets = content_line("X", "\n" + "x" * 44 + " BEGIN:VCARD" * 12)
    rows = octets.decode().split("\r\n")
    assert rows.pop() == ""
    assert rows[0] == "X;ENCODING=QUOTED-PRINTABLE:=0D=0A" + "x" * 41 + "="
    assert max(map(len, rows)) <= 76
    assert not any(row[0] in " BE" for row in rows)


def test_a_lone_surrogate_is_refused():
    with pytest.raises(EncodeError) as caught:
        content_line("X", "a\ud800")
    assert str(caught.value) == "offset 1: expected a character, found a lone surrogate (U+D800)"


@given(TEXTS | NASTY)
def test_text_comes_back(text):
    octets = content_line("X", escape(text), ("HOME",))
    assert octets.isascii()
    assert read_back(octets).text == text
    assert unescape(escape(text)) == text


@given(st.lists(TEXTS | NASTY, min_size=1, max_size=4))
def test_fields_come_back(fields):
    found = read_back(content_line("N", join_fields(fields))).fields
    padded = [*found, *[""] * (len(fields) - len(found))]
    assert padded == fields


@given(TEXTS | NASTY)
def test_no_character_is_cut_by_a_soft_break(text):
    octets = content_line("X", text)
    for row in octets.split(b"=\r\n") if b"QUOTED" in octets else ():
        assert value(Line("X", (("ENCODING", "QUOTED-PRINTABLE"),), row, 1)).guess == ""


def test_what_arrives_as_text_or_octets():
    assert contentlines.received(Payload.to_port(Port.VCARD, b"N:\xc3\xa9")) == b"N:\xc3\xa9"
    assert contentlines.received(encode_text("N:é")) == "N:é".encode()
    assert contentlines.received(encode_text("N:Ж")) == "N:Ж".encode()


@given(st.binary(max_size=300))
def test_any_octets(octets):
    for component in components(b"BEGIN:VCARD\n" + octets):
        for line in component.lines:
            try:
                assert value(line).fields
            except SourceError:
                pass


# Lines beside vobject's tokenizer, which is the one most programs have. Both get Latin-1, so that
# every octet counts.

VALUE = r'("[^"]+"|[^";:,=]+)'
#: An empty parameter is left out: vobject does not tell ``A=`` from ``A``.
WELL_FORMED = re.compile(
    rf"([A-Za-z0-9-]+[.])?[A-Za-z0-9-]+(;[A-Za-z0-9-]+(={VALUE}(,{VALUE})*)?)*:.*", re.DOTALL
)


def ours(text):
    line = parse_line(1, text.encode("latin-1"))
    return line.name, sorted(line.params), line.raw.decode("latin-1")


def by_vobject(text):
    base = pytest.importorskip("vobject.base", reason="vobject is not installed")
    name, params, raw, _group = base.parseLine(text)
    return name.upper(), sorted(map(parameter_of_vobject, params)), raw


def parameter_of_vobject(words):
    if len(words) > 1:
        return words[0].upper(), ",".join(word.replace('"', "") for word in words[1:]).strip()
    (bare,) = words
    encodings = ("QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT")
    return ("ENCODING" if bare.upper() in encodings else "TYPE"), bare


NAMES = st.text("aZ9-", min_size=1, max_size=4)
QUOTED = st.text("ab ;:,=.+", min_size=1, max_size=5).map('"{}"'.format)
VALUES = QUOTED | st.text("ab .+", min_size=1, max_size=4)
PARAMS = st.builds("{}={}".format, NAMES, st.lists(VALUES, min_size=1, max_size=3).map(",".join))
HEADS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "item1."]),
    NAMES,
    st.lists(PARAMS | NAMES | st.just("BASE64"), max_size=3).map(
        lambda params: "".join(f";{param}" for param in params)
    ),
)
LATIN_1 = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n\x85"), max_size=20)


@given(HEADS, LATIN_1)
def test_generated_lines_are_what_vobject_reads(head, text):
    assert ours(f"{head}:{text}") == by_vobject(f"{head}:{text}")


def test_lines_of_the_corpus_are_what_vobject_reads():
    folder = reference_folder() / "corpus"
    if not folder.is_dir():
        pytest.skip(f"the corpus is not there: {folder}")
    compared = 0
    for path in sorted(folder.glob("*/*.[vV][cC][fF]")):
        for _number, octets in logical_lines(path.read_bytes()):
            text = octets.decode("latin-1")
            if WELL_FORMED.fullmatch(text):
                assert ours(text) == by_vobject(text), (path.name, text)
                compared += 1
    assert compared > 3000


def test_lines_of_the_corpus_are_unfolded_as_vobject_does():
    base = pytest.importorskip("vobject.base", reason="vobject is not installed")
    folder = reference_folder() / "corpus"
    if not folder.is_dir():
        pytest.skip(f"the corpus is not there: {folder}")
    compared = 0
    for path in sorted(folder.glob("*/*.[vV][cC][fF]")):
        octets = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        if UNFOLDED_OTHERWISE.search(octets):
            continue
        ours = [line.decode("latin-1").strip() for _number, line in logical_lines(octets)]
        text = io.StringIO(octets.decode("latin-1"), newline=None)
        theirs = [line.strip() for line, _number in base.getLogicalLines(text)]
        assert list(filter(None, ours)) == list(filter(None, theirs)), path.name
        compared += 1
    assert compared > 100


#: vobject leaves soft breaks in and knows neither the folding of 2.1 nor base64 without blanks;
#: where a line goes on behind an empty one it stops. UTF-16 it does not read as octets.
UNFOLDED_OTHERWISE = re.compile(
    rb"quoted-printable|quoted#printable|base64|encoding=b|version:2\.1|charset#|\n\r?\n[ \t]|\0",
    re.IGNORECASE,
)
