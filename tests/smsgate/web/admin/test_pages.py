"""What the pages show: all of it, in pieces, to whom it concerns, and as text."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from gatewaypages import FIRST, SECOND, World, as_
from sqlalchemy import insert, update
from sqlalchemy.engine import make_url

from smsgate.gateway import pieces, tables
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.listed import Kind
from smsgate.gateway.pieces import PAGE
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.sending.meter import Stats
from smsgate.gateway.states import State
from smsgate.web.admin import files, numbers

UID = re.compile(r'class="uid" href="/messages/([0-9a-f]{32})"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def words(text):
    """What a page says, without its elements."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def pages(client, path, who="admin", most=400):
    """A page and all that follow it."""
    while path and most:
        answer = client.get(path, headers=as_(who))
        assert answer.status_code == 200, answer.text
        yield answer.text
        found = NEXT.search(answer.text)
        path = path.partition("?")[0] + html.unescape(found[1]) if found else ""
        most -= 1
    assert most, "there is no end"


def all_uids(client, path, who="admin"):
    return [uid for page in pages(client, path, who) for uid in UID.findall(page)]


# Pieces -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_messages_are_whole_and_each_is_there_once(world, client, count):
    uids = world.messages(count) if count else []
    world.messages(7, account=2)
    assert all_uids(client, f"/messages?account={FIRST}") == uids[::-1]
    assert all_uids(client, "/messages", "owner") == uids[::-1]
    assert len(all_uids(client, "/messages")) == count + 7


def test_where_there_is_no_index_only_so_much_is_looked_through(world, client, monkeypatch):
    mine = world.messages(3)
    world.messages(100, account=2)
    mine += world.messages(2)
    monkeypatch.setattr(pieces, "SCANNED", 10)
    monkeypatch.setattr(pieces, "STATEMENTS", 2)
    found = list(pages(client, "/messages", "owner"))
    assert "2 were found among those that were looked through" in found[0]
    assert "Look further back" in found[0]
    assert len(found) in (6, 7)
    assert [uid for page in found for uid in UID.findall(page)] == mine[::-1]


def test_messages_that_come_meanwhile_change_nothing(world, client):
    uids = world.messages(PAGE + 10)
    walk = pages(client, "/messages")
    found = UID.findall(next(walk))
    world.messages(20)
    found += [uid for page in walk for uid in UID.findall(page)]
    assert found == uids[::-1]


def test_a_hole_in_the_ids_is_no_end(world, client, monkeypatch):
    uids = world.messages(4)
    jump = update(tables.message).where(tables.message.c.uid == uids[-1])
    world.run(lambda conn: conn.execute(jump.values(id=10**9)))
    monkeypatch.setattr(pieces, "SCANNED", 2)
    assert all_uids(client, "/messages") == uids[::-1]


def test_the_ledger_is_whole(world, client):
    world.messages(2 * PAGE)
    found = [
        row
        for page in pages(client, f"/accounts/{FIRST}/ledger", "owner")
        for row in re.findall("<tr><td>.*</tr>", page)
    ]
    assert len(found) == 2 * PAGE + 1
    assert "new account" in found[-1]


def test_a_queue_is_whole(world, client):
    uids = world.messages(PAGE + 5) + world.messages(PAGE, way="spare")
    world.messages(3, queue=1)
    world.messages(3, account=2)
    assert all_uids(client, f"/queue/3/{FIRST}") == uids


def test_files_accounts_and_numbers_are_whole(world, client, monkeypatch):
    for number in range(PAGE + 3):
        world.file(1, name=f"f{number}.txt")
    names = [
        one
        for page in pages(client, "/files", "owner")
        for one in re.findall(">(f[0-9]+.txt)<", page)
    ]
    assert names == [f"f{number}.txt" for number in range(PAGE + 3)][::-1]
    rows = [
        {"number": f"4477{n:06}", "account": 1 + n % 2, "kind": "opted-out", "time": 1.0}
        for n in range(3 * PAGE)
    ]
    world.run(lambda conn: conn.execute(insert(tables.listed), rows))
    monkeypatch.setattr(numbers, "SCANNED", 7)
    for who, step in (("owner", 2), ("admin", 1)):
        shown = [
            one
            for page in pages(client, "/numbers", who)
            for one in re.findall(r'row">(4477\d{6})<', page)
        ]
        assert shown == [f"4477{n:06}" for n in range(0, 3 * PAGE, step)]


