"""What all pages have: headers, tokens, bounded forms, escaping, live parts, words."""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path

import pytest
from asgiclients import Client
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route

import smsgate.web
from smsgate.web import assets, live, texts
from smsgate.web.application import application
from smsgate.web.forms import form_of
from smsgate.web.headers import HEADERS
from smsgate.web.live import Live
from smsgate.web.pages import Site, page
from smsgate.web.problems import ProblemError
from smsgate.web.visits import COOKIE, Visits

FOLDER = Path(smsgate.web.__file__).parent
COMMANDS = FOLDER.parent / "cli"
SITE = Site(title="problems.title")
told = []


async def show(request):
    return page(request, "problem.html", line=request.query_params.get("line", ""))


async def post(request):
    form = await form_of(request, largest=2000, files=1)
    return HTMLResponse(f"{dict(form.fields)} {[(f.name, len(f.octets)) for f in form.files]}")


async def fail(_request):
    raise ZeroDivisionError("secret")


@pytest.fixture
def client():
    told.clear()
    routes = [
        Route("/", show),
        Route("/form", post, methods=["POST"]),
        Route("/fail", fail),
    ]
    app = application(SITE, routes, [Middleware(Visits)], told.append)
    with Client(app) as found:
        yield found


def token(client):
    return re.search('name="csrf" content="([0-9a-f]+)"', client.get("/").text)[1]


@pytest.mark.parametrize("path", ["/", "/none", "/fail", "/static/app.css", "/form"])
def test_every_answer_has_the_headers(client, path):
    answer = client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] in ("no-store", "no-cache")


def test_an_error_of_ours_is_told_and_not_shown(client):
    answer = client.get("/fail")
    assert answer.status_code == 500
    assert "Internal error" in answer.text
    assert "secret" not in answer.text
    assert told == ["internal error in the pages: ZeroDivisionError: secret"]


def test_what_is_shown_is_text(client):
    shown = client.get("/", params={"line": "<script>alert(1)</script>"}).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown


@pytest.mark.parametrize("sent", [{}, {"csrf": "0" * 64}, {"csrf": "ä"}])
def test_a_form_without_the_token_is_refused(client, sent):
    client.get("/")
    assert client.post("/form", data=sent).status_code == 403


def test_a_token_is_of_one_visit(client):
    found = token(client)
    assert client.post("/form", data={"csrf": found, "a": "1"}).text == "{'a': '1'} []"
    client.cookies.set(COOKIE, "0" * 32)
    assert client.post("/form", data={"csrf": found}).status_code == 403


def test_a_script_sends_the_token_as_header(client):
    sent = {"X-CSRF-Token": token(client)}
    assert client.post("/form", data={"a": "1"}, headers=sent).text == "{'a': '1'} []"


def test_the_cookie_is_for_us_alone(client):
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Set-Cookie" not in client.get("/").headers


def test_files_are_bounded(client):
    sent = {"X-CSRF-Token": token(client)}
    small = client.post("/form", files={"file": ("a.txt", b"x" * 1000)}, headers=sent)
    assert small.text == "{} [('a.txt', 1000)]"
    large = client.post("/form", files={"file": ("a.txt", b"x" * 3000)}, headers=sent)
    assert large.status_code == 413
    assert "expected at most" in large.text
    many = [("file", ("a", b"1")), ("file", ("b", b"2"))]
    assert client.post("/form", files=many, headers=sent).status_code == 400


@pytest.mark.parametrize("charset", ["unicode_escape", "undefined", "punycode", "utf-7", "none"])
def test_a_form_is_in_utf_8_whatever_it_says(client, charset):
    sent = {"X-CSRF-Token": token(client)}
    sent["Content-Type"] = f"multipart/form-data; charset={charset}; boundary=x"
    body = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\\ud800 é\r\n--x--\r\n'
    answer = client.post("/form", content=body.encode(), headers=sent)
    assert answer.text == f"{ {'a': chr(92) + 'ud800 é'} } []".replace("{ ", "{").replace(" }", "}")


