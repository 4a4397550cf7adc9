"""The mask: secrets in disguise, control characters, length, and the time that it takes."""

from __future__ import annotations

import base64
import html
import json
import re
import textwrap
import time
import urllib.parse

import pytest

from smsenc.messagefile import PLACEHOLDER
from smsgate import masking
from smsgate.masking import cleaned, masked, printable, remember, remember_login

SECRET = 'Tr0ub4dör&3"x'  # noqa: S105 - of no account

#: The secret as somebody could still read it.
DISGUISES = {
    "plain": SECRET,
    "upper": SECRET.upper(),
    "lower": SECRET.lower(),
    "reversed": SECRET[::-1],
    "reversed upper": SECRET[::-1].upper(),
    "nul between": "\0".join(SECRET),
    "line ends between": "\r\n".join(SECRET),
    "zero width between": "\u200b".join(SECRET),
    "soft hyphens and selectors": "\xad\ufe0f".join(SECRET),
    "colour between": "\x1b[31m".join(SECRET),
    "C1 colour between": "\x9b1;2m".join(SECRET),
    "title between": "\x1b]0;a title\x07".join(SECRET),
    "sequence that eats a letter": f"\x1b[{SECRET}",
    "title that is not closed": f"\x1b]{SECRET}",
    "percent": urllib.parse.quote(SECRET),
    "percent everywhere": "".join(f"%{octet:02x}" for octet in SECRET.encode()),
    "percent Latin-1": urllib.parse.quote(SECRET, encoding="latin-1"),
    "percent twice": urllib.parse.quote(urllib.parse.quote(SECRET)),
    "HTML": html.escape(SECRET),
    "HTML decimal": "".join(f"&#{ord(one)};" for one in SECRET),
    "HTML hex": "".join(f"&#x{ord(one):04X};" for one in SECRET),
    "HTML named": SECRET.replace("&", "&AMP;").replace("ö", "&ouml;"),
    "JSON": json.dumps(SECRET),
    "JSON everywhere": "".join(f"\\u{ord(one):04x}" for one in SECRET),
    "JSON with controls": json.dumps("\n\x1b[1m".join(SECRET)),
    "JSON in JSON": json.dumps(json.dumps(SECRET)),
    "repr": repr(SECRET + "'"),
    "repr of octets": repr(SECRET.encode()),
    "octal": "".join(f"\\{octet:03o}" for octet in SECRET.encode()),
    "32-bit escapes": "".join(f"\\U{ord(one):08x}" for one in SECRET),
    "quoted-printable": SECRET.replace("ö", "=C3=B6").replace("4", "=\r\n4"),
    "escaped before": printable("\x07\x1b[0m".join(SECRET)),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 in lines": "\r\n".join(re.findall("....", base64.b64encode(SECRET.encode()).decode())),
    "URL base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "hex": SECRET.encode().hex(),
    "hex upper": SECRET.encode().hex().upper(),
    "hex with colons": SECRET.encode().hex(":"),
    "hex dump": SECRET.encode().hex(" "),
    "UTF-8 as Latin-1": SECRET.encode().decode("latin-1"),
    "decomposed": SECRET.replace("ö", "o\u0308"),
}


@pytest.fixture
def secret():
    remember(SECRET)


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
def test_a_secret_is_masked_in_every_disguise(disguise):
    shown = cleaned(f"530 no: {disguise}, sorry", 10_000)
    assert shown.startswith("530 no: ")
    assert shown.endswith(", sorry")
    assert len(shown) < len("530 no: , sorry") + 20
    assert len(masked(disguise)) == len(disguise)
    assert "0ub4d" not in masked(disguise)


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "user\0x"])
def test_base64_of_a_longer_text_is_masked_too(before):
    shown = cleaned(base64.b64encode(f"{before}{SECRET}\n".encode()).decode())
    assert "***" in shown
    known = base64.b64encode(f"{before}{SECRET}".encode()).decode()[-12:-4]
    assert known not in shown


@pytest.mark.parametrize("width", [20, 21, 24, 30])
@pytest.mark.parametrize("known", ["s3cr3t-K\u00fchlschrank", "correct horse battery"])
def test_a_secret_is_masked_that_was_broken_into_lines(known, width):
    remember(known)
    text = f"Summary of {known} and of {'x' * 50}"
    shown = masked("\n".join(textwrap.wrap(text, width, subsequent_indent=" " * 11)))
    assert not set(re.split("[- ]", known)) & set(re.split(r"[- \n]+", shown))
    assert re.sub(r"\W+", " ", shown).split()[:2] == ["Summary", "of"]


