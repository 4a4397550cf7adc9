"""``smsenc lint --explain``: what a rule means, for people and as JSON objects."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from difflib import get_close_matches

from smsenc import OptionError
from smsenc.messagefile.lint.explanations import EXPLANATIONS
from smsenc.messagefile.lint.rules import BY_CODE, Rule
from smsgate.cli import wording

_OPTION = "--explain"
_INDENT = "  "
_FIXED = "smsenc lint --fix does this."
_NOTATION = "(\\xNN: an octet in hex; {x*9}: nine times x, where / is a line end)"
_USES_IT = re.compile(r"\\x[0-9A-F]{2}|\{[^{}]+\*[0-9]+\}")


def explanations(given: str, *, as_json: bool) -> list[str]:
    """What rules mean, by their codes with commas between; raises OptionError."""
    rules = [_rule(code) for code in given.upper().replace(",", " ").split()]
    if not rules:
        raise OptionError("expected the code of a rule, such as K106", name=_OPTION)
    if as_json:
        return [wording.as_json(record(rule)) for rule in rules]
    return ["\n".join(("", *_lines(rule))[number == 0 :]) for number, rule in enumerate(rules)]


def _rule(code: str) -> Rule:
    if code in BY_CODE:
        return BY_CODE[code]
    begun = [known for known in BY_CODE if known.startswith(code)]
    near = begun or get_close_matches(code, BY_CODE, 3)
    asked = f"; did you mean {', '.join(near)}?" if near else f", expected {', '.join(BY_CODE)}"
    raise OptionError(f"no rule {code!r}{asked}", name=_OPTION)


def record(rule: Rule) -> dict[str, object]:
    """All that is known about a rule."""
    known = EXPLANATIONS[rule.code]._asdict()
    return {
        "code": known.pop("code"),
        "severity": rule.severity,
        "summary": rule.summary,
        **known,
        "fix": rule.fix,
    }


def _lines(rule: Rule) -> Iterator[str]:
    text = EXPLANATIONS[rule.code]
    yield f"{rule.code} {rule.severity}: {rule.summary}"
    yield ""
    yield from _wrapped(text.means)
    yield from _wrapped(text.why)
    if rule.error:
        yield from _wrapped(f"The gateway answers with error {rule.error:03}.")
    for title, example in (("Bad:", text.bad), ("Good:", text.good)):
        yield ""
        yield f"{_INDENT}{title}"
        yield from (f"{_INDENT * 2}{line}" for line in example.split("\n"))
    if _USES_IT.search(f"{text.bad} {text.good}"):
        yield f"{_INDENT}{_NOTATION}"
    yield ""
    yield from _wrapped(f"{text.repair} {_FIXED}" if rule.fix else text.repair)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, wording.WIDTH - 2, initial_indent=_INDENT, subsequent_indent=_INDENT)
