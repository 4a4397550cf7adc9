"""The costs of characters add up to the cost of their text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsenc import Coding, Language, encode_text, plan
from smsenc.charactercosts import Cost, Run, costs, runs

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(TEXTS)
def test_costs_add_up(text):
    payload = encode_text(text)
    units = len(payload.data) // (2 if payload.coding is Coding.UCS2 else 1)
    found = costs(text, payload)
    assert sum(one.times * one.units for one in found) == units
    assert "".join(one.text for one in runs(text, found)) == text


def test_what_forces_unicode_has_no_septets():
    payload = encode_text("a€“")
    assert costs("a€“", payload) == (
        Cost("a", 1, 1, 1),
        Cost("€", 1, 1, 2),
        Cost("“", 1, 1, None),
    )
    assert costs("😀", encode_text("😀")) == (Cost("😀", 1, 2, None),)


def test_characters_of_a_national_table():
    text = "ğ" * 80
    payload = plan(text, languages=[Language.TURKISH]).payload
    ((_, times, units, septets),) = costs(text, payload)
    assert payload.coding is Coding.GSM7
    assert (times, units, septets) == (80, 1, None)


def test_runs_are_as_long_as_they_can_be():
    text = "ab[]c“d"
    assert runs("ab[]c", costs(text, encode_text("ab[]c"))) == (
        Run("ab", 1, lacking=False),
        Run("[]", 2, lacking=False),
        Run("c", 1, lacking=False),
    )
