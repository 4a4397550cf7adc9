"""Remarks about a message file: its odd keys, and in detail why all of it is refused."""

from __future__ import annotations

import pytest
from intakes import API_ID, LOGIN, PASSWORD, USER, Room

from smsenc.messagefile.reader import OddKey
from smsgate.gateway.intake import notes
from smsgate.gateway.intake.checks import Rules

TO = b"to:448311234567\n"
HIDDEN = "horse-battery"


@pytest.fixture
def room(tmp_path):
    found = Room(tmp_path)
    yield found
    found.close()


def remarks(room, octets, rules=None):
    log = room.handled("a.txt", octets, rules)
    return log, [text for _, text in room.remarks()]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            b"texte:Hello\nfoo:bar\n",
            ["line 4: unknown key texte: ignored; line 5: unknown key foo: ignored"],
        ),
        (b"TEXT2:a\n", ["line 4: unknown key TEXT2: ignored"]),
        (b"Queue:1\n", []),
    ],
)
def test_unknown_keys_are_told(room, lines, expected):
    log, found = remarks(room, LOGIN + lines + b"text:Hi\n" + TO)
    assert log.startswith("ID: ")
    assert found == expected


def test_an_alias_is_told_after_unknown_keys(room):
    octets = LOGIN.replace(b"api_id", b"api-id") + b"foo:1\ntext:Hi\n" + TO
    expected = "line 4: unknown key foo: ignored; line 1: api-id: read as api_id"
    assert remarks(room, octets)[1] == [expected]


def test_a_reply_key_is_told_to_mail_nothing(room):
    log, found = remarks(room, LOGIN + b"reply:a@example.com\ntext:Hi\n" + TO)
    assert log.startswith("ID: ")
    assert found == ["line 4: reply: nothing is mailed"]


def test_five_are_told_and_the_rest_counted(room):
    octets = LOGIN + b"".join(b"key%d:\n" % n for n in range(1000)) + b"text:Hi\n" + TO
    ((text),) = remarks(room, octets)[1]
    assert text.count("unknown key") == 5
    assert text.endswith("line 8: unknown key key4: ignored; and 995 more")


def test_five_longest_keys_are_shown_whole():
    ((text),) = notes.of_keys([OddKey(100_000, "x" * 32, None)] * 9)
    assert len(text) < 500


@pytest.mark.parametrize("key", ["", "pass word", f"password {HIDDEN}", "x" * 33, "\u202ea"])
def test_what_is_no_key_is_not_shown(key):
    assert notes.of_keys([OddKey(3, key, None)]) == ("line 3: unknown key: ignored",)


def test_a_repeated_file_and_the_rest_of_one_have_no_more_remarks(room, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.intake.job.LOT", 2)
    octets = LOGIN + b"foo:1\ntext:Hi\n" + TO * 9
    assert len(remarks(room, octets)[1]) == 1
    (_, again) = remarks(room, octets)[1]
    assert again.startswith("already taken")


@pytest.mark.parametrize(
    ("lines", "code", "detail"),
    [
        (
            b"text:Hi\nmax_credits:0.5\n",
            "101",
            "line 5: max_credits: expected a decimal number from 0.8, found '0.5'",
        ),
        (b"text:Hi\nqueue\n", "101", "line 5: expected key:value, found no colon"),
        (b"text:%s\n" % (b"x" * 161), "113", "line 4: text: expected at most 1 parts, found 2"),
        (b"data:%s\n" % (b"00" * 141), "113", "line 4: data: expected at most 1 parts, found 2"),
        (
            b"text:#field1#\n",
            "201",
            "line 4: text: expected csv rows for its fields, found to",
        ),
        (b"text: \n", "107", "line 4: text: expected a message, found an empty one"),
    ],
)
def test_a_refusal_has_its_detail(room, lines, code, detail):
    log, found = remarks(room, LOGIN + lines + TO)
    answer = log.partition(" To: ")[0]
    assert answer.startswith(f"ERR: {code}")
    assert found == [detail, answer]


def test_rows_without_a_text(room):
    log, found = remarks(room, LOGIN + b"csv:448311234567,Ann\n")
    assert found[0] == "line 4: csv: expected a text with fields for the rows, found none"
    assert "line" not in log


def test_too_many_recipients(room):
    _, found = remarks(room, LOGIN + b"text:Hi\n" + TO * 3, Rules(most_messages=2))
    assert found[0] == "expected at most 2 recipients, found 3"


@pytest.mark.parametrize(
    "lines",
    [
        f"api_id:{API_ID}\nuser:{USER}\npassword:{HIDDEN}\n",
        f"api_id:{API_ID}\nuser:{HIDDEN}\npassword:{PASSWORD}\n",
        f"api_id:{HIDDEN}\nuser:{USER}\npassword:{PASSWORD}\n",
        f"api_id:{API_ID}\nuser:{USER}\npassword:{HIDDEN}\npassword:{HIDDEN}\n",
        f"api_id:{API_ID}\nuser:{USER}\npassword:{HIDDEN}\x07\n",
        f"api_id:{API_ID}\nuser:{USER}\npassword:{HIDDEN}{'x' * 5000}\n",
        f"api_id:{API_ID}\nuser:{USER}\npassword {HIDDEN}\n",
        f"api_id:{API_ID}\nuser:{USER}\npassword {HIDDEN}:1\n",
        f"api_id:{HIDDEN}\x07\nuser:{HIDDEN}\x07\n",
        f"user:{HIDDEN}\n",
        f"password:{HIDDEN}\nmax_credits:0.5\n",
    ],
)
def test_no_remark_has_a_value_of_the_log_in(room, lines):
    log, found = remarks(room, lines.encode() + b"text:Hi\n" + TO)
    assert log.startswith("ERR: ")
    assert found
    assert HIDDEN not in log + str(found) + str(room.told)
    assert PASSWORD not in log + str(found) + str(room.told)
