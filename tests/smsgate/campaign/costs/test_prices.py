from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import SourceError
from smsenc import OptionError, SmsencError
from smsgate.campaign.costs.prices import parse_prices, read_prices


def test_a_price_table_is_read():
    prices = parse_prices(
        b'currency = "EUR"\ndefault = 0.1\n[prices]\nGB = "0.042"\nDE = 0.0725\nUS = 0'
    )
    assert [prices.of(c) for c in ("GB", "DE", "US", "FR")] == [
        Decimal("0.042"),
        Decimal("0.0725"),
        Decimal(0),
        Decimal("0.1"),
    ]
    assert parse_prices(b'currency = "EUR"').of("GB") is None


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"", "currency: expected a name of 1 to 8 characters"),
        (b"currency = 3", "currency: expected a name of 1 to 8 characters"),
        (b'currency = "EUR"\nprice = 1', "price: expected one of currency, default, prices"),
        (b'currency = "EUR"\nprices = 1', "prices: expected a table of countries"),
        (
            b'currency = "EUR"\n[prices]\nUK = "1"',
            "prices.UK: expected a country such as GB or DE (ISO 3166), or INTL, found 'UK'",
        ),
        (
            b'currency = "EUR"\n[prices]\nGB = "1,5"',
            "prices.GB: expected a price such as \"0.042\", found '1,5'",
        ),
        *(
            (f'currency = "EUR"\ndefault = {value}'.encode(), "default: expected a price such as")
            for value in ("true", "nan", '"sNaN"', "-1", "1e300", "1e-300", "[]", "1979-05-27")
        ),
    ],
)
def test_a_bad_price_table_names_the_key(octets, message):
    with pytest.raises(OptionError) as caught:
        parse_prices(octets)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("octets", [b"\xff", b"a", b"a=" + b"[" * 5000, b"#" * 2**21])
def test_what_is_no_toml_is_an_error_of_ours(octets):
    with pytest.raises(SourceError, match="expected"):
        parse_prices(octets)


@given(
    st.binary(max_size=100) | st.text(st.sampled_from('currency="E\n[prices]GB=0.1e9'), max_size=60)
)
def test_any_octets_are_prices_or_an_error_of_ours(octets):
    try:
        parse_prices(octets if isinstance(octets, bytes) else octets.encode())
    except SmsencError:
        pass


def test_a_price_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.toml: no such file"):
        read_prices(str(tmp_path / "none.toml"))
    (tmp_path / "p.toml").write_text("currency = 1")
    with pytest.raises(OptionError, match=r"p\.toml: currency: expected a name"):
        read_prices(str(tmp_path / "p.toml"))
