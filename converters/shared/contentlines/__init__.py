"""Content lines: what vCard 2.1, 3.0, 4.0, vCalendar 1.0 and iCalendar 2.0 have in common.

Reading goes from octets to components of lines, and from the value of a line to text. Everything
stays octets until a single value is decoded, because a quoted-printable soft break may be inside a
character and because every property may have its own charset::

    line    = [group "."] name *(";" param) ":" value
    param   = name "=" value *("," value) / value        ; bare values: vCard 2.1, vCalendar 1.0

Writing gives what phones read: the lines of vCard 2.1 and vCalendar 1.0 (versit, 1996).
"""

from converters.shared.contentlines.lines import Line, parse_line
from converters.shared.contentlines.payloads import accepted, packed, received
from converters.shared.contentlines.recognition import not_found
from converters.shared.contentlines.rows import Row
from converters.shared.contentlines.tree import Component, components
from converters.shared.contentlines.unfolding import logical_lines
from converters.shared.contentlines.values import Value, unescape, value
from converters.shared.contentlines.writing import content_line, escape, join_fields

__all__ = [
    "Component",
    "Line",
    "Row",
    "Value",
    "accepted",
    "components",
    "content_line",
    "escape",
    "join_fields",
    "logical_lines",
    "not_found",
    "packed",
    "parse_line",
    "received",
    "unescape",
    "value",
]
