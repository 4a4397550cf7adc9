"""Version ${up_revision}: ${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """From the version before."""
    ${upgrades if upgrades else "pass"}
