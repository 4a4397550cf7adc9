"""The brake of the intake: an account has no more messages waiting than its limit allows."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, closing
from itertools import count

import pytest
from intakes import API_ID, LOGIN, PASSWORD, Room
from sqlalchemy import func, select, update

from smsgate.gateway.intake.backlog import Backlog
from smsgate.gateway.queue import counts
from smsgate.gateway.settings import Limits
from smsgate.gateway.states import State
from smsgate.gateway.tables import message

OTHER = "2718281"


def file(rows, login=LOGIN):
    lines = (f"to:4477009{n:05}\n" for n in range(rows))
    return login + b"text:Hello\n" + "".join(lines).encode()


@pytest.fixture
def limited(tmp_path):
    """Makes rooms with limits."""
    with ExitStack() as stack:
        yield lambda **limits: stack.enter_context(
            closing(Room(tmp_path, limits=Limits(settle=0.2, **limits)))
        )


def waiting(room):
    return room.database.read(counts.waiting)


def send_all(conn):
    """Let nothing wait any more, as if all had left."""
    changed = update(message).where(message.c.state == State.WAITING).values(state=State.SENT)
    conn.execute(changed)


def test_a_file_is_read_on_as_messages_leave(limited):
    room = limited(most_waiting_per_account=300)
    intake = room.intake()
    seen = []

    def leaving():
        seen.append(waiting(room).get(API_ID, 0))
        if seen[-1] >= 300:
            room.database.transact(send_all)
        return room.idle()

    room.upload("a.txt", file(900))
    intake.take(room.folder, "a.txt")
    room.run(intake, leaving)
    assert max(seen) == 500  # a lot at a time
    total = select(func.count()).select_from(message)
    assert room.database.read(lambda conn: conn.execute(total).scalar()) == 900
    answers = room.folder.joinpath("a.txt.log").read_text()
    assert answers.count("ID: ") == len(answers.splitlines()) == 900


def test_while_it_is_full_settled_files_stay(limited):
    room = limited(most_waiting_per_account=10)
    intake = room.intake()
    room.upload("first.txt", file(10))
    intake.take(room.folder, "first.txt")
    room.run(intake, lambda: room.idle() and room.told)
    again = room.intake()
    room.upload("second.txt", file(5))
    rounds = count()

    def a_while():
        return next(rounds) > 200  # much longer than the settle time

    room.run(again, a_while)
    assert room.folder.joinpath("second.txt").exists()
    assert not again.prove(room.folder, "second.txt")
    room.database.transact(send_all)
    room.run(room.intake(), room.folder.joinpath("second.txt.log").exists)


def test_people_hear_when_it_is_full_and_when_it_is_not(limited):
    room = limited(most_waiting_per_account=10)

    def emptied():
        if room.told and room.idle():
            room.database.transact(send_all)
        return len(room.told) == 2

    intake = room.intake()
    room.upload("first.txt", file(10))
    intake.take(room.folder, "first.txt")
    room.run(intake, emptied)
    assert room.told == [
        f"account {API_ID}: 10 messages wait: uploads are refused for now",
        f"account {API_ID}: uploads are taken again",
    ]


def test_the_other_accounts_go_on(limited):
    room = limited(most_waiting_per_account=10)
    folder = room.add(OTHER, "eve", PASSWORD)
    intake = room.intake()
    room.upload("first.txt", file(10))
    intake.take(room.folder, "first.txt")
    room.run(intake, lambda: room.idle() and room.told)
    assert not intake.is_full(OTHER)
    login = LOGIN.replace(API_ID.encode(), OTHER.encode()).replace(b"user:joe", b"user:eve")
    room.upload("theirs.txt", file(5, login), folder)
    second = room.intake()
    second.take(folder, "theirs.txt")
    room.run(second, folder.joinpath("theirs.txt.log").exists)
    assert waiting(room) == {API_ID: 10, OTHER: 5}


def test_all_together_have_a_limit(limited):
    room = limited(most_waiting=10)
    intake = room.intake()
    room.upload("first.txt", file(10))
    intake.take(room.folder, "first.txt")
    room.run(intake, lambda: room.idle() and room.told)
    assert room.told == ["the gateway: 10 messages wait: uploads are refused for now"]


@pytest.mark.parametrize("most", [1, 7, 100])
def test_what_was_added_counts_before_the_next_count(limited, most):
    room = limited()

    async def main():
        limits = Limits(most_waiting_per_account=most)
        backlog = Backlog(room.database, limits, room.told.append)
        added = 0
        while not backlog.is_full(API_ID):
            await backlog.room(API_ID, 3)
            added += 3
        return added

    assert most <= asyncio.run(main()) < most + 3


def test_a_count_that_fails_is_told_once(limited, monkeypatch):
    room = limited(most_waiting_per_account=1)
    backlog = Backlog(room.database, room.settings.limits, room.told.append)

    async def main():
        await backlog.room(API_ID, 1)
        running = asyncio.create_task(backlog.run())
        await asyncio.sleep(0.8)
        running.cancel()

    with monkeypatch.context() as patched:
        patched.setattr(counts, "waiting", lambda _: (_ for _ in ()).throw(OSError(5, "no disk")))
        asyncio.run(main())
    assert len(room.told) == 1
    assert room.told[0].startswith("cannot count the messages that wait:")
    assert backlog.is_full(API_ID)
