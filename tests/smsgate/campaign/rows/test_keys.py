from array import array

from hypothesis import given
from hypothesis import strategies as st

from smsgate.campaign.rows import keys
from smsgate.campaign.rows.keys import SIZE, Seen, keys_of, packed, unpacked

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
