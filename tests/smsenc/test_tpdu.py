import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import (
    Coding,
    DecodeError,
    EncodeError,
    Segment,
    TpduError,
    dcs,
    decode_text,
    encode_text,
    join,
    split,
    tpdu,
)
from smsenc.tpdu import Address, Deliver, Enhanced, Relative, Submit, Timestamp

digits = st.text(st.sampled_from("0123456789*#abc"), max_size=20)
numbers = st.builds(Address, digits, st.sampled_from([0, 1, 2, 3, 4, 6]), st.integers(0, 15))
names = st.text(st.sampled_from("ABCdef 123é@"), min_size=1, max_size=11).map(
    lambda name: Address(name, ton=5, npi=0)
)
addresses = numbers | names
times = st.builds(Timestamp, *[st.integers(0, 99)] * 6, st.integers(-79, 79))
validities = st.one_of(
    st.none(),
    st.builds(Relative, st.integers(0, 255)),
    times,
    st.builds(Enhanced, st.binary(min_size=7, max_size=7)),
)
texts = st.text(st.sampled_from("abc€[жЖ😀"), max_size=300)
segments = texts.flatmap(
    lambda text: st.sampled_from(split(encode_text(text), reference=7))
) | st.binary(max_size=140).map(
    lambda data: Segment(udh=b"", data=data, coding=Coding.OCTETS, units=len(data))
)


@st.composite
def submits(draw):
    segment = draw(segments)
    return Submit(
        destination=draw(addresses),
        segment=segment,
        dcs=dcs.encode(dcs.of(segment)),
        reference=draw(st.integers(0, 255)),
        pid=draw(st.integers(0, 255)),
        validity=draw(validities),
        status_report=draw(st.booleans()),
        reject_duplicates=draw(st.booleans()),
        reply_path=draw(st.booleans()),
    )


@st.composite
def delivers(draw):
    segment = draw(segments)
    return Deliver(
        originator=draw(addresses),
        segment=segment,
        dcs=dcs.encode(dcs.of(segment)),
        timestamp=draw(times),
        pid=draw(st.integers(0, 255)),
        more_messages=draw(st.booleans()),
        status_report=draw(st.booleans()),
        reply_path=draw(st.booleans()),
    )


@given(submits() | delivers())
def test_decode_is_the_inverse_of_encode(found):
    assert tpdu.decode(tpdu.encode(found)) == found


@given(st.binary(max_size=200))
def test_any_octets_are_a_tpdu_or_our_error(octets):
    try:
        found = tpdu.decode(octets)
    except DecodeError:
        return
    try:
        tpdu.encode(found)
    except (TpduError, EncodeError):
        pass


def test_the_best_known_submit():
    octets = bytes.fromhex("11000B916407281553F80000AA0AE8329BFD4697D9EC37")
    found = tpdu.decode(octets)
    assert found == tpdu.submit(
        split(encode_text("hellohello"), reference=1)[0],
        "46708251358",
        validity=Relative.lasting(4 * 24 * 60),
    )
    assert tpdu.encode(found) == octets
    assert decode_text(join([found.segment])) == "hellohello"


def test_the_best_known_deliver():
    octets = bytes.fromhex("040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")
    found = tpdu.decode(octets)
    assert found.originator == Address("27838890001", ton=4, npi=8)
    assert found.timestamp == Timestamp(99, 3, 29, 15, 16, 59, 8)
    assert not found.more_messages
    assert tpdu.encode(found) == octets


def test_a_submit_of_ofono_with_formatting_elements():
    octets = bytes.fromhex(
        "41000B915121551532F40000631A0A031906200A032104100A032705040A032E05080A043807002B8ACD29A85D9E"
        "CFC3E7F21C340EBB41E3B79B1E4EBB41697A989D1EB340E2379BCC02B1C3F27399059AB7C36C3628EC2683C66FF6"
        "5B5E2683E8653C1D"
    )
    found = tpdu.decode(octets)
    assert tpdu.encode(found) == octets
    assert decode_text(join([found.segment])) == (
        "EMS messages can contain italic, bold, large, small and colored text"
    )


@pytest.mark.parametrize("size", range(1, 140))
def test_the_fill_bits_of_a_header_without_text_are_written(size):
    header = bytes((size - 1, *range(1, size)))
    sent = tpdu.submit(Segment(udh=header, data=b"", coding=Coding.GSM7, units=0), "447700900123")
    found = tpdu.decode(tpdu.encode(sent))
    assert (found.segment.udh, found.segment.units) == (header, 0)
    assert found.segment.data == b"\0" * (size % 7 > 0)  # up to the septet that TP-UDL counts
    assert tpdu.encode(found) == tpdu.encode(sent)


@pytest.mark.parametrize(
    ("octet", "minutes"),
    [(0, 5), (143, 720), (144, 750), (167, 1440), (168, 2880), (196, 43200), (197, 50400)],
)
def test_relative_validity(octet, minutes):
    assert Relative(octet).minutes == minutes
    assert Relative.lasting(minutes) == Relative(octet)


