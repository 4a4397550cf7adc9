import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import reference_folder

from converters.shared.contentlines import Line, logical_lines, parse_line


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


# Lines beside vobject's tokenizer, which most programs use. Both get Latin-1, so that every octet
# counts.

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