def test_accounts_are_whole(world, client):
    rows = [
        {
            "api_id": str(100 + n),
            "ftp_user": str(100 + n),
            "user": "u",
            "balance": n,
            "password_hash": "",
            "ftp_password_hash": "",
            "state": "open",
            "created": 1.0,
        }
        for n in range(2 * PAGE)
    ]
    world.run(lambda conn: conn.execute(insert(tables.account), rows))
    found = [
        one for page in pages(client, "/accounts") for one in re.findall(r"/accounts/(\d+)\"", page)
    ]
    assert found == [FIRST, SECOND, *(row["api_id"] for row in rows)]
    assert client.get("/accounts?api_id=150").headers["location"] == "/accounts/150"


def test_replies_and_callbacks_are_whole(world, client):
    uids = [world.reply(f"reply {n}!", 1) for n in range(PAGE + 2)]
    world.reply("nobody's")
    world.reply("another's", 2)
    shown = [
        one
        for page in pages(client, "/replies", "owner")
        for one in re.findall(r"reply (\d+)!", page)
    ]
    assert shown == [str(n) for n in range(len(uids))][::-1]
    assert "nobody&#39;s" not in client.get("/replies", headers=as_("owner")).text
    only = client.get("/replies?nobody=1").text
    assert "nobody&#39;s</pre>" in only
    assert "reply 0!" not in only
    (uid,) = world.messages()
    keys = [world.callback(uid, "failed") for _ in range(PAGE + 2)]
    world.callback(uid, "done")
    found = [
        one
        for page in pages(client, "/callbacks?failed=1")
        for one in re.findall(r"/callbacks/(\d+)/retry", page)
    ]
    assert found == [str(key) for key in keys][::-1]


# Search -------------------------------------------------------------------------------------------


def test_an_id_leads_to_its_message(world, client):
    (uid,) = world.messages()
    answer = client.get("/messages", params={"id": f" {uid.upper()} "})
    assert answer.headers["location"] == f"/messages/{uid}"
    assert client.get("/messages?id=12").status_code == 400
    assert client.get(f"/messages/{'0' * 32}").status_code == 404


def test_messages_are_found_by_all_that_is_known_of_them(world, client):
    first, second = world.file(1, name="a b.txt"), world.file(2, name="a b.txt")
    one = world.messages(3, file=first)
    two = world.messages(2, account=2, file=second)
    world.send(1)
    found = {
        "file=a+b.txt": [*one, *two],
        f"file=a+b.txt&account={SECOND}": two,
        f"of={first}": one,
        "number=%2B4477+1000+001": [one[1]],
        "state=sent": [one[0]],
        "state=waiting": [*one[1:], *two],
        f"account={FIRST}&state=waiting&number=44771000002": [one[2]],
        "file=b.txt": [],
        "account=3": [],
        "state=unknown": [],
    }
    for query, expected in found.items():
        assert all_uids(client, f"/messages?{query}") == expected[::-1], query
    assert all_uids(client, f"/messages?of={second}", "owner") == []
    assert all_uids(client, "/messages?file=a+b.txt", "owner") == one[::-1]
    assert all_uids(client, f"/messages?account={SECOND}", "owner") == []


