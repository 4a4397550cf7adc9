import pytest

from smsgate.campaign.rows.spreadsheets import shown_text, what_is_wrong
from smsgate.campaign.rows.template import compile_template
from smsgate.campaign.tables.model import RowError


@pytest.mark.parametrize(
    "cell",
    [
        *("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#n/a"),
        *("#WERT!", "#NV", "#VALEUR!", "#¡REF!", "#RIF!", "#N/D", "Err:502", "########"),
        *("=#REF!", "#REF", "#DIV/0", "Fehler:502"),
    ],
)
@pytest.mark.parametrize("text", ["Hi #name#", "Hi #name|default:friend#", "Hi #name|upper#"])
def test_an_error_of_a_spreadsheet_in_a_field_is_no_text(cell, text):
    template = compile_template(text, ("to", "name"))
    with pytest.raises(RowError) as caught:
        template.merge(["1", f" {cell} "])
    assert str(caught.value) == (
        f"name: expected a text, found {cell!r}: an error of the spreadsheet"
    )
    assert caught.value.code == "spreadsheet"
    _, errors = template.columns([["1", "2"], ["Ann", cell]])
    assert list(errors) == [1]


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("x")', "=VLOOKUP(A2;B:C;2;0)", "=A1", "=$B$12", "{=A1}", '=IF(A1="","x","y")'],
)
def test_a_formula_is_no_text(cell):
    with pytest.raises(RowError, match="name: expected a text, found a formula"):
        compile_template("#name#", ("name",)).merge([cell])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="00123"', "00123"),
        ('="say ""hi"""', 'say "hi"'),
        ("#1 fan", "#1 fan"),
        ("#winning!", "#winning!"),
        ("#NAME", "#NAME"),
        ("#", "#"),
        ("##", "##"),
        ("= 5 + 5", "= 5 + 5"),
        ("a = b", "a = b"),
        ("=)", "=)"),
        ("Err: see 502", "Err: see 502"),
        ("N/A", "N/A"),
    ],
)
def test_other_cells_are_texts(cell, text):
    assert compile_template("#name#", ("name",)).merge([cell]) == text
    assert (what_is_wrong(cell), shown_text(cell)) == ("", text)


def test_a_column_that_the_text_does_not_use_may_have_errors():
    assert compile_template("#name#", ("name", "sum")).merge(["Ann", "#REF!"]) == "Ann"
