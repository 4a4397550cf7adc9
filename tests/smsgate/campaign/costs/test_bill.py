import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES

from converters.errors import SourceError
from smsenc import Coding, OptionError, SmsencError, plan
from smsgate.campaign.costs.bill import Bill
from smsgate.campaign.costs.prices import Prices, parse_prices, read_prices
from smsgate.campaign.costs.tally import MOST_DEAR, Tally
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.parts import parts_of
from smsgate.campaign.rows.template import compile_template
from smsgate.campaign.tables.kinds import chunks, open_table, read

EURO = Prices(currency="EUR", countries={"GB": Decimal("0.042"), "DE": Decimal("0.0725")})


def tally_of(rows):
    """A tally of (country, text) from row 2 on."""
    tally = Tally()
    for row, (country, text) in enumerate(rows, 2):
        cost = parts_of(text)
        if cost.coding is Coding.UCS2:
            tally.add_unicode(row, country, cost.parts, text)
        else:
            tally.add(row, country, cost.parts)
    return tally


LONG = "a" * 100
QUOTED = f"\u201c{LONG}\u201d"

ROWS = st.lists(
    st.tuples(
        st.sampled_from(("GB", "DE", "FR")),
        st.sampled_from(
            ("a", LONG * 2, QUOTED, f"\u2019{LONG}", f"{LONG}€", f"e\u0301{LONG}", "ж")
        ),
    ),
    max_size=40,
)


@given(ROWS, st.integers(0, 40), st.integers(0, 40))
def test_tallies_add_up_in_any_order(rows, first, second):
    first, second = sorted((min(first, len(rows)), min(second, len(rows))))
    one, two, three = (
        shifted(tally_of(rows[a:b]), a)
        for a, b in ((0, first), (first, second), (second, len(rows)))
    )
    assert (one + two) + three == one + (two + three) == three + (two + one) == tally_of(rows)


def shifted(tally, rows):
    for numbers in tally.rows.values():
        numbers[:] = [row + rows for row in numbers]
    return tally


@given(ROWS)
def test_a_tally_is_kept_as_json(rows):
    tally = tally_of(rows)
    assert Tally.from_json(json.loads(json.dumps(tally.to_json()))) == tally


@given(ROWS)
def test_the_bill_adds_up_and_fits_the_screen(rows):
    tally = tally_of(rows)
    bill = Bill(tally, EURO)
    lines = bill.countries()
    assert bill.total == sum(line.cost for line in lines if line.cost is not None)
    assert (
        tally.parts
        == sum(line.parts for line in lines)
        == sum(parts * count for parts, count in tally.histogram().items())
    )
    assert tally.messages == len(rows) == sum(tally.histogram().values())
    assert bill.unpriced == sum(parts_of(text).parts for country, text in rows if country == "FR")
    dear = sorted(
        (-(EURO.of(c) or 0) * parts_of(t).parts, -parts_of(t).parts, n)
        for n, (c, t) in enumerate(rows, 2)
    )
    assert [found.row for found in bill.dearest()] == [row for _, _, row in dear[:MOST_DEAR]]
    assert all(len(line) <= 80 for prices in (None, EURO) for line in Bill(tally, prices).lines())
    json.dumps(bill.record())


@given(
    st.lists(
        st.text(st.sampled_from("ab \u201c\u201d\u2019€Δ\u2013…ж e\u0301\u00a0"), max_size=200)
    )
)
def test_savings_are_what_substitutes_would_save(texts):
    tally = tally_of([("GB", text) for text in texts if text])
    expected = 0
    for text in filter(None, texts):
        better = parts_with_substitutes(text)
        expected += max(0, parts_of(text).parts - better)
    parts, cost = Bill(tally, EURO).saved()
    assert parts == expected
    assert cost == expected * EURO.of("GB")


def parts_with_substitutes(text):
    """As sent with --substitute typographic: what GSM holds, the file may not."""
    changed = plan(text, substitute="typographic", coding="auto")
    if changed.replaced and changed.payload.coding is Coding.GSM7:
        from smsenc import decode_text

        return parts_of(decode_text(changed.payload)).parts
    return parts_of(text).parts


def test_the_bill_of_the_samples():
    table = open_table(str(SAMPLES / "recipients.csv"))
    template = compile_template("Dear #name#, you owe \u201c#amount#\u201d.", table.columns)
    numbers, rows = Numbers(), []
    for chunk in chunks(table):
        for _row, cells in read(table, chunk):
            country = numbers.locate(cells[table.to])[1]
            rows.append((country, template.merge(cells) + " " * 60))
    bill = Bill(tally_of(rows), read_prices(str(SAMPLES / "prices.toml")))
    assert list(bill.lines()) == [
        "11 rows, 22 parts, 0.924 EUR",
        "   parts          rows",
        f"       2            11  {'#' * 56}",
        " country          rows         parts      a part                  cost",
        "      GB            11            22       0.042             0.924 EUR",
        "costliest rows",
        *(f"  row {n}: 2 parts to GB, 0.084 EUR" for n in range(2, 12)),
        "11 rows Unicode, because of",
        "  U+201C LEFT DOUBLE QUOTATION MARK: 11 rows",
        "  U+201D RIGHT DOUBLE QUOTATION MARK: 11 rows",
        "  other characters: 3 rows",
        "  U+0410 CYRILLIC CAPITAL LETTER A: 1 row",
        "  substituting U+201C and U+201D would save 8 parts, 0.336 EUR",
        "  typographic substitutes in all rows would save",
        "    8 parts, 0.336 EUR",
    ]
    assert bill.record()["cost"] == "0.924"


def test_rows_without_a_price_are_told():
    bill = Bill(tally_of([("FR", "a"), ("GB", "a")]), EURO)
    assert (bill.total, bill.unpriced) == (Decimal("0.042"), 1)
    assert "no price for 1 part: the cost is without" in list(bill.lines())


def test_money_is_exact_over_a_million_rows():
    tally = Tally(counts={("GB", 1): 10**6, ("DE", 3): 333_333}, rows={})
    assert str(Bill(tally, EURO).total) == "114499.9275"


# Prices.


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
