"""Who may see and do what: every page for every role, and tokens on every form."""

from __future__ import annotations

import re

import pytest
from gatewaypages import FIRST, PEOPLE, SECOND, TOKEN, World, as_

from smsgate.gateway import tables
from smsgate.web.admin.table import TABLE, live_path
from smsgate.web.admin.views import View

#: For each page, the answers to the admin, a reader, the owner of what is asked, and another owner.
SEEN = (200, 200, 200, 404)
BY_ALL = (200, 200, 200, 200)
BY_ADMINS = (200, 403, 403, 403)
BY_OWNERS = (200, 403, 200, 404)
GET = {
    "/": BY_ALL,
    "/accounts": BY_ALL,
    "/accounts/{api_id}": SEEN,
    "/accounts/{api_id}/ledger": SEEN,
    "/accounts/{api_id}/credit": BY_ADMINS,
    "/accounts/{api_id}/close": BY_ADMINS,
    "/accounts/{api_id}/freeze": BY_ADMINS,
    "/accounts/{api_id}/open": BY_ADMINS,
    "/accounts/{api_id}/password": BY_ADMINS,
    "/accounts/{api_id}/pause": BY_ADMINS,
    "/accounts/{api_id}/resume": BY_ADMINS,
    "/accounts/add": BY_ADMINS,
    "/queue": BY_ALL,
    "/queue/{queue}/{api_id}": SEEN,
    "/queue/{queue}/pause": BY_ADMINS,
    "/queue/{queue}/resume": BY_ADMINS,
    "/routes": BY_ALL,
    "/routes/{name}/pause": BY_ADMINS,
    "/routes/{name}/resume": BY_ADMINS,
    "/messages": BY_ALL,
    "/messages/{uid}": SEEN,
    "/messages/{uid}/cancel": BY_OWNERS,
    "/messages/{uid}/resend": BY_OWNERS,
    "/files": BY_ALL,
    "/files/{id}": SEEN,
    "/numbers": BY_ALL,
    "/numbers/add": BY_OWNERS,
    "/numbers/remove": BY_OWNERS,
    "/replies": BY_ALL,
    "/replies/{uid}": (200, 200, 404, 404),
    "/replies/{uid}/assign": BY_ADMINS,
    "/callbacks": BY_ALL,
    "/callbacks/retry": BY_ADMINS,
    "/callbacks/{id}/retry": BY_ADMINS,
}
NAMES = ("admin", "reader", "owner", "other")
VALUES = {
    "/accounts/{api_id}/credit": {"amount": "5", "note": "n"},
    "/accounts/{api_id}/password": {"which": "ftp"},
    "/numbers/add": {"numbers": "447700900001", "account": FIRST},
    "/numbers/remove": {"numbers": "447700900001", "account": FIRST},
    "/replies/{uid}/assign": {"api_id": FIRST},
}
#: What a change answers when all is well: it leads on, or shows a password.
DONE = {"/accounts/{api_id}/password": 200, "/accounts/add": 200}
ACTIONS = [one.path for one in TABLE if not isinstance(one.does, View)]
LIVE = [one.path for one in TABLE if isinstance(one.does, View) and one.does.part]
SECRETS = ("Second text", "SECOND.TXT", "berta", SECOND, "44772", "447700900222", "two.example")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """With some of everything of both accounts."""
    with World(tmp_path_factory.mktemp("rights")) as found:
        fill(found)
        with found.client() as client:
            found.asks = client
            yield found


def fill(world):
    found = {}
    for key, api_id, word in ((1, FIRST, "First"), (2, SECOND, "Second")):
        name = f"{word.upper()}.TXT"
        file = world.file(key, name=name, text=f"{word} text")
        (uid, *_) = world.messages(3, key, file)
        world.log(name, f"ID: {uid} To: 4477{key}\n".encode(), api_id)
        reply = world.reply(f"{word} text", key, handset=f"447700900{key}{key}{key}")
        callback = world.callback(uid, note=f"{word} answer")
        world.list_number(f"447700900{key}{key}{key}", key)
        found[key] = {
            "api_id": api_id,
            "uid": uid,
            "id": str(file),
            "reply": reply,
            "callback": str(callback),
            "name": "main",
            "queue": "3",
        }
    found[1]["reply"] = world.reply("nobody's")
    world.of = found


def path_of(world, path, key=1):
    """The path of something of an account; replies that are assigned are nobody's."""
    values = dict(world.of[key])
    if path.startswith("/replies"):
        values["uid"] = values["reply"]
    if path.startswith("/callbacks"):
        values["id"] = values["callback"]
    return path.format(**values)


def test_the_table_here_has_every_page():
    assert sorted(GET) == sorted(one.path for one in TABLE)


@pytest.mark.parametrize("path", GET)
def test_each_page_is_for_those_who_may_see_it(shared, path):
    found = []
    for name in NAMES:
        answer = shared.asks.get(path_of(shared, path), params=VALUES.get(path), headers=as_(name))
        found.append(answer.status_code)
    assert tuple(found) == GET[path]


