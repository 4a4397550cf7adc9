"""The studio without a browser: forms, downloads, what is refused, and what is kept."""

from __future__ import annotations

import asyncio
import io
import json
import re
import tempfile
import threading
import zipfile
from html import unescape

import pytest
from asgiclients import Client
from command import NUMBER, files, smsenc
from gateways import until
from places import ROOT

from converters.pipeline import items
from converters.received import export
from smsgate.smppclient import Smsc
from smsgate.web.forms import File, Form
from smsgate.web.problems import ProblemError
from smsgate.web.studio import app as studio
from smsgate.web.studio import asked, controls, prices
from smsgate.web.studio.app import Studio
from smsgate.web.studio.asked import Asked, Origin
from smsgate.web.studio.made import make
from smsgate.web.studio.store import Store
from smsgate.web.studio.work import Work

SAMPLES = ROOT / "samples"
EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def client():
    with Client(Studio().app("127.0.0.1")) as found:
        yield found


def token(client):
    return re.search('name="csrf" content="([0-9a-f]+)"', client.get("/").text)[1]


def shown(client, name="", octets=b"", *, script=False, **fields):
    """The page after the form was sent, as without a script unless told otherwise."""
    data = {"csrf": token(client), **{k.replace("__", "-"): str(v) for k, v in fields.items()}}
    sent = {"file": (name, octets)} if name else {"none": ("", b"")}
    headers = {"HX-Request": "true"} if script else {}
    return client.post("/", data=data, files=sent, headers=headers)


def sample(client, name, **fields):
    return shown(client, name, (SAMPLES / name).read_bytes(), **fields)


def made(answer):
    """The path of what was made."""
    return re.search('href="(/made/[^/"]+)/', answer.text)[1]


def line(answer):
    """The only line of what went wrong."""
    (found,) = re.findall('<p class="bad[^"]*">(.*?)</p>', answer.text, re.DOTALL)
    assert "\n" not in found
    return unescape(found)


# Without a script ---------------------------------------------------------------------------------


def test_a_logo_without_a_script(client):
    answer = sample(client, "logo.png", **{"o-mcc-mnc": "262-07", "to": NUMBER})
    assert answer.status_code == 200
    assert "Operator logo, 1 part, 140 octets" in answer.text
    root = made(answer)
    for path in ("preview.png", "ftp", "pdu", "at", "smstools", "json", "as.nol", "as.gif"):
        assert f'"{root}/{path}"' in answer.text
        assert client.get(f"{root}/{path}").status_code == 200, path
    kept = re.search('name="kept" value="([^"]+)"', answer.text)[1]
    again = shown(
        client, **{"from": "file", "kept": kept, "o-mcc-mnc": "262-07", "o-invert": "yes"}
    )
    assert "Operator logo, 1 part" in again.text
    assert client.get(f"{made(again)}/ftp").content != client.get(f"{root}/ftp").content


def test_a_tune_without_a_script_has_sound_and_notes(client):
    answer = sample(client, "ode-to-joy.mid", **{"o-bars": "2"})
    assert re.search(r'<audio [^>]*src="/made/[^/]+/preview.wav"', answer.text)
    assert client.get(f"{made(answer)}/preview.wav").content[:4] == b"RIFF"
    notes = unescape(re.search('name="notes"[^>]*>([^<]*)<', answer.text)[1])
    changed = shown(client, **{"from": "notes", "notes": notes.replace("125", "200")})
    assert (
        "tempo 200" in client.get(made(changed)).text
        or b"b=200" in client.get(f"{made(changed)}/as.rtttl").content
    )


def test_the_files_are_those_of_the_command(client, tmp_path):
    source = SAMPLES / "contacts-21.vcf"
    root = made(sample(client, source.name, to=NUMBER))
    for form in ("ftp", "pdu", "at", "smstools", "json"):
        out = tmp_path / form
        done = smsenc("convert", source, "--to", NUMBER, "--out", out, "--format", form)
        assert done.returncode == 0, done.stderr
        expected = [v for k, v in sorted(files(out).items()) if k.startswith("000001-")]
        answer = client.get(f"{root}/{form}")
        if len(expected) == 1:
            assert answer.content == expected[0]
        else:
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                assert [archive.read(one) for one in archive.namelist()] == expected
            single = client.get(f"{root}/{form}.2").content
            assert single == expected[1]


def test_previews_are_those_of_the_library(client):
    for name in ("logo.png", "ode-to-joy.mid", "meeting.ics"):
        payload = next(items(name, (SAMPLES / name).read_bytes())).unwrap()
        root = made(sample(client, name))
        assert client.get(f"{root}/preview.png").content == export.preview(payload, ".png").octets


