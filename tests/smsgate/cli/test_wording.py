"""Lines for people that fit a terminal."""

import pytest

from smsgate.cli import wording
from smsgate.ftpclient.status import MessageState, MessageStatus


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("000001-people.hb5gba62.txt", "000001-people.hb5gba62.txt  "),
        ("000001-a-long-name-of-a-table.hb5gba62.txt", "000001-a-…table.hb5gba62.txt"),
        ("000001-a-long-name-of-a-table.hb5gba62.p1-2.txt", "000001-a-….hb5gba62.p1-2.txt"),
    ],
)
def test_the_states_of_long_names_stand_in_their_column(name, shown):
    row = MessageStatus(file=name, to="447700900123", state=MessageState.ACCEPTED, table_row=1234)
    line = wording.standing_line(row)
    assert line.startswith(f"{shown[:28]}  447700900123     accepted")
    assert len(line) <= wording.WIDTH
    assert wording.standing_record(row)["file"] == name
