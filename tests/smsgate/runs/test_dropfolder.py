"""The steps of a source through a drop folder, each of which a run may be killed after."""

import errno
import os
import re

import pytest
from outboxes import names

from converters.pipeline import Job
from smsenc.messagefile import Message
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Outbox
from smsgate.runs.dropfolder.folder import DropFolder
from smsgate.runs.dropfolder.looks import Look
from smsgate.runs.dropfolder.rows import Rows

TO = "447700900123"
JOB = Job(recipients=(TO,), template=Message(to=(TO,), text=""))
CARD = "BEGIN:VCARD\nVERSION:2.1\nN:A\nTEL:+44 7700 900123\nEND:VCARD\n"
LONG = CARD.replace("N:A", f"N:{'x' * 60};{'y' * 60}")


def opened(drop, **more):
    return DropFolder(drop, drop.with_name("out"), JOB, **more)


def no_show(_):
    pass


def convert(dropped, source, show=no_show):
    with dropped.writing() as outbox:
        return dropped.convert(source, outbox, show)


def interrupted(dropped):
    with dropped.writing():
        return dropped.interrupted()


def killed(_):
    raise KeyboardInterrupt


def unmarked(found):
    """Names of message files without the mark of their run."""
    return [re.sub(r"\.[a-z2-7]{8}(?=\.)", "", name) for name in found]


def put(drop, name="a.vcf", text=CARD):
    (drop / name).write_text(text)
    return name


def test_a_source_is_taken_converted_and_finished(drop):
    with opened(drop) as dropped:
        source = dropped.take(put(drop))
        assert (source.name, source.number, source.reference) == ("a.vcf", 1, 1)
        assert dropped.path_of(source).read_text() == CARD
        shown = []
        converted = convert(dropped, source, shown.append)
        assert [(one.source, one.status) for one in shown] == [("a.vcf", "written")]
        assert (unmarked(converted.files), converted.errors) == (["000001-a.txt"], ())
        assert dropped.converted() == (converted,)
        assert dropped.finish(converted) == drop / "done/a.vcf"
        assert dropped.converted() == ()
    assert names(drop / "done") == ["a.vcf"]
    assert [path for path in (drop / ".taken").iterdir() if path.is_dir()] == []


def test_the_next_source_begins_after_the_last(drop):
    with opened(drop) as dropped:
        convert(dropped, dropped.take(put(drop, text=CARD + LONG)))
        source = dropped.take(put(drop, "b.vcf"))
    assert (source.number, source.reference) == (3, 2)


def test_files_of_others_in_the_outbox_do_not_matter(drop):
    drop.with_name("out").mkdir()
    (drop.with_name("out") / "000041-note.txt").touch()
    with opened(drop) as dropped:
        assert dropped.take(put(drop)).number == 1


def test_numbers_go_on_after_files_whose_rows_are_lost(drop):
    with opened(drop) as dropped:
        convert(dropped, dropped.take(put(drop, text=CARD * 3)))
        dropped._rows._base.execute("DELETE FROM drop_source")
    with opened(drop) as dropped:
        assert dropped.take(put(drop)).number == 4


def test_killed_before_the_messages_were_written(drop):
    with opened(drop) as dropped:
        taken = dropped.take(put(drop))
    with opened(drop) as dropped:
        assert interrupted(dropped) == (taken,)
        first = convert(dropped, taken)
        assert interrupted(dropped) == ()
        assert dropped.converted() == (first,)


def test_killed_before_the_source_was_moved(drop, monkeypatch):
    put(drop)
    with opened(drop) as dropped:
        monkeypatch.setattr(dropped, "_move_aside", killed)
        with pytest.raises(KeyboardInterrupt):
            dropped.take("a.vcf")
    with opened(drop) as dropped:
        assert interrupted(dropped) == ()
        assert dropped.look().complete == ("a.vcf",)
        assert dropped.take("a.vcf").number == 1


def test_a_source_that_was_removed_meanwhile(drop):
    with opened(drop) as dropped:
        assert dropped.take("gone.vcf") is None
        assert interrupted(dropped) == ()


@pytest.mark.parametrize(
    ("count", "place"),
    [(1, "done"), (2, "rejected")],
)
def test_a_source_of_which_nothing_was_sent_is_rejected(drop, count, place):
    with opened(drop) as dropped:
        converted = convert(dropped, dropped.take(put(drop, text=CARD * 2)))
        refused = converted.files[:count]
        final = dropped.finish(converted, dict.fromkeys(refused, "refused: 553 No"))
    assert final == drop / place / "a.vcf"
    lines = (drop / "rejected/a.vcf.txt").read_text().splitlines()
    assert lines == [f"{name}: refused: 553 No" for name in refused]
    assert not set(refused) & set(os.listdir(drop.with_name("out")))


def test_a_name_that_is_taken_gets_a_number(drop):
    with opened(drop) as dropped:
        finals = [dropped.finish(convert(dropped, dropped.take(put(drop)))) for _ in range(3)]
    assert [path.name for path in finals] == ["a.vcf", "a-2.vcf", "a-3.vcf"]


