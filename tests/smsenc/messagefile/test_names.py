"""Names of message files, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.names import FileName, file_name, mark_of, of_a_set, parse, slug

slugs = st.from_regex("[a-z0-9-]{1,40}", fullmatch=True)


@given(
    number=st.integers(1, 10**12 - 1),
    slug=slugs,
    part=st.integers(1, 255),
    suffix=st.sampled_from([".txt", ".pdu", ".sms", ".json"]),
    mark=st.just("") | st.binary(min_size=5, max_size=32).map(mark_of),
)
def test_what_is_written_is_read(number, slug, part, suffix, mark):
    name = FileName(number, slug, part, 255, suffix, mark)
    assert parse(file_name(*name[:5], mark=mark)) == name
    alone = file_name(number, slug, suffix=suffix, mark=mark)
    assert parse(alone) == name._replace(part=1, total=1)
    assert alone == name.message + suffix


@pytest.mark.parametrize(
    "name",
    [
        *("", "notes.txt", "00001-a.txt", "000001-.txt", "000001-A.txt", "000001-a.p1.txt"),
        *("000001-a.doc", "000001-a.txt.tmp", ".000001-a.txt", "x/000001-a.txt", "000001-a.txt\n"),
        *("000001-a.abcdefg.txt", "000001-a.ABCDEFGH.txt", "000001-a.p1-2.abcdefgh.txt"),
        *("0000000000001-a.txt", f"000001-{'a' * 41}.txt", "٠٠٠٠٠١-a.txt"),
    ],
)
def test_other_names_are_none(name):
    assert parse(name) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("in/Ode to Joy.mid", "ode-to-joy"),
        ("Grüße.txt", "gru-e"),
        ("-", "message"),
        ("電話.vcf", "message"),
        (f"{'ab ' * 20}.txt", ("ab-" * 14)[:40].strip("-")),
    ],
)
def test_slugs(source, expected):
    assert slug(source) == expected


def test_a_set_is_known_by_any_name():
    assert of_a_set("Ringtone (2).p2-3.txt") == ("Ringtone (2)", 2, 3)
    assert of_a_set("000001-a.abcdefgh.p2-3.txt") == ("000001-a.abcdefgh", 2, 3)
    assert of_a_set("000001-a.txt") is None