def test_one_of_several_messages_is_chosen(client):
    octets = (SAMPLES / "contacts-21.vcf").read_bytes() + (SAMPLES / "contacts-30.vcf").read_bytes()
    first = shown(client, "all.vcf", octets)
    kept = re.search('name="kept" value="([^"]+)"', first.text)[1]
    labels = re.findall('<option value="[0-9]+"[^>]*>([0-9]+: [^<]*)<', first.text)
    assert len(labels) > 1
    second = shown(client, **{"from": "file", "kept": kept, "item": 2})
    assert client.get(f"{made(second)}/ftp").content != client.get(f"{made(first)}/ftp").content


def test_other_phones_and_every_way_to_draw(client):
    root = made(sample(client, "logo.png", **{"o-mcc-mnc": "262-07"}))
    found = client.get(f"{root}/variants").text
    for label in ("Picture message", "EMS picture, 32x32", "Size 84x48"):
        assert label in found
    drawn = re.findall('src="(/made/[^"]+/preview.png)"', found)
    assert len(drawn) > 8
    assert client.get(drawn[0]).content.startswith(b"\x89PNG")
    assert client.get(f"{root}/sheet.png").headers["Content-Type"] == "image/png"
    tune = made(sample(client, "ode-to-joy.mid"))
    assert "Nokia 7110" in client.get(f"{tune}/variants").text
    assert client.get(f"{tune}/sheet.png").status_code == 422


def test_notes_that_are_wrong_stay_to_be_mended(client):
    state = {"from": "notes", "shown": "rtttl:"}
    answer = shown(client, notes="x:d=4:c,d,<b>", **state)
    assert answer.status_code == 422
    assert 'name="notes"' in answer.text
    assert "x:d=4:c,d,&lt;b&gt;" in answer.text


# With a script ------------------------------------------------------------------------------------


def test_a_script_gets_the_result_and_the_controls_that_changed(client):
    first = sample(client, "logo.png", script=True)
    assert 'id="controls" hx-swap-oob' in first.text
    assert "<html" not in first.text
    state = dict(re.findall('name="(from|kept|shown)" value="([^"]*)"', first.text))
    second = shown(client, script=True, **state)
    assert 'id="controls"' not in second.text
    assert "Caller icon" in second.text
    third = shown(client, script=True, text="hello", **(state | {"from": "text"}))
    assert 'id="controls" hx-swap-oob' in third.text


def test_options_of_another_format_are_not_taken_along(client):
    first = sample(client, "logo.png")
    state = dict(re.findall('name="(from|kept|shown)" value="([^"]*)"', first.text))
    answer = sample(client, "ode-to-joy.mid", **state, **{"o-target": "caller-icon"})
    assert "Ringing tone" in answer.text


# Texts --------------------------------------------------------------------------------------------


def words(answer):
    """A page as text with single spaces."""
    return " ".join(unescape(answer.text).split())


def text(client, written, **fields):
    return shown(client, text=written, **{"from": "text"}, **fields)


def test_a_text_is_priced(client):
    answer = text(client, "Smart quotes “cost” a lot: " * 6)
    page = words(answer)
    assert "Unicode (UCS-2), 162 units, 3 parts" in page
    assert "Not in GSM 7-bit, so the text needs Unicode:" in page
    assert "it would take 1 part less: 2." in page
    assert "Substitutes for quotation marks, dashes and spaces: 2 parts" in page
    cheaper = text(client, "Smart quotes “cost” a lot: " * 6, substitute="typographic")
    assert "Text, 2 parts" in cheaper.text
    assert "sent as '\"'" in unescape(cheaper.text)


def test_a_national_table_is_for_pdus_only(client):
    answer = words(text(client, "İyi akşamlar, değerli müşterimiz", language="turkish"))
    assert "GSM 7-bit, " in answer
    assert "Message file: a message file cannot carry text with a header" in answer


def test_characters_cost_what_they_take():
    made_ = make(Asked(name="text", origin=Origin.TEXT), "a€[".encode())
    found = prices.price(made_)
    costs = {one.shown: (one.cost.units, one.cost.septets) for one in found.characters}
    assert costs == {"a": (1, 1), "€": (2, 2), "[": (2, 2)}
    assert [[(run.text, run.units) for run in part] for part in found.parts] == [
        [("a", 1), ("€[", 2)]
    ]


def test_an_empty_text_is_nothing(client):
    answer = text(client, "  ")
    assert answer.status_code == 200
    assert "Choose a source" in answer.text


