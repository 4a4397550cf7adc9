"""Forged requests, redirects elsewhere, scripts without a session, and what a form may have."""

from __future__ import annotations

import pytest
from asgiclients import Client

from smsgate.errors import OutboxError
from smsgate.web.headers import HEADERS

SCRIPT = {"HX-Request": "true"}
STREAM = {"Accept": "text/event-stream"}
#: Where nobody may be led to who has just logged in.
ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "evil.example",
    "@evil.example",
    "/login",
    "/logout",
    "/login?next=/login",
    "/a\r\nSet-Cookie: a=b",
    "/" + "a" * 3000,
    "",
    "/ä",
)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_elsewhere(simple, wanted):
    someone = simple.visitor()
    answer = someone.log_in(next=wanted)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    again = someone.get("/login", params={"next": wanted})
    assert (again.status_code, again.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("wanted", ["/page", "/page?a=1&b=%2F%2Fx#c", "/a//b", "/a/..//x"])
def test_one_is_led_to_a_page_of_ours(simple, wanted):
    assert simple.visitor().log_in(next=wanted).headers["Location"] == wanted


def test_the_page_that_was_asked_for_comes_after_the_log_in(simple):
    someone = simple.visitor()
    answer = someone.get("/page/ä?b=%20&next=//evil.example")
    there = someone.get(answer.headers["Location"])
    assert 'value="/page/%C3%A4?b=%20&amp;next=//evil.example"' in there.text
    assert someone.get("//evil.example/").headers["Location"] == "/login"


@pytest.mark.parametrize(
    "sent",
    [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "ä"}],
    ids=["none", "empty", "wrong", "odd"],
)
@pytest.mark.parametrize("cookie", [True, False])
def test_a_forged_log_in_is_refused(simple, sent, cookie):
    someone = simple.visitor()
    if cookie:
        someone.get("/login")
    given = {"name": "admin", "password": "correct horse battery"} | sent
    assert someone.post("/login", data=given).status_code == 403
    assert not someone.is_in()


def test_a_forged_log_out_is_refused(simple):
    someone = simple.user()
    for sent in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        assert someone.post("/logout", data=sent).status_code == 403
    assert someone.get("/logout").status_code == 405
    assert someone.is_in()


def test_a_change_needs_the_token_of_this_session(simple):
    someone, other = simple.user(), simple.user()
    right = {"what": "it", "csrf": someone.csrf("/")}
    assert someone.post("/change", data=right).text == "changed it as admin"
    assert someone.post("/change", data={"csrf": other.csrf("/")}).status_code == 403
    assert someone.post("/change", data={}).status_code == 403
    before = simple.visitor().csrf()
    assert someone.post("/change", data={"csrf": before}).status_code == 403
    header = {"X-CSRF-Token": someone.csrf("/")}
    assert someone.post("/change", data={"what": "it"}, headers=header).status_code == 200
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert someone.post("/change", data=right, headers=foreign).status_code == 403
    assert someone.get("/page", headers=foreign).status_code == 200  # a link


