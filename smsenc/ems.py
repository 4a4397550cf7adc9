"""Enhanced Messaging Service: how objects are shared among parts (3GPP TS 23.040, 9.2.3.24.10).

A sound, picture or animation is complete in the header of one part, with a position in the text of
that part. A payload has all the objects of its message, with positions in the complete text:
``distribute`` shares them among the parts, ``collect`` gathers them again.
"""

from __future__ import annotations

from collections.abc import Iterable

from smsenc.model import IEI, USER_DATA_OCTETS, Element

#: Elements whose first octet is a position in the text of their part (9.2.3.24.10.1).
PLACED = frozenset(
    (
        *(IEI.PREDEFINED_SOUND, IEI.USER_SOUND, IEI.PREDEFINED_ANIMATION, IEI.LARGE_ANIMATION),
        *(IEI.SMALL_ANIMATION, IEI.LARGE_PICTURE, IEI.SMALL_PICTURE, IEI.VARIABLE_PICTURE),
    )
)
#: Elements that are shared among the parts.
OBJECTS = PLACED | {IEI.EXTENDED_OBJECT}

_FURTHEST = 0xFF  # a position is one octet


def distribute(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], ...]:
    """The elements of each part, one object in each; empty if one header holds all of them.

    Elements that are not objects are in the first part.
    """
    objects = [element for element in elements if element.iei in OBJECTS]
    octets = sum(len(element.data) + 2 for element in elements)
    if len(objects) < 2 or octets < USER_DATA_OCTETS:
        return ()
    others = tuple(element for element in elements if element.iei not in OBJECTS)
    return ((*others, objects[0]), *((one,) for one in objects[1:]))


def collect(elements: Iterable[Element], before: int) -> tuple[Element, ...]:
    """The objects of a later part, which has ``before`` characters of text before it.

    Positions over 255 become 255. Those of extended objects already count from the start of the
    complete text.
    """
    return tuple(_moved(element, before) for element in elements if element.iei in OBJECTS)


def _moved(element: Element, before: int) -> Element:
    if element.iei not in PLACED or not element.data:
        return element
    position = min(_FURTHEST, element.data[0] + before)
    return Element(element.iei, bytes((position, *element.data[1:])))