def test_long_texts_make_no_long_pages(client):
    answer = text(client, "".join(map(chr, range(0x4E00, 0x4E00 + 9000))))
    assert len(answer.content) < 100_000
    assert "and 125 more parts" in words(answer)


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("a.png", b""),
        ("a.png", (SAMPLES / "logo.png").read_bytes()[:60]),
        ("a.mid", b"MThd\0\0\0\6\0\0\0\1\0"),
        ("a.vcf", b"BEGIN:VCARD\r\nVERSION:2.1"),
        ("a.exe", b"MZ\x90\0\3"),
        ("a.png", (SAMPLES / "meeting.ics").read_bytes()),
        ("a.rtttl", b"no notes"),
        (EVIL, b"\0\1\2"),
    ],
)
def test_a_wrong_file_gives_one_line(client, name, octets):
    answer = shown(client, name, octets)
    assert answer.status_code == 422
    assert line(answer)
    assert "<script>alert" not in answer.text
    again = shown(client, name, octets, script=True)
    assert again.status_code == 200
    assert line(again) == line(answer)


def test_a_wrong_option_gives_one_line(client):
    answer = sample(client, "logo.png", **{"o-mcc-mnc": EVIL})
    assert "mcc-mnc" in line(answer)
    assert "number" in line(sample(client, "logo.png", to="12a"))
    assert "expected all" in line(text(client, "a", language=EVIL))


def test_a_huge_file_is_refused(client, monkeypatch):
    monkeypatch.setattr(studio, "LARGEST", 10_000)
    answer = shown(client, "a.png", bytes(20_000))
    assert answer.status_code == 413
    assert line(answer) == "Too large: expected at most 9 KB"


def test_no_file_comes_to_a_disk(client, monkeypatch):
    def refuse(_file):
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    answer = shown(client, "large.bin", b"\x01" * (3 << 20))
    assert answer.status_code == 422
    assert line(answer)


def test_without_the_token_nothing_is_made(client):
    client.get("/")
    assert client.post("/", data={"from": "text", "text": "a"}).status_code == 403
    assert client.post("/made/x/send", data={"to": NUMBER}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_another_host_is_refused(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 403


def test_another_origin_is_refused(client):
    headers = {"Origin": "http://evil.example"}
    assert client.post("/", data={"csrf": token(client)}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        f"{EVIL}.png",
        '../../etc/passwd\r\nSet-Cookie: a="b".png',
        'a";filename="b.exe.png',
        "\u202egnp.exe.png",
        "x" * 5000 + ".png",
        "/etc/passwd",
        "ünïcödé 😀.png",
    ],
)
def test_hostile_names_are_text_and_no_header(client, name):
    octets = (SAMPLES / "logo.png").read_bytes()
    answer = shown(client, name, octets, kind="")
    assert "<script>alert" not in answer.text
    if answer.status_code == 200:
        for path in ("ftp", "as.png", "preview.png", "at", "sheet.png"):
            header = client.get(f"{made(answer)}/{path}").headers["Content-Disposition"]
            assert re.fullmatch(r'(attachment|inline); filename="[a-z0-9.-]{1,80}"', header), header


def test_hostile_contents_are_text(client):
    card = (
        f"BEGIN:VCARD\r\nVERSION:2.1\r\nN:{EVIL}\r\nTEL:+447700900123\r\nNOTE:{EVIL}\r\nEND:VCARD"
    )
    tune = f"{EVIL[:15]}:d=4,o=5,b=100:c,d,e"
    for name, octets in (("a.vcf", card), ("a.rtttl", tune), ("a.txt", EVIL * 3)):
        answer = shown(client, name, octets.encode())
        assert "<script>" not in answer.text.replace("<script src=", "")
        assert "&lt;script&gt;alert" in answer.text or "&#34;&gt;&lt;script" in answer.text
    assert EVIL not in text(client, EVIL).text


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "..%2f..%2fetc",
        "as",
        "as.exe",
        "ftp.0",
        "ftp.99",
        "ftp.x",
        "preview.mp3",
        ".",
        "pdu.1.2",
    ],
)
def test_there_are_no_other_files(client, path):
    root = made(sample(client, "logo.png"))
    answer = client.get(f"{root}/{path}")
    assert answer.status_code in (404, 422)
    assert b"root:" not in answer.content


def test_a_key_that_is_not_kept(client):
    assert client.get("/made/AAAA/ftp").status_code == 404
    answer = shown(client, **{"from": "file", "kept": "AAAA"})
    assert "not kept any more" in line(answer)
    assert "Choose a file" in line(shown(client, **{"from": "file"}))


