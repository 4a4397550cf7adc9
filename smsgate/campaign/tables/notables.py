"""Files that cannot be tables: pictures, tunes, archives, documents."""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO

from converters import foreign, registry
from converters.errors import SourceError

_EXPECTED = "expected a table (.csv, .xlsx, .jsonl, .vcf)"
#: In the first octets of files that are no texts, also of UTF-16.
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f]")
_LOOKED_AT = 512
#: Documents that are texts by their first octets.
_DOCUMENTS = (b"%PDF-", b"%!PS", b"{\\rtf")
_CONTENT_TYPES = "[Content_Types].xml"


def check(head: bytes, expected: str = _EXPECTED) -> None:
    """Raise SourceError if a file with these first octets is of another kind that has a name."""
    if not (_NO_TEXT.search(head[:_LOOKED_AT]) or head.startswith(_DOCUMENTS)):
        return
    if found := foreign.named(head, registry.known().values()):
        raise SourceError(f"{expected}, found {found}")


def check_archive(file: BinaryIO) -> None:
    """Raise SourceError for a zip archive that is another document, or none.

    A damaged one passes.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except Exception:  # noqa: BLE001 - the reader of spreadsheets says what is wrong
        return
    if "mimetype" in names:
        raise SourceError(f"{_EXPECTED}, found an OpenDocument file: save its sheet as CSV")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise SourceError(f"{_EXPECTED}, found an Office document of another kind")
    if _CONTENT_TYPES not in names:
        raise SourceError(f"{_EXPECTED}, found a zip archive of other files")
