import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import MessageFileError, messagefile
from smsenc.messagefile.lint import BY_CODE, RULES, Severity, fixed, incomplete, lint, part_of
from smsenc.messagefile.profile import CLICKATELL, Profile
from smsenc.messagefile.reader import loads

LOGIN = b"api_id:1\nuser:u\npassword:p\n"
TO = b"to:447700900123\n"
EARLY = "scheduled_time: expected a time in the future, at most 7 days ahead"
GOOD = LOGIN + b"text:Hello\n" + TO
NOW = 1_700_000_000

#: For each rule a file that breaks it, and what is said: line, column, text.
BROKEN = [
    ("F001", GOOD + b"secret stuff\n", (6, 1, "a line without a colon")),
    ("F003", LOGIN + b"concat:99\ntext:" + b"x" * 8188 + b"\n" + TO, None),
    ("F004", LOGIN + b"data:" + b"0" * 8190 + b"\n" + TO, (4, 8193, None)),
    ("F005", LOGIN + b"text:a\tb\n" + TO, (4, 7, "U+0009 in 'text'")),
    ("F006", b"\xef\xbb\xbf" + GOOD, (1, 1, "the byte order mark EF BB BF")),
    ("F007", GOOD.replace(b"\n", b"\r\n", 2), (0, 0, r"line ends '\n', '\r\n'")),
    (
        "F009",
        LOGIN + "text:Grüße, 5 €\n".encode() + TO,
        (4, 0, "the file is UTF-8, but is read as iso-8859-1"),
    ),
    ("K101", GOOD + b"colour:blue\n", (6, 1, "'colour'")),
    ("K102", GOOD.replace(b"api_id", b"api-id"), (1, 1, "'api-id' instead of 'api_id'")),
    ("K103", GOOD + b"user:v\n", (6, 1, "user again, with another value")),
    ("K105", b"user:u\npassword:\ntext:x\n" + TO, (0, 0, "no api_id")),
    ("K106", GOOD.replace(b"api_id:1", b"api_id:xxxxx"), (1, 8, "api_id is a placeholder")),
    (
        "K107",
        GOOD + b"queue: 9\n",
        (6, 8, "queue: expected a whole number 1 to 3, found '9' (gateway error 101)"),
    ),
    (
        "R201",
        GOOD.replace(b"44", b"0"),
        (5, 4, "expected a number with its country code, found '07700900123'"),
    ),
    ("R202", GOOD.replace(b"44", b"+44 "), (5, 4, "'+44 7700900123' instead of 447700900123")),
    ("R202", GOOD.replace(b"44", b"0044"), (5, 4, "'00447700900123' instead of 447700900123")),
    ("R203", GOOD + TO, (6, 4, "447700900123 again, after line 5")),
    ("R204", LOGIN + b"text:x\n", (0, 0, "neither to nor csv")),
    ("R204", GOOD + b"csv:447700900124\n", (6, 1, "both to and csv")),
    ("T301", GOOD.replace(b"Hello", b"Dear #field1#"), (4, 11, "#field1#, which no row fills")),
    (
        "T301",
        LOGIN + b"text:#field2#\ncsv:447700900123,Ann\n",
        (4, 6, "#field2#, which a row does not fill"),
    ),
    (
        "T302",
        LOGIN + b"text:#field1#\ncsv:447700900123,Ann,x\n",
        (5, 5, "2 cells for 1 fields"),
    ),
    (
        "T303",
        LOGIN + b"text:#field1#\ncsv:447700900123,#field1#\n",
        (5, 18, "#field1# in a cell"),
    ),
    (
        "T304",
        LOGIN + b"text:x\ndelimiter:ab\ncsv:447700900123\n",
        (5, 11, "expected one character, no digit, found 'ab'"),
    ),
    ("B401", GOOD + b"data:00\n", (6, 1, "both text and data")),
    ("B401", LOGIN + TO, (0, 0, "neither text nor data")),
    ("B402", GOOD.replace(b"Hello", b""), (4, 6, "nothing in text")),
    ("B403", LOGIN + b"data:00 1G\n" + TO, (4, 8, "' ' among hex digits")),
    ("B403", LOGIN + b"data:001\n" + TO, (4, 6, "3 hex digits, which is half an octet too many")),
    (
        "B404",
        GOOD + b"unicode:1\n",
        (4, 6, "'H' in text that should be hex because of unicode:1"),
    ),
    (
        "B404",
        GOOD.replace(b"Hello", b"004800") + b"unicode:1\n",
        (4, 6, "6 hex digits, which are not groups of four"),
    ),
    ("B405", GOOD.replace(b"Hello", b"00480069"), (4, 6, "text that looks like hex of UTF-16")),
    ("B406", GOOD.replace(b"Hello", b"na\xefve"), (4, 8, "'ï' (U+00EF)")),
    (
        "B407",
        GOOD.replace(b"Hello", b"x" * 161),
        (4, 6, "2 parts where concat allows 1 (gateway error 113)"),
    ),
    (
        "B407",
        LOGIN + b"concat:2\nudh:06050415810000\ndata:" + b"00" * 300 + b"\n" + TO,
        (4, 8, "3 parts where concat allows 2 (gateway error 113)"),
    ),
    ("U501", LOGIN + b"from:Bank\ndata:00\n" + TO, (4, 6, "the name 'Bank' with 8-bit data")),
    (
        "U502",
        LOGIN + b"msg_type:SMS_NOKIA_RINGTONE\nudh:00\ndata:00\n" + TO,
        (5, 5, "a header with msg_type 'SMS_NOKIA_RINGTONE'"),
    ),
    ("U503", GOOD + b"udh:00\n", (6, 5, "a header with text")),
    ("U504", LOGIN + b"udh:0500\ndata:00\n" + TO, None),
    (
        "U504",
        LOGIN + b"udh:0500030A0201\ndata:" + b"00" * 140 + b"\n" + TO,
        (4, 5, "146 octets in a part of at most 140"),
    ),
    (
        "U505",
        GOOD + b"deliv_time:60\nscheduled_time:1700000000\n",
        (7, 16, "scheduled_time with deliv_time"),
    ),
    ("U506", GOOD + b"deliv_time:5\n", (6, 12, "a delay of 5 minutes")),
    ("U507", GOOD + b"req_feat:65\n", (6, 10, "unknown bits 64")),
    ("U508", GOOD + b"mo:1\nfrom:Bank\n", (6, 4, "mo:1 without a number in from")),
]


