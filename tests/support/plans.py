"""How a database finds the rows of each statement that it is given.

seen = explained(database)
...                         # work
assert seen.scans("message", "reply") == []
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlalchemy import event

_EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
#: A gateway's PostgreSQL reads a whole table only where no index fits (``enable_seqscan``).
_SCAN = {
    "sqlite": re.compile(r"SCAN (\w+)(?! USING)\b"),
    "postgresql": re.compile(r"Seq Scan on (\w+)"),
}


@dataclass
class Plans:
    """Statements with the steps of their plans."""

    kind: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def scans(self, *tables: str) -> list[tuple[str, str]]:
        """The steps that read all of one of these tables."""
        found = ((statement, step, _SCAN[self.kind].search(step)) for statement, step in self.steps)
        return [(statement, step) for statement, step, of in found if of and of[1] in tables]


def explained(database) -> Plans:
    """Filled from now on."""
    engine = getattr(database._engine, "sync_engine", database._engine)
    found = Plans(engine.dialect.name)

    def explain(conn, _cursor, statement, values, _context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            cursor = conn.connection.cursor()
            cursor.execute(_EXPLAIN[found.kind] + statement, values)
            words = " ".join(statement.split())
            found.steps += [(words, row[-1].strip()) for row in cursor.fetchall()]
            cursor.close()

    event.listen(engine, "before_cursor_execute", explain)
    return found
