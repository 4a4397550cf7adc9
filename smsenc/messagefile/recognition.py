"""Whether a text is a message file: it has a log-in in it and is never sent as a text."""

from __future__ import annotations

import re

from smsenc.messagefile.parameters import canonical

# Also a damaged file, and the log-in as it stands in TOML and JSON.
_LOG_IN = re.compile(
    r"^[ \t\ufeff{]*[\"']?api[_-]?id[\"']?[ \t]*[:=]", re.IGNORECASE | re.MULTILINE
)
_KEY = re.compile(r"[ \t\ufeff]*([A-Za-z][A-Za-z_-]{0,20})[ \t]*:")
_RECIPIENTS, _CONTENTS = frozenset(("to", "csv")), frozenset(("text", "data", "csv"))


def is_message_file(text: str) -> bool:
    """Whether a text, or its beginning, has the gateway's log-in or only a message file's lines."""
    return _LOG_IN.search(text) is not None or _has_its_lines(text)


def _has_its_lines(text: str) -> bool:
    """Whether every line has a key of message files, with recipients and content among them."""
    keys = set[str]()
    for line in text.splitlines():
        if line.strip(" \t\ufeff\0"):
            found = _KEY.match(line)
            key = canonical(found[1]) if found else None
            if key is None:
                return False
            keys.add(key)
    return len(keys) > 1 and bool(keys & _RECIPIENTS) and bool(keys & _CONTENTS)
