"""The number of an error that ``lint`` names is the one with which the gateway answers the file."""

from __future__ import annotations

import re

import pytest

from smsenc.messagefile.lint import RULES, lint
from smsenc.messagefile.stream import read_head, recipients
from smsgate.gateway.intake import checks
from smsgate.gateway.intake.checks import Refused, RefusedError, Rules

NOW = 1_700_000_000
LOGIN = "api_id:1\nuser:u\npassword:p\n"
TO, CSV = "to:447700900123\n", "csv:447700900123,a\n"
#: Files that break a rule; the rest of a file is in order.
BAD = (
    ("F001", "text:a\nb\n" + TO),
    ("F003", f"text:{'x' * 9000}\nconcat:35\n" + TO),
    ("F004", f"data:{'00' * 4200}\nconcat:35\n" + TO),
    ("F005", "text:a\tb\n" + TO),
    ("F008", "text:a\n" + TO + "text:\n" * 200_000),
    ("K103", "text:a\nfrom:1\nfrom:1\n" + TO),
    ("K105", "text:a\nuser:\n" + TO),
    ("K105", "text:a\n" + TO),
    ("K107", "text:a\nqueue:9\n" + TO),
    ("K107", "text:a\nfrom:Much too long\n" + TO),
    ("R201", "text:a\nto:0151\n"),
    ("R201", "text:a #field1#\ncsv:0151,b\n"),
    ("R204", "text:a\n"),
    ("R204", "text:a\n" + TO + CSV),
    ("T301", "text:#field2#\n" + CSV),
    ("T301", "text:#field2#\n" + TO),
    ("T303", "text:#field1#\ncsv:447700900123,#field1#\n"),
    ("T304", "text:#field1#\ndelimiter:0\n" + CSV),
    ("B401", TO),
    ("B401", CSV),
    ("B401", "text:a\ndata:00\n" + TO),
    ("B402", "text:\n" + TO),
    ("B402", "data:\n" + TO),
    ("B403", "data:0\n" + TO),
    ("B403", "data:0g\n" + TO),
    ("B404", "text:Hello\nunicode:1\n" + TO),
    ("B404", "text:004100\nunicode:1\n" + TO),
    ("B407", f"text:{'x' * 161}\n" + TO),
    ("U501", "data:00\nfrom:Shop\n" + TO),
    ("U502", "data:00\nudh:0500030A0101\nmsg_type:SMS_FLASH\n" + TO),
    ("U503", "text:a\nudh:0500030A0101\n" + TO),
    ("U504", "data:00\nudh:0500\n" + TO),
    ("U504", f"data:{'00' * 140}\nudh:0500030A0101\n" + TO),
    ("U505", "text:a\ndeliv_time:20\nscheduled_time:2023-11-15T12:00:00Z\n" + TO),
    ("U507", "text:a\nreq_feat:64\n" + TO),
    ("U508", "text:a\nmo:1\n" + TO),
    ("U508", "text:a\nmo:1\nfrom:Shop\n" + TO),
    ("X901", "text:a\nscheduled_time:2001-11-15T12:00:00Z\n" + TO),
)
_NUMBER = re.compile(r"\(gateway error ([0-9]{3})\)$")


def answered(octets):
    """The numbers of the errors of a file's recipients, or of the file."""
    try:
        head = read_head([octets])
        terms = checks.terms_of(checks.message_of(head, Rules()), Rules(), NOW, head)
        found = [checks.checked(terms, one, NOW) for one in recipients([octets], head)]
    except RefusedError as error:
        return {error.fault.code}
    return {one.code for one in found if isinstance(one, Refused)}


@pytest.mark.parametrize(("code", "rest"), BAD)
def test_the_number_of_a_rule_is_that_of_the_answer(code, rest):
    login = LOGIN
    if code == "K105":
        login = (
            login.replace("user:u\n", "") if "user:" in rest else login.replace("api_id:1\n", "")
        )
    octets = (login + rest).encode("latin-1")
    found = [one for one in lint(octets, now=NOW) if one.code == code]
    numbers = {int(number[1]) for one in found if (number := _NUMBER.search(one.message))}
    assert numbers == answered(octets) != set()


def test_each_rule_with_a_number_is_tried():
    assert {rule.code for rule in RULES if rule.error} <= {code for code, _ in BAD}
