"""Texts of a campaign as their recipients will read them."""

from campaigns import campaign

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
