"""The studio in a browser: a logo, a tune, a text, a card that is sent, the keyboard alone."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path

import pytest
from browsers import Tab
from command import NUMBER, files, smsenc
from PIL import Image
from places import ROOT
from simulated import simulator
from studios import studio

from converters.pipeline import items
from converters.received import export

SAMPLES = ROOT / "samples"
HEAVIEST = 150_000  # octets

#: Drops a file that the page gets from nowhere else than a test.
DROP = """({name, kind, octets}) => {
  const given = new DataTransfer();
  given.items.add(new File([new Uint8Array(octets)], name, {type: kind}));
  const event = new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true});
  document.body.dispatchEvent(event);
}"""
PASTE = """({name, octets}) => {
  const given = new DataTransfer();
  given.items.add(new File([new Uint8Array(octets)], name));
  const options = {clipboardData: given, bubbles: true, cancelable: true};
  const event = new ClipboardEvent("paste", options);
  document.body.dispatchEvent(event);
}"""
#: The pixels of the drawn image, as grey values of the page's own canvas.
PIXELS = """async () => {
  const image = document.getElementById("screen");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const found = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  return {width: canvas.width, height: canvas.height, pixels: Array.from(found)};
}"""
#: The octets of the sound that the page plays.
SOUND = """async () => {
  const answer = await fetch(document.getElementById("tone").src);
  return Array.from(new Uint8Array(await answer.arrayBuffer()));
}"""


@pytest.fixture(scope="module")
def smsc(tmp_path_factory):
    with simulator(tmp_path_factory.mktemp("smsc")) as found:
        yield found


@pytest.fixture(scope="module")
def place(smsc):
    address = f"smpp://me@127.0.0.1:{smsc.port}"
    with studio("--smsc", address, SMSENC_SMPP_PASSWORD="secret") as found:
        yield found


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def tab(request, browser, place):
    width = 360 if request.param else 1200
    with Tab(browser, place.root, dark=request.param, width=width) as found:
        found.page.goto(place.first)
        yield found
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def bright(browser, place):
    with Tab(browser, place.root) as found:
        found.page.goto(place.first)
        yield found


def drop(page, name):
    octets = list((SAMPLES / name).read_bytes())
    page.evaluate(DROP, {"name": name, "kind": "", "octets": octets})
    page.locator("#state .tag", has_text=name).wait_for()


def says(page, text):
    """Wait until the page says what was made."""
    page.locator("#said", has_text=re.compile(text)).wait_for()


def changes(page, work, text=""):
    """Do something that changes the result, and wait for the new one."""
    before = page.locator("#downloads a").first.get_attribute("href")
    work()
    page.wait_for_function(
        "before => { const a = document.querySelector('#downloads a');"
        " return a && a.getAttribute('href') !== before; }",
        arg=before,
    )
    if text:
        says(page, text)


def downloaded(page, label):
    with page.expect_download() as found:
        page.locator("#downloads a", has_text=label).click()
    return found.value.suggested_filename, Path(found.value.path()).read_bytes()


def test_a_logo_is_dropped_changed_and_downloaded(tab, tmp_path):
    page = tab.page
    tab.accessible()
    drop(page, "photo.jpg")
    says(page, "Caller icon, 1 part")
    tab.accessible()
    changes(page, lambda: page.get_by_label("Operator code").fill("262-07"), "Operator logo")
    changes(page, lambda: page.get_by_label("Dithering").select_option("atkinson"))
    changes(page, lambda: page.get_by_label("Threshold, slider").fill("90"))
    assert page.get_by_label("Threshold", exact=True).input_value() == "90"
    changes(page, lambda: page.get_by_label("Recipient's number").fill(NUMBER))
    name, octets = downloaded(page, "Message file")
    options = ("-O", "dither=atkinson", "-O", "threshold=90", "--mcc-mnc", "262-07")
    out = tmp_path / "out"
    done = smsenc("convert", SAMPLES / "photo.jpg", "--to", NUMBER, "--out", out, *options)
    assert done.returncode == 0, done.stderr
    assert files(out) == {name: octets}


def test_what_is_drawn_is_what_preview_draws(bright):
    page = bright.page
    drop(page, "logo.png")
    says(page, "Caller icon")
    changes(
        page, lambda: page.get_by_label("Becomes").select_option("picture-message"), "Picture m"
    )
    found = page.evaluate(PIXELS)
    octets = (SAMPLES / "logo.png").read_bytes()
    (item,) = items("logo.png", octets, options={"target": "picture-message"})
    with Image.open(io.BytesIO(export.preview(item.unwrap(), ".png").octets)) as expected:
        assert (found["width"], found["height"]) == expected.size
        assert bytes(found["pixels"]) == expected.convert("RGBA").tobytes()
    page.locator("#sheet summary").click()
    page.locator("#variants a").click()
    page.locator(".variants figure", has_text="Size 96x65").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('variants')")
    bright.accessible()


def test_a_tune_is_played_cut_and_edited(tab):
    page = tab.page
    drop(page, "ode-to-joy.mid")
    says(page, "Ringing tone, 1 part")
    whole = page.locator("#tune-notes").input_value()
    changes(page, lambda: page.get_by_label("Bars").fill("2"))
    page.wait_for_function(
        "whole => document.getElementById('tune-notes').value.length < whole", arg=len(whole)
    )
    notes = page.locator("#tune-notes").input_value()
    assert whole.startswith(notes[:-4])
    tab.accessible()
    (item,) = items(
        "ode-to-joy.mid", (SAMPLES / "ode-to-joy.mid").read_bytes(), options={"bars": "2"}
    )
    expected = export.preview(item.unwrap(), ".wav").octets
    played = bytes(page.evaluate(SOUND))
    assert samples(played) == samples(expected)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.getElementById('tone').currentTime > 0.2")
    page.locator(".cursor").wait_for()
    page.wait_for_function("parseFloat(document.querySelector('.cursor').style.left) > 36")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function("() => document.getElementById('tone').currentTime === 0")
    changed = notes.replace("b=125", "b=200")
    changes(page, lambda: page.locator("#tune-notes").fill(changed))
    page.locator("img[alt*='b=200']").wait_for()
    assert page.locator("#tune-notes").input_value() == changed
    tab.accessible()
    changes(page, lambda: page.get_by_role("button", name="Take the file again").click())
    page.locator("img[alt*='b=125']").wait_for()


def samples(octets):
    with wave.open(io.BytesIO(octets)) as file:
        return file.getparams(), file.readframes(file.getnframes())


def test_a_text_is_priced_as_it_is_typed(tab):
    page = tab.page
    text = page.get_by_label("Or a text")
    text.press_sequentially("Meet at 5")
    says(page, "^Text, 1 part, 8 octets$")
    text.press_sequentially(" – bring “it”. " + "x" * 60)
    says(page, "Text, 2 parts")
    assert "needs Unicode" in page.locator("#forces").inner_text()
    assert "would take 1 part less" in page.locator("#forces").inner_text()
    assert "1 part" in page.locator("#ways .good").inner_text()
    assert page.locator("#parts .part").count() == 2
    page.locator("summary", has_text="What each character costs").click()
    assert page.locator("tr.lacking").count() == 3
    tab.accessible()
    changes(page, lambda: page.get_by_label("Substitutes").select_option("typographic"))
    says(page, "Text, 1 part")
    assert text.input_value().startswith("Meet at 5 – bring")


def test_octets_are_explained(bright):
    page = bright.page
    page.evaluate(PASTE, {"name": "logo.png", "octets": list((SAMPLES / "logo.png").read_bytes())})
    says(page, "Caller icon")
    ports = page.locator(".field", has_text="15 83")
    ports.hover()
    about = page.locator(".about").first
    said = "destination: 5507 (0x1583, caller icon)"
    assert about.inner_text() == f"{said} (3GPP TS 23.040, 9.2.3.24.4)"
    page.locator(".field", has_text="0E").focus()
    assert about.inner_text().startswith("height: 14 pixels")
    ports.click()
    row = page.locator("tr:target")
    row.wait_for()
    assert row.inner_text().split("\t") == [
        *("16\N{EN DASH}17", "15 83", "destination"),
        *("5507 (0x1583, caller icon)", "3GPP TS 23.040, 9.2.3.24.4"),
    ]
    bright.accessible()


def test_a_card_is_sent_and_found_in_the_simulator(tab, smsc):
    page = tab.page
    smsc.forget()
    drop(page, "contacts-21.vcf")
    says(page, "Card, 3 parts")
    page.get_by_label("To number").fill(NUMBER)
    page.get_by_role("button", name="Send to").click()
    page.locator("#sent tr", has_text="Part 3 of 3").wait_for()
    assert page.locator("#sent .good").count() == 3
    tab.accessible()
    (found,) = smsc.wait(1)
    assert found["kind"] == "vcard"
    assert found["to"] == NUMBER
    assert found["content"]["name"] == "Zoë Müller"
    ids = page.locator("#sent code").all_inner_texts()
    assert len(set(ids)) == 3


def test_the_keyboard_alone(bright):
    page = bright.page
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.className === 'skip'")
    to(page, "text")
    page.keyboard.type("Hello – you" + "!" * 70)
    says(page, "Text, 2 parts")
    page.wait_for_function("document.activeElement.id === 'text'")
    to(page, "c-substitute")
    changes(page, lambda: page.keyboard.press("ArrowDown"), "Text, 1 part")
    page.wait_for_function("document.activeElement.id === 'c-substitute'")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Message file":
            break
    with page.expect_download() as found:
        page.keyboard.press("Enter")
    assert b"text:Hello - you!" in Path(found.value.path()).read_bytes()


def to(page, name):
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    pytest.fail(f"Tab does not reach {name}")


def test_pages_are_light(browser, place):
    seen = []
    with Tab(browser, place.root) as tab:
        page = tab.page
        page.on("response", lambda answer: seen.append(answer))  # noqa: PLW0108 - it needs attributes
        page.goto(place.first)
        drop(page, "contacts-21.vcf")
        says(page, "Card, 3 parts")
        page.wait_for_load_state("networkidle")
        weights = {one.url: int(one.headers["content-length"]) for one in seen}
    assert len(weights) > 6
    assert 80_000 < sum(weights.values()) < HEAVIEST, weights


def test_wrong_files_are_explained_in_a_line(bright):
    page = bright.page
    files_ = {"name": "<img src=x>.png", "mimeType": "image/png", "buffer": b"nothing"}
    page.set_input_files("#file", files_)
    page.locator("#result .problem").wait_for()
    assert "<img src=x>.png" in page.locator("#state").inner_text()
    assert page.locator("#result .problem").inner_text() == page.locator("#said").inner_text()
    bright.accessible()


def test_without_scripts(browser, place):
    with Tab(browser, place.root, scripts=False) as tab:
        page = tab.page
        page.goto(place.first)
        page.set_input_files("#file", SAMPLES / "ode-to-joy.mid")
        page.get_by_role("button", name="Show the file").click()
        assert "Ringing tone, 1 part" in page.locator("#said").inner_text()
        page.get_by_label("Bars").fill("2")
        page.get_by_role("button", name="Apply").click()
        assert "Ringing tone, 1 part" in page.locator("#said").inner_text()
        assert page.get_by_label("Bars").input_value() == "2"
        assert page.locator("audio").get_attribute("src").endswith("/preview.wav")
        with page.expect_download() as found:
            page.locator("#downloads a", has_text="AT commands").click()
        assert Path(found.value.path()).read_bytes().startswith(b"AT+CMGF=0")
        page.get_by_label("To number").fill(NUMBER)
        page.get_by_role("button", name="Send to").click()
        assert "accepted" in page.locator("main").inner_text()
        page.goto(place.first)
        page.get_by_label("Or a text").fill("Hello")
        page.get_by_role("button", name="Show the text").click()
        assert "Text, 1 part" in page.locator("#said").inner_text()
        assert page.get_by_label("Or a text").input_value() == "Hello"
