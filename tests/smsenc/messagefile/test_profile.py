import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import OptionError
from smsenc.messagefile.profile import CLICKATELL, LINE_ENDS, Profile, from_table, to_table
from smsenc.model import Coding
from smsenc.splitting import Limits

tables = st.fixed_dictionaries(
    {},
    optional={
        "summary": st.text(max_size=20),
        "charset": st.sampled_from(["utf-8", "us-ascii", "iso-8859-15", "windows-1252"]),
        "line-end": st.sampled_from(sorted(LINE_ENDS)),
        "longest-line": st.integers(300, 10**6),
        "most-messages": st.integers(1, 10**6),
        "line-break": st.integers(1, 2),
        "most-parts": st.integers(1, 35),
        "part-octets": st.integers(1, 140),
        "reference-bits": st.sampled_from([8, 16]),
        "keys": st.just(["api_id", "user", "password", "text", "to"]),
    },
)


@given(tables)
def test_a_table_says_what_it_says_and_the_rest_is_the_default(table):
    profile = from_table("mine", table)
    assert to_table(profile) == to_table(CLICKATELL) | table
    assert from_table("mine", to_table(profile)) == profile


def test_limits_of_routes():
    rooms = {coding: CLICKATELL.room(coding) for coding in Coding}
    assert rooms == {Coding.GSM7: (160, 153), Coding.OCTETS: (140, 134), Coding.UCS2: (70, 67)}
    wide = Profile(limits=Limits(wide=True))
    rooms = {coding: wide.room(coding) for coding in Coding}
    assert rooms == {Coding.GSM7: (160, 152), Coding.OCTETS: (140, 133), Coding.UCS2: (70, 66)}


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("colour = 1", "mine: expected one of summary, charset, line-end, longest-line"),
        ("charset = 7", "charset: expected a text, found 7"),
        ("most-parts = true", "most-parts: expected a whole number, found True"),
        ("keys = 'to'", "keys: expected a list of keys, found 'to'"),
        ("keys = ['to', 'fax']", "keys: expected keys among api_id"),
        ("keys = ['to']", "keys: expected api_id among the keys, found none"),
        (
            "charset = 'utf-16'",
            "charset: expected us-ascii, utf-8, iso-8859-N or windows-125N, found 'utf-16'",
        ),
        ("line-end = 'nel'", "line-end: expected one of lf, crlf, cr, found 'nel'"),
        ("line-break = 3", "line-break: expected one of 1, 2, found 3"),
        ("longest-line = 1", "longest-line: expected a whole number 300 to 1000000, found 1"),
        ("most-parts = 36", "most-parts: expected a whole number 1 to 35, found 36"),
        ("part-octets = 141", "part-octets: expected 1 to 140 octets a part, found 141"),
        ("reference-bits = 32", "reference-bits: expected one of 8, 16, found 32"),
    ],
)
def test_what_cannot_be_is_named(toml, message):
    with pytest.raises(OptionError) as caught:
        from_table("mine", tomllib.loads(toml))
    assert str(caught.value).startswith(message)


def test_every_charset_holds_ascii_in_its_place():
    ascii_text = bytes(range(128))
    for number in (*range(1, 12), *range(13, 17)):
        charset = f"iso-8859-{number}"
        try:
            Profile(charset=charset)
        except OptionError:
            continue
        assert ascii_text.decode(charset) == ascii_text.decode("ascii")
    for number in range(9):
        assert ascii_text.decode(Profile(charset=f"windows-125{number}").charset)


@pytest.mark.parametrize("character", ["\r", "\x00", "\t", "\u2028", "\x85"])
def test_no_control_is_writable(character):
    assert not Profile(charset="utf-8").writable(character)
