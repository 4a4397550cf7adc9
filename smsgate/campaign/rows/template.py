"""A text with fields, filled from the cells of a row.

``#name#`` is the cell of the column ``name``; ``#name|filter#`` is the cell changed by a filter
(``filters``); ``##`` is one ``#``. Texts and cells are cleaned (``smsenc.cleanup``), and spaces
around a cell are removed.

    template = { character | "##" | field } ;  field = "#" column { "|" filter } "#" ;
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from smsenc import OptionError
from smsenc.cleanup import clean_text
from smsenc.messagefile.recognition import is_message_file
from smsenc.substitute import Substitute, substitute
from smsgate.campaign.rows import filters
from smsgate.campaign.rows.filters import Filter
from smsgate.campaign.rows.parts import (
    GSM_CHARACTERS,
    MOST_SINGLE,
    Cost,
    cost_of,
    cost_of_septets,
    cost_of_units,
    expensive_in,
    is_latin,
)
from smsgate.campaign.rows.spreadsheets import MARKS, shown_text, what_is_wrong
from smsgate.campaign.tables.model import (
    RejectCode,
    RowError,
    ambiguous,
    indices,
    listed,
    one_by_one,
)

MOST_FIELDS = 100
_TOKEN = re.compile(r"##|#([^#\n]*)#|#")
#: A field of the gateway's own templates.
_GATEWAY_FIELD = re.compile("#field[0-9]+#")
_ANY_GATEWAY_FIELD = re.compile("(?=#field[0-9]+#)")  # also fields that share a # with another one
_SURROGATE = re.compile("[\ud800-\udfff]")

# Templates ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field: the name and index of its column, and the filters that change the cell.

    ``bare`` says that one of them reads the value of the cell, whatever its number format.
    """

    column: str
    index: int
    filters: tuple[Filter, ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text.

    ``pieces`` are the texts around the fields, ``fields`` the different fields, and ``order`` the
    index in ``fields`` of the field after each piece but the last. ``pattern`` is the same for
    ``str.format``. ``indices`` are the fields' columns. ``in_order`` says that each field is used
    once, ``filtered`` that a field has filters, ``has_hash`` that a piece has a ``#``.

    ``length`` counts the characters of all pieces, ``septets`` what they cost (None if they are
    Unicode), ``expensive`` says that a character takes two septets, and ``latin`` that a Unicode
    text could be cut between any two characters of the pieces.
    """

    pieces: tuple[str, ...]
    order: tuple[int, ...]
    fields: tuple[TemplateField, ...]
    pattern: str
    indices: tuple[int, ...]
    filtered: bool
    has_hash: bool
    in_order: bool
    septets: int | None
    expensive: bool
    latin: bool
    length: int

    def cells_of(self, cells: Sequence[str]) -> list[str]:
        """What each field is in a row, filters applied: the cells of its ``csv:`` line.

        Raises RowError, which names the column, for a field that is empty, has a lone surrogate
        or makes a text in which the gateway would find a field of its own.
        """
        found = [cells[index] for index in self.indices]
        if not "".join(found).isprintable():
            found = list(map(_cleaned, self.fields, found))
        found = list(map(str.strip, found))
        if not _is_plain(found):
            found = list(map(_value, self.fields, found))
        if self.filtered or "" in found:
            found = list(map(_filtered, self.fields, found))
        together = "".join(found)
        if (self.has_hash or "#" in together) and _GATEWAY_FIELD.search(self.filled(found)):
            raise self._field_mark_error(found)
        return found

    def columns(
        self, table: Sequence[list[str]]
    ) -> tuple[Iterable[tuple[str, ...]], dict[int, RowError]]:
        """``cells_of`` each row of a table's columns, and its errors by the index of the row.

        Columns of which no cell has to be changed or refused are taken as a whole.
        """
        columns = [table[n] for n in self.indices]
        if not all(map(_is_plain, columns)):
            columns = [list(map(str.strip, column)) for column in columns]
        if self.filtered or self.has_hash or not all(map(_is_plain, columns)):
            return one_by_one(self.cells_of, table)
        return zip(*columns, strict=True) if columns else [()] * len(table[0]), {}

    def filled(self, cells: Sequence[str]) -> str:
        """The text with the cells that ``cells_of`` returned."""
        return self.pattern.format(*cells)

    def merge(self, cells: Sequence[str]) -> str:
        """The text for a row of the table; raises RowError as ``cells_of`` does."""
        return self.filled(self.cells_of(cells))

    def cost(self, cells: Sequence[str]) -> Cost:
        """What ``filled(cells)`` costs, in most cases without filling it; raises SplitError."""
        together = "".join(cells if self.in_order else [cells[n] for n in self.order])
        expensive = expensive_in(together)
        if self.septets is None or expensive is None:
            if self.latin and is_latin(together):
                return cost_of_units(self.length + len(together))
        else:
            septets = self.septets + len(together) + expensive
            if septets <= MOST_SINGLE or not (expensive or self.expensive):
                return cost_of_septets(septets)
        return cost_of(self.filled(cells))

    def substituted(self, level: Substitute) -> Template:
        """The same with substitutes, if the pieces are GSM 7-bit with them."""
        pieces = tuple(substitute(p, level, GSM_CHARACTERS)[0] for p in self.pieces)
        if pieces == self.pieces or expensive_in("".join(pieces)) is None:
            return self
        return _assembled(pieces, self.order, self.fields)

    @property
    def gateway(self) -> str:
        """The text with the gateway's own fields, ``#field1#`` and so on."""
        return self.filled([f"#field{n + 1}#" for n in range(len(self.fields))])

    def _field_mark_error(self, cells: Sequence[str]) -> RowError:
        inside = (f.column for f, text in zip(self.fields, cells, strict=True) if "#" in text)
        message = "expected no #field1# that the gateway would fill in, found one in the text"
        return RowError(message, code=RejectCode.FIELD_MARK, column=next(inside, None))


def _is_plain(column: list[str]) -> bool:
    """Whether ``cells_of`` would certainly return all of these cells unchanged.

    They are joined with a character that can be printed and that few cells have.
    """
    together = f"{_RARE}{_RARE.join(column)}{_RARE}"
    return together.isprintable() and not any(mark in together for mark in _UNPLAIN)


_RARE = "\u00a6"
#: Empty cells, spaces at the ends of cells, and what spreadsheets mark.
_UNPLAIN = (*MARKS, _RARE * 2, f" {_RARE}", f"{_RARE} ")


def _value(field: TemplateField, text: str) -> str:
    """What a cell of a spreadsheet shows; raises RowError for an error or a formula."""
    wrong = what_is_wrong(text)
    if wrong:
        raise RowError(wrong, code=RejectCode.SPREADSHEET, column=field.column)
    return shown_text(text)


def _filtered(field: TemplateField, text: str) -> str:
    try:
        for change in field.filters:
            text = change(text)
    except ValueError as error:
        raise RowError(str(error), code=RejectCode.VALUE, column=field.column) from None
    if text := text.strip():
        return text
    raise RowError(
        "expected a text, found an empty cell", code=RejectCode.EMPTY, column=field.column
    )


def _cleaned(field: TemplateField, text: str) -> str:
    clean = clean_text(text).text
    if wrong := _without_surrogates(clean):
        raise RowError(wrong, code=RejectCode.CONTROL_CHARACTER, column=field.column)
    return clean


def _without_surrogates(text: str) -> str:
    """What is wrong with a clean text, or ""."""
    found = _SURROGATE.search(text)
    return f"expected no lone surrogate, found U+{ord(found[0]):04X}" if found else ""


# Compiling ----------------------------------------------------------------------------------------


def compile_template(
    text: str, columns: Sequence[str], aliases: Sequence[tuple[str, int]] = ()
) -> Template:
    """A text with fields, for a table with these columns; ``aliases`` are further names for them.

    Raises OptionError for a field that is not a column (it lists the columns), for an unknown
    filter, for a single ``#``, for a lone surrogate, and for a message file.
    """
    if is_message_file(text):  # its log-in would be in the text
        raise _wrong("already a message file: smsenc upload sends it")
    text = clean_text(text).text
    if wrong := _without_surrogates(text):
        raise _wrong(wrong)
    pieces, order = [""], list[int]()
    fields: dict[str, TemplateField] = {}
    for before, mark, source in _tokens(text):
        pieces[-1] += before
        if mark == "##":
            pieces[-1] += "#"
        elif mark:
            fields.setdefault(source, _field(source, tuple(columns), aliases))
            order.append(list(fields).index(source))
            pieces.append("")
    if len(fields) > MOST_FIELDS:
        raise _wrong(f"expected at most {MOST_FIELDS} fields, found {len(fields)}")
    return _assembled(tuple(pieces), tuple(order), tuple(fields.values()))


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """The text before each field or ``##``, the field or ``##``, and its inside; then the rest."""
    at = 0
    for token in _TOKEN.finditer(text):
        if token[0] == "#":
            place = f"# at character {token.start() + 1}"
            raise _wrong(f"{place} has no closing #: write #field#, or ## for a literal #")
        yield text[at : token.start()], token[0], token[1]
        at = token.end()
    yield text[at:], "", ""


def _field(
    source: str, columns: tuple[str, ...], aliases: Sequence[tuple[str, int]]
) -> TemplateField:
    name, *changes = source.split("|")
    found = [index for alias, index in aliases if alias == name.strip()]
    found = found or indices(columns, name.strip())
    if len(found) > 1:
        raise _wrong(ambiguous(len(found), name.strip()))
    if not name.strip() or not found:
        raise _wrong(f"expected a column of the table ({listed(columns)}), found #{source}#")
    try:
        bare = any(map(filters.needs_value, changes))
        return TemplateField(columns[found[0]], found[0], tuple(map(filters.find, changes)), bare)
    except ValueError as error:
        raise _wrong(f"{error} in #{source}#") from None


def _assembled(
    pieces: tuple[str, ...], order: tuple[int, ...], fields: tuple[TemplateField, ...]
) -> Template:
    marks = (*(f"{{{n}}}" for n in order), "")
    braced = (piece.replace("{", "{{").replace("}", "}}") for piece in pieces)
    fixed = "".join(pieces)
    if not fixed.strip() and not fields:
        raise _wrong("expected a text, found none")
    expensive = expensive_in(fixed)
    template = Template(
        pieces=pieces,
        order=order,
        fields=fields,
        pattern="".join(piece + mark for piece, mark in zip(braced, marks, strict=True)),
        indices=tuple(field.index for field in fields),
        filtered=any(field.filters for field in fields),
        has_hash="#" in fixed,
        in_order=order == tuple(range(len(fields))),
        septets=None if expensive is None else len(fixed) + expensive,
        expensive=bool(expensive),
        latin=not fixed or is_latin(fixed),
        length=len(fixed),
    )
    if len(_ANY_GATEWAY_FIELD.findall(template.gateway)) != len(order):
        raise _wrong("expected no text that the gateway would take for a field, found #field1#")
    return template


def _wrong(message: str) -> OptionError:
    return OptionError(message, name="--text")
