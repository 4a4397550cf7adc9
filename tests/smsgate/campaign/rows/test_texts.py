import csv
import sys
from dataclasses import replace

import pytest
from campaigns import campaign, outbox, sent
from hypothesis import given, settings
from hypothesis import strategies as st

from smsenc import OptionError, SmsencError, encode_text, messagefile
from smsenc.messagefile.packing import package
from smsenc.messagefile.rows import DELIMITERS
from smsenc.substitute import Substitute
from smsgate.campaign.engine import RunSettings, run
from smsgate.campaign.rows.job import check, head, template_of
from smsgate.campaign.rows.recipients import find_recipients
from smsgate.campaign.rows.texts import text_messages
from smsgate.campaign.tables.kinds import chunks
from smsgate.campaign.worker import ChunkTask, work

LOG_IN = b"api_id:xxxxx\nuser:xxxxx\npassword:xxxxx\n"
WORDS = st.text(
    st.sampled_from("ab ,|;~^!{}€£éЖ\n😀#[]") | st.characters(codec="utf-8"), max_size=60
)


def write(path, rows, columns=("number", "a", "b")):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def only(path, **changes):
    made = campaign(path, **changes)
    return made, next(chunks(made.table))


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), st.sampled_from([3, 160]))
@settings(max_examples=200)
def test_what_is_sent_is_what_a_message_of_its_own_would_say(tmp_path_factory, cells, pad):
    """Any cells: each row arrives with the text that merging alone gives, and its parts."""
    folder = tmp_path_factory.mktemp("law")
    rows = [(f"+4474001234{n:02}", *pair) for n, pair in enumerate(cells)]
    path = write(folder / "t.csv", rows)
    text = f"Hi #a#{'.' * pad}#b#!"
    try:
        made, chunk = only(path, text=text)
    except SmsencError:
        return  # the table itself may be past reading
    template = template_of(made)
    result = work(ChunkTask(made, chunk))
    report = run(made, folder / "out")
    expected, parts = [], 0
    for _, *pair in rows:
        try:
            merged = template.merge(["", *pair])
            packed = package(encode_text(merged), made.message, reference=1)
            expected.append(packed.messages[0].text)
            parts += len(packed.segments)
        except SmsencError:
            pass
    if len(result.rejects) + len(expected) == len(rows):  # the csv reader may see other rows
        assert sorted(text for _, text in sent(folder / "out")) == sorted(expected)
        assert report.tally.parts == parts


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_own_messages_are_those_of_the_packaging(tmp_path_factory, cells):
    rows = [(f"+4474001234{n:02}", f"Ж{cell}", "") for n, cell in enumerate(cells)]
    made, chunk = only(write(tmp_path_factory.mktemp("own") / "t.csv", rows), text="#a#")
    found = find_recipients(made, chunk, template_of(made).columns)
    own = text_messages(made, found).own
    for index, group in enumerate(own):
        (message,) = package(encode_text(*found.content(index)), made.message, reference=1).messages
        assert group.heads == (head(message),)


def test_a_delimiter_is_one_that_no_cell_holds(tmp_path):
    for used in range(len(DELIMITERS)):
        rows = [("+447400123400", "".join(DELIMITERS[:used]) + "x", "y")]
        folder = tmp_path / str(used)
        folder.mkdir()
        run(campaign(write(folder / "t.csv", rows), text="#a# #b#"), folder / "out")
        (octets,) = outbox(folder / "out").values()
        assert messagefile.loads(octets).delimiter == DELIMITERS[used]


def test_where_every_delimiter_is_taken_few_rows_stand_alone(tmp_path):
    rows = [(f"+44740012340{n}", d, "y") for n, d in enumerate(DELIMITERS)]
    run(campaign(write(tmp_path / "t.csv", rows), text="#a# #b#"), tmp_path / "out")
    files = list(outbox(tmp_path / "out").values())
    assert [len(messagefile.loads(o).rows) for o in files] == [5, 0]
    assert len(sent(tmp_path / "out")) == 6


def test_a_line_break_stays_one(tmp_path):
    rows = [("+447400123400", "one\ntwo", "y"), ("+447400123401", "one", "y")]
    run(campaign(write(tmp_path / "t.csv", rows), text="#a#"), tmp_path / "out")
    assert sorted(sent(tmp_path / "out")) == [
        ("447400123400", "one\ntwo"),
        ("447400123401", "one"),
    ]


def test_concat_is_what_the_longest_row_takes(tmp_path):
    rows = [("+447400123400", "x" * 100, ""), ("+447400123401", "x" * 300, "")]
    run(campaign(write(tmp_path / "t.csv", rows), text="#a#" + "y" * 60), tmp_path / "out")
    (octets,) = outbox(tmp_path / "out").values()
    assert messagefile.loads(octets).concat == 3
    assert octets.startswith(LOG_IN + b"concat:3\ntext:#field1#yy")


def test_a_text_without_fields_is_one_message_to_all(tmp_path):
    rows = [(f"+4474001234{n:02}", "", "") for n in range(30)]
    for text, unicode in (("Closed today", None), ("Закрыто", True)):
        out = tmp_path / text
        report = run(campaign(write(tmp_path / "t.csv", rows), text=text), out, RunSettings(rows=7))
        (octets,) = outbox(out).values()
        message = messagefile.loads(octets)
        assert (message.text, message.unicode, len(message.to)) == (text, unicode, 30)
        assert report.tally.unicode == (30 if unicode else 0)


