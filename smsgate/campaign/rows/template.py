"""A text with fields, filled from the cells of a row.

``#name#`` is the cell of the column ``name``; ``#name|filter#`` changes it on its way; ``##`` is
one ``#``. Blanks around a cell are no part of it, and a line break in it stays one.

    template = { character | "##" | field } ;  field = "#" column { "|" filter } "#" ;
    filter = "upper" | "lower" | "title" | "cut:" number | "default:" text ;
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from operator import itemgetter

from smsenc import OptionError
from smsenc.graphemes import cut_characters
from smsenc.substitute import Substitute, substitute
from smsgate.campaign.rows.parts import (
    ALONE,
    PLAIN,
    Cost,
    dear_in,
    is_latin,
    of_septets,
    of_units,
    parts_of,
)
from smsgate.campaign.tables.model import RowError, listed, one_by_one, places

MOST_FIELDS = 100
_TOKEN = re.compile(r"##|#([^#\n]*)#|#")
#: What the gateway's own template calls its fields.
_GATEWAY_FIELD = re.compile("#field[0-9]+#")
_ANY_GATEWAY_FIELD = re.compile("(?=#field[0-9]+#)")  # those that share a # with another one, too
_LINE_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_](?![^\W\d_]))?")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Filter = Callable[[str], str]


# Filters.


def _title(text: str) -> str:
    """ANNE-MARIE O'NEIL as Anne-Marie O'Neil; an S behind an apostrophe stays small."""
    return _WORD.sub(lambda word: word[0][0].title() + word[0][1:].lower(), text)


def _cut(most: int, text: str) -> str:
    """At most so many characters; none is cut from the marks that belong to it."""
    if len(text) <= most:
        return text
    return text[: cut_characters(text, list(accumulate((1 for _ in text), initial=0)), most)[0]]


def _default(stand_in: str, text: str) -> str:
    return text or stand_in


def _cutting(argument: str) -> Filter:
    if not re.fullmatch("[1-9][0-9]{0,3}", argument):
        raise ValueError("expected cut:1 to cut:9999")
    return partial(_cut, int(argument))


def _defaulting(argument: str) -> Filter:
    if not argument.strip():
        raise ValueError("expected a text behind default:")
    return partial(_default, argument.strip())


_PLAIN: dict[str, Filter] = {"upper": str.upper, "lower": str.lower, "title": _title}
_WITH_ARGUMENT = {"cut": _cutting, "default": _defaulting}


def _filter(source: str) -> Filter:
    name, colon, argument = source.strip().partition(":")
    if name in _PLAIN and not colon:
        return _PLAIN[name]
    if name in _WITH_ARGUMENT and colon:
        return _WITH_ARGUMENT[name](argument)
    raise ValueError(f"expected upper, lower, title, cut:N or default:TEXT, found {source!r}")


# Compiling.


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the column it is filled from, and what is done to the cell."""

    column: str
    index: int
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text: ``pieces`` around its fields, each of which it may use more than once.

    ``used`` is the index in ``own`` of the field behind each piece but the last (``straight`` when
    each is used once); ``pattern`` says the same to ``str.format``. ``septets`` is what the pieces
    cost, None where they are Unicode; ``dear``, ``latin`` and ``length`` say when that is enough.
    """

    pieces: tuple[str, ...]
    used: tuple[int, ...]
    own: tuple[Field, ...]
    pattern: str
    indices: tuple[int, ...]
    filtered: bool
    hashed: bool
    straight: bool
    septets: int | None
    dear: bool
    latin: bool
    length: int

    def fields(self, cells: Sequence[str]) -> list[str]:
        """What each field is in a row, filters applied; the cells of a ``csv`` line.

        Raises RowError, which names the column, for a field that is empty, has a control character
        or makes what the gateway would take for a field of its own.
        """
        found = [cells[index].strip() for index in self.indices]
        if self.filtered or "" in found:
            found = list(map(_filled, self.own, found))
        whole = "".join(found)
        if not whole.isprintable():
            found = list(map(_cleaned, self.own, found))
        if (self.hashed or "#" in whole) and _GATEWAY_FIELD.search(self.filled(found)):
            raise self._marked(found)
        return found

    def columns(
        self, rows: Sequence[list[str]]
    ) -> tuple[list[tuple[str, ...]], dict[int, RowError]]:
        """``fields`` of each row, and by their places the errors of those that it refuses.

        A column in which no cell needs a look of its own is done as a whole.
        """
        columns = [list(map(str.strip, map(itemgetter(n), rows))) for n in self.indices]
        if self.filtered or self.hashed or not all(map(_is_plain, columns)):
            return one_by_one(self.fields, rows)
        return list(zip(*columns, strict=True)) if columns else [()] * len(rows), {}

    def filled(self, fields: Sequence[str]) -> str:
        """The text with what ``fields`` gave."""
        return self.pattern.format(*fields)

    def merge(self, cells: Sequence[str]) -> str:
        """The text for a row; raises RowError as ``fields`` does."""
        return self.filled(self.fields(cells))

    def cost(self, fields: Sequence[str]) -> Cost:
        """What ``filled(fields)`` costs, mostly without filling it; raises SplitError."""
        whole = "".join(fields if self.straight else [fields[n] for n in self.used])
        dear = dear_in(whole)
        if self.septets is None or dear is None:
            if self.latin and is_latin(whole):
                return of_units(self.length + len(whole))
        else:
            units = self.septets + len(whole) + dear
            if units <= ALONE or not (dear or self.dear):
                return of_septets(units)
        return parts_of(self.filled(fields))

    def substituted(self) -> Template:
        """The same with typographic substitutes, where the text is GSM 7-bit with them."""
        pieces = tuple(substitute(p, Substitute.TYPOGRAPHIC, PLAIN)[0] for p in self.pieces)
        if pieces == self.pieces or dear_in("".join(pieces)) is None:
            return self
        return _assembled(pieces, self.used, self.own)

    @property
    def gateway(self) -> str:
        """The text with ``#field1#`` … for the gateway's own template."""
        return self.filled([f"#field{n + 1}#" for n in range(len(self.own))])

    def _marked(self, fields: Sequence[str]) -> RowError:
        inside = (f.column for f, text in zip(self.own, fields, strict=True) if "#" in text)
        message = "expected no #field1# that the gateway would fill in, found one in the text"
        return RowError(message, code="field-mark", column=next(inside, None))


