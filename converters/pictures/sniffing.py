"""How pictures are recognised by their first octets, without loading what reads them."""

from __future__ import annotations

import re

#: The first octets of the formats that Pillow reads. After BM of a BMP file are its size and zeros.
_SIGNATURES = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "GIF": rb"GIF8",
    "BMP": rb"BM",
    "JPEG": rb"\xff\xd8\xff",
    "WEBP": rb"RIFF.{4}WEBP",
    "XPM": rb"\s*/\* XPM \*/",
    "PPM": rb"P[1-6]\s+[#0-9]",
}
#: The first octets of logo files: of NOL, NGG and NLM, of NSL, of OTB and WBMP.
_LOGO_FILES = (b"N", b"FORM", b"\0", b"\1")
_FORMAT = re.compile(
    "|".join(f"(?P<{n}>{p.decode('ascii')})" for n, p in _SIGNATURES.items()).encode(), re.DOTALL
)


def format_of(source: bytes) -> str | None:
    """Pillow's name for the format of a picture; None if it is of no such format."""
    match = _FORMAT.match(source)
    return match and match.lastgroup


def logo_file(first: bytes) -> bool:
    """Whether a file starts as a logo file, as ``converters.pictures.logofiles.sniff`` says."""
    if not first.startswith(_LOGO_FILES):
        return False
    from converters.pictures import logofiles  # noqa: PLC0415 - few files come as far as this

    return logofiles.sniff(first)


def sniff(first: bytes) -> bool:
    """Whether a file with these first octets can be a picture that Pillow reads."""
    name = format_of(first)
    if name == "BMP":
        return first[6:10] == bytes(4)  # text may begin with BM
    return name is not None
