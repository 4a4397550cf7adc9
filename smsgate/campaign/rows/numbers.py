"""Recipients' numbers: what phonenumbers says of them, decided quickly where that is plain.

A number in international form is looked up in one regular expression for its country code, made
from phonenumbers' own tables; what that does not settle goes through phonenumbers as it is, and the
latest answers are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from smsenc import OptionError
from smsgate.campaign.tables.model import RowError

if TYPE_CHECKING:
    from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

#: Ofcom keeps these for stories, and libphonenumber calls them invalid. Nobody has them, so that
#: examples and tests can be written with them.
_FOR_STORIES = re.compile("447700900[0-9]{3}")
#: Of answers that took long.
_KEPT = 65_536
#: What stands for a country: of numbers that belong to none (+800 …), and where none is known.
NO_COUNTRY, UNKNOWN_COUNTRY = "INTL", "ZZ"
_MOST_SHOWN = 40


#: A valid number: its digits, international without ``+``, and its country (ISO 3166).
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Reads numbers; ``region`` (ISO 3166) is where those in national form are dialled.

    Without a region, digits alone are an international number, as in message files; with one, they
    are what is dialled there, and an international number begins with ``+`` or that country's
    prefix. Raises OptionError for a region that does not exist.
    """

    region: str | None = None

    def __post_init__(self) -> None:
        if self.region is not None:
            object.__setattr__(self, "region", _known(self.region))

    def __call__(self, text: str) -> str:
        """Digits of the number; raises RowError with the code of what is wrong with it."""
        return self.locate(text)[0]

    def locate(self, text: str) -> Place:
        """Digits and country of the number; raises RowError."""
        plus = text[:1] == "+"
        digits = text[1:] if plus else text
        if plus or self.region is None:
            known = _PATTERNS  # the loop over its keys unrolled: this is asked of every row
            pattern = known.get(digits[:2]) or known.get(digits[:1]) or known.get(digits[:3])
            if pattern and (found := pattern.match(digits)):
                return digits, found.lastgroup or UNKNOWN_COUNTRY
        digits = digits.translate(_GROUPING)
        if not plus:
            digits = _dialled(digits, self.region) if self.region else digits.removeprefix("00")
        found = pattern.match(digits) if (pattern := _pattern_of(digits)) else None
        if found:
            return digits, found.lastgroup or UNKNOWN_COUNTRY
        return _read_in_full(text.strip(), self.region)

    @staticmethod
    def country(digits: str) -> str:
        """The country of a number that ``__call__`` gave."""
        return Numbers().locate(digits)[1]


#: What people group digits with: nothing that phonenumbers reads otherwise.
_GROUPING = str.maketrans("", "", " -()\u00a0\u202f")


def _known(region: str) -> str:
    import phonenumbers  # noqa: PLC0415 - heavy, wanted only here

    if region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise OptionError(
            f"expected a country such as GB or DE (ISO 3166), found {region!r}", name="--region"
        )
    return region.upper()


# The quick way.


def _dialled(digits: str, region: str) -> str:
    """International digits of what is dialled in a region, or nothing where that is not plain."""
    code, lengths, abroad, prefix = _dialling(region)
    if digits.startswith(code) or (abroad and abroad.match(digits)):
        return ""
    found = prefix.match(digits) if prefix else None
    if found is None:
        return code + digits
    # Where what is left has no length that the region knows, phonenumbers leaves the prefix on.
    whole = not found.lastindex and len(digits) - found.end() in lengths
    return code + digits[found.end() :] if whole else ""


@cache
def _dialling(
    region: str,
) -> tuple[str, tuple[int, ...], re.Pattern[str] | None, re.Pattern[str] | None]:
    """Country code, lengths, way out of the country, what may stand before a number inside it."""
    metadata = _metadata(region)
    general = metadata.general_desc
    abroad, prefix = metadata.international_prefix, metadata.national_prefix_for_parsing
    return (
        str(metadata.country_code),
        tuple(general.possible_length) if general else (),
        re.compile(abroad) if abroad else None,
        re.compile(prefix) if prefix else None,
    )


_PATTERNS: dict[str, re.Pattern[str]] = {}


def _pattern_of(digits: str) -> re.Pattern[str] | None:
    """What tells the numbers of a country code; no code is the beginning of another one."""
    for code in (digits[:size] for size in (1, 2, 3)):
        if code in _regions():
            if code not in _PATTERNS:
                _PATTERNS[code] = re.compile("".join(_source(code)))
            return _PATTERNS[code]
    return None


