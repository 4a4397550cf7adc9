"""Rows of files in a journal: what a command that writes may change of them."""

from contextlib import closing

import pytest
from outboxes import records_of

from smsgate.outbox import files, home, journal
from smsgate.outbox.files import State


@pytest.mark.parametrize("state", State)
def test_a_file_that_was_sent_keeps_its_digest(tmp_path, state):
    name = "000001-a.abcdefgh.txt"
    with closing(home.connect(records_of(tmp_path / "box"))) as base:
        with journal.transaction(base):
            files.record(base, "abcdefgh", [(name, "old")])
            base.execute("UPDATE file SET state = ?", (state,))
            files.record(base, "abcdefgh", [(name, "new")])
        row = files.row(base, name)
    assert (row.state, row.digest) == (state, "old" if state in files.SEEN else "new")
