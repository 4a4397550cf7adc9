"""What a spreadsheet unpacks to, counted before openpyxl reads it.

A file of 200 kB can hold twenty million styles, or seven million texts that no cell shows. Its
members are unpacked block by block, and only ``<`` and the names after it are counted.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from converters.errors import SourceError
from converters.shared.words import quoted

MOST_MEMBERS = 1000
#: Octets of the archive's members, unpacked: a sheet of a million rows and ten columns.
MOST_UNPACKED = 512 * 2**20
#: Octets of the members that are held in memory at once: all but sheets and pictures.
MOST_HELD = 128 * 2**20
#: Cells of all sheets, a million rows of sixteen columns; texts, styles and all other elements.
MOST_CELLS = 16 * 2**20
MOST_UNUSED_TEXTS = 100_000
MOST_OTHERS = 250_000
#: Elements of one row, which may have 16,384 cells; elements of the text of a cell.
MOST_IN_A_ROW = 250_000
MOST_IN_A_TEXT = 16
#: Octets of one text with its tag; a cell has at most 32,767 characters.
LONGEST_TEXT = 2**20

_NOT_HELD = ("xl/worksheets/", "xl/media/")
_BLOCK = 2**20
_HEAD = 1024
_IN_SHEETS = ("row", "c", "v", "f", "is", "t")
_IN_TEXTS = (
    *("si", "t", "r", "rPr", "rPh", "phoneticPr", "b", "i", "u", "strike", "outline", "shadow"),
    *("condense", "extend", "color", "sz", "rFont", "family", "charset", "scheme", "vertAlign"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.:-]*)""")
#: In these the octets of ``<`` and of names are those of ASCII, once zeros are removed.
_CHARSETS = (b"", b"utf-8", b"utf-16", b"us-ascii", b"iso-8859-1", b"windows-1252")
#: What a document of XML begins with; all other members are pictures and the like.
_XML_BEGINS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<")
_PREFIX = re.compile(rb"<([\w.-]+:)(?:worksheet|sst)\b")


@dataclass(slots=True)
class _Counts:
    """Elements of all members that were read so far."""

    cells: int = 0
    texts: int = 0
    of_texts: int = 0
    others: int = 0

    def check(self) -> None:
        """Raise SourceError for more than a sheet of recipients has."""
        _check("cells", self.cells, MOST_CELLS)
        _check("styles and other elements", self.others, MOST_OTHERS)

    def check_texts(self) -> None:
        """Raise SourceError for more texts than the cells can show."""
        _check("texts", self.texts, self.cells + MOST_UNUSED_TEXTS)
        most = self.cells * MOST_IN_A_TEXT + MOST_OTHERS
        _check("elements of texts", self.of_texts, most)


def check(file: BinaryIO) -> None:
    """Raise SourceError for a spreadsheet that unpacks to more than a list of recipients needs.

    Raises zipfile's errors for a damaged archive.
    """
    counts = _Counts()
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        _check("files in the archive", len(members), MOST_MEMBERS)
        _check("octets", sum(member.file_size for member in members), MOST_UNPACKED)
        held = (m.file_size for m in members if not m.filename.lower().startswith(_NOT_HELD))
        _check("octets beside the sheets", sum(held), MOST_HELD)
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise SourceError(
                    f"expected {quoted(member.filename)} deflated, found it otherwise"
                )
            _count(archive, member, counts)
    counts.check_texts()


def _check(what: str, found: int, most: int) -> None:
    if found > most:
        raise SourceError(
            f"expected a spreadsheet of at most {most} {what}, found {found} or more: "
            "save the sheet as CSV"
        )


def _count(archive: zipfile.ZipFile, member: zipfile.ZipInfo, counts: _Counts) -> None:
    is_sheet = member.filename.lower().startswith("xl/worksheets/")
    is_texts = member.filename.lower().endswith("sharedstrings.xml")
    names = _IN_SHEETS if is_sheet else _IN_TEXTS if is_texts else ()
    prefix, in_row = None, 0
    for block in _blocks(archive, member):
        if prefix is None:
            found = _PREFIX.search(block, 0, _HEAD)
            prefix = found[1] if found else b""
        known = sum(_elements(block, prefix, name) for name in names)
        counts.others += block.count(b"<") - block.count(b"</") - known
        counts.check()
        if is_sheet:
            counts.cells += _elements(block, prefix, "c")
            in_row = _check_rows(block, prefix, in_row)
        elif is_texts:
            counts.texts += _elements(block, prefix, "si")
            counts.of_texts += known


def _elements(octets: bytes, prefix: bytes, name: str) -> int:
    tag = b"<%b%b" % (prefix, name.encode())
    return sum(octets.count(tag + end) for end in (b">", b" ", b"/"))


def _check_rows(block: bytes, prefix: bytes, before: int) -> int:
    """The elements of the last row in a block, which began with ``before`` of an earlier one."""
    for row in block.split(b"<%brow" % prefix):
        before += row.count(b"<") - row.count(b"</")
        _check("elements in a row", before, MOST_IN_A_ROW)
        last, before = before, 0
    return last


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member of XML in blocks that begin at ``<``; raises SourceError for a document type."""
    rest = b""
    with archive.open(member) as stream:
        block = stream.read(_BLOCK)
        if not block.lstrip().startswith(_XML_BEGINS):
            return
        wide = b"\0" in block[:4]  # UTF-16
        while block:
            whole = rest + (block.replace(b"\0", b"") if wide else block)
            block = stream.read(_BLOCK)
            _check_declarations(member.filename, whole)
            at = max(whole.rfind(b"<"), 0)
            _check("octets in a text", len(whole) - at, LONGEST_TEXT)
            yield whole[:at]
            rest = whole[at:]
    yield rest


def _check_declarations(name: str, octets: bytes) -> None:
    declared = _DECLARED.search(octets, 0, _HEAD)
    if declared and declared[1].lower() not in _CHARSETS:
        raise SourceError(f"expected UTF-8 in {quoted(name)}, found another charset")
    if b"<!DOCTYPE" in octets or b"<!ENTITY" in octets:
        raise SourceError(f"expected no document type in {quoted(name)}, found one")
