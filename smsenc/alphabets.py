"""The GSM 7-bit default alphabet and its extension (3GPP TS 23.038, clauses 6.2.1 and 6.2.1.1).

Both directions are derived from the one table; nothing here is typed twice.
"""

from __future__ import annotations

#: The septet that leads to the extension table.
ESCAPE = 0x1B

#: Clause 6.2.1: the character at index n is septet n. 0x09 is the capital Ç.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

#: Clause 6.2.1.1: what follows the escape.
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

#: Character to septet, escape left out: it is no character.
SEPTET_OF = {character: n for n, character in enumerate(DEFAULT) if n != ESCAPE}
EXTENSION_OF = {character: n for n, character in EXTENSION.items()}
