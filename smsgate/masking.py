"""The one way of text from outside to a screen, a log or a journal: no secret, nothing that acts.

Servers, files, plugins and profiles may contain this run's passwords, in disguise too. A text is
read in several views, in each of which a layer of disguise is gone, and every octet that belongs to
a secret in one of them is masked. Each step takes linear time.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

#: Characters of a text that ``cleaned`` returns unless told otherwise.
MOST = 500
#: Shorter secrets are only masked where they are whole words.
_LONG = 4
_LONGEST = 1000
_MASK = "***"

_secrets: dict[str, None] = {}  # in the order in which they became known


def remember(*secrets: str) -> None:
    """Mask these from now on, in every text; not empty ones, nor absurdly long ones."""
    _secrets.update(dict.fromkeys(one for one in secrets if 0 < len(one) <= _LONGEST))


def forget() -> None:
    """Mask nothing any more."""
    _secrets.clear()
    _needles.cache_clear()


def remember_login(octets: bytes) -> None:
    """Mask the passwords that a message file contains."""
    for found in _PASSWORD.finditer(octets):
        value = found["value"].strip(b" \t")
        if value != _PLACEHOLDER:
            remember(value.decode("utf-8", "surrogateescape"), value.decode("latin-1"))


_PASSWORD = re.compile(rb"(?i)(?<![^\r\n])[ \t]*password[ \t]*:(?P<value>[^\r\n]*)")
_PLACEHOLDER = b"xxxxx"  # a test compares it with smsenc's, which is slow to load


# --- Texts ---------------------------------------------------------------------------------------

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: str) -> str:
    """``text`` with control, direction and surrogate characters escaped."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def cleaned(text: str, most: int = MOST) -> str:
    """One line for people: secrets masked, what could act escaped, at most ``most`` characters.

    What a longer text has lost is said at its end.
    """
    shown = printable(_replaced(text, lambda _hidden: _MASK))
    left_out = len(shown) - most
    return f"{shown[:most]}… ({left_out} characters left out)" if left_out > 0 else shown


def masked(text: str) -> str:
    """Data with an asterisk for each character of a secret; lines stay lines, JSON stays JSON."""
    return _replaced(text, lambda hidden: _NO_LINE_END.sub("*", hidden))


_NO_LINE_END = re.compile(r"[^\r\n]")


