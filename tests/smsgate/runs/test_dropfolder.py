"""The steps of a source through a drop folder, each of which a run may be killed after."""

import os
import re

import pytest

from converters.pipeline import Job
from smsenc.messagefile import Message
from smsgate.errors import OutboxError
from smsgate.runs.dropfolder.folder import DropFolder
from smsgate.runs.dropfolder.looks import Look

TO = "447700900123"
JOB = Job(recipients=(TO,), template=Message(to=(TO,), text=""))
CARD = "BEGIN:VCARD\nVERSION:2.1\nN:A\nTEL:+44 7700 900123\nEND:VCARD\n"
LONG = CARD.replace("N:A", f"N:{'x' * 60};{'y' * 60}")


@pytest.fixture
def drop(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


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


def names(folder):
    return sorted(path.name for path in folder.iterdir())


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
