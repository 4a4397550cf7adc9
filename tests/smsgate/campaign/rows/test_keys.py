from array import array

from hypothesis import given
from hypothesis import strategies as st

from smsgate.campaign.books.layout import MOST_FILES, Place, placed
from smsgate.campaign.rows import keys
from smsgate.campaign.rows.keys import SIZE, Seen, keys_of, packed, unpacked
from smsgate.campaign.rows.rejects import Reject, written

KEYS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 20), max_size=30)


@given(KEYS)
def test_packed_keys_are_in_order(found):
    assert list(unpacked(packed(found))) == sorted(found)
    assert len(packed(found)) == SIZE * len(found)


@given(st.lists(KEYS, max_size=6))
def test_known_are_those_of_earlier_chunks(chunks):
    """Any keys, close or far apart, the bits shared by many: exactly those that came before."""
    bits, keys._BITS = keys._BITS, 6  # so few that most share one
    try:
        stored = []
        seen = Seen(lambda: iter(stored))
        for chunk in chunks:
            before = {key for octets in stored for key in octets}
            assert seen.known(chunk) == before & set(chunk)
            stored.append(array("Q", sorted(chunk)))
    finally:
        keys._BITS = bits


def test_a_key_is_told_by_every_character():
    assert len({keys_of([text]) for text in ("", "a", "b", "ab", "a\x1fb", "\ud800", "é")}) == 7


def test_a_volume_is_full_before_the_next_begins_and_messages_stay_together():
    place, volumes = Place(), {}
    for files in [1] * (MOST_FILES - 1) + [3, 1]:
        names, place = placed(place, "x", files)
        for name in names:
            volumes.setdefault(name[:3], []).append(name)
    assert {volume: len(names) for volume, names in volumes.items()} == {"000": 9999, "001": 4}
    assert volumes["001"][0] == "001/010000-x.p1-3.txt"
    assert place.files == 10_003


def test_rejects_are_csv_whatever_they_hold():
    rejects = [Reject(2, "a,b", "cells", 'say "x"', ("1", "\ud800\n", "more"))]
    assert b"".join(written(("n", "a"), rejects)) == (
        b"rejected_row,rejected_column,rejected_code,rejected_reason,n,a\n"
        b'2,"a,b",cells,"say ""x""",1,"\\ud800\n",more\n'
    )
