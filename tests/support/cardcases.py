"""Generated cards."""

from datetime import date

from hypothesis import strategies as st
from textcases import FILLED, TEXTS

from converters.cards.model import PLACE_TYPES, TEL_TYPES, Address, Card, Email, Name, Tel


def ranked(values):
    """What has PREF stands first, as a reader puts it."""
    return tuple(sorted(values, key=lambda value: "PREF" not in value.types))


def types(known):
    return st.sets(st.sampled_from(known), max_size=3).map(
        lambda chosen: tuple(name for name in known if name in chosen)
    )


NAMES = st.builds(Name, *[TEXTS] * 5).filter(lambda name: any(str(name)))

TELS = st.builds(Tel, st.from_regex("[+]?[0-9*#]{1,20}", fullmatch=True), types(TEL_TYPES))

EMAILS = st.builds(Email, FILLED, types(PLACE_TYPES))

ADDRESSES = st.builds(Address, st.tuples(*[TEXTS] * 7).filter(any), types(PLACE_TYPES))

CARDS = st.builds(
    Card,
    name=NAMES,
    formatted=TEXTS,
    tels=st.lists(TELS, max_size=3).map(ranked),
    emails=st.lists(EMAILS, max_size=2).map(ranked),
    org=st.just(()) | st.tuples(FILLED) | st.tuples(TEXTS, FILLED),
    title=TEXTS,
    addresses=st.lists(ADDRESSES, max_size=2).map(ranked),
    url=TEXTS,
    birthday=st.none() | st.dates(date(1850, 1, 1), date(2100, 12, 31)),
    nickname=TEXTS,
    note=TEXTS,
)
