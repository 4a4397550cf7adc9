"""Names of message files: ``NNNNNN-slug[.MARK][.pI-N].txt``.

Files of a run are sent in the order of the running number. The slug comes from the name of the
source. The mark is the same for all files of a run; names of other programs have none. ``pI-N`` is
part I of a message in N files. ``.pdu``, ``.at``, ``.sms`` and ``.json`` are the suffixes of the
other formats.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePath
from types import MappingProxyType
from typing import NamedTuple

LONGEST_SLUG = 40
#: Of files that an outbox holds, by output format; message files are those of ftp.
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"ftp": ".txt", "pdu": ".pdu", "at": ".at", "smstools": ".sms", "json": ".json"}
)

_MESSAGE = rf"(?P<number>[0-9]{{6,12}})-(?P<slug>[a-z0-9-]{{1,{LONGEST_SLUG}}})"
_MARK = r"\.(?P<mark>[a-z2-7]{8})"
_PART = r"\.p(?P<part>[0-9]{1,3})-(?P<total>[0-9]{1,3})"
_SUFFIX = "|".join(map(re.escape, SUFFIXES.values()))
_NAME = re.compile(rf"{_MESSAGE}(?:{_MARK})?(?:{_PART})?(?P<suffix>{_SUFFIX})", re.ASCII)
_OF_A_SET = re.compile(rf"(?P<set>.+){_PART}\.[a-z]+")


class FileName(NamedTuple):
    """The fields in the name of a message file."""

    number: int
    slug: str
    part: int = 1
    total: int = 1
    suffix: str = ".txt"
    mark: str = ""

    @property
    def message(self) -> str:
        """The name without part and suffix, which is the same for all parts of a message."""
        return f"{self.number:06}-{self.slug}{_dotted(self.mark)}"


def file_name(  # noqa: PLR0913 - the fields of a name
    number: int, slug: str, part: int = 1, total: int = 1, suffix: str = ".txt", *, mark: str = ""
) -> str:
    """The name of one file; the inverse of ``parse``."""
    of_total = f".p{part}-{total}" if total > 1 else ""
    return f"{number:06}-{slug}{_dotted(mark)}{of_total}{suffix}"


def _dotted(mark: str) -> str:
    return f".{mark}" if mark else ""


def mark_of(digest: bytes) -> str:
    """The mark of a run from a digest of what identifies it: 8 characters, 40 bits."""
    return base64.b32encode(digest[:5]).decode("ascii").lower()


def parse(name: str) -> FileName | None:
    """The fields in a name without folders; None if it is not the name of a message file."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    part, total = int(match["part"] or 1), int(match["total"] or 1)
    number, mark = int(match["number"]), match["mark"] or ""
    return FileName(number, match["slug"], part, total, match["suffix"], mark)


@lru_cache(maxsize=256)  # a source may become thousands of files
def slug(source: str) -> str:
    """The name of a source as at most 40 characters a-z, 0-9 and -."""
    stem = unicodedata.normalize("NFKD", PurePath(source).stem).lower()
    return re.sub("[^a-z0-9]+", "-", stem)[:LONGEST_SLUG].strip("-") or "message"


def of_a_set(name: str) -> tuple[str, int, int] | None:
    """Set, part and total of any name that ends in ``.pI-N`` and a suffix, from any program."""
    match = _OF_A_SET.fullmatch(name)
    return (match["set"], int(match["part"]), int(match["total"])) if match else None
