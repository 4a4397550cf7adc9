"""The inbox in a browser, with what our own commands send to the simulator."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import subprocess
import threading

import pytest
from browsers import Tab
from command import COMMAND, environment
from gateways import HOST, Gateway, Smsc, until
from PIL import Image
from places import ROOT

from converters.received import export
from smsenc.messagefile.logs import Reply, read_replies
from smsenc.smpp import mapping
from smsenc.smpp.pdus import SubmitSm
from smsgate.smppclient import Client
from smsgate.smppclient import Smsc as Centre

SAMPLES = ROOT / "samples"
PHONE, OTHER, NUMBER = "447700900123", "447700900124", "448311000000"
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;Jane\r\nTEL;TYPE=CELL:+447700900456\r\nEND:VCARD\r\n"
EVIL = "<script>document.title='broken'</script><img src=x onerror=alert(1)>"
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture(scope="module")
def smsc(tmp_path_factory):
    with Smsc(tmp_path_factory.mktemp("inbox") / "smsc") as found:
        yield found


@pytest.fixture
def tab(browser, smsc):
    with tab_of(browser, smsc) as found:
        yield found


def tab_of(browser, server, **given):
    return Tab(browser, f"http://{HOST}:{server.http_port}", **given)


def words(smsc, path, to):
    centre = f"smpp://me@{HOST}:{smsc.port}"
    return (*COMMAND, "send", str(path), "--to", to, "--from", NUMBER, "--smsc", centre)


def send(smsc, path, to=PHONE, *more):
    """Have ``smsenc send`` send a file."""
    command = [*words(smsc, path, to), *more]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def write(smsc, folder, text, to=PHONE):
    """The same with a text."""
    path = folder / "message.txt"
    path.write_text(text, "utf-8")
    send(smsc, path, to, "--as", "text")


def preview(name, suffix):
    """What the library shows of a sample."""
    octets = (SAMPLES / name).read_bytes()
    return export.previewed([(name, octets)], suffix, {}).octets


def submit(smsc, bodies):
    """Submit many messages at once, in a thread with a loop of its own."""

    async def go():
        async with Client(Centre(host=HOST, port=smsc.port, user="me", password="x")) as client:
            await asyncio.gather(*(client.submit(one) for one in bodies))

    thread = threading.Thread(target=lambda: asyncio.run(go()))
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def texts(count, to=PHONE):
    source, destination = mapping.address(NUMBER), mapping.address(to)
    for n in range(count):
        said = f"Message {n} of many, long enough to be like what people write. ".encode()
        yield SubmitSm(
            source_addr=source, destination_addr=destination, short_message=said.ljust(140, b".")
        )


def newest(tab, path="/inbox/"):
    """Open the newest message of a list."""
    tab.page.goto(tab.url(path))
    tab.page.locator(".message > a").first.click()
    tab.page.wait_for_selector("h1:has-text('Message')")


GET = """async (path) => {
    const octets = new Uint8Array(await (await fetch(path)).arrayBuffer());
    return btoa(Array.from(octets, (one) => String.fromCharCode(one)).join(""));
}"""
PIXELS = """async (image) => {
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return [canvas.width, canvas.height,
            Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data)];
}"""


def test_a_card_a_logo_and_a_tune_are_as_the_phone_has_them(smsc, tab, tmp_path):
    (tmp_path / "jane.vcf").write_bytes(CARD)
    send(smsc, tmp_path / "jane.vcf")
    newest(tab)
    fields = tab.page.locator(".phone .card")
    for said in ("Business card", "Jane Doe", "Phone (cell)", "+447700900456"):
        assert said in fields.inner_text()
    tab.page.locator("summary").first.click()
    octets = tab.page.locator(".pdu").first.inner_text()
    for said in ("ports-16", "05 04 23 F4 00 00", "destination 9204", "esm_class"):
        assert said in octets
    tab.accessible()

    send(smsc, SAMPLES / "logo.png")
    newest(tab)
    width, height, pixels = tab.page.locator("img.screen").evaluate(PIXELS)
    image = Image.open(io.BytesIO(preview("logo.png", ".png"))).convert("RGBA")
    assert (width, height) == image.size
    assert bytes(pixels) == image.tobytes()
    tab.accessible()

    send(smsc, SAMPLES / "ode-to-joy.mid")
    newest(tab)
    source = tab.page.locator("audio").get_attribute("src")
    assert base64.b64decode(tab.page.evaluate(GET, source)) == preview("ode-to-joy.mid", ".wav")
    tab.page.get_by_role("button", name="Play").click()
    tab.page.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    tab.page.get_by_role("button", name="Stop").click()
    tab.page.wait_for_function("() => document.querySelector('audio').currentTime === 0")
    tab.page.get_by_role("button", name="Play").wait_for()
    tab.accessible()


def test_a_message_that_comes_appears_and_is_marked_and_found(smsc, tab, tmp_path):
    page = tab.page
    page.goto(tab.url("/inbox/"))
    write(smsc, tmp_path, "The first of two", OTHER)
    row = page.locator(".message", has_text="The first of two")
    row.wait_for()
    phone = page.locator(".phones a", has_text=OTHER)
    assert phone.inner_text().split() == [OTHER, "1", "unread,", "of", "/1"]
    before = page.locator("#unread").inner_text()
    row.locator("a").first.focus()
    write(smsc, tmp_path, EVIL, OTHER)
    page.locator(".message", has_text="<script>").wait_for()
    page.wait_for_function(
        "(said) => document.getElementById('unread').innerText !== said", arg=before
    )
    assert phone.inner_text().split()[1:] == ["2", "unread,", "of", "/2"]
    # The list was replaced around it.
    page.wait_for_function("document.activeElement.innerText.includes('The first of two')")

    row.locator("a").first.click()
    page.get_by_role("button", name="Mark as unread").wait_for()  # opened, so read
    page.get_by_label("Tag").fill("<b>for later</b>")
    page.get_by_role("button", name="Add tag").click()
    page.get_by_role("link", name="<b>for later</b>").wait_for()
    page.goto(tab.url("/inbox/"))
    assert phone.inner_text().split()[1:] == ["1", "unread,", "of", "/2"]
    page.get_by_label("Words in messages").fill("FIRST two")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/?q=FIRST+two*")
    assert page.locator(".message").count() == 1
    page.locator(".message .tag").click()
    page.wait_for_url(re.compile("[?]tag="))
    assert page.locator(".message").count() == 1
    page.get_by_role("link", name="Show all").click()
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Kind").select_option("text")
    page.get_by_label("unread only").check()
    page.get_by_role("button", name="Search").click()
    page.locator(".message", has_text="<script>").wait_for()
    assert page.locator(".message", has_text="The first of two").count() == 0
    page.locator(".message", has_text="<script>").locator("a").first.click()
    assert page.locator(".text").inner_text() == EVIL
    assert page.title() != "broken"


def test_a_reply_is_typed_and_is_in_the_log_of_replies(smsc, tab, tmp_path):
    with Gateway(tmp_path / "data", smsc.port) as gateway:
        file = gateway.account.file("text:Shall we?", f"from:{NUMBER}", f"to:{PHONE}")
        gateway.upload("a.txt", file)
        gateway.log("a.txt")
        gateway.settled()
        newest(tab, f"/inbox/?to={PHONE}")
        assert tab.page.locator(".text").inner_text() == "Shall we?"
        tab.page.get_by_role("link", name=f"Reply as {PHONE}").click()
        assert "GSM 7-bit: 1 part" in tab.page.locator("#cost").inner_text()
        tab.page.get_by_label("Text").fill("Да, " * 20)
        cost = tab.page.locator("#cost", has_text="UCS-2: 2 parts, room for 54 more")
        cost.wait_for()
        tab.accessible()
        tab.page.get_by_role("button", name="Send").click()
        tab.page.locator("#said", has_text="Sent in 2 parts.").wait_for()
        path = gateway.folder() / "mo.log"
        until(lambda: path.exists() and read_replies(path.read_bytes()))
        (reply,) = read_replies(path.read_bytes())
        assert isinstance(reply, Reply)
        assert (reply.handset, reply.to, reply.text) == (PHONE, NUMBER, "Да, " * 20)


def test_faults_are_switched_on_and_off(smsc, tab, tmp_path):
    page = tab.page
    page.goto(tab.url("/inbox/network"))
    page.get_by_label("Throttle").fill("100")
    page.get_by_role("button", name="Apply").click()
    page.locator("#said", has_text="The network behaves so from now on.").wait_for()
    tab.accessible()
    (tmp_path / "late.txt").write_text("Throttled")
    with subprocess.Popen(
        words(smsc, tmp_path / "late.txt", PHONE), env=environment(), stdout=subprocess.PIPE
    ) as sending:
        until(lambda: page.reload() and page.get_by_text("so far)").count())
        page.goto(tab.url("/inbox/"))
        assert page.get_by_text("The network has faults at the moment.").count() == 1
        assert page.locator(".message", has_text="Throttled").count() == 0
        assert sending.poll() is None
        page.goto(tab.url("/inbox/network"))
        page.get_by_role("button", name="Switch all faults off").click()
        page.locator("#said", has_text="All faults are off.").wait_for()
        assert sending.wait(60) == 0
    page.goto(tab.url("/inbox/"))
    assert page.locator(".message", has_text="Throttled").count() == 1


def test_a_receipt_by_hand_reaches_the_gateway_around_and_messages_are_deleted(browser, tmp_path):
    with Gateway(tmp_path / "data") as gateway, tab_of(browser, gateway) as tab:
        page = tab.page
        page.goto(tab.url("/inbox/network"))
        page.get_by_label("User name").fill(gateway.ready["admin"]["user"])
        page.get_by_label("Password").fill(gateway.ready["admin"]["password"])
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Never").fill("100")
        page.get_by_role("button", name="Apply").click()
        page.locator("#said", has_text="behaves so").wait_for()
        for name in ("a.txt", "b.txt"):
            file = gateway.account.file(f"text:In {name}", f"from:{NUMBER}", f"to:{PHONE}")
            gateway.upload(name, file)
        until(lambda: gateway.settled()["sent"] == 2)
        newest(tab)
        assert page.locator("#state-now").inner_text() == "accepted"
        page.get_by_label("State").select_option("failed")
        page.get_by_role("button", name="Set state").click()
        page.locator("#said", has_text="State set, 1 receipt sent.").wait_for()
        assert page.locator("#state-now").inner_text() == "failed"
        until(lambda: gateway.counts() == {"sent": 1, "failed": 1}, lambda: str(gateway.counts()))

        page.get_by_role("link", name="Delete").click()
        page.get_by_role("link", name="Keep").click()
        page.get_by_role("link", name="Delete").click()
        tab.accessible()
        page.get_by_role("button", name="Delete").click()
        page.locator("#said", has_text="1 message deleted.").wait_for()
        assert page.locator(".message").count() == 1
        page.locator(".phones a", has_text=PHONE).click()
        page.get_by_role("link", name=f"Delete all to {PHONE}").click()
        page.get_by_role("button", name="Delete").click()
        page.locator("#said", has_text="1 message deleted.").wait_for()
        assert "No message has come yet" in page.locator("main").inner_text()


# --- For everyone ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(tmp_path_factory, smsc):
    """The simulator with 500 messages, and some of each kind."""
    folder = tmp_path_factory.mktemp("full")
    submit(smsc, texts(500))
    names = ("contacts-30.vcf", "logo.png", "ode-to-joy.mid", "meeting.ics", "photo.jpg")
    for name in names:
        send(smsc, SAMPLES / name)
    write(smsc, folder, "Привет, как дела? " * 20, OTHER)
    return smsc


#: Messages of a list that are of different kinds.
KINDS = 6
OPEN = "for (const one of document.querySelectorAll('details')) one.open = true"
PAGES = ("/", f"/?to={OTHER}", "/?q=nothing&kind=text", "/reply", "/network", "/api", "/delete")


@THEMES
def test_every_page_is_accessible_and_fits_a_phone(browser, full, dark):
    with tab_of(browser, full, dark=dark) as tab:
        tab.page.goto(tab.url("/inbox/"))
        links = tab.page.locator(".message > a")
        seen = [str(link.get_attribute("href")) for link in links.all()[:KINDS]]
        seen += [f"/inbox{path}" for path in PAGES]
        seen += [f"{seen[0]}/parts/1", "/inbox/messages/0"]
        for path in seen:
            tab.page.set_viewport_size({"width": 1200, "height": 900})
            tab.page.goto(tab.url(path))
            tab.page.evaluate(OPEN)
            tab.accessible()
            tab.page.set_viewport_size({"width": 360, "height": 740})
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360, path
        for path in ("/inbox/", seen[0], "/inbox/network"):
            tab.page.goto(tab.url(path))
            tab.accessible()


def test_no_page_is_heavy(browser, full):
    with tab_of(browser, full) as tab:
        tab.page.goto(tab.url("/inbox/"))
        links = tab.page.locator(".message > a").all()[:KINDS]
        paths = [str(link.get_attribute("href")) for link in links]
    for path in ("/inbox/", *paths, "/inbox/network"):
        with tab_of(browser, full) as tab:
            answers = []
            tab.page.on("response", lambda one, found=answers: found.append(one))
            tab.page.goto(tab.url(path))
            tab.page.wait_for_load_state()
            assert tab.page.locator(".message").count() <= 25
            octets = {
                one.url: len(one.body())
                for one in answers
                if "event-stream" not in one.headers["content-type"]
            }
            assert 60_000 < sum(octets.values()) < 150_000, (path, octets)


def test_the_keyboard_is_enough(browser, full):
    with tab_of(browser, full) as tab:
        page, keys = tab.page, tab.page.keyboard
        page.goto(tab.url("/inbox/"))
        keys.press("Tab")
        page.wait_for_function("document.activeElement.className === 'skip'")
        keys.press("Enter")
        to(page, "document.activeElement.id === 'q'")
        keys.type("dela? как")
        keys.press("Enter")
        page.wait_for_url("**/?q=*")
        page.goto(tab.url(f"/inbox/?to={OTHER}"))
        to(page, "document.activeElement.id.startsWith('m-')")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        keys.press("Enter")
        page.wait_for_selector("h1:has-text('Message')")
        page.get_by_role("button", name="Mark as unread").wait_for()
        to(page, "document.activeElement.id === 'tag'")
        keys.type("by keyboard")
        keys.press("Enter")
        page.get_by_role("button", name="Remove tag by keyboard").wait_for()
        page.wait_for_function("document.activeElement.id === 'tag'")  # the focus is kept
        to(
            page,
            "document.activeElement.value === 'by keyboard'",
        )
        keys.press("Enter")
        page.locator("#said", has_text="Tag removed.").wait_for()
        page.wait_for_function("() => document.activeElement.id === 'tag'")
        to(page, "document.activeElement.innerText.startsWith('Reply as')")
        keys.press("Enter")
        page.wait_for_selector("textarea")
        to(page, "document.activeElement.tagName === 'TEXTAREA'")
        keys.type("Yes")
        keys.press("Tab")
        keys.press("Enter")
        page.locator("#said", has_text="Sent in 1 part.").wait_for()


def to(page, condition):
    """Press Tab until something has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    raise AssertionError(condition)


def test_without_scripts_all_works(browser, full, tmp_path):
    with tab_of(browser, full, scripts=False) as tab:
        page = tab.page
        write(full, tmp_path, "Without scripts", OTHER)
        newest(tab, f"/inbox/?to={OTHER}")
        page.get_by_role("button", name="Mark as read").click()
        page.get_by_role("button", name="Mark as unread").wait_for()
        page.get_by_label("Tag").fill("plain")
        page.get_by_role("button", name="Add tag").click()
        page.get_by_role("button", name="Remove tag plain").click()
        page.get_by_role("link", name="Reply as").click()
        page.get_by_label("Text").fill("Plainly")
        page.get_by_role("button", name="Send").click()
        page.get_by_text("Sent in 1 part.").wait_for()
        newest(tab, f"/inbox/?to={OTHER}")
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete").click()
        page.get_by_text("1 message deleted.").wait_for()