def test_nothing_is_masked_that_is_no_secret():
    remember("hunter2", "")
    text = "Hunter, hunter 2, %68unter, 3 hunters"
    assert cleaned(text) == masked(text) == text


def test_short_secrets_are_masked_only_as_words():
    remember("abc")
    assert cleaned("abc ABC cba abcd xabc a_abc [abc]") == "*** *** *** abcd xabc a_abc [***]"


def test_data_keeps_its_length_and_its_lines():
    remember("hunter2")
    assert masked("a hunter2\nb hun\r\nter2 c") == "a *******\nb ***\r\n**** c"


@pytest.mark.parametrize("text", ["\nhunter2", "\\hunter2", '"hunter2"', "\\\\\nhunter2\\", "é"])
def test_json_stays_json(text):
    remember("nhunter2", "hunter2", "hunter2\\")
    assert "hunter2" not in json.loads(masked(json.dumps({"key": text})))["key"]


def test_secrets_that_overlap_are_masked_as_one():
    remember("abcdef", "defghi")
    assert cleaned("-abcdefghi-") == "-***-"
    remember("xyxy")
    assert cleaned("-xyxyxy-") == "-***-"


def test_controls_are_escaped_and_length_is_bounded():
    assert cleaned("a\x1b[2J\u202eb\udc80\n") == "a\\x1b[2J\\u202eb\\udc80\\n"
    assert cleaned("x" * 12, 10) == "x" * 10 + "… (2 characters left out)"
    assert cleaned("x" * 10, 10) == "x" * 10
    assert len(cleaned("x" * 100_000)) < masking.MOST + 50


def test_log_ins_of_message_files_are_remembered():
    remember_login(b"api_id:1\r\nPassWord : s3cret, with blanks \rto:1\npassword:\xe4\xf6\xfcu\n")
    assert cleaned("S3CRET, WITH BLANKS and äöüu") == "*** and ***"
    masking.forget()
    remember_login(f"password:{PLACEHOLDER.password}\npassword:\ntext:password:no".encode())
    assert cleaned(f"{PLACEHOLDER.password} no") == f"{PLACEHOLDER.password} no"


#: Texts that make bad patterns slow.
WORST = {
    "blanks": " ",
    "controls": "\x1b",
    "string openers": "\x90",
    "titles": "\x1b]",
    "sequences": "\x1b[0",
    "escaped controls": "s\\x00",
    "backslashes": "\\",
    "octets": "%73",
    "zeros": "&#000",
    "entities": "&aaaa",
    "hex pairs": "73:",
    "beginnings": "secre\u200b",
    "secrets": "secrets-",
    "lines": "\n  ",
    "log-ins": "password \t:",
}


