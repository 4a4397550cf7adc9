"""``smsenc lint --explain``."""

import json

import pytest
from command import smsenc

from smsenc.messagefile.lint import RULES


def test_a_rule_is_explained():
    done = smsenc("lint", "--explain", "k106")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("K106 warning: placeholder log-in\n\n  The log-in is the ")
    for line in ("  Bad:\n    api_id:xxxxx\n", "  Good:\n    api_id:1234\n"):
        assert line in done.stdout


def test_every_rule_is_explained_in_80_columns():
    done = smsenc("lint", "--explain", ",".join(rule.code for rule in RULES))
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stdout.count("\n  Bad:\n") == len(RULES)
    assert "\n\nF002 error: " in done.stdout
    fixed = sum(rule.fix for rule in RULES)
    assert " ".join(done.stdout.split()).count("smsenc lint --fix does this.") == fixed
    numbers = sum(rule.error > 0 for rule in RULES)
    assert done.stdout.count("\n  The gateway answers with error ") == numbers


@pytest.mark.parametrize(("code", "notes"), [("F002", 1), ("F004", 1), ("K106", 0)])
def test_the_notation_of_examples_is_explained_where_it_is_used(code, notes):
    assert smsenc("lint", "--explain", code).stdout.count("nine times x") == notes


def test_a_rule_as_json():
    done = smsenc("lint", "--explain", "F006", "--json")
    found = json.loads(done.stdout)
    assert list(found) == [
        *("code", "severity", "summary", "means", "why", "bad", "good", "repair", "fix"),
    ]
    assert (found["code"], found["severity"], found["fix"]) == ("F006", "warning", True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("D6", "no rule 'D6'; did you mean D601, D602, D603?"),
        ("K160", "no rule 'K160'; did you mean K10"),
        ("K106,ß", "no rule 'SS', expected F001, "),
        (" ,", "expected the code of a rule, such as K106"),
    ],
)
def test_an_unknown_rule_is_answered_with_near_ones(given, said):
    done = smsenc("lint", "--explain", given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"smsenc: --explain: {said}")


def test_without_a_file_and_a_rule_nothing_can_be_done():
    done = smsenc("lint")
    assert done.returncode == 2
    assert done.stderr == "smsenc: expected a file or a folder, or --explain CODE\n"
