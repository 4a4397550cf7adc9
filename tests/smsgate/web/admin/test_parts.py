"""What the pages are made of: plots, sums of days, what is kept, and how tables are read."""

from __future__ import annotations

import threading
import time

import pytest
from gatewaypages import FIRST, PEOPLE, as_
from plans import explained
from sqlalchemy import insert

from smsgate.gateway import database, tables
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.queue import counts
from smsgate.web.admin import figures, kept, moments, usage
from smsgate.web.admin.kept import Kept
from smsgate.web.admin.plot import HEIGHT, WIDTH, plot, top
from smsgate.web.admin.scope import Asked
from smsgate.web.admin.usage import DAYS, Usages

DAY = 86_400


# Plot ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "found"),
    [(0, 0.01), (0.01, 0.01), (0.3, 0.5), (1, 1), (7, 10), (11, 20), (999, 1000), (10**9 + 1, 2e9)],
)
def test_the_top_of_a_plot_is_round_and_not_below(most, found):
    assert top(most) == found


@pytest.mark.parametrize("values", [[], [0.0], [-5.0, 3.0], [0.000001] * 30, [1e12, 1.0] * 15])
def test_columns_are_inside_and_as_high_as_their_values(values):
    found = plot([(str(place), one) for place, one in enumerate(values)])
    assert len(found.columns) == len(values)
    for one, value in zip(found.columns, values, strict=True):
        assert found.left <= one.x <= one.x + one.width <= WIDTH
        assert 0 <= one.y <= one.y + one.height <= HEIGHT
        assert one.height == pytest.approx(
            max(0, value) / found.lines[-1].value * (HEIGHT - 36), abs=0.06
        )
    assert [one.y for one in found.lines] == sorted((one.y for one in found.lines), reverse=True)


# Days ---------------------------------------------------------------------------------------------


def ledger(world, rows):
    table = insert(tables.ledger)
    if rows:
        world.run(lambda conn: conn.execute(table, rows))


def row(moment, amount=-CREDIT, kind="reserve", account=1):
    return {"account": account, "time": moment, "kind": kind, "amount": amount}


def of(world, usages, account=1, now=None):
    return world.database.read(lambda conn: usages.of(conn, account, now or database.now()))


def test_days_are_added_up_once_and_what_comes_later_too(world):
    now, usages = database.now(), Usages()
    ledger(world, [row(now - 40 * DAY + n) for n in range(10)])
    ledger(world, [row(now - day * DAY) for day in range(28, 0, -1) for _ in range(day)])
    ledger(world, [row(now, 400_000, "settle"), row(now, -333_333, "reply"), row(now, account=2)])
    found = of(world, usages)
    assert found.is_whole
    assert len(found.days) == DAYS
    assert [one.charges for one in found.days] == [0, *range(28, -1, -1)]
    assert [one.used for one in found.days][:-1] == [0, *(CREDIT * n for n in range(28, 0, -1))]
    assert found.days[-1].used == -400_000 + 333_333
    ledger(world, [row(now)])
    assert of(world, usages).days[-1].charges == 1
    assert of(world, usages, now=now + 29 * DAY).days[0].used == CREDIT - 400_000 + 333_333


def test_only_so_many_rows_are_added_up_at_a_time(world, monkeypatch):
    monkeypatch.setattr(usage, "_ROWS", 10)
    now, usages = database.now(), Usages()
    ledger(world, [row(now) for _ in range(25)])
    found = []
    while not found or not found[-1].is_whole:
        found.append(of(world, usages))
    assert [one.days[-1].charges for one in found] == [9, 19, 25]  # the first row is a grant


def test_few_accounts_are_remembered(world, monkeypatch):
    monkeypatch.setattr(usage, "_ACCOUNTS", 1)
    usages = Usages()
    of(world, usages, 1)
    of(world, usages, 2)
    assert list(usages._sums) == [2]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 33])
def test_the_first_row_from_a_time_on_is_found(world, count):
    start = world.rows(tables.ledger)[-1]["id"] + 1
    now = database.now() + 100
    ledger(world, [row(now + n) for n in range(count)])
    for n in range(count):
        found = world.database.read(lambda conn, n=n: moments.first_after(conn, now + n))
        assert found == start + n
    assert world.database.read(lambda conn: moments.first_after(conn, now + 99)) == start + count


def test_an_account_s_page_shows_them(world, client):
    ledger(world, [row(database.now()) for _ in range(3)])
    shown = client.get(f"/accounts/{FIRST}", headers=as_("owner")).text
    assert shown.count('<rect class="bar"') == DAYS
    assert ": 3</title>" in shown
    assert '<td class="n">3</td><td class="n">3</td>' in shown


@pytest.mark.parametrize(
    ("used", "shown"), [(1_234_567, "1234567"), (20_000_000, "20000000"), (0.333333, "0.333333")]
)
def test_large_amounts_are_written_out(world, client, used, shown):
    ledger(world, [row(database.now(), -round(used * CREDIT))])
    text = client.get(f"/accounts/{FIRST}", headers=as_("owner")).text
    assert f": {shown}</title>" in text
    assert "e+0" not in text


