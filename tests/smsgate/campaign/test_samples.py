"""Texts of a campaign as their recipients will read them."""

import pytest
from campaigns import campaign, sent

from smsenc.substitute import Substitute
from smsgate.campaign.engine import rehearse, run
from smsgate.campaign.samples import samples

ROWS = (
    "number,name,amount,date\n"
    "+447400123456,Ann,1.00,1 May\n"
    "x,nobody,1.00,1 May\n"
    "+447400123457,Anna-Maria Magdalena,1.00,1 May\n"
    "+447400123458,Łukasz,1.00,1 May\n"
)


def test_the_first_the_longest_and_the_dearest_come_first(tmp_path):
    (tmp_path / "people.csv").write_text(ROWS, encoding="utf-8")
    long = campaign(tmp_path / "people.csv", text="Dear #name#, " + "x" * 60)
    assert [(one.row, one.parts) for one in samples(long, 3)] == [(2, 1), (4, 1), (5, 2)]
    assert samples(long, 1)[0].text == "Dear Ann, " + "x" * 60
    assert len(samples(long, 99)) == 3
    assert samples(long, 0) == ()


@pytest.mark.parametrize("level", list(Substitute))
def test_samples_are_what_is_written(tmp_path, level):
    """Substitutes in the text and in cells, and rows that stay Unicode."""
    names = ("Ann", "“Bob”", "Ayşe", "आशा", "😀")
    table = tmp_path / "t.csv"
    rows = [f"+44740012345{n},{name}" for n, name in enumerate(names)]
    table.write_text("\n".join(("to,name", *rows)) + "\n", encoding="utf-8")
    made = campaign(table, text="Hi #name# – hello", substitute=level)
    shown = {(one.number, one.text) for one in samples(made, 100)}
    assert shown == set((run(made, tmp_path / "out"), sent(tmp_path / "out"))[1])
    assert len(shown) == len(names)


def test_a_text_without_fields_stays_as_it_is_where_substitutes_take_more_parts(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("to\n+447400123450\n+447400123451\n", encoding="utf-8")
    for text, expected, changed in (("“Hi” – hello", '"Hi" - hello', 2), ("…" * 60, "…" * 60, 0)):
        made = campaign(table, text=text, substitute=Substitute.TYPOGRAPHIC)
        assert samples(made, 1)[0].text == expected
        assert rehearse(made, tmp_path / "out").substituted == changed