@cache
def _regions() -> Mapping[str, tuple[str, ...]]:
    """The countries of each country code, the main one first."""
    import phonenumbers  # noqa: PLC0415 - heavy, wanted only here

    return {str(k): v for k, v in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


def _source(code: str) -> Iterator[str]:
    """A group for each country of the code, in the order in which phonenumbers tries them.

    Leading digits settle which country a number is of, whether it is valid there or not. A number
    that begins as if a national prefix stood before it is left to phonenumbers.
    """
    regions = _regions()[code]
    main = _metadata(regions[0], int(code))
    yield code
    if main.national_prefix_for_parsing:  # which may be nothing at all: that changes nothing
        yield f"(?!(?:{main.national_prefix_for_parsing})(?<!\\A{code}))"
    yield "(?:"
    tried = ""
    for n, region in enumerate(regions):
        metadata = _metadata(region, int(code))
        led = metadata.leading_digits if len(regions) > 1 else None
        name = region if region.isalpha() else NO_COUNTRY
        yield f"{'|' if n else ''}{tried}(?P<{name}>"
        if led:
            yield f"(?={led})"
            tried += f"(?!{led})"
        yield f"{_valid(metadata)})"
    yield r")\Z"


#: The commonest first.
_TYPES = (
    *("mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)


def _valid(metadata: PhoneMetadata) -> str:
    """What ``phonenumberutil._number_type_helper`` gives a type to."""
    descriptions = [getattr(metadata, name) for name in _TYPES]
    types = dict.fromkeys(filter(None, map(_described, descriptions)))
    return f"(?={_described(metadata.general_desc)}\\Z)(?:{'|'.join(types)})(?=\\Z)"


def _described(description: PhoneNumberDesc | None) -> str:
    if description is None or not description.national_number_pattern:
        return ""
    lengths = "|".join(f"[0-9]{{{n}}}" for n in description.possible_length if n > 0)
    pattern = description.national_number_pattern.replace(r"\d", "[0-9]")
    return f"(?:(?=(?:{lengths})\\Z)(?:{pattern}))" if lengths else f"(?:{pattern})"


def _metadata(region: str, code: int = 0) -> PhoneMetadata:
    from phonenumbers.phonemetadata import PhoneMetadata  # noqa: PLC0415 - as phonenumbers

    found = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    assert found is not None  # noqa: S101 - of regions that phonenumbers itself lists
    return found


# The full way.

_EXPONENT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?E[+-]?[0-9]+", re.IGNORECASE)
_FRACTION = re.compile(r"[0-9]{5,}[.,]0{1,2}")
_WRITTEN = re.compile(
    r"[\d+\uff0b().\[\]/~'\x22 \t\u00a0\u2000-\u200b\u2010-\u2015\u202f\u2212\u3000-]+"
)
_CODES = {
    "letters": "expected digits, found letters in {}",
    "characters": "expected digits, found other characters in {}",
    "spreadsheet": "expected a number, found what a spreadsheet made of one: {}",
    "no-number": "expected a number, found none",
    "country": "expected a number with its country code, found {}",
    "too-short": "expected a longer number, found {}",
    "too-long": "expected a shorter number, found {}",
    "extension": "expected a number without an extension, found {}",
    "invalid": "expected a number that exists, found {}",
}


def _read_in_full(text: str, region: str | None) -> Place:
    found = _judged(text, region) if len(text) <= 2 * _MOST_SHOWN else "too-long"
    if isinstance(found, tuple):
        return found
    shown = repr(text) if len(text) <= _MOST_SHOWN else f"{len(text)} characters"
    raise RowError(_CODES[found].format(shown), code=found)


@lru_cache(maxsize=_KEPT)
def _judged(text: str, region: str | None) -> Place | str:
    """The number that phonenumbers finds in a text, or the code of what is wrong with it."""
    import phonenumbers as library  # noqa: PLC0415 - heavy, wanted only here

    if unlike := _unlike_a_number(text):
        return unlike
    try:
        number = library.parse(_international(text) if region is None else text, region)
    except library.NumberParseException as error:
        return _UNPARSED.get(error.error_type, "invalid")
    if number.extension:
        return "extension"
    digits = library.format_number(number, library.PhoneNumberFormat.E164)[1:]
    if library.is_valid_number(number):
        country = library.region_code_for_number(number) or UNKNOWN_COUNTRY
        return digits, NO_COUNTRY if country == "001" else country
    if _FOR_STORIES.fullmatch(digits):
        return digits, "GB"
    reason = library.is_possible_number_with_reason(number)
    return _IMPOSSIBLE.get(reason, "invalid")


def _unlike_a_number(text: str) -> str:
    """The code of what phonenumbers would read past, or read as another number."""
    if not text:
        return "no-number"
    if _EXPONENT.fullmatch(text) or _FRACTION.fullmatch(text):
        return "spreadsheet"
    if any(map(str.isalpha, text)):
        return "letters"
    return "" if _WRITTEN.fullmatch(text) else "characters"


def _international(text: str) -> str:
    return "+" + text.lstrip(" '(+").removeprefix("00")


#: By phonenumbers' numbers for them (NumberParseException, ValidationResult).
_UNPARSED: Mapping[int, str] = {0: "country", 2: "too-short", 3: "too-short", 4: "too-long"}
_IMPOSSIBLE: Mapping[Any, str] = {2: "too-short", 3: "too-long", 4: "too-short"}
