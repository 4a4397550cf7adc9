"""Recipients' numbers: what phonenumbers says of them, with a fast way for most of them.

A number in international form is matched with one regular expression for its country code, made
from phonenumbers' own tables. All others go through phonenumbers itself, and the latest answers are
kept. The pattern takes 0.7 us for a number, phonenumbers 125.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias

from smsenc.messagefile.numbers import UncleanNumberError, clean
from smsgate.campaign.rows.regions import known_region
from smsgate.campaign.tables.model import RejectCode, RowError

if TYPE_CHECKING:
    from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

#: Ofcom and Arcep reserve these for fiction and libphonenumber calls them invalid. Nobody has them,
#: so that examples and tests can use them.
_FOR_FICTION = re.compile("(44)7700900[0-9]{3}|(33)63998[0-9]{4}")
#: Answers of phonenumbers that are kept.
_MOST_KEPT = 65_536
#: Numbers of a list of which one says what country code the others probably have.
_MOST_SAMPLES = 20
#: The country of numbers that belong to none (+800 …), and of those whose country is not known.
NO_COUNTRY, UNKNOWN_COUNTRY = "INTL", "ZZ"
_MOST_SHOWN = 40

#: A valid number: its digits, international without ``+``, and its country (ISO 3166).
Located: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Reads numbers; ``region`` (ISO 3166) is where numbers in national form are dialled.

    Without a region, digits alone are an international number, as in message files. With one, they
    are what is dialled there, and an international number begins with ``+`` or the international
    prefix of that country. Raises OptionError for a region that does not exist.
    """

    region: str | None = None

    def __post_init__(self) -> None:
        if self.region is not None:
            object.__setattr__(self, "region", known_region(self.region))

    def __call__(self, text: str) -> str:
        """Digits of the number; raises RowError whose code says what is wrong."""
        return self.locate(text)[0]

    def locate(self, text: str) -> Located:
        """Digits and country of the number; raises RowError."""
        plus = text[:1] == "+"
        if (plus or self.region is None) and (found := _matched(text[1:] if plus else text)):
            return found
        number = text.translate(_GROUPING)
        if plus or self.region is None:
            return self._found(number) or self._cleaned(text)
        return _matched(_dialled(number, self.region)) or self._cleaned(text)

    def locate_all(self, texts: Sequence[str]) -> tuple[list[str], list[str], dict[int, RowError]]:
        """``locate`` each number: their digits, their countries, and errors by index.

        Most numbers of a list begin with the same country code, and match its pattern as they are.
        """
        wanted = texts if self.region is None else [x if x[:1] == "+" else "" for x in texts]
        digits = list(map(str.removeprefix, wanted, repeat("+")))
        countries = _countries(digits)
        errors: dict[int, RowError] = {}
        for index in [n for n, country in enumerate(countries) if not country]:
            try:
                digits[index], countries[index] = self.locate(texts[index])
            except RowError as error:
                errors[index] = error
        return digits, countries, errors

    def _found(self, number: str) -> Located | None:
        """A number without grouping whose pattern says that it is valid."""
        if number[:1] == "+":
            return _matched(number[1:])
        return _matched(_dialled(number, self.region) if self.region else number.removeprefix("00"))

    def _cleaned(self, text: str) -> Located:
        try:
            number = clean(text)
        except UncleanNumberError as error:
            raise RowError(error.message, code=RejectCode(error.kind)) from None
        found = self._found(number) or _judged(number, self.region)
        if isinstance(found, tuple):
            return found
        shown = repr(text) if len(text) <= _MOST_SHOWN else f"{len(text)} characters"
        raise RowError(_REASONS[found].format(shown) + self._hint(number), code=found)

    def _hint(self, number: str) -> str:
        """Which ``--region`` would read a national number; empty if none of the usual ones."""
        if self.region is not None or number[:1] == "+" or number[:2] == "00":
            return ""
        if number[:2] == "07" and len(number) < _SHORTEST_MOBILE:
            return ""  # a mobile number with digits missing, not a short one of a landline
        reading = [region for region in _USUAL if _exists(_dialled(number, region))]
        if not reading:
            return ""
        *others, last = reading[:_MOST_HINTS]
        which = f"{', '.join(others)} or {last}" if others else last
        return f" (--region {which} would read it)"

    @staticmethod
    def country(digits: str) -> str:
        """The country of a number that ``__call__`` returned."""
        return Numbers().locate(digits)[1]


#: Countries that a rejected national number may be of; at most three are named.
_USUAL = ("GB", "US", "DE", "FR", "IT", "ES", "NL", "IN", "ZA", "AU", "NG", "KE", "ET", "TR")
_MOST_HINTS = 3
_SHORTEST_MOBILE = 10

#: Characters between groups of digits that phonenumbers ignores too.
_GROUPING = str.maketrans("", "", " -()\u00a0\u202f")


def _exists(digits: str) -> bool:
    return bool(_matched(digits) or _FOR_FICTION.fullmatch(digits))


# The fast way -------------------------------------------------------------------------------------


_PATTERNS: dict[str, re.Pattern[str]] = {}


def _matched(digits: str) -> Located | None:
    """An international number whose pattern says that it is valid."""
    found = _pattern(digits).match(digits)
    return (digits, found.lastgroup or UNKNOWN_COUNTRY) if found else None


def _countries(numbers: Sequence[str]) -> list[str]:
    """The countries of numbers that match the pattern of the first valid one, "" for others."""
    patterns = (p for d in numbers[:_MOST_SAMPLES] if (p := _pattern(d)).match(d))
    found = map(next(patterns, _NO_PATTERN).match, numbers)
    return [(match.lastgroup or UNKNOWN_COUNTRY) if match else "" for match in found]


