"""Countries as ``--region`` takes them: ISO 3166, and what people write in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from smsenc import OptionError

#: What people write for a country, besides its name and country code.
_OTHER_NAMES = {
    **dict.fromkeys(("UK", "EN", "GBR", "ENG", "ENGLAND", "SCOTLAND", "WALES", "BRITAIN"), "GB"),
    **dict.fromkeys(("USA", "AMERICA"), "US"),
    **dict.fromkeys(("DEU", "GER"), "DE"),
    **dict.fromkeys(("EL", "GRC"), "GR"),
    **dict.fromkeys(("FRA", "FRENCH"), "FR"),
    "AUT": "AT",
    "CHE": "CH",
    "SUI": "CH",
    "ESP": "ES",
    "ITA": "IT",
    "NLD": "NL",
    "HOLLAND": "NL",
    "POL": "PL",
    "PRT": "PT",
    "SWE": "SE",
    "DNK": "DK",
    "IRL": "IE",
    "TUR": "TR",
    "UKR": "UA",
    "IND": "IN",
    "ZAF": "ZA",
    "RSA": "ZA",
    "AUS": "AU",
    "NZL": "NZ",
    "CAN": "CA",
    "ETH": "ET",
    "JAP": "JP",
    "JPN": "JP",
    "CHN": "CN",
    "KOR": "KR",
    "UAE": "AE",
    "MEX": "MX",
    "BRA": "BR",
}


def known_region(region: str) -> str:
    """The region as phonenumbers spells it; raises OptionError, with the one that was meant."""
    import phonenumbers  # noqa: PLC0415 - heavy, and not every command needs it

    name = region.strip().upper()
    if name in phonenumbers.SUPPORTED_REGIONS:
        return name
    meant = _meant(name)
    asked = f"; did you mean {meant}?" if meant else ""
    message = f"expected a country such as GB or DE (ISO 3166), found {region!r}{asked}"
    raise OptionError(message, name="--region")


def _meant(name: str) -> str:
    """The country of another name, of a country code, or of the country's name; or ""."""
    import phonenumbers  # noqa: PLC0415 - as above

    digits = name.removeprefix("+").removeprefix("00")
    if re.fullmatch("[0-9]{1,3}", digits):
        found = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits), ("",))[0]
        return found if found.isalpha() else ""
    return _OTHER_NAMES.get(name) or _by_name().get(name.casefold(), "")


def _by_name() -> Mapping[str, str]:
    """Countries by their names in English, and in languages of their own."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # noqa: PLC0415 - only for an error

    found: dict[str, str] = {}
    for region, names in LOCALE_DATA.items():
        for language in ("en", region.lower()):
            name = names.get(language, "")  # or a mark and a language with the same name
            found.setdefault(names.get(name[1:], name).casefold(), region)
    return found