def plain(message):
    """Without the number: see tests/smsgate/gateway/intake/test_lint_numbers.py."""
    return re.sub(r" \(gateway error [0-9]{3}\)$", "", message)


@pytest.mark.parametrize(("code", "octets", "place"), BROKEN, ids=lambda v: str(v)[:12])
def test_each_rule_says_where_and_what(code, octets, place):
    found = [one for one in lint(octets) if one.code == code]
    assert found, lint(octets)
    first = found[0]
    assert first.severity is BY_CODE[code].severity
    if place:
        line, column, text = place
        assert (first.line, first.column) == (line, column)
        assert text is None or plain(first.message) == plain(text)


def test_every_rule_of_a_file_is_shown_above():
    alone = {code for code, _, _ in BROKEN} | {"F002", "F008", "K104", "R205"}
    assert {rule.code for rule in RULES} - alone == {"D601", "D602", "D603", "X901"}


def test_rules_of_other_profiles():
    utf8 = Profile(name="other", charset="utf-8", most_messages=1)
    assert [one.code for one in lint(GOOD.replace(b"Hello", b"\xff"), utf8)] == ["F002"]
    assert [one.code for one in lint(GOOD + b"to:447700900124\n", utf8)] == ["R205"]
    few = Profile(name="few", keys=("api_id", "user", "password", "text", "to"))
    assert [one.code for one in lint(GOOD + b"queue:1\n", few)] == ["K104"]


@pytest.mark.parametrize("octets", [GOOD, GOOD.replace(b"\n", b"\r"), GOOD.replace(b":", b": ")])
def test_what_is_read_without_a_doubt_is_clean(octets):
    assert lint(octets) == ()


def test_a_time_is_judged_only_when_now_is_known():
    octets = GOOD + b"scheduled_time:1600000000\n"
    assert lint(octets) == ()
    (found,) = lint(octets, now=NOW)
    assert (found.code, found.message) == (
        "X901",
        f"{EARLY}, found '1600000000' (gateway error 120)",
    )


def test_a_rule_lists_its_first_places_and_counts_the_others():
    octets = LOGIN + b"text:x\n" + b"to:0\n" * 10_000
    first, *others = lint(octets)
    assert len(others) == 100
    assert first[:5] == ("R201", "error", 0, 0, "9900 more places, which are not listed")


def test_lines_that_no_message_has_are_counted_and_not_kept():
    octets = GOOD + b"text:\n" * 300_000
    tracemalloc.start()
    try:
        (found,) = (one for one in lint(octets) if one.code == "F008")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert plain(found.message) == (
        "300004 lines beside to and csv in a file of at most 100000; 200004 lines are not checked"
    )
    assert most < 100 * 2**20
    assert fixed(octets) is octets
    with pytest.raises(MessageFileError, match="at most 100000 lines beside to and csv"):
        loads(octets)


ONE_PROFILE = Profile(name="one", most_messages=1)


@pytest.mark.parametrize(
    ("octets", "profile", "codes"),
    [
        (b"\n" * 300_000 + GOOD, CLICKATELL, []),
        (GOOD + b" \n" * 300_000, ONE_PROFILE, []),
        (GOOD + b"\n" + b"queue:1\n" * 99_996, CLICKATELL, ["K103"]),
        (GOOD + b"\n" + b"queue:1\n" * 99_997, CLICKATELL, ["F008", "K103"]),
        (LOGIN + b"csv:447700900123\n" * 250_000 + b"text:x\n", CLICKATELL, ["R205"]),
        (LOGIN + b"csv:447700900123\n" * 2 + b"text:x\n", ONE_PROFILE, ["R205"]),
    ],
)
def test_there_are_too_many_lines_if_the_reader_says_so(octets, profile, codes):
    assert sorted({one.code for one in lint(octets, profile)}) == codes
    try:
        loads(octets, profile)
        why = ""
    except MessageFileError as error:
        why = error.message
    assert ("lines beside to and csv" in why) == ("F008" in codes)


