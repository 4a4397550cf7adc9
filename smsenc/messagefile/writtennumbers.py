"""Numbers as people, spreadsheets and programs write them: what stands around the digits.

``numbers.clean`` needs it for what is more than digits, and puts the steps together. It takes
longer to load than all the rest that reads numbers.
"""

from __future__ import annotations

import re

from smsenc.messagefile.folding import folded
from smsenc.messagefile.numberrules import LONGEST, NATIONAL_ZERO, SHORTEST, Unclean, codes


def bare(text: str) -> str:
    """A number without quotes, formula and URI, folded to ASCII."""
    return _of_uri(_unwrapped(folded(text)))


def digits(text: str) -> str:
    """The digits of a bare text that is one number, after a ``+`` if it has one."""
    return _undone(text).translate(_SEPARATORS)


# Quotes, formulas, URIs ---------------------------------------------------------------------------


_WRAPPED = re.compile(r"""=?\s*(?P<quote>["'])(?P<inside>[^"']*)(?P=quote)""")
_LONE = re.compile(r"""['"=]\s*(?=[+(\[0-9])""")


def _unwrapped(text: str) -> str:
    """The text inside quotes and formulas: ``="447…"``, ``'447…``, ``=447…``, ``"447…"``."""
    for _ in range(3):  # a spreadsheet and a program that quotes cells may each add something
        found = _WRAPPED.fullmatch(text)
        inside = found["inside"] if found else _LONE.sub("", text, count=1) if _led(text) else text
        if inside == text:
            break
        text = inside.strip()
    return text.strip(" \n,;")


def _led(text: str) -> bool:
    return text[:1] in ("'", '"', "=")


_SCHEME = re.compile(r"(?P<scheme>tel|phone|callto|smsto|sms|mmsto|mms):/{0,2}", re.IGNORECASE)
_ESCAPED = re.compile("%([2-7][0-9A-Fa-f])")
_CONTEXT = re.compile(r"phone-context\s*=\s*(\+[0-9]+)", re.IGNORECASE)
_INSIDE = re.compile(r"(?:ext|isub|postd)\s*=\s*[^\s]", re.IGNORECASE)


def _of_uri(text: str) -> str:
    """The number of a URI (RFC 3966, RFC 5724), with ``x`` and its extension if it has one."""
    found = _SCHEME.match(text)
    if not found:
        return text
    rest = _ESCAPED.sub(_unescaped, text[found.end() :]).partition("?")[0]
    if found["scheme"].lower() not in ("tel", "phone"):
        rest = rest.partition(":")[0]  # smsto:NUMBER:TEXT
    number, _, parameters = rest.partition(";")
    number = number.strip(" \n,")
    context = _CONTEXT.search(parameters)
    if context and not number.startswith("+"):
        number = context[1] + number
    if any(_INSIDE.match(one.strip()) for one in parameters.split(";")):
        return f"{number} x1"
    return number or rest


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


# What is not one number ---------------------------------------------------------------------------


_LOST = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]*)?\s*E\s*[+-]?[0-9]+"  # 4.47701E+11
    r"|[0-9]{5,}[.,]0{1,2}|[0-9]{7,}[.,][0-9]{1,2}"  # 447700900201.0
    r"|\#+|\#[A-Z/0]+[!?]?(?:\ .*)?"  # a narrow column, and errors such as #N/A and #REF!
    r"|(?:19|20)[0-9]{2}(?P<ymd>[./-])[01]?[0-9](?P=ymd)[0-3]?[0-9]"  # a date
    r"|[0-3]?[0-9](?P<dmy>[./-])[0-3]?[0-9](?P=dmy)(?:19|20)[0-9]{2}",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"(?<=[0-9)\s.,;/-])(?:extension|extn|ext|poste|durchwahl|dw|int|x)\s?[.:=]?\s?\#?[0-9]{1,7}",
    re.IGNORECASE,
)
#: Words between numbers that stand side by side.
BETWEEN = frozenset(
    (
        *("or", "and", "then", "alt", "oder", "und", "od", "u", "bzw", "resp", "sowie"),
        *("ou", "et", "o", "y", "e", "och", "eller", "of", "\u0438", "\u0438\u043b\u0438"),
    )
)
_BESIDE = re.compile(
    rf"[,;|&\n/]|[-=]?>|(?<=[\s0-9])(?:{'|'.join(sorted(BETWEEN))})(?:\.(?=\s)|(?=[\s+0-9]))"
)
_THOUSANDS = re.compile(r"\+?[0-9]{1,3}(?:,[0-9]{3}){2,4}|\+?[0-9]{1,3}(?:'[0-9]{3}){2,4}")
_BEFORE_ZERO = re.compile(r"(\+|00)[0-9 ()\[\].-]{1,12}(?=[(\[]\s*0\s*[)\]])")
_FURTHER_PLUS = re.compile(r"(?<=[0-9\s/,;&|-])\+")
_GAP = re.compile(r"[\s~-]+")
_ONE = re.compile(r"(?:[(\[\s]*\+)?[0-9 ()\[\]./~'\"-]*")
_SEPARATORS = str.maketrans("", "", " ()[]./~'\"-,")
#: Digits before a ``/`` that make the number complete: an area code has fewer.
_COMPLETE, _COMPLETE_ABROAD = 7, 9