def _pattern(digits: str) -> re.Pattern[str]:
    """The pattern of a number's country code."""
    known = _PATTERNS  # without a loop over its keys: this runs for every row
    pattern = known.get(digits[:2]) or known.get(digits[:1]) or known.get(digits[:3])
    return pattern or _pattern_of(digits)


def _dialled(digits: str, region: str) -> str:
    """International digits of what is dialled in a region; empty if phonenumbers has to decide."""
    code, lengths, abroad, prefix = _dialling(region)
    if digits.startswith(code) or (abroad and abroad.match(digits)):
        return ""
    found = prefix.match(digits) if prefix else None
    if found is None:
        return code + digits
    # phonenumbers keeps the prefix if the rest has no length that is possible in the region.
    complete = not found.lastindex and len(digits) - found.end() in lengths
    return code + digits[found.end() :] if complete else ""


@cache
def _dialling(
    region: str,
) -> tuple[str, tuple[int, ...], re.Pattern[str] | None, re.Pattern[str] | None]:
    """Country code, possible lengths, international prefix, and national prefix of a region."""
    metadata = _metadata(region)
    general = metadata.general_desc
    abroad, prefix = metadata.international_prefix, metadata.national_prefix_for_parsing
    return (
        str(metadata.country_code),
        tuple(general.possible_length) if general else (),
        re.compile(abroad) if abroad else None,
        re.compile(prefix) if prefix else None,
    )


_NO_PATTERN = re.compile("(?!)")


def _pattern_of(digits: str) -> re.Pattern[str]:
    """The same, made if there is none; no country code is the beginning of another one."""
    codes = (digits[:size] for size in (1, 2, 3))
    code = next((code for code in codes if code in _regions()), None)
    if code is None:
        return _NO_PATTERN
    if code not in _PATTERNS:
        _PATTERNS[code] = _checked(code)
    return _PATTERNS[code]


def _checked(code: str) -> re.Pattern[str]:
    """The pattern of a country code, if it agrees with phonenumbers about its example numbers.

    The tables that it is made from are not a public interface: a version of phonenumbers that
    changes them makes numbers slow to read, not wrong.
    """
    try:
        pattern = re.compile("".join(_source(code)))
        examples = [code + national for national in _examples(code)]
    except (AttributeError, TypeError, re.error):
        return _NO_PATTERN
    for digits in examples:
        found = pattern.match(digits)
        if found and _judged(f"+{digits}", None) != (digits, found.lastgroup):
            return _NO_PATTERN
    return pattern


def _examples(code: str) -> Iterator[str]:
    """National numbers that phonenumbers gives as examples for the countries of a code."""
    for region in _regions()[code]:
        for name in _TYPES:
            description = getattr(_metadata(region, int(code)), name)
            if description and description.example_number:
                yield description.example_number


@cache
def _regions() -> Mapping[str, tuple[str, ...]]:
    """The countries of each country code, the main one first."""
    import phonenumbers  # noqa: PLC0415 - heavy, and not every command needs it

    return {str(k): v for k, v in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


def _source(code: str) -> Iterator[str]:
    """A pattern with a group for each country of the code, in the order of phonenumbers.

    Leading digits decide which country a number belongs to, even if it is not valid there. A number
    that begins with a national prefix is left to phonenumbers.
    """
    regions = _regions()[code]
    main = _metadata(regions[0], int(code))
    yield code
    if main.national_prefix_for_parsing:  # it may match nothing, which has no effect
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


#: The most common first.
_TYPES = (
    *("mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)


def _valid(metadata: PhoneMetadata) -> str:
    """Numbers to which ``phonenumberutil._number_type_helper`` gives a type."""
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
    assert found is not None  # noqa: S101 - the regions are those that phonenumbers lists
    return found


# The slow way -------------------------------------------------------------------------------------


_REASONS = {
    RejectCode.COUNTRY: "expected a number with its country code, found {}",
    RejectCode.TOO_SHORT: "expected a longer number, found {}",
    RejectCode.TOO_LONG: "expected a shorter number, found {}",
    RejectCode.INVALID: "expected a number that exists, found {}",
}


@lru_cache(maxsize=_MOST_KEPT)
def _judged(text: str, region: str | None) -> Located | RejectCode:
    """What phonenumbers makes of a clean number, or the code of what is wrong with it."""
    import phonenumbers as library  # noqa: PLC0415 - heavy, and not every command needs it

    try:
        number = library.parse(_international(text) if region is None else text, region)
    except library.NumberParseException as error:
        return _PARSE_ERRORS.get(error.error_type, RejectCode.INVALID)
    digits = library.format_number(number, library.PhoneNumberFormat.E164)[1:]
    if library.is_valid_number(number):
        country = library.region_code_for_number(number) or UNKNOWN_COUNTRY
        return digits, NO_COUNTRY if country == "001" else country
    if fiction := _FOR_FICTION.fullmatch(digits):
        return digits, "GB" if fiction[1] else "FR"
    reason = library.is_possible_number_with_reason(number)
    return _IMPOSSIBLE.get(reason, RejectCode.INVALID)


def _international(text: str) -> str:
    return "+" + text.removeprefix("+").removeprefix("00")


#: By the numbers of NumberParseException and ValidationResult in phonenumbers.
_PARSE_ERRORS: Mapping[int, RejectCode] = {
    0: RejectCode.COUNTRY,
    2: RejectCode.TOO_SHORT,
    3: RejectCode.TOO_SHORT,
    4: RejectCode.TOO_LONG,
}
_IMPOSSIBLE: Mapping[int, RejectCode] = {
    2: RejectCode.TOO_SHORT,
    3: RejectCode.TOO_LONG,
    4: RejectCode.TOO_SHORT,
}
