"""Sessions of gateways that stopped in the middle of a statement, and have locks all others need.

A process that is stopped still has its connections, and its machine answers for it. PostgreSQL ends
a transaction whose client says nothing between two statements, and a statement that takes long, but
waits without end for a client that has announced a statement and not sent it: another node ends
that. What was not committed is undone, as after any loss of the connection.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from smsgate.gateway.queue.statements import is_postgresql

#: What the sessions of all gateways are called.
NAME = "smsenc gateway"
_END = text(
    """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = :name AND datname = current_database() AND usename = current_user
    AND state = 'active' AND wait_event = 'ClientRead'
    AND state_change < clock_timestamp() - make_interval(secs => :seconds)
    """
)


def end(conn: Connection, seconds: float) -> int:
    """End the sessions in which a statement was begun so long ago, and is waited for; how many."""
    if not is_postgresql(conn):
        return 0
    return int(conn.execute(_END, {"name": NAME, "seconds": seconds}).scalar_one())
