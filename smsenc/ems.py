"""Objects of Enhanced Messaging Service among the parts of a message (3GPP TS 23.040, 9.2.3.24.10).

A sound, picture or animation stands whole in the header of one part, at a place in that part's own
text. As a payload the message has all of its objects at once, their places counted in the whole
text: ``deal`` shares them out among parts, ``gathered`` collects them again.
"""

from __future__ import annotations

from collections.abc import Iterable

from smsenc.model import IEI, USER_DATA_OCTETS, Element

#: Elements whose first octet is a place in their own part's text (9.2.3.24.10.1).
PLACED = frozenset(
    (
        *(IEI.PREDEFINED_SOUND, IEI.USER_SOUND, IEI.PREDEFINED_ANIMATION, IEI.LARGE_ANIMATION),
        *(IEI.SMALL_ANIMATION, IEI.LARGE_PICTURE, IEI.SMALL_PICTURE, IEI.VARIABLE_PICTURE),
    )
)
#: Elements that are shared out among parts.
OBJECTS = PLACED | {IEI.EXTENDED_OBJECT}

_FURTHEST = 0xFF  # a place is one octet


def deal(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], ...]:
    """The elements of each part, an object a part; none where one header holds all of them.

    Only the first part has what is no object.
    """
    objects = [element for element in elements if element.iei in OBJECTS]
    octets = sum(len(element.data) + 2 for element in elements)
    if len(objects) < 2 or octets < USER_DATA_OCTETS:
        return ()
    others = tuple(element for element in elements if element.iei not in OBJECTS)
    return ((*others, objects[0]), *((one,) for one in objects[1:]))


def gathered(elements: Iterable[Element], before: int) -> tuple[Element, ...]:
    """The objects of a later part, behind ``before`` characters of the whole text.

    Places over 255 become 255; those of extended objects are counted in the whole text already.
    """
    return tuple(_moved(element, before) for element in elements if element.iei in OBJECTS)


def _moved(element: Element, before: int) -> Element:
    if element.iei not in PLACED or not element.data:
        return element
    place = min(_FURTHEST, element.data[0] + before)
    return Element(element.iei, bytes((place, *element.data[1:])))