def _is_plain(column: list[str]) -> bool:
    """Whether ``fields`` would leave all of these cells as they are."""
    whole = "".join(column)
    return "" not in column and "#" not in whole and whole.isprintable()


def _filled(field: Field, text: str) -> str:
    for change in field.filters:
        text = change(text)
    if text := text.strip():
        return text
    raise RowError("expected a text, found an empty cell", code="empty", column=field.column)


def _cleaned(field: Field, text: str) -> str:
    """Line breaks of all kinds as one, tabs as blanks; other control characters are refused."""
    text = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    if control := _CONTROL.search(text):
        raise RowError(
            f"expected no control character, found U+{ord(control[0]):04X}",
            code="control-character",
            column=field.column,
        )
    return text


def compile_template(
    text: str, columns: Sequence[str], aliases: Sequence[tuple[str, int]] = ()
) -> Template:
    """A text with fields, for a table of these columns; ``aliases`` are further names for them.

    Raises OptionError for a field that is no column (the columns are listed), for an unknown
    filter, for a ``#`` that begins nothing, and for a control character.
    """
    pieces, used = [""], list[int]()
    own: dict[str, Field] = {}
    text = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    if control := _CONTROL.search(text):
        raise _wrong(f"expected no control character, found U+{ord(control[0]):04X}")
    for before, mark, source in _tokens(text):
        pieces[-1] += before
        if mark == "##":
            pieces[-1] += "#"
        elif mark:
            own.setdefault(source, _field(source, tuple(columns), aliases))
            used.append(list(own).index(source))
            pieces.append("")
    if len(own) > MOST_FIELDS:
        raise _wrong(f"expected at most {MOST_FIELDS} fields, found {len(own)}")
    return _assembled(tuple(pieces), tuple(used), tuple(own.values()))


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """Text before each field or ``##``, that, and what is written in the field; then the rest."""
    at = 0
    for token in _TOKEN.finditer(text):
        if token[0] == "#":
            place = f"found # at character {token.start() + 1}"
            raise _wrong(f"expected a field between two # (## writes one), {place}")
        yield text[at : token.start()], token[0], token[1]
        at = token.end()
    yield text[at:], "", ""


def _field(source: str, columns: tuple[str, ...], aliases: Sequence[tuple[str, int]]) -> Field:
    name, *filters = source.split("|")
    found = [index for alias, index in aliases if alias == name.strip()]
    found = found or places(columns, name.strip())
    if not name.strip() or len(found) != 1:
        many = "one column" if len(found) > 1 else "a column"
        raise _wrong(f"expected {many} of the table ({listed(columns)}), found #{source}#")
    try:
        return Field(columns[found[0]], found[0], tuple(map(_filter, filters)))
    except ValueError as error:
        raise _wrong(f"{error} in #{source}#") from None


def _assembled(pieces: tuple[str, ...], used: tuple[int, ...], own: tuple[Field, ...]) -> Template:
    marks = (*(f"{{{n}}}" for n in used), "")
    braced = (piece.replace("{", "{{").replace("}", "}}") for piece in pieces)
    fixed = "".join(pieces)
    if not fixed.strip() and not own:
        raise _wrong("expected a text, found none")
    dear = dear_in(fixed)
    template = Template(
        pieces=pieces,
        used=used,
        own=own,
        pattern="".join(piece + mark for piece, mark in zip(braced, marks, strict=True)),
        indices=tuple(field.index for field in own),
        filtered=any(field.filters for field in own),
        hashed="#" in fixed,
        septets=None if dear is None else len(fixed) + dear,
        dear=bool(dear),
        straight=used == tuple(range(len(own))),
        latin=not fixed or is_latin(fixed),
        length=len(fixed),
    )
    if len(_ANY_GATEWAY_FIELD.findall(template.gateway)) != len(used):
        raise _wrong("expected no text that the gateway would take for a field, found #field1#")
    return template


def _wrong(message: str) -> OptionError:
    return OptionError(message, name="--text")