def test_octets_that_no_message_has_are_refused():
    octets = GOOD + (b"shop:" + b"x" * 8000 + b"\n") * 200
    assert {one.code for one in lint(octets)} == {"K101", "X901"}
    with pytest.raises(MessageFileError, match="at most 1048576 octets beside to and csv"):
        loads(octets)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\n\r"])
def test_line_ends_alone_are_not_kept(end):
    tracemalloc.start()
    try:
        assert "F008" not in [one.code for one in lint(end * 500_000)]
        assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
    finally:
        tracemalloc.stop()


def test_a_file_with_as_many_recipients_as_the_profile_allows_is_read_whole():
    octets = LOGIN + b"text:x\n" + b"".join(b"to:%d\n" % (447700900000 + n) for n in range(100_000))
    assert lint(octets) == lint(LOGIN + b"text:x\nto:447700900123\n")


def test_findings_show_no_secret():
    octets = (
        b"api_id:1\nuser:u\npassword hunter2\npassword:hunter2\npassword:hunter2\ntext:x\n" + TO
    )
    assert "hunter2" not in str(lint(octets))


def refused(octets):
    try:
        messagefile.loads(octets)
    except MessageFileError:
        return True
    return False


fragments = st.sampled_from(
    [line for _, octets, _ in BROKEN if len(octets) < 500 for line in octets.split(b"\n")]
)
files = st.one_of(
    st.binary(max_size=200),
    st.lists(fragments, max_size=12).map(b"\n".join),
    st.lists(fragments, max_size=8).map(lambda lines: GOOD + b"\r".join(lines)),
)


@given(files)
def test_any_octets_are_judged_and_what_is_refused_has_an_error(octets):
    found = lint(octets)
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert errors or not refused(octets)
    assert all(0 <= one.line <= octets.count(b"\n") + octets.count(b"\r") + 1 for one in found)


@given(files)
def test_repairs_are_idempotent_and_change_nothing_that_is_sent(octets):
    repaired = fixed(octets)
    assert fixed(repaired) == repaired
    if not refused(octets):
        assert messagefile.loads(repaired) == messagefile.loads(octets)
    assert not {one.code for one in lint(repaired)} & {"K102", "R202"}


def test_the_safe_repairs():
    octets = b"\xef\xbb\xbf" + GOOD.replace(b"api_id", b"API-ID").replace(b"to:44", b"To: +44 ")
    assert fixed(octets) == GOOD
    rows = LOGIN + b"delimiter:;\ntext:#field1#\nCSV: +44 7700 900123 ;Ann, +1\n"
    assert fixed(rows).endswith(b"\ncsv:447700900123;Ann, +1\n")
    long = LOGIN + b"data: " + b"0" * 9000 + b"\r\n" + TO
    assert [one.code for one in lint(long)] == ["F007", "F004"]
    assert messagefile.loads(fixed(long)).data == bytes(4500)
    assert fixed(GOOD) == GOOD


def part(sequence, total, reference=5):
    return LOGIN + b"udh:050003%02X%02X%02X\ndata:00\n" % (reference, total, sequence) + TO


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"1-a.p1-2.txt": part(1, 2), "1-a.p2-2.txt": part(2, 2)}, []),
        (
            {"1-a.p1-3.txt": part(1, 3)},
            [("1-a.p1-3.txt", "D601", "part 2, 3 of 3 is missing")],
        ),
        (
            {"1-a.p1-2.txt": part(1, 2), "1-a.p2-2.txt": part(3, 3)},
            [("1-a.p2-2.txt", "D602", "3 of 3 in the header, 2 of 2 in the name")],
        ),
        ({"x": part(1, 2), "y": part(2, 2)}, []),
        (
            {"x": part(1, 2), "y": part(2, 2, reference=6), "z": GOOD},
            [
                ("x", "D601", "part 2 of 2 is missing"),
                ("y", "D601", "part 1 of 2 is missing"),
            ],
        ),
    ],
)
def test_missing_parts_of_a_set_are_named(files, found):
    parts = [one for name, octets in files.items() if (one := part_of(name, octets))]
    assert [(name, code, place.found) for name, code, place in incomplete(parts)] == found


def test_the_default_profile_is_clickatell():
    assert lint(GOOD) == lint(GOOD, CLICKATELL)


@pytest.mark.parametrize("text", ["é", "naïve", "Привет", "🎂", "Ž\ntext:Ä"])
def test_a_file_in_utf8_is_one_finding(text):
    found = lint(LOGIN + b"text:ok\ntext:" + text.encode() + b"\n" + TO)
    assert [(one.code, one.line) for one in found] == [("F009", 5)]


@pytest.mark.parametrize("text", ["Grüße", "Ã", "© £"])
def test_a_file_in_its_charset_is_not_taken_for_utf8(text):
    found = lint(LOGIN + b"text:" + text.encode("latin-1") + b"\n" + TO)
    assert "F009" not in [one.code for one in found]
