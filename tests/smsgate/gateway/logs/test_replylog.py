"""mo.log: exactly once over crashes, and understood by ``smsenc log``."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from ftpservers import HOST, LOG_IN
from gatewayqueue import START, Queue
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from smsenc.messagefile.logs import LONGEST_LINE, Lines, Reply, read_replies, replies
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.logs import LogReader
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.gateway import tables
from smsgate.gateway.logs import replylines, replylots
from smsgate.gateway.logs.replylines import ReplyRow
from smsgate.gateway.logs.replylog import NAME, ReplyLog
from smsgate.gateway.settings import Limits
from smsgate.masking import printable

ROW = ReplyRow(1, START, "447700900123", "448311000000", "Yes", "", None, None)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text("a\n\r\t 2026-:")


@pytest.fixture
def queue(database, tmp_path):
    found = Queue(database)
    for number in (1, 2):
        found.account(number)
        (tmp_path / str(number)).mkdir()
    return found


def add(queue, *texts, account=1):
    rows = [
        {"uid": random.randbytes(16).hex(), "account": account, "route": "r", "time": START}
        | {"handset": "447700900123", "number": "448311000000", "text": text}
        for text in texts
    ]
    queue.run(lambda conn: conn.execute(insert(tables.reply), rows))


def writer(queue, tmp_path, **limits):
    def folder(key):
        found = tmp_path / str(key)
        return found if found.is_dir() else None

    return closing(ReplyLog(queue.database, folder, replace(Limits(), **limits)))


def said(tmp_path, account=1):
    """The texts in the logs of an account, the older first."""
    logs = sorted((tmp_path / str(account)).glob("mo.log*"), reverse=True)
    return [one.text for log in logs for one in read_replies(log.read_bytes())]


def test_a_line_is_as_the_specification_says():
    assert replylines.reply(ROW) == "2023-11-14 22:13:20 447700900123\t448311000000\tYes\n"


def test_octets_and_what_they_lack_are_shown():
    row = ROW._replace(text=None, udh="0605040B8423F0", data="01FF", note="missing: part 2 of 2")
    line = replylines.reply(row)
    assert line.endswith("\tudh:0605040B8423F0 data:01FF [missing: part 2 of 2]\n")


@given(st.lists(_TEXT, min_size=1, max_size=5))
def test_texts_come_back_and_none_can_look_like_a_reply(texts):
    octets = "".join(replylines.reply(ROW._replace(text=text)) for text in texts).encode()
    found = read_replies(octets)
    assert all(isinstance(one, Reply) for one in found)
    plain = [text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for text in texts]
    assert [one.text for one in found] == ["\n".join(map(printable, lines)) for lines in plain]


@given(st.lists(_TEXT, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_a_log_can_be_read_in_any_pieces(texts, chance):
    octets = "".join(replylines.reply(ROW._replace(text=text)) for text in texts).encode()
    lines, found, last = Lines(), [], None
    while octets:
        size = chance.randint(1, 30)
        some = lines.feed(octets[:size])
        octets = octets[size:]
        for one in replies(some, last) if some else ():
            if last and one.line == last.line:
                found.pop()
            last = one
            found.append(one.text)
    whole = "".join(replylines.reply(ROW._replace(text=text)) for text in texts).encode()
    assert found == [one.text for one in read_replies(whole)]


@pytest.mark.parametrize("text", ["Ж" * 17_000, "a" * 39_015, "a" * 8000 + "\n" + "b" * 8000])
def test_the_longest_texts_are_read(text):
    octets = replylines.reply(ROW._replace(text=text)).encode()
    assert max(map(len, octets.split(b"\n"))) <= LONGEST_LINE
    assert [one.text for one in read_replies(octets)] == [text]


def test_strange_numbers_make_no_strange_lines():
    row = ROW._replace(handset="Bank\t1\n", number="+44 (0)8")
    (found,) = read_replies(replylines.reply(row).encode())
    assert (found.handset, found.to) == ("Bank1", "4408")
    (found,) = read_replies(replylines.reply(ROW._replace(handset="…")).encode())
    assert found.handset == "0"


def test_replies_go_to_their_accounts_in_order(queue, tmp_path):
    add(queue, "one", "two")
    add(queue, "three", account=2)
    add(queue, "nobody's", account=None)
    with writer(queue, tmp_path) as log:
        assert asyncio.run(log.write(START)) == 3
        add(queue, "four")
        assert asyncio.run(log.write(START)) == 1
        assert asyncio.run(log.write(START)) == 0
    assert said(tmp_path) == ["one", "two", "four"]
    assert said(tmp_path, 2) == ["three"]


def test_full_logs_are_rotated(queue, tmp_path):
    with writer(queue, tmp_path, history_size=200, history_files=9) as log:
        for n in range(12):
            add(queue, f"text {n}")
            asyncio.run(log.write(START))
    assert (tmp_path / "1" / f"{NAME}.3").exists()
    assert said(tmp_path) == [f"text {n}" for n in range(12)]


def test_a_log_that_cannot_be_written_does_not_stop_the_others(queue, tmp_path):
    (tmp_path / "1").rmdir()
    (tmp_path / "1").write_text("")
    add(queue, "one")
    add(queue, "two", account=2)
    with closing(ReplyLog(queue.database, lambda key: tmp_path / str(key), Limits())) as log:
        assert asyncio.run(log.write(START)) == 1
        assert log.problem
        (tmp_path / "1").unlink()
        (tmp_path / "1").mkdir()
        assert asyncio.run(log.write(START + 1)) == 0
        assert asyncio.run(log.write(START + 6)) == 1
        assert not log.problem
    assert (said(tmp_path), said(tmp_path, 2)) == (["one"], ["two"])


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", range(1, 9))
def test_after_a_kill_at_any_step_each_line_is_there_once(queue, tmp_path, step, monkeypatch):
    """It is killed before its commits, between them, and behind the octets."""
    add(queue, "zero")
    with writer(queue, tmp_path) as log:
        asyncio.run(log.write(START))
    add(queue, "one", "two\n2026-11-29 10:00:00 1\t2\tforged", "three")
    left = [step]

    def counted(function):
        def step_(*values, **named):
            left[0] -= 1
            if not left[0]:
                raise Killed
            found = function(*values, **named)
            left[0] -= 1
            if not left[0]:
                raise Killed
            return found

        return step_

    killed = False
    with writer(queue, tmp_path, history_size=100) as log, monkeypatch.context() as patch:
        patch.setattr(replylots, "settle", counted(replylots.settle))
        patch.setattr(replylots, "plan", counted(replylots.plan))
        patch.setattr(log._appender, "append", counted(log._appender.append))
        patch.setattr(log._appender, "prepare", counted(log._appender.prepare))
        try:
            asyncio.run(log.write(START))
        except Killed:
            killed = True
    assert killed
    add(queue, "four")
    with writer(queue, tmp_path, history_size=100) as log:
        asyncio.run(log.write(START))
    forged = "two\n2026-11-29 10:00:00 1\\t2\\tforged"
    assert said(tmp_path) == ["zero", "one", forged, "three", "four"]


def test_octets_behind_the_committed_end_are_written_again(queue, tmp_path):
    add(queue, "one")
    with writer(queue, tmp_path) as log:
        asyncio.run(log.write(START))
        planned = update(tables.reply).values(logged=replylots.Logged.PLANNED)
        queue.run(lambda conn: conn.execute(planned))
        queue.run(lambda conn: conn.execute(update(tables.reply_log).values(size=0)))
        asyncio.run(log.write(START))
    assert said(tmp_path) == ["one"]


def test_our_client_reads_each_reply_once_over_rotations(queue, ftpd, remote):
    texts = [f"text {n}\nin two lines" for n in range(40)]
    limits = replace(Limits(), history_size=400, history_files=50)
    with (
        LogRecords(None, f"{HOST}:21/") as records,
        closing(ReplyLog(queue.database, lambda _: remote, limits)) as log,
    ):
        for n, text in enumerate(texts):
            add(queue, text)
            asyncio.run(log.write(START))
            if n % 9 == 0:
                look(ftpd.port, records)
        look(ftpd.port, records)
        assert [one.text for one in records.replies()] == texts
    assert (remote / f"{NAME}.5").exists()


def look(port, records):
    server = Server(host=HOST, port=port, security=Security.NONE, timeout=10)
    gateway = RetryingSession(
        lambda: Session(server, LOG_IN), (), threading.Event(), lambda _: None
    )
    with closing(gateway):
        LogReader(gateway, records, frozenset()).read()
