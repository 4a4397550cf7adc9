"""Names of message files, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.names import FileName, file_name, of_a_set, parse, slug

slugs = st.from_regex("[a-z0-9-]{1,40}", fullmatch=True)


@given(
    number=st.integers(1, 10**12 - 1),
    slug=slugs,
    part=st.integers(1, 255),
    suffix=st.sampled_from([".txt", ".pdu", ".sms", ".json"]),
)
def test_what_is_written_is_read(number, slug, part, suffix):
    name = FileName(number, slug, part, 255, suffix)
    assert parse(file_name(*name)) == name
    assert parse(file_name(number, slug, suffix=suffix)) == name._replace(part=1, total=1)


@pytest.mark.parametrize(
    "name",
    [
        *("", "notes.txt", "00001-a.txt", "000001-.txt", "000001-A.txt", "000001-a.p1.txt"),
        *("000001-a.doc", "000001-a.txt.tmp", ".000001-a.txt", "x/000001-a.txt", "000001-a.txt\n"),
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
    assert of_a_set("000001-a.txt") is None
