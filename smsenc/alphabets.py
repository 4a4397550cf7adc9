"""The GSM 7-bit alphabets (3GPP TS 23.038, clause 6.2.1 and annex A) as tables.

Both directions are derived from one table. The national tables are parsed when they are first used,
because few messages need them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from smsenc.national import LOCKING_TABLES, SINGLE_TABLES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The septet that leads to the single shift table.
ESCAPE = 0x1B

#: Clause 6.2.1: the character at index n is septet n. 0x09 is the capital Ç.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

#: Clause 6.2.1.1: the characters after an escape.
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

#: Character to septet; the escape is not a character.
SEPTET_OF = {character: n for n, character in enumerate(DEFAULT) if n != ESCAPE}
EXTENSION_OF = {character: n for n, character in EXTENSION.items()}

#: Spanish has only a single shift table.
LOCKING_LANGUAGES = (Language.DEFAULT, *LOCKING_TABLES)
SINGLE_LANGUAGES = (Language.DEFAULT, *SINGLE_TABLES)


@cache
def locking(language: Language) -> Mapping[int, str]:
    """Septet to character of a locking shift table (A.3), without the escape.

    Spanish has no such table; it uses the default alphabet.
    """
    if language not in LOCKING_TABLES:
        return {septet: character for character, septet in SEPTET_OF.items()}
    codes = enumerate(LOCKING_TABLES[language].split())
    return {n: chr(int(code, 16)) for n, code in codes if code != "----" and n != ESCAPE}


@cache
def single(language: Language) -> Mapping[int, str]:
    """Septet to character of a single shift table (A.2)."""
    if language == Language.DEFAULT:
        return EXTENSION
    pairs = (pair.split(":") for pair in SINGLE_TABLES[language].split())
    return {int(septet, 16): chr(int(code, 16)) for septet, code in pairs}


@cache
def septets_of(lock: Language, shift: Language) -> Mapping[str, bytes]:
    """Character to its septets under two tables: one of the locking table, or a pair.

    A character that a table has twice gets the first of its septets.
    """
    found: dict[str, bytes] = {}
    for septet, character in sorted(locking(lock).items()):
        found.setdefault(character, bytes((septet,)))
    for septet, character in sorted(single(shift).items()):
        found.setdefault(character, bytes((ESCAPE, septet)))
    return found


@cache
def characters_of(lock: Language, shift: Language) -> tuple[str, str]:
    """The characters of septets 0..127, alone and after an escape.

    Clause 6.2.1.1 says what a receiver shows for an escape: the main table's character where the
    single shift table has none, and a space for a second escape. Unused positions read as U+FFFD.
    """
    main = "".join(locking(lock).get(n, "\ufffd") for n in range(128))
    table = single(shift)
    shifted = "".join(table.get(n, main[n]) if n != ESCAPE else " " for n in range(128))
    return main, shifted
