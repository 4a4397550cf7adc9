"""Cells that a spreadsheet program left in a file: its errors and its formulas."""

from __future__ import annotations

import re

from converters.shared.words import quoted

#: Errors as Excel, LibreOffice and Google write them.
_ENGLISH = frozenset(
    (
        *("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"),
        *("#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!"),
        *("#GETTING_DATA", "#ERROR!", "#TIMEOUT!"),
    )
)
#: The same in German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Turkish and
#: Russian.
_TRANSLATED = frozenset(
    (
        *("#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#ÜBERLAUF!", "#FELD!", "#FEHLER!"),
        *("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
        *("#¡REF!", "#¡VALOR!", "#¿NOMBRE?", "#¡DIV/0!", "#¡NUM!", "#¡NULO!"),
        *("#VALOR!", "#NOME?", "#NÚM!", "#NULO!", "#N/D", "#RIF!", "#VALORE!"),
        *("#NULLO!", "#N/D!", "#VERW!", "#WAARDE!", "#NAAM?", "#GETAL!"),
        *("#LEEG!", "#N/B", "#DEEL/0!", "#ADR!", "#ARG!", "#NAZWA?", "#LICZBA!"),
        *("#ZERO!", "#DZIEL/0!", "#REFERENS!", "#VÄRDEFEL!", "#NAMN?"),
        *("#SAKNAS!", "#OGILTIGT!", "#BAŞV!", "#DEĞER!", "#AD?", "#SAYI!", "#YOK"),
        *("#\u0421\u0421\u042b\u041b\u041a\u0410!", "#\u0417\u041d\u0410\u0427!"),
        *("#\u0418\u041c\u042f?", "#\u0427\u0418\u0421\u041b\u041e!"),
        *("#\u041d/\u0414", "#\u0414\u0415\u041b/0!", "#\u041f\u0423\u0421\u0422\u041e!"),
    )
)
_OTHER_ERROR = re.compile(r"(?:Err|Fehler)\s?:[0-9]{3}|#{3,}")
#: An error without the sign at its end; a person may write #NAME or #NUM of something.
_SHORT_ERRORS = frozenset(("#REF", "#DIV/0", "#BEZUG", "#VALEUR"))
_FORMULA = re.compile(
    r"\{?=\s*[+-]?(?:[A-Z][A-Z0-9._]{0,40}\(.*\)|\$?[A-Z]{1,3}\$?[0-9]{1,7})\}?",
    re.IGNORECASE | re.DOTALL,
)
#: A cell without any of these is neither.
MARKS = ("#", "=", "Err", "Fehler")
_QUOTED = re.compile(r'=\s*"((?:[^"]|"")*)"')


def what_is_wrong(text: str) -> str:
    """Why a cell without spaces at its ends is no text to send; or ""."""
    if _is_error(text.removeprefix("=")):
        return f"expected a text, found {quoted(text)}: an error of the spreadsheet"
    if _FORMULA.fullmatch(text):
        return "expected a text, found a formula: save the table with its values"
    return ""


def _is_error(text: str) -> bool:
    return (
        text.upper() in _ENGLISH
        or text in _TRANSLATED
        or text in _SHORT_ERRORS
        or _OTHER_ERROR.fullmatch(text) is not None
    )


def shown_text(text: str) -> str:
    """The text of a cell such as ``="00123"``, which keeps a spreadsheet from changing it."""
    found = _QUOTED.fullmatch(text)
    return found[1].replace('""', '"').strip() if found else text
