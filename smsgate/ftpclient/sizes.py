"""Sizes of files on servers that have no SIZE command: from MLST (RFC 3659, 7) or LIST."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The size of a file of which the server tells nothing, neither a size nor that it is missing.
UNTOLD = -1

_FACT = re.compile(r"(?:^|;)size=(\d{1,18});", re.ASCII | re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DOS_DATE = re.compile(r"\d\d[-/]\d\d[-/]\d{2,4}", re.ASCII)


def of_mlst(reply: str) -> int:
    """The fact "size" in a reply to MLST, or UNTOLD."""
    for line in reply.split("\n"):
        facts = line.removeprefix("250-").strip().partition(" ")[0]
        if found := _FACT.search(facts):
            return int(found[1])
    return UNTOLD


def of_list(lines: Iterable[str | None], name: str) -> int | None:
    """The size of a file in a listing of it, UNTOLD if it is not there.

    None for an empty listing. A hidden file may be missing from a listing and exist.
    """
    empty = True
    for line in filter(None, lines):
        empty = False
        if line.endswith((f" {name}", f"/{name}")):
            head = line.removesuffix(name)
            return _column(head[: head.rfind(" ")].split())
    return None if empty and not name.startswith(".") else UNTOLD


def _column(cells: list[str]) -> int:
    """The size in the cells before the name: of ``ls -l``, or of DIR in DOS."""
    size = ""
    if len(cells) == 3 and _DOS_DATE.fullmatch(cells[0]):
        size = cells[2]
    elif len(cells) > 4 and cells[0].startswith("-"):
        size = cells[-3 if _ISO_DATE.fullmatch(cells[-2]) else -4]
    return int(size) if re.fullmatch(r"[0-9]{1,18}", size) else UNTOLD