def test_messages_are_found_by_the_time_of_their_acceptance(world, client):
    uids = world.messages(3)
    moment = datetime.now(UTC)

    def at(minutes):
        return (moment + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")

    assert all_uids(client, f"/messages?since={at(-5)}&until={at(5)}") == uids[::-1]
    assert all_uids(client, f"/messages?since={at(5)}") == []
    assert all_uids(client, f"/messages?until={at(-5)}") == []
    assert all_uids(client, "/messages?since=1960-01-01T00:00") == uids[::-1]


def test_unknown_messages_have_an_index(world, client):
    uids = world.messages(5)
    world.send(2, Ended.UNKNOWN)
    assert all_uids(client, "/messages?state=unknown") == uids[1::-1]
    assert "2 messages are unknown" in client.get("/").text


@pytest.mark.parametrize(
    "path",
    [
        "/messages?before=x",
        "/messages?before=-1",
        "/messages?before=99999999999999999999",
        "/messages?number=abc",
        "/messages?state=nonsense",
        "/messages?since=yesterday",
        "/messages?since=0001-01-01T00:00",
        "/messages?until=x",
        "/messages?of=x",
        "/messages?account=" + "1" * 5000,
        "/messages?account=%00",
        "/messages?id=%27%20OR%201=1--",
        "/messages?file=%27%20OR%201=1--",
        "/messages/%27%20OR%201=1--",
        "/files?before=1e3",
        "/files?state=x",
        "/files/x",
        "/files/1?at=x",
        "/files/99999999999999999999",
        "/accounts?after=x",
        "/accounts/x%2F..",
        "/accounts/1111111/ledger?before=x",
        "/accounts/1111111/credit?amount=x",
        "/accounts/1111111/password?which=x",
        "/queue/3/1111111?after=x",
        "/queue/3/1111111?way=" + "x" * 100,
        "/queue/x/1111111",
        "/numbers?after=x",
        "/numbers?after=1.2.x.3",
        "/numbers?number=x",
        "/numbers?kind=x",
        "/numbers?account=12",
        "/numbers/add?numbers=x",
        "/replies?before=x",
        "/replies?number=x",
        "/replies/x/assign",
        "/callbacks?before=x",
        "/callbacks/x/retry",
        "/accounts/%00",
        "/accounts/1%001/ledger",
        "/accounts/1111111%00/close",
        "/messages/%00",
        "/messages/%00/cancel",
        "/files/%00",
        "/queue/3/1%00",
        "/routes/ma%00in/pause",
        "/replies/%00",
        "/replies/%00/assign?api_id=1111111",
        "/callbacks/99999999999999999999/retry",
    ],
)
def test_what_is_wrong_in_an_address_is_said_in_one_line(world, client, path):
    world.file(1)
    answer = client.get(path)
    assert answer.status_code in {200, 400, 404}
    assert world.told == []
    if answer.status_code == 200:
        assert (
            "There is nothing here" in answer.text
            or "was found" in answer.text
            or ("Nothing waits" in answer.text)
        )
    else:
        assert answer.text.count('class="bad"') == 1
        assert len(re.search('<p class="bad">(.*)</p>', answer.text)[1]) < 200


# Text from outside --------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{7*7}}"
NAME = "<b onclick=alert(3)>&'x.txt"


def test_whatever_comes_from_outside_is_text(world, client):
    evil(world)
    for path in evil_pages(world):
        for who in ("admin", "reader", "owner"):
            text = client.get(path, headers=as_(who)).text
            assert "<script>alert" not in text, path
            assert "<img" not in text, path
            assert "<b onclick" not in text, path
    shown = client.get(f"/messages/{world.evil}").text
    assert html.escape(EVIL, quote=False).replace('"', "&#34;").replace("'", "&#39;") in shown


def evil(world):
    """Every text that somebody outside can choose."""
    file = world.file(1, name=NAME, text=EVIL, digest=EVIL)
    (world.evil, other) = world.messages(2, file=file, text=EVIL)
    world.log(NAME, f"ERR: 105, {EVIL} To: {EVIL}\nID: {world.evil} To: {EVIL}\n".encode())
    world.evil_file = file
    world.send(1)
    change = update(tables.message).values(note=EVIL, tried=f"{EVIL} ", recipient="<i>44")
    world.run(lambda conn: conn.execute(change))
    world.run(lambda conn: conn.execute(update(tables.part).values(smsc_id=EVIL)))
    world.run(lambda conn: conn.execute(update(tables.ledger).values(note=EVIL)))
    users = {"user": EVIL[:64], "ftp_user": tables.account.c.api_id}
    world.run(lambda conn: conn.execute(update(tables.account).values(users)))
    world.run(lambda conn: conn.execute(update(tables.route).values(problem=EVIL)))
    world.reply(EVIL, 1, handset=EVIL, number=EVIL, note=EVIL, route="<r>")
    world.reply(EVIL, handset=EVIL)
    world.reply(None, 1, data=EVIL)
    world.callback(world.evil, note=EVIL)
    world.callback(other, "failed", note=EVIL)
    listed = {"number": "<i>4477", "account": 1, "kind": Kind.OPTED_OUT, "time": 1.0}
    world.run(lambda conn: conn.execute(insert(tables.listed).values(listed)))
    world.senders.wrong = {"main": EVIL}


def evil_pages(world):
    return [
        *("/", "/accounts", f"/accounts/{FIRST}", f"/accounts/{FIRST}/ledger", "/queue"),
        *(f"/queue/3/{FIRST}", "/routes", "/messages", f"/messages/{world.evil}", "/files"),
        *(f"/files/{world.evil_file}", "/numbers", "/replies", "/callbacks"),
        *(f"/messages/{world.evil}/cancel", f"/messages/{world.evil}/resend"),
        *(f"/messages?file={EVIL}", f"/accounts/{FIRST}/credit?amount=1&note={EVIL}"),
        *(f"/numbers/add?numbers={EVIL}", f"/numbers?account={EVIL}", f"/messages/{EVIL}"),
        *(f"/accounts/{EVIL}", f"/routes/{EVIL}/pause", f"/messages?account={EVIL}"),
    ]


def test_a_note_that_somebody_else_has_set_is_text(client):
    client.cookies.set("smsenc-done", "%3Cscript%3Ealert(1)%3C/script%3E")
    text = client.get("/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_secrets_are_on_no_page(world, client):
    """Neither hashes nor what is in URLs behind their origins."""
    (uid,) = world.messages()
    secret = [row["password_hash"] for row in world.rows(tables.account)]
    for path in (
        "/",
        "/accounts",
        f"/accounts/{FIRST}",
        "/callbacks",
        "/routes",
        f"/messages/{uid}",
    ):
        text = client.get(path).text
        assert "secret-path" not in text
        assert not [one for one in secret if one in text]
    assert "https://one.example" in client.get("/callbacks").text


# What is where ------------------------------------------------------------------------------------


def test_the_overview_counts(world, client):
    world.messages(5)
    world.messages(3, account=2)
    for one in world.send(2):
        world.receive(one)
    world.senders.found = {"main": Stats(bound=True, sent=2, rate=12.5, in_flight=3)}
    shown = words(client.get("/").text)
    assert "delivered 2" in shown
    assert "waiting 6" in shown
    assert "Accepted a second 0.8" in shown
    assert "Received a second 0.2" in shown
    assert "Parts a second 12.5" in shown
    assert "Problems There are none" in shown
    other = words(client.get("/", headers=as_("other")).text)
    assert "waiting 3" in other
    assert "delivered 0" in other
    assert "Accepted a second 0.3" in other
    assert "12.5" not in other
    assert "Balance (credits) 997" in other


def test_routes_say_what_they_do_to_those_who_run_them(world, client):
    world.messages(4)
    world.senders.found = {"main": Stats(bound=True, sent=2, rate=12.5, in_flight=3, throttled=7)}
    world.senders.wrong = {"spare": "cannot connect: refused"}
    shown = words(client.get("/routes").text)
    assert "main open Waiting".lower() in shown.lower()
    assert "3 / 10" in shown
    assert "Told to slow down 7" in shown
    assert "Most parts a second 50" in shown
    assert "cannot connect: refused" in shown
    owner = words(client.get("/routes", headers=as_("owner")).text)
    assert "waiting 4" in owner
    assert "spare not sending" in owner
    for hidden in ("refused", "12.5", "3 / 10", "50", "Price"):
        assert hidden not in owner


def test_a_message_with_its_history(world, client):
    (uid,) = world.messages(file=world.file(1, text="Grüße\n 你好", name="x.txt"))
    (key,) = world.send(1)
    world.receive(key)
    world.callback(uid, note="HTTP 200")
    shown = client.get(f"/messages/{uid}", headers=as_("owner")).text
    assert '<pre class="words">Grüße\n 你好</pre>' in shown
    said = words(shown)
    assert "002 queued" in said
    assert "003 delivered to gateway" in said
    assert "004 received by recipient" in said
    assert "smsc1 DELIVRD" in said
    assert "reserved -1" in said
    assert "settled 0" in said
    assert "HTTP 200" in said
    assert "From smsenc" in said
    assert "Cancel" not in said


def test_a_text_that_was_erased_says_so(world, client):
    (uid,) = world.messages(file=world.file(1, content='{"erased": "1"}'))
    assert "Its text was erased" in client.get(f"/messages/{uid}").text


@pytest.mark.parametrize(
    "stored", ["", "{", "[]", '{"text": 5}', '{"concat": "x"}', '{"text": "\\ud800"}']
)
def test_content_that_cannot_be_read_hides_nothing_else(world, client, stored):
    (uid,) = world.messages(file=world.file(1, content=stored))
    assert client.get(f"/messages/{uid}").status_code == 200


def test_octets_are_shown_as_such(world, client):
    stored = '{"data": "DEADBEEF", "udh": "0605040B840000"}'
    (uid,) = world.messages(file=world.file(1, content=stored))
    assert "deadbeef" in client.get(f"/messages/{uid}").text


# Logs of uploads ----------------------------------------------------------------------------------


def test_a_log_is_read_piece_by_piece(world, client):
    file = world.file(1)
    lines = [f"ID: {number:032x} To: 4477{number:06}" for number in range(1000)]
    world.log("order.txt", "".join(f"{one}\n" for one in lines).encode())
    found = []
    for page in pages(client, f"/files/{file}", "owner"):
        assert len(page) < 60_000
        found += re.findall("<code>(.*?)</code>", page)
    assert found == lines


def test_of_a_file_that_is_being_read_only_what_is_committed(world, client):
    spool = world.settings.storage / "spool"
    spool.mkdir(exist_ok=True)
    (spool / f"{'a' * 32}.log").write_bytes(b"ID: 1 To: 2\nID: 3 To: 4\n")
    file = world.file(1, spool="a" * 32, state="reading", log_size=12)
    shown = client.get(f"/files/{file}").text
    assert "ID: 1 To: 2" in shown
    assert "ID: 3" not in shown


def test_a_log_that_is_a_link_or_gone_is_not_read(world, client, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    file = world.file(1)
    world.log("order.txt", b"")
    log = world.settings.storage / "accounts" / FIRST / "order.txt.log"
    log.unlink()
    assert "Its log is not here" in client.get(f"/files/{file}").text
    log.symlink_to(secret)
    assert "the secret" not in client.get(f"/files/{file}").text
    log.unlink()
    log.hardlink_to(secret)
    assert "the secret" not in client.get(f"/files/{file}").text


@pytest.mark.parametrize("name", ["../../secret", "a/b", "..", "con", "x\ny"])
def test_a_name_that_may_not_be_leads_nowhere(world, name):
    row = {"name": name, "state": "read", "api_id": FIRST, "spool": "", "log_size": 0}
    assert not files.answers(world.settings, row, 0).is_there


def test_a_line_that_is_absurdly_long_is_cut_and_nothing_is_lost(world):
    world.log("order.txt", b"x" * 20_000 + b"\nend\n")
    row = {"name": "order.txt", "state": "read", "api_id": FIRST, "spool": "", "log_size": 0}
    found, start = [], 0
    while True:
        piece = files.answers(world.settings, row, start)
        found += [one.text for one in piece.lines]
        start = piece.after
        if not start:
            break
    assert "".join(found) == "x" * 20_000 + "end"


def test_every_state_has_a_word():
    from smsgate.gateway import states
    from smsgate.web.texts import catalogue

    kinds = (states.FileState, states.AccountState, states.RouteState, states.CallbackState)
    for kind in (State, *kinds):
        for one in kind:
            assert f"admin.state.{one}" in catalogue()


def test_pages_work_below_a_path_of_their_own(tmp_path):
    """Every address on them begins with it."""
    from asgiclients import Client
    from starlette.applications import Starlette
    from starlette.routing import Mount

    with World(tmp_path) as world:
        (uid,) = world.messages()
        with Client(Starlette(routes=[Mount("/below", world.app)])) as client:
            for path in ("/", "/messages", f"/messages/{uid}", "/queue", f"/accounts/{FIRST}"):
                text = client.get(f"/below{path}").text
                links = re.findall(r'(?:href|src|action|sse-connect)="(/[^"]*)"', text)
                assert links
                assert [one for one in links if not one.startswith("/below/")] == []


def test_every_page_works_on_postgresql(tmp_path, postgres_url):
    database = PostgresDatabase(make_url(postgres_url), make=True)
    with World(tmp_path, database) as world, world.client() as client:
        (uid, *rest) = world.messages(PAGE + 5)
        world.messages(3, account=2)
        (key,) = world.send(1)
        world.receive(key)
        world.callback(uid, "failed")
        world.reply("Hello", 1)
        world.list_number("447700900001")
        found = [
            *("/", "/accounts", f"/accounts/{FIRST}", f"/accounts/{FIRST}/ledger", "/queue"),
            *(f"/queue/3/{FIRST}", "/routes", f"/messages/{uid}", "/files", "/files/1", "/numbers"),
            *("/replies", "/callbacks", "/callbacks?failed=1", "/messages?number=44771000001"),
            *("/messages?state=unknown", "/messages?file=order.txt", "/messages?of=1"),
            "/messages?since=2020-01-01T00:00&until=2100-01-01T00:00",
        ]
        for path in found:
            for who in ("admin", "owner"):
                answer = client.get(path, headers=as_(who))
                assert answer.status_code == 200, (path, who, answer.text)
        for path in ("/messages/%00", "/accounts/%00", f"/replies/{'0' * 31}%00", "/queue/3/%00"):
            assert client.get(path).status_code == 404, path
        assert all_uids(client, "/messages", "owner") == [*rest[::-1], uid]
        shown = words(client.get(f"/messages/{uid}").text)
        assert "004 received by recipient" in shown
        assert "settled 0" in shown
        answer = client.post(f"/messages/{rest[0]}/cancel", data={"csrf": "token"})
        assert answer.status_code == 303
        assert world.told == [f"ann: {rest[0]} cancelled"]
