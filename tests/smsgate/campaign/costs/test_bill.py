import json
from collections import Counter
from decimal import Decimal

from campaigns import COSTED_ROWS, tally_of
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES

from smsenc import Coding, plan
from smsgate.campaign.costs.bill import Bill
from smsgate.campaign.costs.prices import Prices, read_prices
from smsgate.campaign.costs.tally import MOST_EXPENSIVE, CostTally
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.parts import cost_of
from smsgate.campaign.rows.template import compile_template
from smsgate.campaign.tables.kinds import chunks, open_table, read

EURO = Prices(currency="EUR", countries={"GB": Decimal("0.042"), "DE": Decimal("0.0725")})


@given(COSTED_ROWS)
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
    assert bill.unpriced == sum(cost_of(text).parts for country, text in rows if country == "FR")
    expensive = sorted(
        (-(EURO.of(c) or 0) * cost_of(t).parts, -cost_of(t).parts, n)
        for n, (c, t) in enumerate(rows, 2)
    )
    assert [found.row for found in bill.most_expensive()] == [
        row for _, _, row in expensive[:MOST_EXPENSIVE]
    ]
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
        expected += max(0, cost_of(text).parts - better)
    parts, cost = Bill(tally, EURO).saved()
    assert parts == expected
    assert cost == expected * EURO.of("GB")


def parts_with_substitutes(text):
    """As sent with --substitute typographic: what GSM holds, the file may not."""
    changed = plan(text, substitute="typographic", coding="auto")
    if changed.replaced and changed.payload.coding is Coding.GSM7:
        from smsenc import decode_text

        return cost_of(decode_text(changed.payload)).parts
    return cost_of(text).parts


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
        " country          rows         parts    per part                  cost",
        "      GB            11            22       0.042             0.924 EUR",
        "11 rows in Unicode because of",
        "  U+201C LEFT DOUBLE QUOTATION MARK: 11 rows",
        "  U+201D RIGHT DOUBLE QUOTATION MARK: 11 rows",
        "  U+00E1 LATIN SMALL LETTER A WITH ACUTE: 1 row",
        "  U+00EB LATIN SMALL LETTER E WITH DIAERESIS: 1 row",
        "  8 Cyrillic characters: at most 1 row each",
        "  substituting U+201C and U+201D would save 8 parts, 0.336 EUR",
        "  typographic substitutes in all rows would save",
        "    8 parts, 0.336 EUR",
    ]
    assert bill.record()["cost"] == "0.924"


def test_rows_without_a_price_are_told():
    bill = Bill(tally_of([("FR", "a"), ("GB", "a")]), EURO)
    assert (bill.total, bill.unpriced) == (Decimal("0.042"), 1)
    assert "no price for 1 part: not in the cost" in list(bill.lines())


def test_the_most_expensive_rows_are_listed_where_there_are_any():
    same = [("GB", "a"), ("GB", "b")]
    for rows, prices in (same, None), (same, EURO), ([("GB", "a"), ("DE", "a")], None), ([], EURO):
        assert "most expensive rows" not in list(Bill(tally_of(rows), prices).lines())
    for rows, prices in ([*same, ("DE", "a")], EURO), ([*same, ("GB", "a" * 161)], None):
        lines = list(Bill(tally_of(rows), prices).lines())
        assert lines[lines.index("most expensive rows") + 1].startswith("  row 4: ")


def test_the_characters_that_most_rows_have_are_named():
    rows = [("GB", "Zoë"), ("GB", "Zoë á"), ("GB", "Zoë \ufbf9"), ("DE", "😀")]
    bill = Bill(tally_of(rows))
    assert list(bill.lines())[-5:] == [
        "4 rows in Unicode because of",
        "  U+00EB LATIN SMALL LETTER E WITH DIAERESIS: 3 rows",
        "  U+00E1 LATIN SMALL LETTER A WITH ACUTE: 1 row",
        "  U+FBF9 ARABIC LIGATURE UIGHUR KIRGHIZ YEH WITH HAMZA ABOVE …: 1 row",
        "  U+1F600 GRINNING FACE: 1 row",
    ]
    assert bill.record()["blame"] == {"ë": 3, "á": 1, "\ufbf9": 1, "😀": 1}


def test_the_characters_that_few_rows_have_are_counted():
    letters = [chr(n) for n in range(0x100, 0x120)]
    tally = tally_of([*(("GB", letters[n] * 3) for n in range(12)), ("GB", "".join(letters[:11]))])
    lines = list(Bill(tally).lines())
    assert lines[-11] == "  U+0100 LATIN CAPITAL LETTER A WITH MACRON: 2 rows"
    assert lines[-1] == "  and 2 other characters"
    assert len(tally.blame) == 12


def test_the_letters_of_a_script_are_one_line():
    tally = tally_of([("GB", "Да 😀 é"), ("GB", "Дом — ж"), ("GB", "สวัสดี"), ("DE", "ж Ł")])
    assert list(Bill(tally).lines())[-5:] == [
        "  5 Cyrillic characters: at most 2 rows each",
        "  U+0141 LATIN CAPITAL LETTER L WITH STROKE: 1 row",
        "  5 Thai characters: at most 1 row each",
        "  U+2014 EM DASH: 1 row",
        "  U+1F600 GRINNING FACE: 1 row",
    ]


def test_the_blame_of_an_earlier_journal_has_no_names():
    tally = CostTally(unicode=3, blame=Counter({"": 3, "\u2019": 1}))
    assert "  other characters: 3 rows" in list(Bill(tally).lines())


def test_money_is_exact_over_a_million_rows():
    tally = CostTally(counts={("GB", 1): 10**6, ("DE", 3): 333_333}, rows={})
    assert str(Bill(tally, EURO).total) == "114499.9275"
