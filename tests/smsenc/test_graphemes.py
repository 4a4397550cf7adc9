from itertools import accumulate, pairwise

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from smsenc import Language, Payload, encode_text, gsm7, shifts, split
from smsenc.graphemes import cut_units
from smsenc.model import Coding

FAMILY = "👩‍👩‍👧‍👦"
FLAGS = "🇩🇪🇫🇷🇬🇧"
clusters = st.sampled_from(
    ["a", "ж", "漢", "é", "e\u0301", "😀", FAMILY, "🇩🇪", "👍🏽", "각", "각", "न्", "\r\n", "☎️", "ก็"]
)


def pieces(text):
    payload = encode_text(text, coding="ucs2")
    return [s.data.decode("utf-16-be") for s in split(payload, reference=1)]


@given(st.lists(clusters, min_size=20, max_size=300).map("".join))
def test_no_cluster_is_cut(text):
    found = pieces(text)
    assert "".join(found) == text
    whole = {match.end() for match in regex.finditer(r"\X", text)}
    place = 0
    for piece in found:
        place += len(piece)
        assert place in whole


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_cut_between_clusters_that_fit(text):
    if len(encode_text(text, coding="ucs2").data) <= 140:
        return
    whole = {match.end() for match in regex.finditer(r"\X", text)}
    longest = max(len(m[0].encode("utf-16-be")) for m in regex.finditer(r"\X", text))
    place = 0
    for piece in pieces(text):
        place += len(piece)
        assert place in whole or longest > 134


# Letters that join with what is before or after them, and plain ones.
joining = st.sampled_from("a ©ж가각\u1100\u11a8\u0600\u200d\u0301\u094d\u0915\u0937😀🇩🇫\r\n")


@given(st.lists(joining, min_size=68, max_size=250).map("".join))
@example("क" * 66 + "e\u0301" + "b" * 70)
@example("©\u200d" * 20 + "a" + "©\u200d" * 60)
def test_a_part_ends_at_the_last_boundary_that_fits(text):
    sizes = [0, *accumulate(len(c.encode("utf-16-be")) for c in text)]
    whole = [sizes[match.end()] for match in regex.finditer(r"\X", text)]
    for start, end in pairwise([0, *cut_units(text.encode("utf-16-be"), 134)]):
        fitting = [place for place in whole if start < place <= start + 134]
        if not fitting:
            return
        assert end == fitting[-1]


def test_a_cluster_longer_than_a_part_is_cut_but_no_pair_in_it():
    text = "e" + "\u0301" * 200
    assert "".join(pieces(text)) == text
    joined = "\u200d".join("👩" * 40)
    assert "".join(pieces(joined)) == joined


@pytest.mark.parametrize(
    ("text", "first"), [("a" * 66 + "e\u0301" + "b" * 9, 66), ("a" * 65 + FLAGS, 65)]
)
def test_the_cut_moves_before_the_cluster(text, first):
    assert len(pieces(text)[0]) == first


def test_carriage_return_and_line_feed_stay_together():
    payload = encode_text("x" * 152 + "\r\n" + "y" * 20)
    assert [s.units for s in split(payload, reference=1)] == [152, 22]


def test_marks_of_national_alphabets_stay_with_their_letter():
    payload = Payload(
        data=gsm7.encode("कि" * 100, Language.HINDI),
        coding=Coding.GSM7,
        elements=shifts(Language.HINDI, Language.DEFAULT),
    )
    segments = split(payload, reference=1)
    assert len(segments) == 2
    assert all(segment.units % 2 == 0 for segment in segments)


def test_plain_letters_need_no_segmenter(monkeypatch):
    def refused(*_arguments):
        raise AssertionError

    monkeypatch.setattr(regex, "finditer", refused)
    for text in ("Привет " * 60, "漢字" * 100, "한국어 " * 60, "“Ελλάδα” – " * 40):
        data = encode_text(text, coding="ucs2").data
        assert cut_units(data, 134)[0] == 134
