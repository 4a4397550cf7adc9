import pickle
import random

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers.phonemetadata import PhoneMetadata

from smsenc import OptionError
from smsgate.campaign.rows import numbers
from smsgate.campaign.rows.numbers import Numbers, _pattern_of
from smsgate.campaign.tables.model import RowError

TYPES = (
    *("mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)


def examples():
    """Country code, region and national number of each type of each country."""
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            for name in TYPES:
                description = getattr(metadata, name)
                if description and description.example_number:
                    yield code, region, description.example_number


EXAMPLES = sorted(set(examples()))
FOR_STORIES = range(447_700_900_000, 447_700_901_000)


@st.composite
def near_numbers(draw):
    """Numbers that exist, and some whose last digits are others, too few or too many."""
    code, region, national = draw(st.sampled_from(EXAMPLES))
    kept = draw(st.integers(0, len(national)))
    size = max(0, len(national) - kept + draw(st.integers(-1, 1)))
    last = draw(st.text("0123456789", min_size=size, max_size=size))
    return code, region, national[:kept] + last


def truth(text, region=None):
    """What phonenumbers says: digits and country, or None."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    country = phonenumbers.region_code_for_number(number)
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
    return digits, "INTL" if country == "001" else country


def located(text, region=None):
    try:
        found = Numbers(region).locate(text)
    except RowError:
        return None
    return None if int(found[0]) in FOR_STORIES else found


TEXTS = near_numbers().map(lambda near: f"{near[0]}{near[2]}") | st.sampled_from(
    ["", "n/a", "+", "++4474", "07400123400", "7400 123400", "+44 7400 123400", "447400123400\n"]
)


@given(st.lists(TEXTS | TEXTS.map("+{}".format), max_size=8), st.sampled_from([None, "GB"]))
def test_many_numbers_are_what_each_of_them_is(texts, region):
    digits, countries, errors = Numbers(region).locate_all(texts)
    for index, text in enumerate(texts):
        try:
            assert (digits[index], countries[index]) == Numbers(region).locate(text)
        except RowError as error:
            assert str(errors[index]) == str(error)


@settings(max_examples=1000)
@given(near_numbers())
@example((1, "US", "2025550123"))
@example((44, "GB", "07400123456"))  # with the zero that is not dialled from abroad
@example((39, "IT", "0236618300"))
@example((54, "AR", "1151234567"))
def test_international_numbers_are_what_phonenumbers_says(number):
    code, _region, national = number
    assert located(f"+{code}{national}") == truth(f"+{code}{national}")
    if not f"{code}{national}".startswith("00"):
        assert located(f"{code}{national}") == truth(f"+{code}{national}")


@settings(max_examples=1000)
@given(near_numbers(), st.booleans())
def test_national_numbers_are_what_phonenumbers_says(number, prefixed):
    _code, region, national = number
    if region == "001":
        return
    metadata = PhoneMetadata.metadata_for_region(region)
    text = (metadata.national_prefix or "") * prefixed + national
    assert located(text, region) == truth(text, region)


def test_the_patterns_match_nearly_all_numbers_that_exist():
    random.seed(5)
    valid = [f"{code}{national}" for code, _, national in EXAMPLES if truth(f"+{code}{national}")]
    quick = [digits for digits in valid if _pattern_of(digits).match(digits)]
    assert len(valid) > 1000
    assert len(quick) > 0.97 * len(valid)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4.41E+11", "spreadsheet"),
        ("4,477E+11", "spreadsheet"),
        ("4E11", "spreadsheet"),
        ("447400123456.0", "spreadsheet"),
        ("", "no-number"),
        ("  ", "no-number"),
        ("n/a", "letters"),
        ("+44 7400 CALLME", "letters"),
        ("+44 7400 123456 ext 12", "extension"),
        ("+44 7400 123456#12", "characters"),
        ("447400123456\n447400123457", "two-numbers"),
        ("447400123456;447400123457", "two-numbers"),
        ("447400123456/447400123457", "two-numbers"),
        ("9" * 300, "too-long"),
        ("07400123456", "country"),
        ("+999123456789", "country"),
        ("+4474001234", "too-short"),
        ("+447400123456789", "too-long"),
        ("+447999", "too-short"),
        ("+44 5000 000000", "invalid"),
        ("²", "characters"),
    ],
)
def test_what_is_no_number_has_its_code(text, code):
    with pytest.raises(RowError) as caught:
        Numbers()(text)
    assert caught.value.code == code
    assert "expected" in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    "text",
    [
        *(
            "447400123456",
            "+447400123456",
            "00447400123456",
            "+44 7400 123456",
            "+44 (0)7400 123456",
        ),
        *("+44-7400-123.456", " 447400123456\t", "'+447400123456", "(+44) 7400 123456"),
        *("\u066447400123456", "+44\u00a07400\u00a0123456"),
    ],
)
def test_one_number_in_many_hands(text):
    assert Numbers().locate(text) == ("447400123456", "GB")


def test_a_region_reads_what_is_dialled_there():
    british = Numbers("gb")
    assert british("07400 123456") == british("+447400123456") == british("00447400123456")
    assert british("7400123456") == "447400123456"  # without its zero, as spreadsheets leave it
    assert Numbers("US")("(202) 555-0123") == Numbers("US")("011 1 202 555 0123") == "12025550123"
    assert pickle.loads(pickle.dumps(british)) == british  # noqa: S301 - our own
    with pytest.raises(OptionError, match=r"--region: expected a country such as GB .* found 'UK'"):
        Numbers("UK")


def test_a_number_for_stories_is_taken():
    assert Numbers().locate("+44 7700 900123") == ("447700900123", "GB")
    assert Numbers("GB")("07700 900123") == "447700900123"
    assert truth("+447700900123") is None  # else the exception would be for nothing
    assert Numbers().locate("+33 6 39 98 01 01") == ("33639980101", "FR")
    assert Numbers("FR")("06 39 98 01 23") == "33639980123"
    assert truth("+33639980123") is None


def test_countries_that_share_a_code_are_told_apart():
    countries = {Numbers.country(f"{code}{n}") for code, _, n in EXAMPLES if code in (1, 7, 44)}
    assert {"US", "CA", "JM", "RU", "KZ", "GB", "JE", "IM", "GG"} <= countries
    assert Numbers.country("80012345678") == "INTL"


@given(st.text(max_size=30) | st.text("+0123456789 -()./E", max_size=30))
def test_any_text_is_a_number_or_an_error_of_ours(text):
    for region in (None, "GB", "US", "AR"):
        try:
            digits, country = Numbers(region).locate(text)
        except RowError as error:
            assert error.code
        else:
            assert digits.isascii()
            assert digits.isdigit()
            assert Numbers.country(digits) == country


@pytest.mark.parametrize("source", [["(?P<DE>44[0-9]+)\\Z"], ["("], [None]])
def test_a_pattern_that_disagrees_with_phonenumbers_is_not_used(monkeypatch, source):
    monkeypatch.setattr(numbers, "_PATTERNS", {})
    monkeypatch.setattr(numbers, "_source", lambda _code: source)
    assert _pattern_of("447400123456") is numbers._NO_PATTERN
    assert Numbers().locate("+447400123456") == ("447400123456", "GB")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "07700 900321",
            "country code, found {} (--region GB, DE or IN would read it)",
        ),
        (
            "06 12 34 56 78",
            "country code, found {} (--region DE, FR or IT would read it)",
        ),
        ("12345", "expected a longer number, found {}"),
        ("+44 5000 000000", "expected a number that exists, found {}"),
    ],
)
def test_a_national_number_is_rejected_with_the_region_that_would_read_it(text, message):
    with pytest.raises(RowError) as caught:
        Numbers()(text)
    start = "expected a number with its " if message.startswith("country") else ""
    assert str(caught.value) == start + message.format(repr(text))


def test_with_a_region_no_other_one_is_named():
    with pytest.raises(RowError) as caught:
        Numbers("FR")("07700 900321 5")
    assert "--region" not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("UK", "GB"), ("uk", "GB"), ("England", "GB"), ("United Kingdom", "GB"), ("+44", "GB")),
        *(("0049", "DE"), ("Germany", "DE"), ("Deutschland", "DE"), ("USA", "US"), ("EL", "GR")),
    ],
)
def test_a_country_that_is_not_iso_is_refused_with_the_one_that_was_meant(typed, meant):
    with pytest.raises(OptionError) as caught:
        Numbers(typed)
    expected = f"expected a country such as GB or DE (ISO 3166), found {typed!r}"
    assert caught.value.message == f"{expected}; did you mean {meant}?"


@pytest.mark.parametrize("region", [None, "GB"])
@pytest.mark.parametrize(
    "text",
    [
        *("\u202a+447700900321\u202c", "+44\u20077700\u2009900321", "\u200e447700900321\u00ad"),
        *('="447700900321"', "tel:+447700900321", "+44 (0)7700 900321", "+44/7700/900321"),
    ],
)
def test_a_number_is_read_through_the_one_clean_up(text, region):
    if region and text.startswith(("=", "\u200e")):
        text = text.replace("44", "0", 1)
    assert Numbers(region).locate(text) == ("447700900321", "GB")


def test_a_mobile_number_that_is_cut_short_is_not_of_another_country():
    with pytest.raises(RowError) as error:
        Numbers()("07700 900")
    assert "--region" not in str(error.value)