def wrong(text: str) -> Unclean | None:
    """Why a bare text is not one number; None if it is one."""
    if not text:
        return Unclean.NONE
    if _LOST.fullmatch(text):
        return Unclean.SPREADSHEET
    if _EXTENSION.search(text) and _count(text) >= SHORTEST:
        return Unclean.EXTENSION
    if len(apart(text)) > 1:
        return Unclean.TWO
    if any(map(str.isalpha, text)):
        return Unclean.LETTERS
    plain = _undone(text)
    return None if _ONE.fullmatch(plain) and _count(plain) else Unclean.CHARACTERS


def _count(text: str) -> int:
    return sum(character.isdecimal() for character in text)


def _undone(text: str) -> str:
    """The text without the separators of thousands, which a spreadsheet put in, and ``(0)``."""
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "").replace("'", "")
    found = _BEFORE_ZERO.match(text)
    if not found:
        return text
    rest = NATIONAL_ZERO.sub("", text[found.end() :], count=1)
    zero = "0" if _zero_stays(found[0]) else ""
    return f"{found[0]}{zero}{rest}"


def apart(text: str) -> tuple[str, ...]:
    """The numbers that stand side by side in a folded text: one, unless several are complete.

    ``0770/0900439`` is one number, ``07700 900439 / 900440`` are two. A number after the first one
    may be only the digits in which it differs.
    """
    if _THOUSANDS.fullmatch(text):
        return (text,)
    found, start = list[str](), 0
    for end, following in _cuts(text):
        if _is_complete(text[start:end], text[end:following]) and _count(text[following:]):
            found.append(text[start:end].strip())
            start = following
    parts = (*found, text[start:].strip())
    return tuple(number for part in parts for number in _halves(part))


def _cuts(text: str) -> list[tuple[int, int]]:
    """Where a further number may begin: the ends of what is before it, and its beginnings."""
    cuts = [match.span() for match in _BESIDE.finditer(text)]
    cuts += [(match.start(), match.start()) for match in _FURTHER_PLUS.finditer(text)]
    return sorted(cuts)


def _is_complete(before: str, separator: str) -> bool:
    """Whether ``before`` is a number of its own, although a separator follows it."""
    digits = _count(NATIONAL_ZERO.sub("", before))
    if separator != "/":
        return digits >= SHORTEST - 1
    lead = before.lstrip(" ([")
    abroad = lead.startswith(("+", "00"))
    return digits >= (_COMPLETE_ABROAD + 2 * lead.startswith("00") if abroad else _COMPLETE)


def _halves(text: str) -> tuple[str, ...]:
    """Numbers with only a blank or a dash between them, if there are too many digits for one.

    Numbers side by side have about as many digits each.
    """
    if _count(text) <= LONGEST:
        return (text,)
    halves = [(text[: gap.start()], text[gap.end() :]) for gap in _GAP.finditer(text)]
    complete = [pair for pair in halves if min(map(_count, pair)) >= SHORTEST]
    if not complete:
        return (text,)
    pair = min(complete, key=lambda pair: abs(_count(pair[0]) - _count(pair[1])))
    return tuple(number for half in pair for number in _halves(half))


# The zero that is dialled only inside a country ---------------------------------------------------


#: Country codes whose numbers may begin with 0 and have no other prefix inside the country.
_ZERO_STAYS = codes(
    "39 47 225 226 227 229 241 242 247 267 268 378 501 507 676 679 687 800 853 881 888 974 992"
)


def _zero_stays(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return digits.removeprefix("00") in _ZERO_STAYS
