"""Numbers in TEL: as people write them, and the number, or numbers, that a phone dials.

A phone also dials ``*``, ``#`` and, after a number, what follows a pause (``p``, ``w``, comma).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from converters.errors import SourceError
from converters.shared.words import quoted
from smsenc import NumberError
from smsenc.messagefile.folding import folded
from smsenc.messagefile.numbers import LONGEST, SHORTEST, clean
from smsenc.messagefile.writtennumbers import BETWEEN, apart

#: Digits before a pause: 15 of E.164, and what is dialled to get out of a house and a country.
MOST_DIGITS = 20
#: Characters, with separators and remarks.
_MOST_CHARACTERS = 300
#: A number as most cards have it: nothing to decide.
_PLAIN = re.compile(r"[+]?[0-9 ().-]{1,24}")
_PLAIN_SEPARATORS = str.maketrans("", "", " ().-")
_SEPARATORS = str.maketrans("", "", " ()[].-/~\n")


class Found(NamedTuple):
    """The numbers of a value, what else it says, and what was changed in it."""

    numbers: tuple[str, ...]
    rest: tuple[str, ...] = ()
    changed: str = ""


def plain(text: str) -> str:
    """The number of a text that is one without any doubt; empty for any other text."""
    if _PLAIN.fullmatch(text) and "(0)" not in text:
        number = text.translate(_PLAIN_SEPARATORS)
        if len(number) <= LONGEST or (number == text and len(number) <= MOST_DIGITS):
            return number if number != "+" else ""
    return ""


def read(text: str) -> Found:
    """The numbers in a text without marks that nobody sees, separators and remarks.

    Raises SourceError for a text without a number, and for digits that are no number.
    """
    shown = folded(text)
    if not shown.strip(";, "):
        return Found(())
    if len(text) > _MOST_CHARACTERS:
        raise _no_number(text)
    rest, extension = _without_extension(_SCHEME.sub("", shown))
    rest, params = _without_params(rest)
    label = _LABEL.match(rest)
    rest, words = _without_words(rest[label.end() :] if label else rest)
    remarks = [*([label[0]] if label else ()), *words, *_REMARK.findall(rest)]
    rest = _REMARK.sub(" ", rest).strip()
    plus = _PLUSES.match(rest)
    changed = f"{plus[0]} read as +" if plus and "++" in plus[0].replace(" ", "") else ""
    if _SHORT_PARTS.fullmatch(rest):
        changed = f"{quoted(rest)} read as one number"
    rest = _PLUSES.sub("+", rest, count=1)
    try:
        numbers, beside = _numbers(rest)
    except (SourceError, NumberError):
        raise _no_number(text) from None
    said = (*params, *map(str.strip, remarks), *beside, extension.strip(" ;,"))
    return Found(numbers, tuple(filter(None, said)), changed)


def _no_number(text: str) -> SourceError:
    return SourceError(f"expected a phone number, found {quoted(text)}")


_SCHEME = re.compile(r"(?<![A-Za-z])(?:tel|phone|callto|sms):(?://)?", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?<![ ;,A-Za-z])[ ;,]*+(?:extension|extn?[.=:]?|x|poste|dw|durchwahl)[ .:]?[0-9 -]++$",
    re.IGNORECASE,
)
_REMARK = re.compile(r"(?:(?<!\s)\s++)?+\([^()0-9]*\)\s*")
#: What a number is called, in front of it.
_LABEL = re.compile(r"[A-Za-z][A-Za-z -]{0,15}[.:]\s*(?=[+(0-9])")
#: What a second number is called, between two of them.
_WORD = re.compile(r"(?<![\s,;/|])[\s,;/|]++(?P<word>[^\W\d_]{1,15}[.:]?)\s*+(?=[+(0-9])")
#: One local number, or two short ones such as those of the police and of an ambulance.
_SHORT_PARTS = re.compile(r"[1-9][0-9]{1,3}\s?/\s?[1-9][0-9]{1,3}")
_PLUSES = re.compile(r"\+[+ ]*")
#: Parameters of a URI (RFC 3966): a name with a value.
_PARAM = re.compile(r";\s*([A-Za-z][\w-]*\s*=[^;]*|[A-Za-z][\w-]*)")


def _without_extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    return (text[: found.start()], found[0]) if found else (text, "")


def _without_words(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with a ``/`` for each word between two complete numbers, and those words."""
    words = []
    for found in reversed(list(_WORD.finditer(text))):
        before, behind = text[: found.start()], text[found.end() :]
        if min(_count(before), _count(behind)) >= SHORTEST:
            text = f"{before} / {behind}"
            words += [found["word"]] if found["word"].strip(".:").lower() not in BETWEEN else []
    return text, tuple(reversed(words))


def _count(text: str) -> int:
    return sum(map(str.isdigit, text))


def _without_params(text: str) -> tuple[str, tuple[str, ...]]:
    params = tuple(param.strip() for param in _PARAM.findall(text))
    return (_PARAM.sub("", text) if params else text), params


# One number or several ------------------------------------------------------------------------

#: A pause, and digits that are too few for a number.
_MARK = "\x01"  # in place of a comma that separates no numbers
_PAUSE = re.compile(r"(?<=[0-9*#]),+(?=[0-9*#]{1,6}(?!\s?[0-9]))")
#: Digits in short groups, as in 0113/496/0161: one number.
_GROUPS = re.compile(r"[+]?[0-9]{1,5}(?:/[0-9]{2,5}){2,3}")
_DIALLED = re.compile(r"(?P<number>[+]?[0-9*#]+)(?P<more>[pPwW,][0-9*#pPwW,]*)?")


def _numbers(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The complete numbers side by side, and the ends of numbers that stand beside them."""
    if _GROUPS.fullmatch(text):
        text = text.replace("/", "-")
    marked = _PAUSE.sub(lambda match: _MARK * len(match[0]), text)
    parts = apart(marked.strip(" ;,:"))
    first, *others = [part.strip(" ;,:/|&") for part in parts]
    numbers, beside = [_dialled(first)], list[str]()
    for other in others:
        complete = _count(other) >= SHORTEST and _begins_as(other, first)
        if complete:
            numbers.append(_dialled(other))
        else:
            beside.append(other)
    return tuple(dict.fromkeys(numbers)), tuple(beside)


def _begins_as(other: str, first: str) -> bool:
    """Whether it is a number of its own: with a prefix, or as long as the first."""
    lead = other.lstrip(" (")[:1]
    return lead in ("+", "0") or _count(other) >= _count(first)


def _dialled(text: str) -> str:
    """A number without its separators."""
    if "(0)" in text.replace(" ", ""):
        return clean(text)
    number = text.translate(_SEPARATORS).replace(_MARK, ",")
    found = _DIALLED.fullmatch(number)
    if not found:
        raise SourceError("expected digits")
    digits = max(len(part) for part in re.split("[*#]", found["number"].lstrip("+")))
    if digits > MOST_DIGITS:
        raise SourceError(f"expected at most {MOST_DIGITS} digits")
    return number
