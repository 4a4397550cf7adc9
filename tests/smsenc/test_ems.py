import pytest

from smsenc import IEI, Element
from smsenc.ems import collect, distribute

OTHER = Element(IEI.PORTS_16, bytes(4))


def picture(place=0):
    return Element(IEI.LARGE_PICTURE, bytes((place, *bytes(128))))


def test_objects_that_one_header_holds_are_not_distributed():
    sounds = tuple(Element(IEI.PREDEFINED_SOUND, bytes((n, 1))) for n in range(5))
    assert distribute(sounds) == distribute((picture(),)) == distribute(()) == ()


def test_each_part_has_one_object_and_the_first_all_else():
    assert distribute((picture(), OTHER, picture(1))) == ((OTHER, picture()), (picture(1),))


@pytest.mark.parametrize(("place", "before", "moved"), [(3, 10, 13), (3, 252, 255), (3, 300, 255)])
def test_places_are_counted_in_the_complete_text(place, before, moved):
    assert collect((OTHER, picture(place)), before) == (picture(moved),)


def test_an_object_without_a_place_stays_as_it_is():
    for element in (Element(IEI.EXTENDED_OBJECT, b"\x01\x02"), Element(IEI.USER_SOUND, b"")):
        assert collect((element,), 9) == (element,)
