"""Version 2: replies, callbacks, routing, pauses and several nodes."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """From the version before."""
    op.create_table(
        "callback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("event", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("charge", sa.BigInteger(), nullable=True),
        sa.Column("reply", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("due", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claimed", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event"),
        sa.UniqueConstraint("reply"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("callback", schema=None) as batch_op:
        batch_op.create_index(
            "callback_done",
            ["changed"],
            unique=False,
            sqlite_where=sa.text("state = 'done'"),
            postgresql_where=sa.text("state = 'done'"),
        )
        batch_op.create_index(
            "callback_failed",
            ["changed"],
            unique=False,
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        )
        batch_op.create_index("callback_message", ["message"], unique=False)
        batch_op.create_index(
            "callback_sending",
            ["claimed"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(
            "callback_waiting",
            ["account", "kind", "due", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "callback_url",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("until", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "duty",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "home_history",
        sa.Column("home", sa.String(length=32), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("home", "account"),
    )
    op.create_table(
        "listed",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column(
            "account",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("number", "account", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "node",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("seen", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pause",
        sa.Column(
            "account",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("queue", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account", "queue"),
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("handset", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("udh", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("parts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("logged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("home", sa.String(length=32), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index("reply_time", ["time"], unique=False)
        batch_op.create_index(
            "reply_unlogged",
            ["account", "id"],
            unique=False,
            sqlite_where=sa.text("logged < 2"),
            postgresql_where=sa.text("logged < 2"),
        )

    op.create_table(
        "reply_log",
        sa.Column("home", sa.String(length=32), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("home", "account"),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("home", sa.String(length=32), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("replies_pushed", sa.Integer(), server_default="0", nullable=False)
        )

    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("home", sa.String(length=32), server_default="", nullable=False)
        )

    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=8), server_default="new", nullable=False)
        )
        batch_op.add_column(sa.Column("mark", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("lot", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("total", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handset", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("reply", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index("inbound_mark", ["mark", "time"], unique=False)
        batch_op.create_index(
            "inbound_new",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'new'"),
            postgresql_where=sa.text("state = 'new'"),
        )
        batch_op.create_index("inbound_time", ["route", "time"], unique=False)
        batch_op.create_index(
            "inbound_waiting",
            ["handset", "lot"],
            unique=False,
            sqlite_where=sa.text("state = 'part'"),
            postgresql_where=sa.text("state = 'part'"),
        )

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("way", sa.String(length=32), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("routed", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("tried", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("escalates", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("callback", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("answers", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_index(
            batch_op.f("message_waiting"), sqlite_where=sa.text("state = 'waiting'")
        )
        batch_op.create_index(
            "message_waiting",
            ["way", "account", "queue", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "message_answers",
            ["recipient"],
            unique=False,
            sqlite_where=sa.text("answers = 1"),
            postgresql_where=sa.text("answers = 1"),
        )
        batch_op.create_index(
            "message_escalates",
            ["way", "routed", "id"],
            unique=False,
            sqlite_where=sa.text("escalates = 1 AND state IN ('waiting', 'delayed')"),
            postgresql_where=sa.text("escalates = 1 AND state IN ('waiting', 'delayed')"),
        )
        batch_op.create_index(
            "message_unknown",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'unknown'"),
            postgresql_where=sa.text("state = 'unknown'"),
        )

    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("home", sa.String(length=32), server_default="", nullable=False)
        )

    with op.batch_alter_table("route", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paced", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("broken", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("served", sa.Float(), server_default="0", nullable=False))

    with op.batch_alter_table("setting", schema=None) as batch_op:
        batch_op.alter_column(
            "key",
            existing_type=sa.VARCHAR(length=32),
            type_=sa.String(length=80),
            existing_nullable=False,
        )

    # Made by hand: a message stays with its route, also one that is sent again later; others find
    # theirs at the next start.
    op.execute("UPDATE message SET way = route WHERE route IS NOT NULL")
