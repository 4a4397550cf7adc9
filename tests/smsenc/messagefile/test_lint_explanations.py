"""Each rule is explained: its bad example breaks it, its good example breaks no rule."""

import re

import pytest

from smsenc.messagefile.lint import RULES, incomplete, lint, part_of
from smsenc.messagefile.lint.explanations import EXPLANATIONS
from smsenc.messagefile.profile import CLICKATELL, Profile

LOGIN = "api_id:1\nuser:u\npassword:p\n"
NOW = 1_700_000_000
#: The profiles that examples speak of.
PROFILES = {
    "F002": Profile(name="other", charset="utf-8"),
    "K104": Profile(name="few", keys=("api_id", "user", "password", "text", "to")),
    "R205": Profile(name="small", most_messages=2),
}
OF_FOLDERS = {"D601", "D602", "D603"}  # D603 is about modes: see test_lint.py of the outbox
FILE_RULES = [rule.code for rule in RULES if rule.code not in OF_FOLDERS]


def octets(example):
    """A whole message file; the notation is that of ``Explanation``."""
    text = example if "api_id:" in example or "user:" in example else LOGIN + example
    text = re.sub(
        r"\{([^{}]*)\*([0-9]+)\}", lambda m: m[1].replace("/", "\n") * int(m[2]), f"{text}\n"
    )
    return re.sub(r"\\x([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), text).encode("latin-1")


def codes(code, example):
    return {one.code for one in lint(octets(example), PROFILES.get(code, CLICKATELL), now=NOW)}


def test_every_rule_is_explained_in_the_order_of_the_table():
    assert list(EXPLANATIONS) == [rule.code for rule in RULES]


@pytest.mark.parametrize("code", FILE_RULES)
def test_the_bad_example_breaks_the_rule(code):
    assert code in codes(code, EXPLANATIONS[code].bad)


@pytest.mark.parametrize("code", FILE_RULES)
def test_the_good_example_breaks_no_rule(code):
    assert codes(code, EXPLANATIONS[code].good) == set()


def of_a_folder(example):
    """The codes of the files of a folder: a name and a header on each line."""
    files = [re.split(" {2,}", line) for line in example.split("\n")]
    rest = "data:00\nto:447700900123"
    parts = [part_of(name, f"{LOGIN}{header}\n{rest}\n".encode()) for name, header in files]
    return {code for _, code, _ in incomplete(parts)}


@pytest.mark.parametrize("code", ["D601", "D602"])
def test_the_examples_of_a_folder(code):
    assert code in of_a_folder(EXPLANATIONS[code].bad)
    assert of_a_folder(EXPLANATIONS[code].good) == set()


def test_explanations_are_whole_sentences_of_lines_that_terminals_hold():
    for one in EXPLANATIONS.values():
        for text in (one.means, one.why, one.repair):
            assert len(text) > 10
            assert text.endswith(".")
        assert max(map(len, f"{one.bad}\n{one.good}".split("\n"))) <= 76
