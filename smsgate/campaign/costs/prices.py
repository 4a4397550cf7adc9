"""Prices of a part by country, from a TOML file.

currency = "EUR"
default = "0.08"

[prices]
GB = "0.042"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from converters.errors import SourceError
from converters.shared.words import quoted, shortened
from smsenc import OptionError
from smsgate.campaign.rows.numbers import NO_COUNTRY
from smsgate.outbox import tomlfile
from smsgate.outbox.reading import read_file

MOST_OCTETS = 2**20
_KEYS = ("currency", "default", "prices")
_HIGHEST = Decimal(1_000_000)
_MOST_PLACES = 8  # after the decimal point


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The price of a part by country (ISO 3166, or INTL); ``default`` is that of all others."""

    currency: str
    default: Decimal | None = None
    countries: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, country: str) -> Decimal | None:
        """The price of a part to a country, None if the table has none."""
        return self.countries.get(country, self.default)


def read_prices(path: str) -> Prices:
    """The price table in a file; raises SourceError or OptionError, which names the key."""
    try:
        return parse_prices(read_file(path, MOST_OCTETS))
    except (SourceError, OptionError) as error:
        raise error.at(source=path) from None


def parse_prices(octets: bytes) -> Prices:
    """The price table in TOML; raises SourceError, and OptionError, which names the key."""
    if len(octets) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found more")
    table = tomlfile.parse(octets, Decimal)
    for key in table:
        if key not in _KEYS:
            raise OptionError(f"expected one of {', '.join(_KEYS)}", name=key)
    currency = table.get("currency")
    if not isinstance(currency, str) or not 1 <= len(currency.strip()) <= 8:
        raise OptionError("expected a name of 1 to 8 characters", name="currency")
    countries = table.get("prices", {})
    if not isinstance(countries, dict):
        raise OptionError("expected a table of countries", name="prices")
    default = _price("default", table["default"]) if "default" in table else None
    found = {_country(key): _price(f"prices.{key}", value) for key, value in countries.items()}
    return Prices(currency=currency.strip(), default=default, countries=found)


def _country(key: str) -> str:
    import phonenumbers  # noqa: PLC0415 - heavy, and not every command needs it

    if key not in phonenumbers.SUPPORTED_REGIONS and key != NO_COUNTRY:
        raise OptionError(
            f"expected a country such as GB or DE (ISO 3166), or {NO_COUNTRY}, found {quoted(key)}",
            name=f"prices.{shortened(key, 40)}",
        )
    return key


def _price(key: str, value: object) -> Decimal:
    price = _decimal(value)
    exponent = price.as_tuple().exponent
    if not isinstance(exponent, int) or not 0 <= price <= _HIGHEST or exponent < -_MOST_PLACES:
        raise OptionError(f'expected a price such as "0.042", found {quoted(str(value))}', name=key)
    return price


def _decimal(value: object) -> Decimal:
    """A value of TOML as a number, NaN if it is not one."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return Decimal("NaN")
    try:
        return Decimal(value)
    except InvalidOperation:
        return Decimal("NaN")
