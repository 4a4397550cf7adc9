"""The gateway's parameters as command-line options: one table for every command that sends.

A command makes its flags from ``OPTIONS`` and passes what was typed to ``message_fields``, which
returns keywords for ``Message``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from smsenc.errors import MessageFileError, OptionError
from smsenc.messagefile import instants
from smsenc.messagefile.parameters import BY_KEY, CALLBACKS, FEATURES, MOST_AHEAD, Value, one_line


class GatewayOption(NamedTuple):
    """An option, the key that it sets, and its value; ``metavar`` is None for a switch.

    ``parse`` turns what was typed into the text of a message file; it raises ValueError.
    """

    name: str
    key: str
    metavar: str | None
    help: str
    parse: Callable[[str], str] = str

    @property
    def argument(self) -> str:
        """The name as a keyword argument: ``--max-credits`` is ``max_credits``."""
        return self.name.removeprefix("--").replace("-", "_")


def names_of(bits: Mapping[str, int], value: int) -> tuple[str, ...]:
    """The names of the bits that are set; those without a name as one number: ``("udh", "64")``."""
    rest = value & ~sum(bits.values())
    return (*(name for name, bit in bits.items() if value & bit), *([str(rest)] if rest else ()))


def _bits(table: Mapping[str, int]) -> Callable[[str], str]:
    """A parser of names separated by commas, or of the number that is the sum of their bits."""

    def parse(text: str) -> str:
        if text.isascii() and text.isdigit():
            return text
        names = [name.strip() for name in text.lower().split(",")]
        unknown = next((name for name in names if name not in table), None)
        if unknown is not None:
            raise ValueError(f"expected a number or names among {', '.join(table)}")
        return str(sum({table[name] for name in names}))

    return parse


_DURATION = re.compile("([0-9]{1,6})([mhd]?)")
_MINUTES = {"": 1, "m": 1, "h": 60, "d": 24 * 60}


def _minutes(text: str) -> str:
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError("expected minutes, or a number with m, h or d")
    minutes = int(match[1]) * _MINUTES[match[2]]
    if match[2] and minutes > MOST_AHEAD:
        raise ValueError(f"expected at most {MOST_AHEAD // _MINUTES[match[2]]}{match[2]}")
    return str(minutes)


def _time(text: str) -> str:
    return text if text.isdigit() else instants.written(instants.seconds(text))


def _switch(text: str) -> str:
    # Settings and table columns give a switch a value; on the command line it is given or not.
    try:
        return _SWITCH[text.lower()]
    except KeyError:
        raise ValueError("expected yes or no") from None


_SWITCH = {"yes": "1", "true": "1", "1": "1", "no": "0", "false": "0", "0": "0"}

OPTIONS = (
    GatewayOption("--client-id", "cliMsgId", "ID", "Your own id; logs and callbacks repeat it."),
    GatewayOption(
        "--from",
        "from",
        "ID",
        "Sender: 1-16 digits; for texts also up to 11 letters and digits.",
    ),
    GatewayOption("--ack", "deliv_ack", None, "Ask the phone for a delivery receipt.", _switch),
    GatewayOption(
        "--callback",
        "callback",
        "STATES",
        f"Report these states, separated by commas: {', '.join(CALLBACKS)}.",
        _bits(CALLBACKS),
    ),
    GatewayOption(
        "--delay", "deliv_time", "TIME", "Send later: 90 (minutes), 2h or 3d; at most 7d.", _minutes
    ),
    GatewayOption(
        "--at",
        "scheduled_time",
        "TIME",
        "Send at this time, such as 2026-12-01T09:00:00Z (or +01:00); at most 7 days ahead.",
        _time,
    ),
    GatewayOption(
        "--validity",
        "validity",
        "TIME",
        "Give up after: 90 (minutes), 2h or 1d; at most 1d.",
        _minutes,
    ),
    GatewayOption("--max-credits", "max_credits", "N", "Refuse a message that costs more."),
    GatewayOption(
        "--features",
        "req_feat",
        "NAMES",
        f"Use only routes with all of: {', '.join(FEATURES)}.",
        _bits(FEATURES),
    ),
    GatewayOption("--queue", "queue", "N", "Priority: 1 (first), 2 or 3."),
    GatewayOption("--escalate", "escalate", None, "Allow a faster, more expensive route.", _switch),
    GatewayOption("--mo", "mo", None, "Use a route that carries replies back.", _switch),
    GatewayOption("--binary", "binary", None, "Send as 8-bit data.", _switch),
    GatewayOption("--reply", "reply", "EMAIL", "Mail the gateway's response to this address."),
)
BY_ARGUMENT = MappingProxyType({option.argument: option for option in OPTIONS})


def message_fields(
    given: Mapping[str, str | bool | None],
) -> dict[str, Any]:  # Message has a type for each field, and checks the values
    """Keywords of Message for options as typed, by ``argument``; None and False are not set.

    Raises OptionError with the option's name, what was expected, and the gateway's error number
    for a value outside the key's range.
    """
    fields: dict[str, Value] = {}
    for argument, typed in given.items():
        if typed is None or typed is False:
            continue
        option = BY_ARGUMENT[argument]
        row = BY_KEY[option.key]
        fields[row.field] = _value(option, "1" if typed is True else typed)
    return fields


def _value(option: GatewayOption, typed: str) -> Value:
    try:
        return BY_KEY[option.key].value(option.parse(one_line(option.key, typed)))
    except ValueError as error:
        raise OptionError(f"{error}, found {typed!r}", name=option.name) from None
    except MessageFileError as error:
        code = f" (gateway error {error.code:03})" if error.code else ""
        raise OptionError(f"{error.message}{code}", name=option.name) from None