def test_scripts_and_streams_are_told(simple):
    someone = simple.visitor()
    for headers in (SCRIPT, STREAM, {"Accept": "*/*"}, SCRIPT | {"Accept": "text/html"}):
        answer = someone.get("/page", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Cookie realm="smsenc"'
        assert '<a href="/login">' in answer.text
    for method in ("POST", "DELETE", "PUT"):
        answer = someone.request(method, "/change")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert someone.get("/none").headers["Location"] == "/login?next=%2Fnone"  # nobody learns more


def test_whatever_is_wrong_sounds_the_same(simple):
    from smsgate.gateway import users

    simple.do(lambda conn: users.disable(conn, "reader"))
    given = (("admin", "wrong"), ("nobody", "wrong"), ("reader", "correct horse battery"))
    answers = [simple.visitor().log_in(*one) for one in given]
    texts = {
        one.text.replace(f'value="{name}"', "").replace(csrf, "")
        for (name, _), one in zip(given, answers, strict=True)
        for csrf in [one.text.split('content="')[3].split('"')[0]]
    }
    assert {one.status_code for one in answers} == {403}
    assert all("User name or password is wrong" in one.text for one in answers)
    assert len({len(one) for one in texts}) == 1


def test_a_name_is_the_same_however_it_is_typed(simple):
    assert simple.visitor().log_in(" Admin ").is_redirect


def test_a_password_is_used_as_it_is(simple):
    from smsgate.gateway import users

    simple.do(lambda conn: users.set_password(conn, "admin", " Zürich <&> café "))
    assert simple.visitor().log_in("admin", "Zürich <&> café").status_code == 403
    assert simple.visitor("192.0.2.2").log_in("admin", " Zürich <&> cafe\u0301 ").is_redirect


@pytest.mark.parametrize(
    "given",
    [
        {"name": "<script>alert(1)</script>", "password": "<script>alert(2)</script>"},
        {"name": "a\0b", "password": "\0\1\2"},
        {"name": "'; DROP TABLE page_user; --", "password": "' OR 1=1"},
        {"name": "\ud7ff\U0010ffff", "password": "p" * 1500},
        {"name": "a" * 5000, "password": "xyzzy xyzzy"},
        {},
    ],
)
def test_odd_log_ins(world, given):
    someone = world.visitor()
    answer = someone.post("/login", data=given | {"csrf": someone.csrf()})
    assert answer.status_code == 403
    assert "<script>alert" not in answer.text
    assert given.get("password", "p" * 1500)[:30] not in answer.text
    assert world.user(address="192.0.2.9").is_in()


def test_a_form_is_bounded(simple):
    someone = simple.visitor()
    given = {"name": "admin", "password": "x" * 20_000, "csrf": someone.csrf()}
    assert someone.post("/login", data=given).status_code == 413


@pytest.mark.parametrize("path", ["/", "/login", "/none", "/static/app.css", "/static/none"])
def test_headers(simple, path):
    for someone in (simple.visitor(), simple.user()):
        answer = someone.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        expected = ("no-cache",) if path == "/static/app.css" else ("no-store",)
        assert answer.headers["Cache-Control"] in expected
        assert "Strict-Transport-Security" not in answer.headers


def test_the_cookie_without_tls(simple):
    someone = simple.user()
    cookie = someone.log_out().headers["Set-Cookie"]
    assert 'smsenc-session=""' in cookie
    assert "Max-Age=0" in cookie
    cookie = someone.log_in().headers["Set-Cookie"].lower()
    assert cookie.startswith("smsenc-session=")
    assert {"httponly", "path=/", "samesite=lax"} == set(cookie.split("; ")[1:])


def test_the_cookie_over_tls_is_bound_to_the_host_and_no_other_is_read(simple):
    someone = simple.user(base="https://127.0.0.1")
    assert [one.name for one in someone.cookies.jar] == ["__Host-smsenc-session"]
    answer = someone.log_in() if not someone.is_in() else someone.get("/")
    assert answer.headers["Strict-Transport-Security"]
    token = someone.token
    plain = simple.visitor(base="https://127.0.0.1")
    plain.steal(token)  # under the name that anybody on the way could set
    assert not plain.is_in()
    cookie = simple.visitor(base="https://127.0.0.1").get("/login").headers["Set-Cookie"].lower()
    assert {"httponly", "path=/", "samesite=lax", "secure"} == set(cookie.split("; ")[1:])


def test_a_database_that_is_away_is_said(simple, monkeypatch):
    someone = simple.user()
    csrf = someone.csrf("/")

    def away(_work):
        raise OutboxError("secret place")

    monkeypatch.setattr(simple.database, "read", away)
    for answer in (someone.get("/"), someone.post("/change", data={"csrf": csrf})):
        assert answer.status_code == 503
        assert "The database cannot be used" in answer.text
        assert "secret" not in answer.text
    assert someone.get("/static/app.css").status_code == 200


def test_other_kinds_of_connections_get_nothing(simple):
    sent = []

    async def go():
        await simple.app({"type": "websocket", "path": "/", "headers": []}, None, sent.append)

    with Client(simple.app) as client:
        client.run(go())
    assert sent == []
