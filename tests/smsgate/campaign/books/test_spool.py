import pytest
from campaigns import outbox

from smsgate.campaign.books.layout import Position
from smsgate.campaign.books.ledger import Slot
from smsgate.campaign.books.spool import FileContents, Spool
from smsgate.campaign.rows.model import Group
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Volumes


def template_head(key, parts):
    return b"concat:%d\ndelimiter:%s\n" % (parts, key)


CONTENTS = FileContents(log_in=b"user:x\n", template_head=template_head, limit=3)


def rows(*names, parts=None):
    lines = b"".join(b"csv:%s\n" % name.encode() for name in names)
    return Group(b",", "people", (), lines, len(names), bytes(parts or [1] * len(names)))


def own(key, number):
    return Group(key, "people", (b"text:%s\n" % key,), b"to:%d\n" % number, 1)


@pytest.fixture
def volumes(tmp_path):
    with Volumes(tmp_path / "out").opened() as opened:
        yield opened


def spool(tmp_path, volumes):
    return Spool(tmp_path / "pieces", volumes, CONTENTS, Position())


def files(tmp_path, volumes):
    volumes.publish()
    return outbox(tmp_path / "out")


def test_rows_fill_a_file_up_to_its_limit(tmp_path, volumes):
    spooled = spool(tmp_path, volumes)
    spooled.add(Slot.TEMPLATE, rows("a", "b", parts=[1, 2]))
    spooled.add(Slot.TEMPLATE, rows("c", "d", "e", "f", "g", parts=[1, 1, 1, 1, 3]))
    spooled.close()
    assert files(tmp_path, volumes) == {
        "000/000001-people.txt": b"user:x\nconcat:2\ndelimiter:,\ncsv:a\ncsv:b\ncsv:c\n",
        "000/000002-people.txt": b"user:x\nconcat:1\ndelimiter:,\ncsv:d\ncsv:e\ncsv:f\n",
        "000/000003-people.txt": b"user:x\nconcat:3\ndelimiter:,\ncsv:g\n",
    }
    assert spooled.position == Position(4, 0, 3, 3)


def test_a_message_with_another_key_closes_the_one_before(tmp_path, volumes):
    spooled = spool(tmp_path, volumes)
    for key, number in ((b"x", 1), (b"x", 2), (b"y", 3), (b"x", 4)):
        spooled.add(Slot.OWN, own(key, number))
    spooled.close()
    assert list(files(tmp_path, volumes).values()) == [
        b"user:x\ntext:x\nto:1\nto:2\n",
        b"user:x\ntext:y\nto:3\n",
        b"user:x\ntext:x\nto:4\n",
    ]


def test_open_messages_go_on_in_the_next_run(tmp_path, volumes):
    first = spool(tmp_path, volumes)
    first.add(Slot.TEMPLATE, rows("a"))
    first.add(Slot.OWN, own(b"x", 1))
    stored = first.settle()
    assert [(row.slot, row.number, row.rows, row.size) for row in stored] == [
        ("own", 2, 1, 5),
        ("template", 1, 1, 6),
    ]
    first.add(Slot.TEMPLATE, rows("lost"))
    first.settle()  # written to the piece, but the journal does not know it
    second = Spool(tmp_path / "pieces", volumes, CONTENTS, first.position)
    second.resume(stored)
    assert second.numbers() == {1, 2}
    second.add(Slot.TEMPLATE, rows("b"))
    assert [row.size for row in second.settle()] == [5, 12]
    second.close()
    second.forget()
    assert list(files(tmp_path, volumes).values()) == [
        b"user:x\nconcat:1\ndelimiter:,\ncsv:a\ncsv:b\n",
        b"user:x\ntext:x\nto:1\n",
    ]
    assert not (tmp_path / "pieces").exists()


def test_a_piece_that_is_gone_is_an_error(tmp_path, volumes):
    spooled = spool(tmp_path, volumes)
    spooled.add(Slot.TEMPLATE, rows("a"))
    spooled.settle()
    piece = tmp_path / "pieces" / "000001"
    piece.write_bytes(b"csv")
    with pytest.raises(OutboxError, match=r"^expected 3 octets more in .*000001$"):
        spooled.close()
    spooled.add(Slot.TEMPLATE, rows("a"))
    spooled.settle()
    (tmp_path / "pieces" / "000002").unlink()
    with pytest.raises(OutboxError, match=r"000002, which the journal names, found none$"):
        spooled.close()


def test_without_volumes_only_the_position_changes(tmp_path):
    spooled = Spool(tmp_path / "pieces", None, CONTENTS, Position())
    spooled.add(Slot.TEMPLATE, rows("a", "b", "c", "d"))
    assert [row.size for row in spooled.settle()] == [0]
    spooled.close()
    assert spooled.position == Position(3, 0, 2, 2)
    assert list(tmp_path.iterdir()) == []
