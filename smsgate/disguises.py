"""The ways to read a text: each view is the text with one kind of disguise gone.

Each step takes linear time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A text without some of its disguise; where each character begins and ends in the original.

    ``NOWHERE`` for both says that it is enough to know the text.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


NOWHERE: Sequence[int] = ()


def views(text: str, places: Sequence[int]) -> Iterator[View]:
    """``text`` as it is, as it was before it was broken into lines, and each line alone."""
    whole = View(text, places[:-1], places[1:])
    yield from _layers(whole)
    if "\n" not in text:
        return
    if (joined := _view(whole, _BREAK)) is not whole:
        yield from _layers(joined)
        yield from _layers(_view(whole, _BREAK, lambda _: " "))
    for line in _LINE.finditer(text):
        start, end = line.span()
        yield from _layers(View(line[0], places[start:end], places[start + 1 : end + 1]))


def _layers(layer: View) -> Iterator[View]:
    """A text with and without one, two … layers of escapes, in the ways to read it."""
    for _ in range(_LAYERS):
        yield from map(_folded, _readings(layer))
        if not any(one in layer.text for one in _ESCAPING):
            return
        before, layer = layer, _view(layer, _ESCAPE, _character)
        if layer is before:
            return


_LAYERS = 4


def _readings(layer: View) -> Iterator[View]:
    """Without what parts characters: invisible ones; terminal sequences; in hex; blanks."""
    bare = layer
    if not (layer.text.isascii() and layer.text.isprintable()):  # most texts are: this is faster
        bare = _view(layer, GAP)
        if (rest := _view(layer, _SEQUENCE)) is not layer:
            yield _view(rest, GAP)
    yield bare
    for disguise, read in (*_DISGUISES, *(_SPREAD if _PARTED.search(bare.text) else ())):
        if (closed := _view(bare, disguise, read)) is not bare:
            yield closed


#: Controls, formats, variation selectors, line ends, surrogates and the replacement character.
GAP = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]+"
)
#: Control sequences and strings (ECMA-48, 5.4 and 5.6) and other escape sequences. To look for the
#: first character of any of them before all else is twice as fast; with escapes, ten times.
_SEQUENCE = re.compile(
    "(?=[\x1b\x90\x98\x9b\x9d-\x9f])(?:(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~])"
)
#: A line end, the code that an FTP server writes before each line (RFC 959, 4.2), and blanks.
_BREAK = re.compile(r"\r?\n(?:[0-9]{3}[ -]|[ \t])[ \t]*+")
_LINE = re.compile(r"[^\r\n]+")
_HEX_GAP = re.compile(r"(?<=[0-9A-Fa-f]{2})(?:[ :,;.|-]|0[xX])++(?=[0-9A-Fa-f]{2})")
_FOREIGN = re.compile("[^\x00-\x7f]")
_SEPARATOR = " .,*'\"\u00a0\u2009-"
#: What all texts have that are spread: to look for it first is three times as fast.
_PARTED = re.compile(rf"[{_SEPARATOR}](?:[^{_SEPARATOR}]{{1,3}}[{_SEPARATOR}]++){{2}}")
#: Four characters or more: with any blanks between them; with the same separator before each but
#: the first one; and as the numbers of octets.
_SPACED = re.compile(r"(?<!\S)(?:\S[ \u00a0\u2009]+){3,}\S(?!\S)")
_JOINED = re.compile(rf"([{_SEPARATOR}]{{1,4}}?)\S(?:\1\S){{2,}}")
_NUMBERS = re.compile(r"(?<![0-9])[0-9]{2,3}(?:[ ,]{1,2}[0-9]{2,3}){3,}(?![0-9])")


def _plain(foreign: re.Match[str]) -> str:
    """A full-width, circled or bold letter as a usual one; nothing for a mark above or below."""
    one = foreign[0]
    return "" if unicodedata.combining(one) else unicodedata.normalize("NFKC", one)


def _numbered(run: re.Match[str]) -> str:
    return "".join(chr(int(number)) for number in re.split("[ ,]+", run[0]))


_Read = Callable[[re.Match[str]], str]
_DISGUISES: tuple[tuple[re.Pattern[str], _Read | None], ...] = (
    (_HEX_GAP, None),
    (_FOREIGN, _plain),
)
_SPREAD: tuple[tuple[re.Pattern[str], _Read | None], ...] = (
    (_SPACED, lambda run: re.sub(r"\s+", "", run[0])),
    (_JOINED, lambda run: run[0][len(run[1]) :: len(run[1]) + 1]),
    (_NUMBERS, _numbered),
)


def _view(before: View, pattern: re.Pattern[str], read: _Read | None = None) -> View:
    """``before`` with what ``pattern`` finds replaced by what ``read`` reads in it, or removed."""
    if not before.starts:
        text = pattern.sub(read or "", before.text)
        return before if text == before.text else View(text, NOWHERE, NOWHERE)
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for found in pattern.finditer(before.text):
        start, end = found.span()
        shown = read(found) if read else ""
        texts += before.text[done:start], shown
        starts += *before.starts[done:start], *[before.starts[start]] * len(shown)
        ends += *before.ends[done:start], *[before.ends[end - 1]] * len(shown)
        done = end
    if not done:
        return before
    return View(
        "".join((*texts, before.text[done:])),
        [*starts, *before.starts[done:]],
        [*ends, *before.ends[done:]],
    )


def _folded(view: View) -> View:
    folded = view.text.casefold()
    if not view.starts or len(folded) == len(view.text):
        return View(folded, view.starts, view.ends)
    return _view(view, _ANY, lambda found: found[0].casefold())


_ANY = re.compile("(?s:.)")


# --- Escapes -------------------------------------------------------------------------------------


def _octets(digits: str) -> str:
    octets = bytes.fromhex(_NO_DIGIT.sub("", digits))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _octal(digits: str) -> str:
    return _octets("".join(f"{int(one, 8) & 0xFF:02x}" for one in digits[1:].split("\\")))


def _units(digits: str) -> str:
    return bytes.fromhex(digits.replace("\\u", "")).decode("utf-16-be", "replace")


def _point(digits: str, base: int = 16) -> str:
    number = int(_NO_DIGIT.sub("", digits), base)
    return chr(number) if number < 0x110000 else ""


def _named(entity: str) -> str:
    from html import unescape  # noqa: PLC0415 - a large table, rarely needed

    return unescape(entity)


_NO_DIGIT = re.compile("[^0-9A-Fa-f]+")
_HEX = "[0-9A-Fa-f]"

#: Escapes of URLs, quoted-printable, Python, C, JSON and HTML, and how each is read.
_ESCAPES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (rf"(?:(?:[%=]|\\x){_HEX}{{2}})+", _octets),
    (rf"(?:\\u{_HEX}{{4}})+", _units),
    (rf"\\U{_HEX}{{8}}|\\u\{{0*{_HEX}{{1,6}}\}}|&#[xX]0*{_HEX}{{1,6}};?", _point),
    (r"&#0*[0-9]{1,7};?", lambda digits: _point(digits, 10)),
    (r"&[A-Za-z][A-Za-z0-9]{1,30};", _named),
    (r"(?:\\[0-7]{3})+", _octal),
    (r"\\[abefnrtv0]|[=\\]\r?\n", lambda _control: ""),
    (r"\\[^\r\n]", lambda pair: pair[1]),
)
_ESCAPING = "%=\\&"  # every escape begins with one of these
_ESCAPE = re.compile(
    rf"(?=[{re.escape(_ESCAPING)}])(?:{'|'.join(f'({pattern})' for pattern, _ in _ESCAPES)})"
)


def _character(found: re.Match[str]) -> str:
    _pattern, read = _ESCAPES[(found.lastindex or 1) - 1]
    return read(found[0])
