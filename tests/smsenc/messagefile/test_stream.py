import tracemalloc
from dataclasses import replace
from itertools import repeat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsenc import MessageFileError
from smsenc.messagefile import loads, stream
from smsenc.messagefile.pairs import pairs
from smsenc.messagefile.parameters import canonical
from smsenc.messagefile.profile import Profile
from smsenc.messagefile.stream import Recipient, read_head, recipients

LOGIN = b"api_id:x\nuser:y\npassword:z\n"
SEED = LOGIN + b"to: 448311234567\ntext: Hello\n"
UTF8 = Profile(charset="utf-8")

_LINES = st.sampled_from(
    (
        *(b"api_id:x", b"user:y", b"password:z", b"to: 448311234567", b"TO:+44 8311 234568"),
        *(b"to:0831", b"text: Hello #field1#", b"text:", b"csv:448311234567,Ann", b"data:00ff"),
        *(b"CSV:448311234567;Ann", b"csv:x,y", b"csv:448311234567,#field2#", b"delimiter:;"),
        *(b"Delimiter:;;", b"unicode:1", b"queue:9", b"nonsense", b"", b" \t", b"z:1"),
        *(b"text:\xe9", b"text:\xc3\xa9", b" " * 400, b"text:" + b"x" * 400, b"to:" + b"1" * 400),
        *(b"\xef\xbb\xbf", b"validity:0", b"from:Ann", b"udh:00", b"csv:448311234567,a "),
    )
)
_ENDS = st.sampled_from((b"\n", b"\r", b"\r\n", b"\n\r"))
_FILES = st.builds(
    lambda mark, login, lines, last: mark + login + b"".join(map(b"".join, lines)) + last,
    st.sampled_from((b"", b"\xef\xbb\xbf", b"\xef\xbb")),
    st.sampled_from((LOGIN, SEED, b"")),
    st.lists(st.tuples(_LINES, _ENDS), max_size=12),
    _LINES,
)


def _cut(octets, size):
    return [octets[start : start + size] for start in range(0, len(octets), size)]


def _agree(octets, size, profile):
    """Both readers find the same message, or both refuse the file for a fault that is in it."""
    head = read_head(_cut(octets, size), profile)
    found = list(recipients(_cut(octets, size), head, profile=profile))
    faults = [str(one.error) for one in found if one.error]
    assert head.recipients == len(found)
    try:
        message = head.message()
    except MessageFileError as error:
        faults.append(str(error))
    try:
        whole = loads(octets, profile)
    except MessageFileError as error:
        assert str(error) in faults
        return
    assert faults == []
    rows = tuple((one.number, *one.cells) for one in found)
    to = tuple(one.number for one in found)
    assert whole == replace(message, **({"rows": rows} if whole.rows else {"to": to}))


@pytest.mark.parametrize("profile", [Profile(longest_line=300), replace(UTF8, longest_line=300)])
@given(octets=_FILES, size=st.integers(1, 700))
@example(octets=SEED + b"text:\r\nto:448311234569", size=len(SEED) + 6)
@example(octets=SEED + b" " * 500 + b"\rdata", size=7)
@example(octets=b"\xef\xbb" + b" " * 400 + b"\napi_id:x", size=1)
def test_any_file_is_the_same_in_chunks(octets, size, profile):
    _agree(octets, size, profile)


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_octets_are_the_same_in_chunks(octets, size):
    _agree(octets, size, UTF8)
    _agree(SEED + octets, size, UTF8)


@given(_FILES, st.integers(1, 50))
def test_lines_do_not_depend_on_chunks(octets, size):
    profile = Profile(longest_line=300)
    assert list(map(str, pairs(_cut(octets, size), profile))) == list(
        map(str, pairs([octets], profile))
    )


def test_a_bad_recipient_is_an_error_of_its_line():
    octets = LOGIN + b"text:Hi\nto:448311234567\nto:0831\nto:x\nto:+44 8311 234568\n"
    head = read_head([octets])
    first, national, letters, last = recipients([octets], head)
    assert first == Recipient(5, "448311234567")
    assert last == Recipient(8, "448311234568")
    assert (national.number, letters.number) == ("0831", "x")
    assert str(national.error) == (
        "line 6: to: expected a number with its country code, found '0831' (gateway error 105)"
    )
    assert letters.error.code == 105


def test_a_prefix_replaces_one_zero():
    octets = LOGIN + b"text:Hi\nto:08311 234567\nto:00448311234568\nto:448311234569\n"
    found = list(recipients([octets], read_head([octets]), prefix="44"))
    assert [one.number for one in found] == ["448311234567", "448311234568", "448311234569"]
    assert not any(one.error for one in found)


def test_rows_have_their_cells_wherever_the_delimiter_is():
    octets = LOGIN + b"csv:448311234567;Ann;a,b\ntext:Hi #field1#\ndelimiter:;\n"
    assert list(recipients([octets], read_head([octets]))) == [
        Recipient(4, "448311234567", ("Ann", "a,b"))
    ]


def test_recipients_of_a_damaged_file_are_found():
    octets = b"text:Hi\nnonsense\nto:448311234567\n" + b"x" * 9000 + b"\nto:448311234568"
    head = read_head([octets])
    with pytest.raises(MessageFileError) as caught:
        head.message()
    assert str(caught.value) == "line 2: expected key:value, found no colon"
    assert [one.line for one in recipients([octets], head)] == [3, 5]


def test_a_line_that_is_too_long_is_counted():
    octets = SEED + b"text:" + b"x" * 100_000 + b"\n"
    with pytest.raises(MessageFileError) as caught:
        read_head(_cut(octets, 1000)).message()
    assert str(caught.value) == (
        "line 6: expected a line of at most 8192 octets, found 100005 (gateway error 101)"
    )


def test_lines_beside_recipients_are_limited():
    with pytest.raises(MessageFileError) as caught:
        read_head([LOGIN, *repeat(b"text:" + b"x" * 8000 + b"\n", 200)]).message()
    assert str(caught.value) == (
        "line 135: expected at most 1048576 octets beside to and csv, found more"
    )


@pytest.mark.parametrize("line", [b"TO:448311234567\n", b"csv:448311234567,a\n", b"x" * 17 + b"\n"])
def test_memory_does_not_grow_with_the_file(line):
    chunk = line * 4000

    def peak(chunks):
        tracemalloc.start()
        head = read_head([LOGIN, *repeat(chunk, chunks)])
        count = sum(1 for _ in recipients(repeat(chunk, chunks), head))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == head.recipients
        return most

    small = peak(2)
    assert peak(10) < small + 100_000


def test_the_placeholder_is_a_number():
    assert canonical("TO") == "to"
    assert loads(SEED.replace(b"448311234567", stream.NOBODY.encode())).to == (stream.NOBODY,)
