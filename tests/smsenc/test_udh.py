import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import Element, HeaderError, Payload, ports, udh
from smsenc.model import Coding

elements = st.lists(st.builds(Element, st.integers(0, 255), st.binary(max_size=20)), max_size=5)


@given(elements.map(tuple))
def test_decode_is_the_inverse_of_encode(found):
    assert udh.decode(udh.encode(found)) == found


@given(st.binary(max_size=200))
def test_any_octets_are_a_header_or_our_error(octets):
    try:
        assert udh.encode(udh.decode(octets)) == octets or octets == b"\0"
    except HeaderError:
        pass


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("05", "offset 0: expected 5 octets of header, found 0"),
        ("0100", "offset 1: expected an element's length, found the header's end"),
        ("020003", "offset 1: expected 3 octets in element 00, found 0"),
    ],
)
def test_damaged_headers_are_named_with_their_place(octets, message):
    with pytest.raises(HeaderError) as caught:
        udh.decode(bytes.fromhex(octets))
    assert str(caught.value) == message


def test_elements_that_do_not_fit_are_refused():
    with pytest.raises(HeaderError) as caught:
        udh.encode((Element(0x70, bytes(100)), Element(0x71, bytes(100))))
    assert str(caught.value) == "expected a header of at most 140 octets, found 205"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("050003330201", (0x33, 2, 1)),
        ("0608040D0D0302", (0x0D0D, 3, 2)),
        ("050003330203", None),
        ("050003330000", None),
        ("050003330200", None),
        ("0400023301", None),
        ("0A00033302010003440202", (0x44, 2, 2)),
    ],
)
def test_concatenation_is_read_as_receivers_read_it(header, found):
    octets = bytes.fromhex(header)
    assert udh.find_concatenation(udh.decode(octets)) == found


def test_the_last_port_counts():
    both = (ports(0x1581), Element(4, b"\xe2\x00"))
    assert Payload(data=b"", coding=Coding.OCTETS, elements=both).port == 0xE2
    assert Payload(data=b"", coding=Coding.OCTETS, elements=both[:1]).port == 0x1581
    assert Payload(data=b"", coding=Coding.OCTETS).port is None


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_has_sixteen_bits(port):
    with pytest.raises(HeaderError) as caught:
        ports(port)
    assert str(caught.value) == f"expected a port 0..65535, found {port}"
