"""Substitutes for characters that GSM 7-bit lacks.

Characters of the alphabet are never replaced. Typographic substitutes change how a text looks,
not its meaning; full ones spell any script in Latin letters and lose accents.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from smsenc.errors import OptionError
from smsenc.extras import needed

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


class Substitute(StrEnum):
    """How far a text may be changed so that it fits GSM 7-bit."""

    NEVER = "never"  #: not at all
    TYPOGRAPHIC = "typographic"  #: dashes, quotes and spaces that only look different
    FULL = "full"  #: any script in Latin letters; other scripts need ``smsenc[full]``


def level_of(text: str) -> Substitute:
    """The level of that name; raises OptionError."""
    try:
        return Substitute(text)
    except ValueError:
        levels = ", ".join(Substitute)
        raise OptionError(f"expected one of {levels}, found {text!r}", name="substitute") from None


class Replacement(NamedTuple):
    """The original characters at ``offset`` (in the original text), and their replacement."""

    offset: int
    original: str
    replacement: str


# By substitute. Spaces, dashes and quotes of every kind; characters that look alike.
_BY_SUBSTITUTE = {
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    "\u205f\u3000",
    "": "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f",
    "\n": "\u2028\u2029\x85\x0b",
    "'": "\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bb\u02bc\u02bd\u00b4`\uff07\u2039\u203a",
    '"': "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u02ba\uff02\u301d\u301e",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d",
    "...": "\u2026",
    "*": "\u2022\u2023\u25cf\u25e6\u2219\u2217\u22c6\u2605",
    ".": "\u00b7\u2024\u2027",
    ",": "\u066b\uff0c",
    "/": "\u2044\u2215\u00f7",
    "x": "\u00d7\u2715\u2716",
    "<": "\u2329\u3008\u02c2",
    ">": "\u232a\u3009\u02c3",
    "<-": "\u2190",
    "->": "\u2192",
    "<=": "\u2264",
    ">=": "\u2265",
    "(C)": "\u00a9",
    "(R)": "\u00ae",
    "TM": "\u2122",
    "No": "\u2116",
    "1/2": "\u00bd",
    "1/4": "\u00bc",
    "3/4": "\u00be",
    "1": "\u00b9",
    "2": "\u00b2",
    "3": "\u00b3",
    "A": "\u0391\u0410",
    "B": "\u0392\u0412",
    "C": "\u0421",
    "E": "\u0395\u0415",
    "H": "\u0397\u041d",
    "I": "\u0399\u0406",
    "K": "\u039a\u041a\u212a",
    "M": "\u039c\u041c",
    "N": "\u039d",
    "O": "\u039f\u041e",
    "P": "\u03a1\u0420",
    "T": "\u03a4\u0422",
    "X": "\u03a7\u0425",
    "Y": "\u03a5",
    "Z": "\u0396",
    "\u0393": "\u0413",
    "\u0394": "\u2206",
    "\u03a0": "\u220f\u041f",
    "\u03a3": "\u2211",
    "\u03a6": "\u0424",
    "\u03a9": "\u2126",
    "\u00c5": "\u212b",
    "ff": "\ufb00",
    "fi": "\ufb01",
    "fl": "\ufb02",
    "ffi": "\ufb03",
    "ffl": "\ufb04",
    "st": "\ufb06",
}
TYPOGRAPHIC = {
    character: written for written, characters in _BY_SUBSTITUTE.items() for character in characters
}


def substitute(
    text: str, level: Substitute, alphabet: Container[str]
) -> tuple[str, tuple[Replacement, ...]]:
    """``text`` with characters outside ``alphabet`` replaced, as far as ``level`` allows.

    A letter and its combining marks are replaced together: e and U+0301 become é. Characters
    without a substitute stay as they are.
    """
    if level is Substitute.NEVER:
        return text, ()
    out: list[str] = []
    replaced: list[Replacement] = []
    for offset, cluster in _clusters(text):
        written = cluster
        if any(character not in alphabet for character in cluster):
            written = _written(cluster, level, alphabet)
        if written != cluster:
            replaced.append(Replacement(offset, cluster, written))
        out.append(written)
    return "".join(out), tuple(replaced)


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Characters with their combining marks, and their offsets."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not unicodedata.combining(text[end]):
            yield start, text[start:end]
            start = end


def _written(cluster: str, level: Substitute, alphabet: Container[str]) -> str:
    for way in _ways(unicodedata.normalize("NFC", cluster), level):
        if all(character in alphabet for character in way):
            return way
    return cluster


def _ways(composed: str, level: Substitute) -> Iterator[str]:
    """What a character may become, the closest first; the last needs a library of an extra."""
    yield composed
    yield "".join(TYPOGRAPHIC.get(c, c) for c in composed)
    if level is Substitute.FULL:
        yield _without_marks(composed)
        yield _in_latin(composed)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _in_latin(text: str) -> str:
    try:
        import anyascii  # noqa: PLC0415 - an optional library
    except ImportError:
        raise OptionError(
            needed("full substitution", "full"),
            name="substitute",
        ) from None
    return str(anyascii.anyascii(text)) or text