def test_rows_over_the_most_parts_are_refused(tmp_path):
    rows = [("+447400123400", "x" * 161, ""), ("+447400123401", "x", "")]
    made = campaign(write(tmp_path / "t.csv", rows), text="#a#", max_parts=1)
    report = run(made, tmp_path / "out")
    assert (report.sent, report.rejected, report.guarded) == (1, 1, 1)
    result = work(ChunkTask(made, next(chunks(made.table))))
    assert result.rejects == (
        (2, "", "max-parts", "expected at most 1 part, found 2", ("+447400123400", "x" * 161, "")),
    )


def test_a_text_that_no_message_holds_is_rejected(tmp_path):
    rows = [("+447400123400", "x" * 5356, ""), ("+447400123401", "x" * 5355, "")]
    made, chunk = only(write(tmp_path / "t.csv", rows), text="#a#")
    (reject,) = work(ChunkTask(made, chunk)).rejects
    assert reject[:4] == (2, "", "too-long", "expected at most 35 parts of text, found 36")


@pytest.mark.parametrize("unique", [False, True])
def test_the_same_to_the_same_number_is_sent_once(tmp_path, unique):
    rows = [("+447400123400", "x", "")] * 2 + [("+447400123400", "y", "")]
    report = run(
        campaign(write(tmp_path / "t.csv", rows), text="#a#", unique=unique), tmp_path / "o"
    )
    assert (report.sent, report.duplicates) == ((1, 2) if unique else (2, 1))
    assert [text for _, text in sent(tmp_path / "o")] == (["x"] if unique else ["x", "y"])


def test_duplicates_are_found_across_chunks(tmp_path):
    rows = [(f"+4474001234{n % 30:02}", "x", "") for n in range(100)]
    report = run(
        campaign(write(tmp_path / "t.csv", rows), text="#a#"), tmp_path / "o", RunSettings(rows=9)
    )
    assert (report.sent, report.duplicates, report.tally.messages) == (30, 70, 30)
    assert len(sent(tmp_path / "o")) == 30


def test_those_who_opted_out_get_nothing(tmp_path):
    rows = [("+447400123400", "x", ""), ("+447400123401", "x", "")]
    (tmp_path / "stop.txt").write_text("+44 7400 123400\n")
    made = campaign(write(tmp_path / "t.csv", rows), text="#a#", opt_out=str(tmp_path / "stop.txt"))
    report = run(made, tmp_path / "out")
    assert (report.sent, report.opted_out) == (1, 1)
    assert sent(tmp_path / "out") == [("447400123401", "x")]


def test_substitutes_keep_rows_in_the_template(tmp_path):
    names = ("“Ann”", "Анна", "“Анна”", "Bob", "…" * 60, "\ufe0f")
    with open(tmp_path / "t.csv", "w", newline="", encoding="utf-8") as file:
        rows = [(f"+4474001{n:05}", name) for n, name in enumerate(names)]
        csv.writer(file).writerows([("to", "name"), *rows])
    report = run(
        campaign(tmp_path / "t.csv", text="“#name#” – hello", substitute=Substitute.TYPOGRAPHIC),
        tmp_path / "out",
    )
    texts = [text for _, text in sorted(sent(tmp_path / "out"))]
    changed, kept = ('"Ann"', "Bob"), (names[1], names[2], *names[4:])
    expected = [f'"{name}" - hello' for name in changed] + [f"“{name}” – hello" for name in kept]
    assert sorted(texts) == sorted(expected)  # Unicode has the quotes and the dash
    assert report.substituted == 2
    assert report.tally.unicode == 4


def test_full_substitutes_spell_names_in_latin_letters(tmp_path):
    rows = [("+447400123401", "Анна", ""), ("+447400123402", "Łukasz", "")]
    table = write(tmp_path / "t.csv", rows)
    made = campaign(table, text="Zamówienie: #a#", substitute=Substitute.FULL)
    report = run(made, tmp_path / "out")
    assert [text for _, text in sorted(sent(tmp_path / "out"))] == [
        "Zamowienie: Anna",
        "Zamowienie: Lukasz",
    ]
    assert (report.substituted, report.tally.unicode) == (2, 0)


def test_only_a_character_that_needs_the_library_of_full_substitutes_is_refused(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "anyascii", None)
    rows = [("+447400123401", "Siân", ""), ("+447400123402", "Анна", "")]
    made = campaign(write(tmp_path / "t.csv", rows[:1]), text="#a#", substitute=Substitute.FULL)
    run(made, tmp_path / "out")
    assert [text for _, text in sent(tmp_path / "out")] == ["Sian"]
    made = campaign(write(tmp_path / "t.csv", rows), text="#a#", substitute=Substitute.FULL)
    with pytest.raises(OptionError, match=r"^line 3: substitute: full substitution"):
        run(made, tmp_path / "other")
    with pytest.raises(OptionError, match="full substitution"):
        check(replace(made, text="Привет #a#"))


def test_a_unicode_text_that_is_too_long_for_a_line_is_rejected(tmp_path):
    """31 parts and more: allowed by the gateway, but not as one line of hexadecimal digits."""
    rows = [("+447400123400", "ж" * 2100, ""), ("+447400123401", "x", "")]
    made, chunk = only(write(tmp_path / "t.csv", rows), text="#a#")
    (reject,) = work(ChunkTask(made, chunk)).rejects
    assert reject[:3] == (2, "", "too-long")
    assert reject.reason == "expected a line of at most 8192 octets, found 8405"
    report = run(made, tmp_path / "out")
    assert (report.sent, report.rejected, report.tally.messages) == (1, 1, 1)
