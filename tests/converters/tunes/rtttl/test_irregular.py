from __future__ import annotations

import pytest

from converters.tunes.rtttl.irregular import rewritten


@pytest.mark.parametrize(
    ("part", "notes"),
    [
        ("8#a4", ("8a#4",)),
        ("#8a", ("8a#",)),
        ("8.#f2", ("8.f#2",)),
        ("4&b5", ("4bb5",)),
        ("8a4#", ("8a#4",)),
        ("8a.#4", ("8a#4.",)),
        ("c♯", ("c#",)),
        ("8fis6", ("8f#6",)),
        ("des", ("db",)),
        ("8-", ("8p",)),
        ("4r.", ("4p.",)),
        (".8c", ("8.c",)),
        ("8c/5", ("8c5",)),
        ("8c 4d", ("8c", "4d")),
        ("a b", ("a", "b")),
        ("8c8d", ("8c", "8d")),
        ("8c516d", ("8c5", "16d")),
        ("c#d#", ("c#", "d#")),
    ],
)
def test_what_can_only_mean_one_thing_is_read(part, notes):
    assert rewritten(part) == notes


@pytest.mark.parametrize("part", ["8c4d", "as", "es5", "cab", "8ba8", "x", "8", "##a", "c" * 2_001])
def test_what_has_no_reading_or_several_is_not_read(part):
    assert rewritten(part) == ()
