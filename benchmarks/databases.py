"""The queue of the gateway on SQLite beside PostgreSQL: messages a second, in lots.

Run with the project's Python: ``.venv/bin/python benchmarks/databases.py``. PostgreSQL is started
for it (tests/support/postgres.py), with fsync. *insert* is acceptance with credits and events;
*send* is what a sender does in one transaction: outcomes of a lot recorded, the next lot picked;
*final* is the receipts of a lot. ``--nodes`` are connections that send at the same time.
"""

import argparse
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.engine import make_url

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/support"))

import postgres

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import tables
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import accept, ledger, outcomes, picking, receipts
from smsgate.gateway.queue.outcomes import Ended, Outcome

ROUTE = "main"
CREDITS = 10**15


def prepare(database, accounts):
    def work(conn):
        for number in range(1, accounts + 1):
            texts = dict.fromkeys(("password_hash", "ftp_password_hash"), "") | {"state": "open"}
            names = dict.fromkeys(("api_id", "ftp_user", "user"), str(number))
            row = texts | names | {"id": number, "balance": 0, "created": 0.0}
            conn.execute(insert(tables.account).values(row))
            ledger.grant(conn, number, CREDITS, "", 0.0)
        conn.execute(insert(tables.route).values(name=ROUTE, state="open"))

    database.transact(work)


def fill(database, count, lot, accounts):
    now = time.time()
    for start in range(0, count, lot):
        rows = [
            accept.New(n, f"4477{n:08}", None, 3, 0.0, now + 1e6, 1, 100, way=ROUTE)
            for n in range(start, min(count, start + lot))
        ]
        number = 1 + start // lot % accounts
        database.transact(partial(accept.accept, account_id=number, file_id=1, lot=rows, now=now))


def send(database, lot, node, sent):
    ended, after = [], 0
    while True:

        def cycle(conn, ended=ended, after=after):
            now = time.time()
            if ended:
                outcomes.record(conn, ROUTE, ended, now)
            return picking.pick(conn, ROUTE, lot, now, after, 0, node)

        due = database.transact(cycle)
        if not due and not ended:
            return
        ended = [Outcome(one.message, ((1, one.uid),), Ended.SENT, node=node) for one in due]
        after = due[-1].account if due else 0
        sent.extend(one.uid for one in due)


def deliver(database, ids, lot):
    now = time.time()
    for start in range(0, len(ids), lot):
        some = [receipts.Received(one, MessageState.DELIVERED) for one in ids[start : start + lot]]
        database.transact(lambda conn, some=some: receipts.apply(conn, ROUTE, some, now))


def timed(name, count, work):
    start = time.perf_counter()
    work()
    rate = count / (time.perf_counter() - start)
    print(f"  {name:28} {rate:10,.0f}/s", flush=True)


def at_once(works):
    threads = [threading.Thread(target=one) for one in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def run(name, databases, given):
    print(f"{name}: {given.messages:,} messages, {given.accounts} accounts, lots of {given.lot}")
    first, sent = databases[0], [[] for _ in databases]
    prepare(first, given.accounts)
    timed("insert", given.messages, lambda: fill(first, given.messages, given.lot, given.accounts))
    works = [
        lambda one=one, node=node: send(one, given.lot, node, sent[node - 1])
        for node, one in enumerate(databases, 1)
    ]
    timed(f"send, {len(databases)} at once", given.messages, lambda: at_once(works))
    ids = list(chain.from_iterable(sent))
    assert len(set(ids)) == len(ids) == given.messages, "lost or twice"
    timed("final", given.messages, lambda: deliver(first, ids, given.lot))


def main():
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--messages", type=int, default=20_000)
    reader.add_argument("--lot", type=int, default=100)
    reader.add_argument("--accounts", type=int, default=1)
    reader.add_argument("--nodes", type=int, default=1)
    reader.add_argument("--only", choices=("sqlite", "postgresql"))
    given = reader.parse_args()
    with ExitStack() as ends:
        if given.only != "postgresql":
            folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
            database = SqliteDatabase(folder, make=True)
            run("SQLite", [database], given)
            database.close()
        if given.only != "sqlite":
            url = make_url(ends.enter_context(postgres.running()).fresh())
            databases = [PostgresDatabase(url, make=True) for _ in range(given.nodes)]
            run("PostgreSQL", databases, given)
            for one in databases:
                one.close()


if __name__ == "__main__":
    main()
