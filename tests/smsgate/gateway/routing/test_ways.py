"""Which routes fit a message, in which order, and which is the first."""

from __future__ import annotations

from collections import Counter

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.parameters import FEATURES
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.routing.regions import REGIONS, is_within, region_of
from smsgate.gateway.routing.ways import Choice, Way, Ways

TEXT, FLASH = FEATURES["text"], FEATURES["flash"]
numbers = st.from_regex("[1-9][0-9]{6,14}", fullmatch=True)
ways = st.builds(
    Way,
    name=st.uuids().map(str),
    price=st.integers(0, 3),
    features=st.sampled_from((TEXT, TEXT | FLASH, 0x7FFF)),
    prefixes=st.lists(st.sampled_from(("4", "44", "1", "27")), max_size=2).map(tuple),
    regions=st.frozensets(st.sampled_from(("GB", "US", "CA", "DE")), max_size=2),
    numbers=st.lists(st.sampled_from(("1", "*")), max_size=1).map(tuple),
    weight=st.integers(1, 5),
)


@given(st.lists(ways, max_size=6).map(tuple), numbers, st.sampled_from((0, TEXT, TEXT | FLASH)))
def test_the_order_has_each_route_that_fits_by_rising_price(found, number, features):
    fitting = Ways(found).fitting(features)
    order = fitting.order(number)
    assert [way.price for way in order] == sorted(way.price for way in order)
    fit = {way.name for way in found if not features & ~way.features and way.takes(number)}
    assert sorted(way.name for way in order) == sorted(fit)
    choice = fitting.choice(number)
    assert (choice is None) == (not order)
    if choice:
        prices = tuple(sorted({way.price for way in order}))
        assert choice == Choice(order[0].name, prices)
        assert fitting.constant in (None, choice)
        assert choice == Ways(found).fitting(features).choice(number)


def test_equal_routes_share_numbers_by_their_weight():
    fitting = Ways((Way(name="a", weight=1), Way(name="b", weight=3))).fitting(0)
    found = Counter(fitting.choice(f"4477009{place:05}").way for place in range(4000))
    assert found["a"] == pytest.approx(1000, abs=150)  # five standard deviations
    assert {len(fitting.order(f"4477009{place:05}")) for place in range(10)} == {2}


def test_replies_come_back_by_a_route_with_the_number():
    found = Ways((Way(name="a"), Way(name="b", numbers=("12345",)), Way(name="c", numbers=("*",))))
    assert [way.name for way in found.fitting(0, "12345").ways] == ["b", "c"]
    assert [way.name for way in found.fitting(0, "54321").ways] == ["c"]


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("447700900123", "GB"),
        ("447624123456", "IM"),
        ("14155552671", "US"),
        ("16045552671", "CA"),
        ("390612345678", "IT"),
        ("4915123456789", "DE"),
        ("77012345678", "KZ"),
        ("4400", "GB"),  # no number of any region: that of the code
        ("999", ""),
        ("0", ""),
    ],
)
def test_region(number, region):
    assert region_of(number) == region
    assert is_within(number, frozenset((region,))) == bool(region)


@given(numbers, st.frozensets(st.sampled_from(sorted(REGIONS)), max_size=5))
def test_a_number_is_within_the_regions_that_have_its_region(number, regions):
    assert is_within(number, regions) == (region_of(number) in regions)


@pytest.mark.parametrize("region", ["GB", "US", "CA", "DE", "ZA", "KZ", "AU", "NO"])
def test_examples_of_phonenumbers(region):
    kind = phonenumbers.PhoneNumberType.MOBILE
    one = phonenumbers.example_number_for_type(region, kind)
    assert region_of(phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164)[1:]) == (
        region
    )


def test_a_way_without_conditions_takes_every_number():
    assert Way(name="a").takes("1")
    assert Way(name="a", price=CREDIT, prefixes=("44",)).takes("447")
    assert not Way(name="a", prefixes=("44",)).takes("1")
    assert Way(name="a", prefixes=("44",), regions=frozenset(("US",))).takes("14155552671")
