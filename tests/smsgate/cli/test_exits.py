"""Exit codes are part of the contract with scripts."""

from __future__ import annotations

import pytest

from converters.errors import GuardError, SourceError
from smsenc import OptionError
from smsgate.cli import exits
from smsgate.cli.exits import Exit
from smsgate.cli.faults import rule_of
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError, OutboxError


def test_the_codes_are_those_that_scripts_know():
    assert {one.name: one.value for one in Exit} == {
        "OK": 0,
        "BUG": 1,
        "USAGE": 2,
        "ALL_REJECTED": 3,
        "SOME_REJECTED": 4,
        "UNKNOWN": 5,
        "UNFINISHED": 6,
        "REFUSED": 7,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


def test_the_help_explains_every_code():
    for one in Exit:
        assert f" {one.value} " in exits.EXPLAINED.replace("\n", " ")


@pytest.mark.parametrize(
    ("done", "rejected", "guarded", "code"),
    [
        (0, 0, 0, Exit.OK),
        (3, 0, 0, Exit.OK),
        (3, 1, 0, Exit.SOME_REJECTED),
        (0, 1, 0, Exit.ALL_REJECTED),
        (0, 2, 2, Exit.REFUSED),
        (3, 2, 2, Exit.REFUSED),
        (3, 2, 1, Exit.SOME_REJECTED),
        (0, 2, 1, Exit.ALL_REJECTED),
    ],
)
def test_the_code_of_a_run(done, rejected, guarded, code):
    assert exits.of_run(done, rejected, guarded) is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OptionError("x"), Exit.USAGE),
        (SourceError("x"), Exit.USAGE),
        (GuardError("x"), Exit.REFUSED),
        (OutboxError("x"), Exit.ALL_REJECTED),
        (GatewayError("x"), Exit.ALL_REJECTED),
        (GatewayBusyError("x"), Exit.UNFINISHED),
        (GatewayLostError("x"), Exit.UNFINISHED),
        (ValueError("x"), None),
    ],
)
def test_the_code_of_an_error(error, code):
    rule = rule_of(error)
    assert (rule and rule.code) is code