@pytest.mark.parametrize("path", LIVE)
def test_what_lives_is_for_the_same(shared, path):
    """A stream that may be seen would not end: it is refused here for another reason."""
    most, shared.live._most = shared.live._most, 0
    found = []
    for name in NAMES:
        answer = shared.asks.get(live_path(path_of(shared, path)), headers=as_(name))
        found.append(200 if answer.status_code == 503 else answer.status_code)
    shared.live._most = most
    assert tuple(found) == GET[path]


@pytest.mark.parametrize("path", GET)
def test_what_is_another_s_is_as_if_it_was_not_there(shared, path):
    """The answers to both are the same, to the letter."""
    if "{" not in path or path.startswith("/routes") or "{queue}/p" in path:
        return
    there = path_of(shared, path, key=2)
    values = {name: "0" * len(one) for name, one in shared.of[2].items()} | {"queue": "3"}
    absent = path.format(**values)
    given = {"params": VALUES.get(path), "headers": as_("owner")}
    one, other = shared.asks.get(there, **given), shared.asks.get(absent, **given)
    assert one.status_code == other.status_code
    assert one.status_code in {403, 404}
    assert one.text == other.text


@pytest.mark.parametrize("path", [one for one in GET if GET[one] in (SEEN, BY_ALL)])
def test_an_owner_sees_nothing_of_another(shared, path):
    answer = shared.asks.get(path_of(shared, path), headers=as_("owner"))
    assert answer.status_code == 200
    assert [one for one in SECRETS if one in answer.text] == []


@pytest.mark.parametrize("path", [one for one in LIVE if "{" not in one])
def test_nor_in_what_lives(shared, path):
    """The counts are those of three messages, and of no more."""
    shared.asks.run(_stream_is_clean(shared, path))


async def _stream_is_clean(world, path):
    view = next(one.does for one in TABLE if one.path == path)
    app = world.app
    found = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    class Enough(Exception):  # noqa: N818 - it is none
        pass

    async def send(message):
        found.append(message.get("body", b"").decode())
        if "event: part" in "".join(found):
            raise Enough

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "GET",
        "path": live_path(path),
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"x-test-who", b"owner")],
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    try:
        await app(scope, receive, send)
    except BaseException as error:  # noqa: BLE001 - a group of them, as the server would see it
        assert "Enough" in repr(error), error
    text = "".join(found)
    assert "event: part" in text, view
    assert [one for one in SECRETS if one in text] == []
    assert "csrf" not in text
    assert "otto" not in text


# Changes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ACTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_each_change_is_for_those_who_may_make_it(tmp_path, path, name):
    with World(tmp_path) as world, world.client() as client:
        fill(world)
        before = everything(world)
        answer = client.post(
            path_of(world, path), data={"csrf": TOKEN, **VALUES.get(path, {})}, headers=as_(name)
        )
        expected = GET[path][NAMES.index(name)]
        if expected == 200:
            # Some of these change nothing: what is not paused is not resumed, for example.
            assert answer.status_code in {DONE.get(path, 303), 400}
        else:
            assert answer.status_code == expected
            assert everything(world) == before
            assert world.told == []


@pytest.mark.parametrize("path", ACTIONS)
@pytest.mark.parametrize("sent", [{}, {"csrf": "other"}])
def test_every_form_needs_the_token(tmp_path, path, sent):
    with World(tmp_path) as world, world.client() as client:
        fill(world)
        before = everything(world)
        answer = client.post(path_of(world, path), data={**VALUES.get(path, {}), **sent})
        assert answer.status_code == 403
        assert "too old, or from another page" in answer.text
        assert everything(world) == before


def everything(world):
    return {name: world.rows(table) for name, table in tables.metadata.tables.items()}


def test_readers_get_no_buttons(shared):
    """A reader's pages have no form that changes anything, and no link to one."""
    for path, answers in GET.items():
        if answers in (SEEN, BY_ALL):
            text = shared.asks.get(path_of(shared, path), headers=as_("reader")).text
            assert 'method="post"' not in text
            links = re.findall(r'(?:href|action)="([^"?]+)', text)
            ways = [re.sub(r"\{\w+\}", "[^/]+", one) for one in ACTIONS]
            shown = [one for one in links if any(re.fullmatch(way, one) for way in ways)]
            assert shown == [], path


@pytest.mark.parametrize("kind", ["blocked", "delisted"])
def test_an_owner_lists_opt_outs_alone(world, client, kind):
    given = {"csrf": TOKEN, "numbers": "447700900001", "kind": kind}
    answer = client.post("/numbers/add", data=given, headers=as_("owner"))
    assert answer.status_code == 403
    assert world.rows(tables.listed) == []


def test_an_owner_s_opt_out_is_in_the_own_list(world, client):
    given = {"csrf": TOKEN, "numbers": "447700900001"}
    assert client.post("/numbers/add", data=given, headers=as_("owner")).status_code == 303
    (row,) = world.rows(tables.listed)
    assert (row["account"], row["kind"]) == (1, "opted-out")
    other = given | {"account": SECOND}
    assert client.post("/numbers/add", data=other, headers=as_("owner")).status_code == 404


def test_owners_are_of_both_accounts():
    assert {PEOPLE[name].account for name in ("owner", "other")} == {1, 2}
