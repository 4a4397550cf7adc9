"""The one way of text from outside to a screen, a log or a journal: no secret, nothing that acts.

Servers, files, plugins and profiles may contain this run's passwords, in disguise too. A text is
read in several views, in each of which a layer of disguise is gone, and every octet that belongs to
a secret in one of them is masked. Each step takes linear time.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsgate.disguises import View

#: Characters of a text that ``cleaned`` returns unless told otherwise.
MOST = 500
#: Shorter secrets are only masked where they are whole words.
_LONG = 4
#: Of shorter secrets four characters are too often the beginning of a usual word.
_SHORT = 8
_LONGEST = 1000
_MASK = "***"

_secrets: dict[str, None] = {}  # in the order in which they became known


def remember(*secrets: str) -> None:
    """Mask these from now on, in every text; not empty ones, nor absurdly long ones."""
    _secrets.update(dict.fromkeys(one for one in secrets if 0 < len(one) <= _LONGEST))
    _ends.cache_clear()


def forget() -> None:
    """Mask nothing any more."""
    _secrets.clear()
    _needles.cache_clear()
    _ends.cache_clear()


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
    return harmless(_replaced(text, lambda _hidden: _MASK), most)


def harmless(text: str, most: int = MOST) -> str:
    """As ``cleaned``, but nothing is masked: for text that only its writer gets back.

    A mask would tell the writer that a guess at somebody else's secret, or at a part, is right.
    """
    shown = printable(text)
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
    from smsgate.disguises import NOWHERE, views  # noqa: PLC0415 - loaded with the first secret

    return any(_has_end(view) for view in views(text, NOWHERE))


def _has_end(view: View) -> bool:
    """Whether a view has the first or last characters of a secret: without them, no part of it."""
    return any(end in view.text for end in _ends())


@cache
def _ends() -> tuple[str, ...]:
    needles = {needle for secret in _secrets for needle, _alone in _needles(secret)}
    return tuple({end for needle in needles for end in (needle[:_LONG], needle[-_LONG:])})


def _spans(text: str) -> list[tuple[int, int]]:
    """Where secrets are, in order, those that touch or overlap as one."""
    from smsgate.disguises import views  # noqa: PLC0415 - as above

    places = range(len(text) + 1)
    found = {span for view in views(text, places) if _has_end(view) for span in _found(view)}
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


def _found(view: View) -> Iterator[tuple[int, int]]:
    for secret in _secrets:
        for needle, alone in _needles(secret):
            at = view.text.find(needle)
            while at >= 0:
                end = at + len(needle)
                if not alone or _is_word(view.text, at, end):
                    yield view.starts[at], view.ends[end - 1]
                at = view.text.find(needle, at + 1)
            yield from _cut(view, needle)


def _cut(view: View, needle: str) -> Iterator[tuple[int, int]]:
    """What is left of a secret where a text was cut: four characters or more.

    At the ends of a line nothing says that it was cut: there a third of the secret is needed, or
    half of a short one.
    """
    text = view.text
    size = len(needle)
    for found in _CUT.finditer(text):
        start, end = found.span()
        least = _LONG if start < end else max(_LONG, -(-size // (2 if size < _SHORT else 3)))
        for most in range(min(size - 1, start), least - 1, -1):
            if text.startswith(needle[:most], start - most):
                yield view.starts[start - most], view.ends[start - 1]
                break
        for most in range(min(size - 1, len(text) - end), least - 1, -1):
            if text.startswith(needle[-most:], end):
                yield view.starts[end], view.ends[end + most - 1]
                break


_CUT = re.compile(r"\A|…|\.\.\.|\Z")


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
    from smsgate.disguises import GAP  # noqa: PLC0415 - as above

    plain = GAP.sub("", secret)
    octets = secret.encode("utf-8", "surrogateescape")
    found = {plain, plain[::-1], GAP.sub("", octets.decode("latin-1")), plain.replace(" ", "+")}
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