def test_a_script_gets_the_problem_alone(client):
    answer = client.get("/none", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.text.strip() == '<p class="bad">There is no such page</p>'


def test_assets_stay_as_long_as_they_are_the_same(client):
    path = assets.address("app.css")
    assert client.get(path).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/..%2fpages.py").status_code == 404


# Live parts ---------------------------------------------------------------------------------------


async def events(answer, count):
    """The first pieces of a stream."""
    found, over = [], asyncio.Event()

    async def receive():
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if body := message.get("body"):
            found.append(body.decode())
        if len(found) >= count:
            over.set()

    await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    return found


def test_all_who_look_share_one_content():
    async def go():
        pages = Live(interval=0.01)

        async def render():
            made.append(1)
            return f"<b>{len(made) // 5}</b>\n<i></i>"

        streams = [pages.response("queue", render, "queue") for _ in range(50)]
        found = await asyncio.gather(*(events(one, 4) for one in streams))
        await asyncio.sleep(0.05)
        return found, len(made), pages._topics, pages._viewers.total()

    made = []
    found, count, topics, open_ = asyncio.run(go())
    assert count < 60
    assert topics == {}
    assert open_ == 0
    for one in found:
        assert one[0] == "retry: 3000\n\n"
        assert re.fullmatch(r"event: queue\ndata: <b>\d</b>\ndata: <i></i>\n\n", one[1])
        assert one[1] != one[2] != one[3]


def test_there_are_not_too_many_streams(monkeypatch):
    monkeypatch.setattr(live, "_SIGN_OF_LIFE", 0.02)

    async def go():
        pages = Live(most=1)

        async def render():
            return "same"

        first = asyncio.create_task(events(pages.response(1, render, "x"), 9))
        await asyncio.sleep(0.05)
        with pytest.raises(ProblemError, match="Too many live pages"):
            pages.response(1, render, "x")
        return await first

    assert asyncio.run(go())[1:4] == ["event: x\ndata: same\n\n", ":\n\n", ":\n\n"]


def test_streams_end_with_the_server():
    async def go():
        pages = Live()

        async def render():
            return "same"

        task = asyncio.create_task(events(pages.response(1, render, "x"), 99))
        await asyncio.sleep(0.05)
        pages.close()
        async with asyncio.timeout(60):
            return await task

    assert len(asyncio.run(go())) == 2


def test_a_stream_ends_after_some_time_so_that_who_looks_is_asked_again(monkeypatch):
    monkeypatch.setattr(live, "_LONGEST", 0.05)

    async def go():
        pages = Live()

        async def render():
            return "same"

        async with asyncio.timeout(60):
            return await events(pages.response(1, render, "x"), 99)

    assert asyncio.run(go())[:2] == ["retry: 3000\n\n", "event: x\ndata: same\n\n"]


def test_what_cannot_be_made_ends_the_streams_and_is_told_once():
    async def go():
        pages = Live(told.append, interval=0.01)
        made = iter((1, 2))

        async def render():
            return f"{next(made, None) or 1 // 0}"

        return await asyncio.gather(
            *(events(pages.response("x", render, "x"), 99) for _ in range(3))
        )

    told = []
    for found in asyncio.run(go()):
        assert found == ["retry: 3000\n\n", "event: x\ndata: 1\n\n", "event: x\ndata: 2\n\n"]
    assert told == [
        "a live page cannot be made: ZeroDivisionError: integer division or modulo by zero"
    ]


def test_nobody_takes_all_streams(monkeypatch):
    monkeypatch.setattr(live, "MOST_OF_ONE", 2)

    async def go():
        pages = Live()

        async def render():
            return "same"

        def begin(viewer):
            return asyncio.create_task(events(pages.response(1, render, "x", viewer), 99))

        tasks = [begin("ann"), begin("ann")]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="Too many live pages"):
            begin("ann")
        tasks.append(begin("bob"))
        await asyncio.sleep(0.01)
        pages.close()
        await asyncio.gather(*tasks)
        assert not +pages._viewers

    asyncio.run(go())


def test_a_client_that_reads_nothing_loses_its_stream(monkeypatch):
    monkeypatch.setattr(live, "_SLOW", 0.05)

    async def go():
        pages = Live()

        async def render():
            return "same"

        async def never(*_given):
            await asyncio.Event().wait()

        answer = pages.response(1, render, "x")
        async with asyncio.timeout(60):
            await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, never, never)
        assert pages._topics == {}

    asyncio.run(go())


# Words --------------------------------------------------------------------------------------------


def test_a_count_chooses_the_text(monkeypatch):
    monkeypatch.setattr(
        texts, "catalogue", lambda: {"a.one": "{count} part", "a.other": "{count} parts"}
    )
    assert texts.text("a", count=1) == "1 part"
    assert texts.text("a", count=0) == "0 parts"


def _keys_in_use():
    """Keys in templates, and texts in the code that are keys."""
    found = set()
    for path in FOLDER.rglob("*.html"):
        found |= set(re.findall(r"""\bt\(\s*["']([\w.-]+)["']""", path.read_text("utf-8")))
    for path in FOLDER.rglob("*.py"):
        found |= set(re.findall(r'"([a-z]+\.[\w.-]+)"', path.read_text("utf-8")))
    return found


def _without_count(key):
    return re.sub(r"\.(one|other)$", "", key)


def test_all_words_are_in_the_catalogue():
    known = {_without_count(key) for key in texts.catalogue()}
    tables = {key.partition(".")[0] for key in known}
    used = {key for key in _keys_in_use() if key.partition(".")[0] in tables}
    begun = {key for key in used if key.endswith(".") and any(k.startswith(key) for k in known)}
    assert sorted(used - known - begun - set(assets.assets())) == []


#: The beginning of a key that is put together: ``"states." ~ name``, ``f"states.{name}"``.
BEGUN = re.compile(r"""["']([a-z]+\.(?:[\w-]+\.)*)(?:["']\s*[~+]|\{)""")


def test_no_text_is_without_use():
    known = {_without_count(key) for key in texts.catalogue()}
    kinds = (".html", ".py", ".js")
    source = "".join(
        p.read_text("utf-8") for f in (FOLDER, COMMANDS) for p in f.rglob("*") if p.suffix in kinds
    )
    begun = tuple(set(BEGUN.findall(source)))
    rest = {key for key in known if not key.startswith(begun)}
    assert sorted(key for key in rest if not re.search(f"[\"']{re.escape(key)}[\"']", source)) == []


def test_the_catalogue_is_in_files_by_table():
    for path in (FOLDER / "catalogue" / "en").iterdir():
        for table in tomllib.loads(path.read_text("utf-8")):
            assert table in (path.stem, "problems")


def test_templates_have_no_style_script_or_event_of_their_own():
    """The policy for content would stop them."""
    for path in FOLDER.rglob("*.html"):
        source = path.read_text("utf-8")
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|<script(?! src=)|javascript:", source), (
            path
        )
        assert "|safe" not in source.replace(" ", ""), path
