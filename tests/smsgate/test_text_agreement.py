"""A text costs the same in ``count``, ``convert`` and ``batch``, whatever separates its words."""

import json

import pytest
from command import records, smsenc
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.pipeline import Job, items, package_item
from smsenc import SmsencError
from smsenc.messagefile import Message
from smsenc.messagefile.count import count
from smsgate.campaign.rows.template import compile_template

NUMBER = "447700900123"
SEPARATORS = "\n\r\t\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029\u00a0\u2007\u202f\u3000"
CONTROLS = "".join(map(chr, (*range(9), *range(0x0E, 0x1C), 0x7F, *range(0x80, 0xA0))))
UNSEEN = "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\ufeff"
WORDS = (
    "word",
    "Zoë",
    "[€]",
    "Δ",
    "…",
    "жук",
    "ไทย",
    "سلام",
    "👩\u200d👧",
    "e\u0301",
    "#",
    "##",
    "{}",
)
PIECE = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(SEPARATORS + CONTROLS + UNSEEN),
    st.just("\r\n"),
    st.characters(exclude_categories=("Cs",)),
)
#: Short ones, and some about as long as one part and two.
TEXT = st.builds(
    lambda pieces, word, times: "".join(pieces) + word * times,
    st.lists(PIECE, min_size=1, max_size=30),
    st.sampled_from(("x", "ж", "a\n", "{")),
    st.sampled_from((0, 0, 60, 66, 140, 152, 158, 300)),
)
JOB = Job(recipients=(NUMBER,), template=Message(to=(NUMBER,), text=""))


def counted(text):
    """Parts and coding; None for a text that is refused."""
    try:
        found = count(text)
    except SmsencError:
        return None
    if found.file is None:
        return None
    segments = found.file.segments
    return len(segments), segments[0].coding, sum(segment.units for segment in segments)


def converted(text):
    try:
        (item,) = items("a.txt", text.encode(), kind="text")
    except SmsencError:
        return None
    outcome = package_item(item, JOB, source="a.txt", index=1, number=1, reference=1)
    return None if outcome.error else (outcome.parts, outcome.coding)


def merged(text):
    try:
        cost = compile_template(text.replace("#", "##"), ()).cost(())
    except SmsencError:
        return None
    return cost.parts, cost.coding, cost.units


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, min_size=50, max_size=50))
def test_count_convert_and_batch_agree(texts):
    for text in texts:
        found = counted(text)
        assert converted(text) == (found and found[:2]), ascii(text)
        assert merged(text) == found, ascii(text)


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT)
def test_a_cell_is_cleaned_as_a_text_is(text, other):
    """The text as a cell, without spaces at its ends, in a text that is cleaned as well."""
    template = compile_template("[#t#]\n" + other.replace("#", "##"), ("t",))
    try:
        merged_text = template.merge([text])
    except SmsencError:
        return
    assert merged(merged_text) == counted(merged_text)


# Through the commands -----------------------------------------------------------------------------

CASES = (
    "Bring a coat\u2028Bring shoes\u2029Bring a map",
    "one\x0btwo\x0cthree\x85four\x1cfive",
    "at nine\tand at six, " + "x" * 139,
    "\ufeffsoft\u00adhyphen, no\u200bwidth, \u202amarked\u202c",
    "bell\x07 null\x0e escape\x1b[0m",
    "CR\rCRLF\r\nLF\n" + "y" * 150,
    "typographic … and a tab\t" + "z" * 60,
)


@pytest.mark.parametrize("text", CASES, ids=ascii)
def test_the_commands_agree(tmp_path, text):
    source, table = tmp_path / "note.txt", tmp_path / "people.csv"
    source.write_bytes(text.encode())
    table.write_text(f"to\n{NUMBER}\n")
    (found,) = records(smsenc("count", "-", "--json", stdin=text))
    convert = ("convert", source, "--to", NUMBER, "--out", tmp_path / "a", "--dry-run", "--json")
    (sent,) = records(smsenc(*convert))
    done = smsenc(
        *("batch", table, "--text-file", source, "--out", tmp_path / "b", "--dry-run", "--json")
    )
    bill = json.loads(done.stdout)
    assert (sent["parts"], sent["coding"]) == (found["file_parts"], found["file_coding"])
    assert bill["bill"]["parts"] == found["file_parts"]
    assert bill["bill"]["unicode_rows"] == (found["file_coding"] == "ucs2")
    # The same is told by all.
    assert [f"{loss['what']} {loss['action']}: {loss['why']}" for loss in sent["losses"]] == found[
        "losses"
    ]
    assert bill["losses"] == sorted(f"text: {loss}" for loss in found["losses"])
    (typed,) = records(smsenc("count", text, "--json"))
    assert typed == found