# Rates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "expected"), [(20, 20), (2, 200), (0, 200)])
def test_rates_are_those_of_the_time_that_was_looked_at(world, monkeypatch, seconds, expected):
    """Of 400 events the last 100 are looked at."""
    monkeypatch.setattr(figures, "_EVENTS", 100)
    now = database.now()
    monkeypatch.setattr(database, "now", lambda: now)
    rows = [
        {"message": 1, "account": 1, "status": 4, "time": now - seconds * (400 - n) / 400}
        for n in range(1, 401)
    ]
    world.run(lambda conn: conn.execute(insert(tables.event), rows))
    who = Asked(PEOPLE["admin"], {}, {})
    found = world.database.read(lambda conn: figures.rates(conn, who))
    assert found["received"] == pytest.approx(expected, rel=0.05)


# What is kept -------------------------------------------------------------------------------------


def test_what_is_found_quickly_is_found_again_soon_and_what_is_not_later(monkeypatch):
    clock = iter((0.0, 0.001, 0.5, 1.0, 1.0, 3.0, 100.0, 103.5, 103.5, 103.6))
    monkeypatch.setattr(kept.time, "monotonic", lambda: next(clock))
    made = []
    one = Kept(lambda _conn: made.append(1) or len(made))
    assert one(None).value == 1  # takes 1 ms: kept for 0.9 s
    assert one(None).value == 1  # at 0.5 s
    assert one(None).value == 2  # at 1 s; takes 2 s: kept for 100 s
    assert one(None).value == 2  # at 100 s
    assert one(None).value == 3  # at 103.5 s


def test_nobody_waits_for_another():
    begun, goes_on = threading.Event(), threading.Event()

    def find(conn):
        if conn == "slow":
            begun.set()
            assert goes_on.wait(20)
        return conn

    one = Kept(find, least=0.0)
    assert one("first").value == "first"
    one._until = 0.0
    thread = threading.Thread(target=one, args=("slow",))
    thread.start()
    assert begun.wait(20)
    assert one("other").value == "first"
    goes_on.set()
    thread.join()
    one._until = 0.0
    assert one("last").value == "last"


def test_the_first_ones_find_it_themselves():
    begun, goes_on = threading.Event(), threading.Event()

    def find(conn):
        if conn == "slow":
            begun.set()
            assert goes_on.wait(20)
        return conn

    one = Kept(find)
    thread = threading.Thread(target=one, args=("slow",))
    thread.start()
    assert begun.wait(20)
    assert one("other").value == "other"
    goes_on.set()
    thread.join()


def test_what_cannot_be_found_is_tried_again():
    answers = iter((ZeroDivisionError(), 5))

    def find(_conn):
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    one = Kept(find)
    with pytest.raises(ZeroDivisionError):
        one(None)
    assert one(None).value == 5


# How tables are read ------------------------------------------------------------------------------

PAGES = [
    *("/", "/accounts", f"/accounts/{FIRST}", f"/accounts/{FIRST}/ledger", "/queue", "/routes"),
    *(f"/queue/3/{FIRST}", "/messages", "/messages?state=unknown", "/messages?number=44771000000"),
    *(f"/messages?account={FIRST}", "/messages?file=order.txt", "/messages?of=1", "/files/1"),
    *("/messages?since=2020-01-01T00:00", "/messages?until=2100-01-01T00:00", "/files", "/numbers"),
    *("/numbers?number=447700900001", f"/numbers?account={FIRST}", "/replies", "/callbacks"),
    *("/replies?nobody=1", "/callbacks?failed=1"),
]
#: What may be read as a whole: the configuration, and what is kept by how long it takes.
SMALL = ("account", "route", "node", "pause", "setting", "callback_url")
#: Of the listed numbers there is only the key, in whose order so many are read.
LARGE = ("message", "event", "ledger", "part", "file", "reply", "callback", "inbound")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The steps of all statements for each page, without the two that count all messages."""
    from gatewaypages import World

    with World(tmp_path_factory.mktemp("plans")) as world, world.client() as client:
        (uid, *_) = world.messages(200)
        world.messages(200, account=2)
        for one in world.send(20):
            world.receive(one)
        world.callback(uid)
        world.reply("x")
        world.list_number("447700900001")
        whole = explained(world.database)
        found = {}
        for path in [*PAGES, f"/messages/{uid}"]:
            for who in ("admin", "owner"):
                before = len(whole.steps)
                assert client.get(path, headers=as_(who)).status_code == 200
                found[path, who] = whole.steps[before:]
        yield whole, found


def test_no_page_reads_a_large_table_as_a_whole(seen):
    whole, found = seen
    counted = ("GROUP BY message.account, message.state", "GROUP BY message.route, message.state")
    wrong: list[tuple[str, ...]] = []
    for (path, who), steps in found.items():
        whole.steps = [one for one in steps if not any(words in one[0] for words in counted)]
        wrong += [(path, who, *one) for one in whole.scans(*LARGE)]
    assert not wrong, "\n".join(map(str, wrong))


def test_no_page_sorts_more_than_a_piece(seen):
    """Rows come in the order of an index, but where a group or a message has few."""
    _, found = seen
    for (path, who), steps in found.items():
        sorts = [one for one in steps if "TEMP B-TREE FOR ORDER BY" in one[1]]
        few = ("node", "message.file IN")
        rest = [one for one in sorts if not any(words in one[0] for words in few)]
        assert rest == [], (path, who)


def test_groups_of_the_queue_are_those_of_the_messages(world):
    world.messages(5, queue=1)
    world.messages(4, queue=1, way="spare")
    world.messages(3, account=2, queue=2)
    found = world.database.read(counts.groups)
    assert [one[:3] for one in found] == [(1, 1, 9), (2, 2, 3)]
    assert all(abs(one.since - time.time()) < 60 for one in found)
    assert world.database.read(lambda conn: counts.groups(conn, 2)) == found[1:]