def test_the_longest_relative_validity():
    assert Relative(255).minutes == 63 * 7 * 24 * 60
    with pytest.raises(TpduError) as caught:
        Relative.lasting(63 * 7 * 24 * 60 + 1)
    assert str(caught.value) == "expected at most 63 weeks, found 635041 minutes"


@pytest.mark.parametrize(
    ("octets", "seconds"),
    [
        ("00000000000000", None),
        ("01A70000000000", 86400),
        ("022D0000000000", 45),
        ("03102030000000", 1 * 3600 + 2 * 60 + 3),
        ("07000000000000", None),
    ],
)
def test_enhanced_validity(octets, seconds):
    assert Enhanced(bytes.fromhex(octets)).seconds == seconds


def test_an_alphanumeric_address_is_packed():
    found = tpdu.address("smsenc")
    octets = tpdu.encode(
        Deliver(
            originator=found,
            segment=split(encode_text("x"), reference=1)[0],
            dcs=0,
            timestamp=Timestamp(26, 11, 22, 12, 0, 0, -20),
        )
    )
    assert octets.hex() == "040bd0f3f6bcec1e03" + "0000" + "62112221000" + "00a" + "0178"
    assert tpdu.decode(octets).originator == found
    assert tpdu.decode(octets).timestamp.quarters == -20


_TYPES = "offset 0: expected SMS-DELIVER or SMS-SUBMIT"


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("", "offset 0: expected 1 octets of TPDU, found 0"),
        ("02", f"{_TYPES}, found an SMS-STATUS-REPORT: use decode_report"),
        ("07911326", f"{_TYPES}, found type 3: cut off the service centre's address first"),
        ("0100", "offset 2: expected 2 octets of address, found 0"),
        ("01001581", "offset 2: expected at most 20 semi-octets, found 21"),
        ("0100028100", "offset 5: expected 2 octets of protocol and data coding, found 0"),
        ("01000281F1000000", "offset 2: expected a digit, found the filler F"),
        ("0100028100000000FF", "offset 8: expected the end, found 1 octets"),
        ("0100028100000002AA", "offset 8: expected 2 octets of user data, found 1"),
        ("010002810000048D", "offset 7: expected at most 140 octets of user data, found 141"),
        ("41000281000004020500", "offset 8: expected 6 octets of header, found 2"),
        ("000281000000AAAAAAAAAAAAAA", "offset 6: expected decimal semi-octets, found "),
    ],
)
def test_damage_is_named_with_its_offset(octets, message):
    with pytest.raises(TpduError) as caught:
        tpdu.decode(bytes.fromhex(octets[: len(octets) // 2 * 2]))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Address("x"), "expected at most 20 digits, found 'x'"),
        (
            lambda: Address("+447700900123"),
            "expected at most 20 digits without +, found '+447700900123'",
        ),
        (lambda: Address("1" * 21), "expected at most 20 digits, found '111111111111111111111'"),
        (lambda: Address("1", ton=8), "expected ton 0..7 and npi 0..15, found 8 and 1"),
        (
            lambda: Address("twelve chars", ton=5),
            "expected a name of at most 11 septets, found 'twelve chars'",
        ),
        (lambda: Enhanced(b"1"), "expected 7 octets of validity, found 1"),
    ],
)
def test_what_no_tpdu_holds_is_refused(make, message):
    with pytest.raises(TpduError) as caught:
        make()
    assert str(caught.value) == message


REPORT = "060C0C914477000910326211129130008062111291430080"


@pytest.mark.parametrize(
    ("rest", "meaning"),
    [
        ("00", "delivered"),
        ("01", "forwarded, not known whether delivered"),
        ("30", "not delivered yet, still tried"),
        ("4600", "not delivered, not tried again"),
        ("6203003F"[:2] + "030000", "not delivered in time, not tried again"),
        ("FF07000002C834", "reserved"),
    ],
)
def test_status_reports(rest, meaning):
    found = tpdu.decode_report(bytes.fromhex(REPORT + rest))
    assert (found.reference, found.recipient) == (12, tpdu.Address("447700900123"))
    assert found.sent == tpdu.Timestamp(26, 11, 21, 19, 3, 0, 8)
    assert found.discharged == tpdu.Timestamp(26, 11, 21, 19, 34, 0, 8)
    assert found.meaning == meaning


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", "expected 1 octets of TPDU"),
        ("040C", "expected SMS-STATUS-REPORT, found type 0"),
        (REPORT, "expected 1 octets of status"),
        (REPORT + "000000", "expected the end, found 1 octets"),
        (REPORT + "0080", "expected 1 octets of parameter indicator"),
        (REPORT + "0002", "expected 1 octets of data coding"),
        (REPORT + "000405C8", "expected 5 octets of user data"),
    ],
)
def test_a_damaged_status_report_is_refused(octets, error):
    with pytest.raises(TpduError, match=error):
        tpdu.decode_report(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("two", "four"), [(0, 2000), (26, 2026), (89, 2089), (90, 1990), (99, 1999)]
)
def test_years_have_two_digits_and_no_century(two, four):
    assert tpdu.full_year(two) == four