def _replaced(text: str, by: Callable[[str], str]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in _spans(text) if _is_in(text) else ():
        pieces += text[done:start], by(text[start:end])
        done = end
    return "".join((*pieces, text[done:]))


def _is_in(text: str) -> bool:
    """Whether a secret may be in a text: five times as fast as to say where, and seldom true."""
    if not _secrets:
        return False
    needles = [needle for secret in _secrets for needle, _alone in _needles(secret)]
    if "…" in text:
        needles = [needle[:_LONG] for needle in needles]
    return any(needle in view.text for view in _views(text, _NOWHERE) for needle in needles)


def _spans(text: str) -> list[tuple[int, int]]:
    """Where secrets are, in order, those that touch or overlap as one."""
    places = range(len(text) + 1)
    found = {span for view in _views(text, places) for span in _found(view)}
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_with_escapes(text, *span) for span in found):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _with_escapes(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place with all of an escape that begins or ends in it: half of one breaks JSON."""
    while start and text[start - 1] == "\\":
        start -= 1
    inner = text[start:end]
    if (len(inner) - len(inner.rstrip("\\"))) % 2 and text[end : end + 1] not in "\r\n":
        end += 1
    return start, end


def _found(view: _View) -> Iterator[tuple[int, int]]:
    for secret in _secrets:
        for needle, alone in _needles(secret):
            at = view.text.find(needle)
            while at >= 0:
                end = at + len(needle)
                if not alone or _is_word(view.text, at, end):
                    yield view.starts[at], view.ends[end - 1]
                at = view.text.find(needle, at + 1)
            yield from _cut(view, needle)


def _cut(view: _View, needle: str) -> Iterator[tuple[int, int]]:
    """Where a quotation ends within a secret: its beginning, if four characters or more."""
    for found in _ELLIPSIS.finditer(view.text):
        end = found.start()
        for most in range(min(len(needle) - 1, end), _LONG - 1, -1):
            if view.text.startswith(needle[:most], end - most):
                yield view.starts[end - most], view.ends[end - 1]
                break


_ELLIPSIS = re.compile("…")


def _is_word(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return not any(one == "_" or one.isalnum() for one in around)


# --- Secrets -------------------------------------------------------------------------------------


@cache
def _needles(secret: str) -> tuple[tuple[str, bool], ...]:
    """What to look for in a view, and whether only as a whole word.

    The secret itself, reversed, as UTF-8 that was read as Latin-1, with the plus signs of forms for
    spaces, and its octets in hex and base64.
    """
    plain = _GAP.sub("", secret)
    octets = secret.encode("utf-8", "surrogateescape")
    found = {plain, plain[::-1], _GAP.sub("", octets.decode("latin-1")), plain.replace(" ", "+")}
    found |= {unicodedata.normalize(form, plain) for form in ("NFC", "NFD")}
    if len(plain) > 1:
        found |= {octets.hex(), *_base64(octets)}
    folded = {one.casefold() for one in found if one}
    return tuple(sorted((one, len(plain) < _LONG or len(one) < _LONG) for one in folded))


def _base64(octets: bytes) -> Iterator[str]:
    """The characters that depend on ``octets`` alone, wherever these begin in a longer text."""
    for before in range(3):
        whole = b64encode(bytes(before) + octets).decode()
        known = (before + len(octets)) * 8 // 6  # characters without an unknown bit
        if len(inner := whole[(before * 8 + 5) // 6 : known]) >= _LONG:
            yield inner
            yield inner.translate(_URL_SAFE)
    yield b64encode(octets).decode().rstrip("=")


_URL_SAFE = str.maketrans("+/", "-_")


# --- Views ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _View:
    """A text without some of its disguise; where each character begins and ends in the original.

    ``_NOWHERE`` for both says that it is enough to know the text.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


_NOWHERE: Sequence[int] = ()


def _views(text: str, places: Sequence[int]) -> Iterator[_View]:
    """``text`` as it is, and as it was before it was broken into lines, at blanks or in words."""
    whole = _View(text, places[:-1], places[1:])
    yield from _layers(whole)
    if "\n" in text and (joined := _view(whole, _BREAK)) is not whole:
        yield from _layers(joined)
        yield from _layers(_view(whole, _BREAK, lambda _: " "))


def _layers(layer: _View) -> Iterator[_View]:
    """A text with and without one, two … layers of escapes, in the ways to read it."""
    for _ in range(_LAYERS):
        yield from map(_folded, _readings(layer))
        if not any(one in layer.text for one in _ESCAPING):
            return
        before, layer = layer, _view(layer, _ESCAPE, _character)
        if layer is before:
            return


_LAYERS = 4


def _readings(layer: _View) -> Iterator[_View]:
    """Without what parts characters: invisible ones; terminal sequences; in hex; blanks."""
    bare = layer
    if not (layer.text.isascii() and layer.text.isprintable()):  # most texts are: this is faster
        bare = _view(layer, _GAP)
        if (rest := _view(layer, _SEQUENCE)) is not layer:
            yield _view(rest, _GAP)
    yield bare
    if (digits := _view(bare, _HEX_GAP)) is not bare:
        yield digits
    if (closed := _view(bare, _SPACED, lambda run: _BLANK.sub("", run[0]))) is not bare:
        yield closed


#: Controls, formats, variation selectors, line ends, surrogates and the replacement character.
_GAP = re.compile(
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
_BREAK = re.compile(r"\r?\n[ \t]++")
_BLANK = re.compile("[ \t]+")
#: Four characters or more of which each stands alone.
_SPACED = re.compile(r"(?<!\S)(?:\S[ \t]+){3,}\S(?!\S)")
_HEX_GAP = re.compile(r"(?<=[0-9A-Fa-f]{2})(?:[ :,;.|-]|0[xX])++(?=[0-9A-Fa-f]{2})")


def _view(
    before: _View, pattern: re.Pattern[str], read: Callable[[re.Match[str]], str] | None = None
) -> _View:
    """``before`` with what ``pattern`` finds replaced by what ``read`` reads in it, or removed."""
    if not before.starts:
        text = pattern.sub(read or "", before.text)
        return before if text == before.text else _View(text, _NOWHERE, _NOWHERE)
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
    return _View(
        "".join((*texts, before.text[done:])),
        [*starts, *before.starts[done:]],
        [*ends, *before.ends[done:]],
    )


def _folded(view: _View) -> _View:
    folded = view.text.casefold()
    if not view.starts or len(folded) == len(view.text):
        return _View(folded, view.starts, view.ends)
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
