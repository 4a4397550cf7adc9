"""The tables of the gateway's database. Times are UNIX seconds, amounts millionths of a credit."""

from __future__ import annotations

from smsgate.gateway.tables.accounts import account, ledger, setting
from smsgate.gateway.tables.base import metadata
from smsgate.gateway.tables.callbacks import callback, callback_url
from smsgate.gateway.tables.logs import history, home_history, remark
from smsgate.gateway.tables.messages import event, file, message, part
from smsgate.gateway.tables.nodes import duty, node
from smsgate.gateway.tables.pauses import pause
from smsgate.gateway.tables.replies import listed, reply, reply_log
from smsgate.gateway.tables.routes import early_receipt, inbound, route
from smsgate.gateway.tables.users import page_session, page_user

__all__ = [
    "VERSION",
    "account",
    "callback",
    "callback_url",
    "duty",
    "early_receipt",
    "event",
    "file",
    "history",
    "home_history",
    "inbound",
    "ledger",
    "listed",
    "message",
    "metadata",
    "node",
    "page_session",
    "page_user",
    "part",
    "pause",
    "remark",
    "reply",
    "reply_log",
    "route",
    "setting",
]

#: Raised when the tables change.
VERSION = 3
