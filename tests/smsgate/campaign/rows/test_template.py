import pickle

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smsenc import Coding, OptionError, SmsencError, SplitError, encode_text
from smsenc.messagefile import Message
from smsenc.messagefile.packing import package
from smsenc.messagefile.parameters import MOST_PARTS
from smsgate.campaign.rows.parts import GSM_CHARACTERS, MOST_SINGLE, PER_PART, cost_of
from smsgate.campaign.rows.template import compile_template
from smsgate.campaign.tables.model import RowError

COLUMNS = ("phone", "First Name", "amount", "name")


def merged(text, *cells):
    return compile_template(text, COLUMNS).merge(["1", *cells])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Dear #First Name#,", "Dear Ann,"),
        ("Dear #first name#,", "Dear Ann,"),
        ("#name##name#", "ann o'neilann o'neil"),
        ("Item ##5 for #First Name#", "Item #5 for Ann"),
        ("{0} #amount# {}", "{0} 12.50 {}"),
        ("#name|upper#", "ANN O'NEIL"),
        ("#name|title#", "Ann O'Neil"),
        ("#name|title|cut:3#.", "Ann."),
        ("#name|cut:4#.", "ann."),  # the blank at the cut is gone
        ("#name|default:friend#", "ann o'neil"),
        ("no field", "no field"),
        ("a\r\nb\tc #amount#", "a\nb c 12.50"),
    ],
)
def test_fields_are_filled(text, result):
    assert merged(text, " Ann ", "12.50", "ann o'neil") == result


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("ANNE-MARIE O'NEIL", "Anne-Marie O'Neil"),
        ("john's d’arc", "John's D’Arc"),
        ("ÉMILE zola", "Émile Zola"),
        ("ǆ", "ǅ"),
    ],
)
def test_titles(written, title):
    assert merged("#name|title#", "", "", written) == title


def test_a_cut_leaves_characters_whole():
    assert merged("#name|cut:2#", "", "", "ae\u0301b") == "a"
    assert merged("#name|cut:1#", "", "", "👩\u200d👧x") == "👩"  # longer than the cut: its first
    assert merged("#name|cut:3#", "", "", "x👩\u200d👧y") == "x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Dear #nmae#",
            "expected a column of the table ('phone', 'First Name', 'amount', 'name'), .*#nmae#",
        ),
        ("#1 in #", "expected a column of the table .*, found #1 in #"),
        ("50 # off", "# at character 4 has no closing #: write #field#, or ## for a literal #"),
        (
            "#name|shout#",
            "expected upper, lower, title, cut:N, default:TEXT, money, .*found 'shout'",
        ),
        ("#name|cut:0#", "expected cut:1 to cut:9999 in #name|cut:0#"),
        ("#name|default:#", "expected a text after default: in #name|default:#"),
        ("##field1## #name#", "expected no text that the gateway would take for a field"),
        ("#name#field2##", "expected no text that the gateway would take for a field"),
        ("  ", "expected a text, found none"),
        ("\x07\u200b\n", "expected a text, found none"),
        ("a\ud800", "expected no lone surrogate, found U+D800"),
    ],
)
def test_a_bad_template_says_why(text, message):
    with pytest.raises(OptionError) as caught:
        compile_template(text, COLUMNS)
    start, _, end = message.partition(".*")
    assert str(caught.value).startswith(f"--text: {start}")
    assert end in str(caught.value)


def test_a_column_that_comes_twice_is_not_guessed():
    with pytest.raises(OptionError, match="two columns are called 'a'"):
        compile_template("#a#", ("a", "a"))
    assert compile_template("#b#", ("a", "a"), [("b", 1)]).merge(["1", "2"]) == "2"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "empty"),
        (" \t", "empty"),
        ("\x00\u200b", "empty"),
        ("\ufeff", "empty"),
        ("\ud800", "control-character"),
        ("#field1#", "field-mark"),
    ],
)
def test_a_cell_that_cannot_be_sent_names_its_column(cell, code):
    with pytest.raises(RowError) as caught:
        merged("Hello #name#", "x", "y", cell)
    assert (caught.value.code, caught.value.name) == (code, "name")


def test_a_field_of_the_gateway_cannot_be_put_together():
    with pytest.raises(RowError, match="expected no #field1# that the gateway would fill in"):
        merged("###name### #amount#", "x", "y", "field1")


def test_a_line_break_in_a_cell_stays_one():
    template = compile_template("#name|default:x#", ("name",))
    assert template.merge(["a\r\nb\u2028c\td"]) == "a\nb\nc d"


