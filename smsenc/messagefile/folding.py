"""Characters of a number that look alike or are not seen: one ASCII character for each, or none."""

from __future__ import annotations

import unicodedata

# Marks of direction and width, joiners, hyphens that show only at the end of a line, and variants:
# general category Cf, and others that no program shows in a number.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            *(0x00AD, 0x034F, 0x061C, 0x180E, 0x20E3, 0xFEFF),
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            *range(0xFE00, 0xFE10),
            *(0x17B4, 0x17B5, *range(0xFFF9, 0xFFFC), *range(0x1D173, 0x1D17B)),
            *range(0xE0000, 0xE0080),
        ),
    )
)
_BLANKS = "\t\u2800\u3164\uffa0\u115f\u1160"  # besides category Zs
_ALIKE = {
    **dict.fromkeys("\u02d7\u2043\u2212\u30fc\ufe58\ufe63\uff0d", "-"),  # besides category Pd
    **dict.fromkeys("\ufe62\uff0b\u207a", "+"),
    **dict.fromkeys("\u00b7\u2022\u2024\u3002\uff0e", "."),
    **dict.fromkeys("\u2018\u2019\u201b\u2032\uff07`\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033\uff02", '"'),
    **dict.fromkeys("\u2044\u2215\uff0f", "/"),
    **dict.fromkeys("\u060c\u066c\u3001\uff0c", ","),
    "\u066b": ".",
    "\uff1a": ":",
    "\uff1b": ";",
    "\u061b": ";",
    "\uff1d": "=",
    "\uff08": "(",
    "\uff09": ")",
    "\uff3b": "[",
    "\uff3d": "]",
    "\uff5e": "~",
    "\u301c": "~",
    **dict.fromkeys("\x85\u2028\u2029\r\x0b\x0c", "\n"),
}


def folded(text: str) -> str:
    """The text without invisible marks, and with ASCII for digits, blanks, dashes and signs."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(map(_folded, text)).strip()


def _folded(character: str) -> str:
    if character in _INVISIBLE:
        return ""
    if character in _ALIKE:
        return _ALIKE[character]
    category = unicodedata.category(character)
    if category == "Zs" or character in _BLANKS:
        return " "
    if category == "Pd":
        return "-"
    return str(unicodedata.decimal(character)) if category == "Nd" else character
