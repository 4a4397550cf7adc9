"""What history.log says of the keys of a message file.

line 4: unknown key texte: ignored; line 1: api-id: read as api_id; and 3 more
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from smsenc.messagefile.reader import OddKey
from smsenc.messagefile.stream import Head

_MOST = 5
#: Other keys are not shown: the line may be a log-in line whose colon is missing.
_SHOWN = re.compile("[0-9A-Za-z_.-]{1,32}")


def of_keys(odd: Sequence[OddKey]) -> tuple[str, ...]:
    """A remark about unknown keys and aliases, unknown ones first; none where only case differs."""
    unknown = [one for one in odd if one.known is None]
    aliases = [one for one in odd if one.known and one.key.lower() != one.known.lower()]
    found = unknown + aliases
    if not found:
        return ()
    shown = [_text(one) for one in found[:_MOST]]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return ("; ".join((*shown, *more)),)


def of_reply(head: Head) -> tuple[str, ...]:
    """A remark about a ``reply`` key: this gateway sends no mail."""
    line = head.line("reply")
    return () if line is None else (f"line {line}: reply: nothing is mailed",)


def _text(odd: OddKey) -> str:
    if odd.known:
        return f"line {odd.line}: {odd.key}: read as {odd.known}"
    key = f" {odd.key}" if _SHOWN.fullmatch(odd.key) else ""
    return f"line {odd.line}: unknown key{key}: ignored"