@pytest.mark.parametrize(
    "separator", ["\r", "\r\n", "\v", "\f", "\x85", "\x1c", "\u2028", "\u2029"]
)
def test_every_separator_is_a_line_break_in_text_and_cell(separator):
    assert compile_template("#name#", ("name",)).merge([f"a{separator}b"]) == "a\nb"
    assert compile_template(f"a{separator}b", ()).merge([]) == "a\nb"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x9b", "\ufeff", "\u2060"])
def test_what_no_phone_shows_is_left_out_of_text_and_cell(character):
    assert compile_template("#name#", ("name",)).merge([f"a{character}b"]) == "ab"
    assert compile_template(f"a{character}b", ()).merge([]) == "ab"


def test_the_gateways_own_template():
    template = compile_template("Hi #name#, {#amount|default:0#} #name#", COLUMNS)
    assert template.gateway == "Hi #field1#, {#field2#} #field1#"
    assert template.cells_of(["1", "x", "", " Ann "]) == ["Ann", "0"]
    again = pickle.loads(pickle.dumps(template))  # noqa: S301 - our own
    assert again.merge(["1", "x", "", "Ann"]) == "Hi Ann, {0} Ann"


# What it costs.

CELL = st.text(
    st.sampled_from("ab Z9é£€ë[^{\nΔж😀“…e\u0301\u00a0\u00ad\x85") | st.characters(), max_size=40
)
LONG = st.builds(lambda text, n: text * n, CELL, st.integers(1, 30))


def sent(text):
    """Coding and parts as ``package`` sends the text; None where it cannot."""
    try:
        found = package(encode_text(text), Message(to=("447700900123",), text=""), reference=1)
    except SmsencError:
        return None
    return found.segments[0].coding, sum(s.units for s in found.segments), len(found.segments)


@settings(max_examples=500)
@given(LONG)
def test_parts_are_counted_as_they_are_sent(text):
    expected = sent(text)
    if expected is not None:
        assert cost_of(text) == expected
    elif parts_or_none(text) is not None:
        # What the file refuses though it could be counted: a control character.
        assert any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029" for c in text)


def parts_or_none(text):
    try:
        return cost_of(text)
    except SmsencError:
        return None


@pytest.mark.parametrize("unit", ["a", "[", "\n", "ë", "ж", "😀", "a["])
def test_parts_at_their_limits(unit):
    for size in (
        1,
        33,
        34,
        35,
        66,
        67,
        68,
        70,
        71,
        76,
        77,
        80,
        81,
        MOST_SINGLE,
        MOST_SINGLE + 1,
        2 * PER_PART,
        307,
    ):
        text = unit * size
        assert cost_of(text) == sent(text)


def test_too_many_parts_are_refused():
    assert cost_of("a" * PER_PART * MOST_PARTS).parts == MOST_PARTS
    for text in ("a" * (PER_PART * MOST_PARTS + 1), "ë" * 3000, "[" * 5000, "ж" * 3000):
        with pytest.raises(SplitError, match="expected at most"):
            cost_of(text)


def test_what_stays_gsm_is_what_the_file_can_hold():
    for character in map(chr, range(0x2100)):
        if "\ud800" <= character <= "\udfff" or character == "\r":
            continue
        assert (cost_of(character).coding is Coding.GSM7) == (character in GSM_CHARACTERS)


PIECES = st.lists(
    st.text(st.sampled_from("abc [é€ë\nж{}"), max_size=60)
    | st.just("#name#")
    | st.just("#amount#"),
    min_size=1,
    max_size=6,
)


@settings(max_examples=500)
@given(PIECES, CELL, CELL)
def test_the_quick_count_is_that_of_the_filled_text(pieces, name, amount):
    try:
        template = compile_template("".join(pieces), ("name", "amount"))
        fields = template.cells_of([name, amount])
    except SmsencError:
        assume(False)
    text = template.filled(fields)
    assert template.merge([name, amount]) == text
    assert template.cost(fields) == cost_of(text)
    by_hand = template.gateway
    for n in reversed(range(len(fields))):
        by_hand = by_hand.replace(f"#field{n + 1}#", f"\0{n}\0")
    for n, field in enumerate(fields):
        by_hand = by_hand.replace(f"\0{n}\0", field)
    assert by_hand == text


@given(st.text(max_size=60), st.lists(st.text(max_size=10), min_size=2, max_size=2))
def test_any_text_is_a_template_or_an_error_of_ours(text, cells):
    try:
        compile_template(text, ("a", "b")).merge(cells)
    except SmsencError:
        pass
