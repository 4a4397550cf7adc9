"""The region of a phone number, such as ``GB``, by its first digits or by phonenumbers."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

_LONGEST = 3  # digits of a country code
_MOST = 1 << 16  # numbers whose region is remembered

#: All that there are: ISO 3166 codes of two letters.
REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)


def is_within(number: str, regions: frozenset[str]) -> bool:
    """Whether an international number, digits alone, is of one of the regions.

    Most country codes have one region. Of the others the number itself is looked at, which takes
    longer, unless all regions of the code have the same answer.
    """
    found = _of_code(number[:_LONGEST])
    if not found.isdisjoint(regions) and not found <= regions:
        return region_of(number) in regions
    return bool(found) and found <= regions


@lru_cache(maxsize=_MOST)
def region_of(number: str) -> str:
    """The region of a number; that of the country code alone if the number is not valid there.

    Empty if no country has the code.
    """
    codes = _codes(number[:_LONGEST])
    if len(codes) < 2:
        return codes[0] if codes else ""
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return codes[0]
    return phonenumbers.region_code_for_number(parsed) or codes[0]


@lru_cache(maxsize=1000)
def _of_code(digits: str) -> frozenset[str]:
    return frozenset(_codes(digits))


def _codes(digits: str) -> tuple[str, ...]:
    """The regions of the country code that these digits begin with, the main one first."""
    for size in range(1, len(digits) + 1):
        if found := phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size])):
            return tuple(found)
    return ()