@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_time_grows_as_the_text(worst):
    remember("secrets-of-0")

    def seconds(length: int) -> float:
        text = worst * (length // len(worst))
        start = time.process_time()
        cleaned(text)
        masked(text)
        remember_login(text.encode("utf-8", "replace"))
        return time.process_time() - start

    short, long = min(seconds(20_000) for _ in range(3)), min(seconds(160_000) for _ in range(3))
    assert long < max(short, 0.002) * 20  # 8 for linear time, 64 for quadratic


def test_an_escape_in_a_line_costs_little():
    remember("Kw7vZq2Tb9", SECRET)
    line = json.dumps(
        {"files": [f"outbox/{n:06}-note.txt" for n in range(5)], "text": "Gruss  you"}
    )

    def seconds(text: str) -> float:
        start = time.process_time()
        for _ in range(2000):
            masked(text)
        return time.process_time() - start

    plain, escaped = line, line.replace("ss  ", "\\u00df & ")
    assert min(seconds(escaped) for _ in range(5)) < 6 * min(seconds(plain) for _ in range(5))


@pytest.mark.parametrize("text", ["Kw7vZq…", "'a Kw7v…'", "%4B%77%37%76…", "4b773776…", "9bT2qZ…"])
def test_the_beginning_of_a_secret_before_a_cut_is_masked(text):
    remember("Kw7vZq2Tb9")
    assert cleaned(text).replace("'a ", "").strip("'") in ("***…", "***…")


def test_three_characters_before_a_cut_are_no_secret():
    remember("Kw7vZq2Tb9")
    assert cleaned("Kw7…") == "Kw7…"


@pytest.mark.parametrize("text", ["K w 7 v Z q 2 T b 9", "say K  w 7 v Z q 2 T b 9 twice"])
def test_blanks_between_characters_hide_no_secret(text):
    remember("Kw7vZq2Tb9")
    assert not re.search(r"Z\s*q|2\s*T", cleaned(text))


@pytest.mark.parametrize(
    "text",
    [
        "553-password:Kw7vZ\n553-q2Tb9\n553 end",
        "530-Login incorrect: me/Kw7v\r\n530-Zq2Tb9\r\n530 bye",
        "553-S3c3dlpx\n553-MlRiOQ==",
        "K.w.7.v.Z.q.2.T.b.9",
        "530 K-w-7-v-Z-q-2-T-b-9",
        "K*w*7*v*Z*q*2*T*b*9",
        "['K', 'w', '7', 'v', 'Z', 'q', '2', 'T', 'b', '9']",
        "K\u00a0w\u00a07\u00a0v\u00a0Z\u00a0q\u00a02\u00a0T\u00a0b\u00a09",
        "K\u2009w\u20097\u2009v\u2009Z\u2009q\u20092\u2009T\u2009b\u20099",
        "75 119 55 118 90 113 50 84 98 57",
        "75, 119, 55, 118, 90, 113, 50, 84, 98, 57",
        "\uff2b\uff57\uff17\uff56\uff3a\uff51\uff12\uff34\uff42\uff19",
        "\u24c0\u24e67\u24e5\u24cf\u24e02\u24c9\u24d19",
        "K\u0332w\u03327\u0332v\u0332Z\u0332q\u03322\u0332T\u0332b\u03329",
    ],
)
def test_lines_of_replies_and_what_is_between_characters_hide_no_secret(text):
    remember("Kw7vZq2Tb9")
    shown = cleaned(text)
    assert not re.search("Kw7v|Zq2T|2Tb9|S3c3|MlRi|w.7|7.v|119|\uff57|\u24e6", shown)
    assert "***" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("553 bad line password:Kw7vZq2", "553 bad line password:***"),
        ("553 Kw7vZq2\n553 more", "553 ***\\n553 more"),
        ("Kw7v...", "***..."),
        ("…Tb9 and…2Tb9", "…Tb9 and…***"),
        ("Zq2Tb9 is wrong", "*** is wrong"),
        ("553 bad Kw7", "553 bad Kw7"),
        ("553 bad Kw7v", "553 bad ***"),
        ("553 bad Kw7v is", "553 bad Kw7v is"),
        ("2Tb9 is wrong\n553 Tb9", "*** is wrong\\n553 Tb9"),
    ],
)
def test_what_is_left_of_a_secret_at_a_cut_or_the_end_of_a_line_is_masked(text, shown):
    remember("Kw7vZq2Tb9")
    assert cleaned(text) == shown


@pytest.mark.parametrize("between", ["-", ".", ",", "*", " ", "\u2009", "\u00a0", "', '"])
def test_a_secret_with_separators_in_it_is_found_between_such(between):
    remember("Kw-7.v,Zq")
    assert cleaned(f"530 got: {between.join('Kw-7.v,Zq')}") in ("530 got: ***", "530 got:***")


@pytest.mark.parametrize("text", ["553 bad horse", "553 the best", "553 bad hors", "horse is late"])
def test_usual_words_that_begin_as_a_secret_are_shown(text):
    remember("horseradish-and-beetroot", "bestsellers-of-1999")
    assert cleaned(text) == text


def test_half_of_a_short_secret_is_masked_at_the_end_of_a_line():
    remember("Kw7vZq")
    assert cleaned("553 bad Kw7v") == "553 bad ***"
    assert cleaned("553 bad Kw7") == "553 bad Kw7"
    assert cleaned("7vZq is wrong") == "*** is wrong"


def test_a_long_reply_with_a_secret_takes_linear_time():
    remember("Kw7vZq2Tb9")
    times = []
    for lines in (2_000, 8_000):
        found = []
        for _ in range(3):
            start = time.process_time()
            cleaned("553-abc\n" * lines + "553 Kw7vZq2Tb9")
            found.append(time.process_time() - start)
        times.append(min(found))
    assert times[1] < 10 * times[0]
