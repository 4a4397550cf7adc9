"""Rows of a gateway's database for tests of its logs: accounts, files, messages and events."""

from __future__ import annotations

import json

from sqlalchemy import insert

from smsgate.gateway import tables
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.states import State

NOW = 1_795_860_000.0  # 2026-11-28 10:00:00 UTC
NUMBER = "447700900123"


def uid(number):
    return f"{number:032x}"


def made(folder):
    folder.mkdir(exist_ok=True)
    return SqliteDatabase(folder, make=True)


def file_row(one, account=1, *, name="000001-note.txt", client=None, state="read", taken=NOW):
    content = json.dumps({"cliMsgId": client} if client else {})
    return {"id": one, "account": account, "name": name, "spool": uid(one), "size": 1} | {
        "digest": "",
        "taken": taken,
        "state": state,
        "content": content,
    }


def message_row(one, file=1, account=1, state=State.SENT, changed=NOW):
    return {"id": one, "uid": uid(one), "account": account, "file": file, "line": one} | {
        "recipient": NUMBER,
        "state": state,
        "status": 3,
        "queue": 3,
        "due": NOW,
        "parts": 1,
        "expires": NOW + 60,
        "features": 1,
        "charge": 1_000_000,
        "changed": changed,
    }


def event_row(message, account=1, status=2, time=NOW, charge=None):
    return {
        "account": account,
        "message": message,
        "status": status,
        "time": time,
        "charge": charge,
    }


def remark_row(text, account=1, file="000001-note.txt", time=NOW):
    return {"account": account, "time": time, "file": file, "text": text}


def put(database, **rows):
    """Insert rows by table; several transactions are the caller's."""

    def work(conn):
        for name, several in rows.items():
            if several:
                conn.execute(insert(getattr(tables, name)), several)

    database.transact(work)