def test_what_is_kept_is_bounded():
    store = Store(3, 100)
    keys = [store.put(n, 10) for n in range(5)]
    assert [store.get(key) for key in keys] == [None, None, 2, 3, 4]
    store.get(keys[2])
    big = store.put("big", 95)
    assert [store.get(key) for key in keys] == [None] * 5
    assert store.get(big) == "big"
    assert store.put("huge", 500)
    assert len(store) == 1
    assert len({*keys, big}) == 6
    assert all(len(key) >= 20 for key in keys)


def test_without_a_message_centre_nothing_is_sent(client):
    root = made(sample(client, "logo.png"))
    assert "Send to" not in client.get("/").text
    answer = client.post(f"{root}/send", data={"csrf": token(client), "to": NUMBER})
    assert answer.status_code == 404


def test_a_message_centre_that_is_not_there_gives_one_line(monkeypatch):
    monkeypatch.setattr("smsgate.web.studio.sending._PATIENCE", 0.2)
    nowhere = Smsc(host="127.0.0.1", port=1, user="me", password="s3cr3tpw")
    with Client(Studio(nowhere).app("127.0.0.1")) as client:
        answer = sample(client, "logo.png")
        assert "Send to 127.0.0.1:1" in answer.text
        for number, why in ((NUMBER, "connect"), ("12x", "number")):
            sent = client.post(f"{made(answer)}/send", data={"csrf": token(client), "to": number})
            assert why in line(sent)
            assert "s3cr3tpw" not in sent.text


def test_with_a_key_nothing_is_open_without_it():
    nowhere = Smsc(host="127.0.0.1", port=1, user="me", password="s3cr3tpw")
    with Client(Studio(nowhere, "k3y").app("127.0.0.1"), "http://127.0.0.1:8026") as client:
        for path in ("/", "/?key=", "/?key=k3x", "/?key=%FF", "/made/1/message.txt", "/nothing"):
            answer = client.get(path)
            assert answer.status_code == 403, path
            assert "Open the address that smsenc studio has printed" in line(answer)
        assert client.get("/static/app.css").status_code == 200
        for path in ("/", "/made/1/send", "/?key=k3y1"):
            assert client.post(path, data={"csrf": "x"}).status_code == 403
        answer = client.get("/?key=k3y")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert "key=" not in answer.headers["Location"]
        cookie = answer.headers["Set-Cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "Send to 127.0.0.1:1" in sample(client, "logo.png").text


def test_few_conversions_run_at_a_time():
    async def go():
        work, gate, running = Work(at_a_time=2, most=4), threading.Event(), []

        def convert(number):
            running.append(number)
            gate.wait(20)
            return number

        tasks = [asyncio.create_task(work(convert, n)) for n in range(4)]
        await asyncio.to_thread(until, lambda: len(running) == 2)
        with pytest.raises(ProblemError, match="Too many conversions"):
            await work(convert, 5)
        assert len(running) == 2
        gate.set()
        assert await asyncio.gather(*tasks) == [0, 1, 2, 3]
        assert await work(convert, 6) == 6

    asyncio.run(go())


# Values -------------------------------------------------------------------------------------------


def test_a_form_becomes_what_is_asked_for():
    form = Form(
        {
            "from": "file",
            "kept": "k",
            "shown": "midi:k",
            "o-bars": " 4 ",
            "o-track": "",
            "item": "2",
        },
    )
    found = asked.asked(form, asked.origin_of(form), "a.mid", "k")
    assert (found.options, found.item, found.origin) == ({"bars": "4"}, 2, Origin.FILE)
    sent = Form(form.fields, (File("b.mid", b"x"),))
    assert asked.asked(sent, asked.origin_of(sent), "b.mid", "new").item == 1


def test_every_option_has_a_control():
    octets = (SAMPLES / "ode-to-joy.mid").read_bytes()
    one = Asked(name="a.mid", origin=Origin.FILE, options={"bars": "4"})
    found = {c.name: c for c in controls.controls(make(one, octets).converter, one, octets)}
    assert found["o-bars"].value == "4"
    assert (found["o-transpose"].least, found["o-transpose"].most) == (-48, 48)
    assert found["o-transpose"].slider
    assert found["o-quantise"].value == "yes"
    assert [value for value, _ in found["o-track"].choices] == ["", "2", "3"]
    assert [value for value, _ in found["o-phone"].choices][:3] == ["", "7110", "3310"]
    assert json.dumps([c.hint for c in found.values()])