def test_only_complete_sources_are_taken(drop):
    for name in (".hidden", "half.part", "half~", "b.txt", "a.txt"):
        put(drop, name)
    now = [0.0]
    with opened(drop, settle=60, clock=lambda: now[0]) as dropped:
        assert dropped.look() == Look((), ("a.txt", "b.txt"))
        now[0] = 59.9
        assert dropped.look() == Look((), ("a.txt", "b.txt"))
        now[0] = 60
        with open(drop / "a.txt", "a") as file:
            assert dropped.look() == Look(("b.txt",), ("a.txt",))
            file.write("more")
        assert dropped.look() == Look(("b.txt",), ("a.txt",))
        now[0] = 120
        assert dropped.look() == Look(("a.txt", "b.txt"), ())


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutboxError) as caught, opened(tmp_path / "file"):
        pass
    assert str(caught.value) == f"cannot write to {tmp_path / 'file'}: not a directory"


def test_a_source_that_cannot_be_moved_stays_and_others_go_on(drop, monkeypatch):
    for name in ("a.vcf", "b.vcf"):
        put(drop, name)
    told = []
    with opened(drop, tell=told.append) as dropped:
        move = dropped._move_aside

        def refuse(source):
            if source.name == "a.vcf":
                raise PermissionError(errno.EPERM, "Operation not permitted")
            move(source)

        monkeypatch.setattr(dropped, "_move_aside", refuse)
        taken = [dropped.take(name) for name in dropped.look().complete]
        assert [source and source.name for source in taken] == [None, "b.vcf"]
        assert dropped.look().complete == ()
        assert dropped.failures == 1
        assert told == ["a.vcf: cannot be moved: operation not permitted"]
        assert [one.name for one in interrupted(dropped)] == ["b.vcf"]
        monkeypatch.undo()
    with opened(drop) as dropped:
        assert dropped.look().complete == ("a.vcf",)
        assert dropped.take("a.vcf").name == "a.vcf"


def test_a_link_that_takes_the_place_of_a_folder_later(drop, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    told = []
    with opened(drop, tell=told.append) as dropped:
        converted = convert(dropped, dropped.take(put(drop)))
        (drop / "done").rmdir()
        (drop / "done").symlink_to(tmp_path / "elsewhere")
        assert dropped.finish(converted) is None
        assert dropped.left() == 1
        assert len(told) == 1
        assert "expected a folder, found a link" in told[0]
        assert names(tmp_path / "elsewhere") == []
        (drop / "done").unlink()
        dropped.look()
        assert dropped.left() == 0
    assert names(drop / "done") == ["a.vcf"]


def test_a_source_that_became_a_link_at_the_last_moment_is_not_read(drop, tmp_path):
    (tmp_path / "secret.txt").write_text("hush")
    with opened(drop) as dropped:
        put(drop, "a.txt", "Hello")
        assert dropped.look().complete == ("a.txt",)
        (drop / "a.txt").unlink()
        (drop / "a.txt").symlink_to(tmp_path / "secret.txt")
        converted = convert(dropped, dropped.take("a.txt"))
        assert converted.files == ()
        assert dropped.finish(converted) == drop / "rejected/a.txt"
    assert (drop / "rejected/a.txt.txt").read_text() == (
        "a.txt: is a link, which is not followed here\n"
    )


def test_a_full_disk_rejects_no_source(drop, monkeypatch):
    put(drop)

    def full(*_):
        raise OutboxError("cannot write to out: no space left on device")

    with opened(drop) as dropped:
        source = dropped.take("a.vcf")
        monkeypatch.setattr(Outbox, "write", full)
        with pytest.raises(OutboxError):
            convert(dropped, source)
        monkeypatch.undo()
    with opened(drop) as dropped:
        assert interrupted(dropped) == (source,)
        assert convert(dropped, source).errors == ()


def test_a_source_that_others_removed_is_told(drop):
    told = []
    with opened(drop) as dropped:
        source = dropped.take(put(drop))
        dropped.path_of(source).unlink()
    with opened(drop, tell=told.append) as dropped:
        assert interrupted(dropped) == ()
        assert interrupted(dropped) == ()
    assert told == ["a.vcf: was removed before it was converted"]


def test_a_source_put_back_by_hand_leaves_no_message_files_behind(drop, monkeypatch):
    with opened(drop) as dropped:
        source = dropped.take(put(drop, text=CARD * 3))
        monkeypatch.setattr(Rows, "write", lambda *_: killed(_))
        with pytest.raises(KeyboardInterrupt):
            convert(dropped, source)
        monkeypatch.undo()
        assert len(list(dropped.outbox.glob("*.txt"))) == 3
        dropped.path_of(source).rename(drop / "a.vcf")
    with opened(drop) as dropped:
        assert interrupted(dropped) == ()
        assert list(dropped.outbox.glob("*.txt")) == []
