import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import IEI, Element, HeaderError, elements, udh
from smsenc.elements import REST, TABLE


def test_every_identifier_has_a_row_and_a_name():
    assert set(TABLE) == set(IEI)
    assert elements.name(IEI.PORTS_16) == "ports-16"
    assert [elements.name(n) for n in (0x03, 0x1C, 0x71, 0x80, 0xC5, 0xFF)] == [
        "reserved",
        "reserved-ems",
        "sim-toolkit",
        "sme-specific",
        "sc-specific",
        "reserved",
    ]


@st.composite
def built(draw):
    iei = draw(st.sampled_from(list(TABLE)))
    layout = TABLE[iei].fields + draw(st.sampled_from([(), TABLE[iei].optional]))
    values = {}
    for name, size in layout:
        if size == REST:
            values[name] = draw(st.binary(min_size=2, max_size=20))
        elif size > 3:
            values[name] = draw(st.binary(min_size=size, max_size=size))
        else:
            values[name] = draw(st.integers(0, 256**size - 1))
    return iei, values


@given(built())
def test_fields_are_the_inverse_of_build(case):
    iei, values = case
    element = elements.build(iei, **values)
    assert elements.fields(element) == values
    assert udh.decode(udh.encode((element,))) == (element,)


@given(st.builds(Element, st.integers(0, 255), st.binary(max_size=137)))
def test_any_element_has_fields_or_our_error(element):
    try:
        found = elements.fields(element)
    except HeaderError:
        return
    if "data" in found:
        assert found == {"data": element.data}
    else:
        assert elements.build(IEI(element.iei), **found) == element


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        ("0A030F1210", {"start": 15, "length": 18, "mode": 0x10}),
        ("0A0400011021", {"start": 0, "length": 1, "mode": 0x10, "colour": 0x21}),
        ("0B020305", {"position": 3, "number": 5}),
        ("01020001", {"kind": 0, "count": 1}),
        ("17020201", {"objects": 2, "status": 1}),
        ("240101", {"language": 1}),
        ("050415810000", {"destination": 0x1581, "originator": 0}),
        ("7103AABBCC", {"data": b"\xaa\xbb\xcc"}),
    ],
)
def test_elements_of_the_specification_and_other_programs(octets, found):
    octets = bytes.fromhex(octets)
    (element,) = udh.decode(bytes((len(octets),)) + octets)
    assert elements.fields(element) == found


@pytest.mark.parametrize(
    ("iei", "values", "message"),
    [
        (
            IEI.PORTS_16,
            {"destination": 1},
            "expected fields destination, originator of ports-16, found destination",
        ),
        (IEI.SINGLE_SHIFT, {}, "expected fields language of single-shift, found none"),
        (
            IEI.SINGLE_SHIFT,
            {"language": 256},
            "expected language of single-shift to fit 1 octets, found 256",
        ),
        (
            IEI.SMALL_PICTURE,
            {"position": 0, "pixels": b"x"},
            "expected 32 octets of pixels, found 1",
        ),
    ],
)
def test_what_does_not_fit_is_refused(iei, values, message):
    with pytest.raises(HeaderError) as caught:
        elements.build(iei, **values)
    assert str(caught.value) == message


def test_a_wrong_length_is_refused():
    with pytest.raises(HeaderError) as caught:
        elements.fields(Element(IEI.PORTS_16, b"123"))
    assert str(caught.value) == "expected 4 octets in ports-16, found 3"


def test_the_last_element_counts_if_only_one_is_allowed():
    one, two = (Element(IEI.PORTS_16, bytes((0, n, 0, 0))) for n in (1, 2))
    short = Element(IEI.PORTS_8, b"\xe2\0")
    sound = Element(IEI.PREDEFINED_SOUND, b"\0\1")
    unknown = Element(0x71, b"")
    given_ = (one, sound, two, sound, unknown, unknown, short)
    assert elements.effective(given_) == (sound, sound, unknown, unknown, short)
    assert elements.effective((short, one)) == (one,)
