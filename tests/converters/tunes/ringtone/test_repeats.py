from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.ringtone.repeats import Section, sections


def played(tune, plan):
    return "".join(tune[part.start : part.end] * (1 + part.loop) for part in plan)


@given(st.text("ab", max_size=60) | st.text("abcdefgh", max_size=8).map(lambda s: s * 5 + s[:3]))
def test_what_is_played_is_the_tune(tune):
    plan = sections(tune, patterns=4, loops=14)
    assert played(tune, plan) == tune
    assert len({(part.start, part.end) for part in plan}) <= 4


@pytest.mark.parametrize(
    ("tune", "plan"),
    [
        ("abcdefghij", [Section(0, 10)]),
        ("abcdefgh" * 4, [Section(0, 8, 3)]),
        ("abcdefghXYabcdefgh", [Section(0, 8), Section(8, 10), Section(0, 8)]),
        ("", [Section(0, 0)]),
    ],
)
def test_a_stretch_that_comes_again_is_found(tune, plan):
    assert sections(tune, patterns=4, loops=14) == plan
