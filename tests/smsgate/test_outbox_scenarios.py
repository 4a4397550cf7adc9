"""What becomes of an outbox in ordinary life: what is sent, what is said, and the exit code.

Every case is tried against a server that keeps files and one that takes them at once.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from command import NUMBER, smsenc
from ftpservers import HOST, LOG_IN, Pyftpd, Taking, message, sending
from outboxes import SECRETS, journal_of, message_files, records_of

from smsgate.errors import OutboxError
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.upload import upload as send
from smsgate.outbox import announced, home

DAY = 86_400


@pytest.fixture(params=["keeps", "takes"])
def server(request, remote):
    mixins = (Taking,) if request.param == "takes" else ()
    with Pyftpd(remote, mixins=mixins) as found:
        found.takes = bool(mixins)
        yield found


@pytest.fixture
def box(tmp_path):
    return tmp_path / "box"


def convert(box, text="Hello", *more):
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, *more, stdin=text, env=SECRETS)
    assert done.returncode == 0, done.stderr
    return done


def upload(box, server, *more, cwd=None):
    return smsenc("upload", box, *sending(server), *more, env=SECRETS, cwd=cwd)


def sent(done):
    """How many files the upload says that it sent."""
    line = next(line for line in done.stderr.splitlines() if " sent to " in line)
    return int(line.split()[0])


def once(server):
    """The names that became visible, each exactly once."""
    counts = Counter(server.renamed)
    assert set(counts.values()) <= {1}, counts
    return set(counts)


def test_the_same_command_twice_sends_once(box, server):
    for count, said in ((1, ""), (0, "1 file of these was sent before")):
        done = convert(box)
        assert said in done.stderr
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (0, count), done.stderr
    assert len(once(server)) == 1


def test_the_same_text_on_two_days_is_sent_on_both(box, server, monkeypatch):
    for day in (1, 2, 3):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(day * DAY))
        convert(box)
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (0, 1), done.stderr
    assert len(once(server)) == 3


def test_a_new_text_is_sent_from_an_outbox_that_was_emptied(box, server):
    for text in ("one", "two"):
        convert(box, text)
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (0, 1)
        for path in message_files(box):
            path.unlink()
    assert len(once(server)) == 2


def test_a_name_sends_the_same_again(box, server):
    for name in ((), ("--name", "again"), ("--name", "again")):
        convert(box, "Hello", *name)
        assert upload(box, server).returncode == 0
    assert len(once(server)) == 2


def test_two_outboxes_for_one_server(tmp_path, server):
    for name, text in (("one", "Hello"), ("two", "Goodbye")):
        source = tmp_path / name / "people.txt"
        source.parent.mkdir()
        source.write_text(text)
        done = smsenc("convert", source, "--to", NUMBER, "--out", tmp_path / f"{name}.box")
        assert done.returncode == 0
        done = upload(tmp_path / f"{name}.box", server)
        assert (done.returncode, sent(done)) == (0, 1), done.stderr
    assert len(once(server)) == 2


@pytest.mark.parametrize("other", ["link", "subfolder", "relative", "renamed", "moved"])
def test_by_another_name_it_is_the_same_outbox(box, server, other, tmp_path):
    convert(box, "one")
    assert sent(upload(box, server)) == 1
    convert(box, "two")
    cwd = None
    if other == "link":
        place = tmp_path / "link"
        place.symlink_to(box, target_is_directory=True)
    elif other == "subfolder":
        (box / "sub").mkdir()
        place, cwd = "..", box / "sub"
    elif other == "relative":
        place, cwd = "./box/../box", tmp_path
    elif other == "renamed":
        place = box.rename(tmp_path / "other")
    else:
        (tmp_path / "far").mkdir()
        place = shutil.copytree(box, tmp_path / "far" / "box")
        shutil.rmtree(box)
    done = upload(place, server, cwd=cwd)
    assert (done.returncode, sent(done)) == (0, 1), done.stderr
    done = upload(place, server, cwd=cwd)
    assert (done.returncode, sent(done)) == (0, 0)
    assert len(once(server)) == 2


def test_a_copy_sends_nothing_that_was_sent(box, server, tmp_path):
    convert(box, "one")
    shutil.copytree(box, tmp_path / "copy")
    convert(tmp_path / "copy", "two")
    assert sent(upload(box, server)) == 1
    done = upload(tmp_path / "copy", server)
    assert sent(done) == 1
    assert done.returncode == (5 if server.takes else 0)
    assert ("a copy of it was sent" if server.takes else "was on the server already") in done.stderr
    assert len(once(server)) == 2


def backup_of(box):
    return shutil.copytree(box, box.with_name("backup"))


def journal_alone(box, backup):
    for path in home.folder_of(box).glob("journal*"):
        path.unlink()
    shutil.copy(journal_of(backup), journal_of(box))


def whole_outbox(box, backup):
    shutil.rmtree(box)
    shutil.copytree(backup, box)


def files_in_place(box, backup):
    shutil.copytree(backup, box, dirs_exist_ok=True)


@pytest.mark.parametrize("restore", [journal_alone, whole_outbox, files_in_place])
def test_restored_from_yesterday_s_backup(box, server, restore):
    convert(box, "one")
    assert sent(upload(box, server)) == 1
    convert(box, "two")
    backup = backup_of(box)
    assert sent(upload(box, server)) == 1
    restore(box, backup)
    convert(box, "three")
    done = upload(box, server)
    assert sent(done) == 1
    assert done.returncode == (5 if server.takes else 0), done.stderr
    if server.takes:
        assert "the journal is older than the outbox" in done.stderr
    assert len(once(server)) == 3
    if server.takes:
        assert sent(upload(box, server, "--resend")) == 1  # as asked for


@pytest.mark.parametrize("lost", ["deleted", "empty", "foreign"])
def test_a_lost_journal_is_noticed(box, server, lost, tmp_path):
    convert(box, "one")
    assert sent(upload(box, server)) == 1
    for path in home.folder_of(box).glob("journal*"):
        path.unlink()
    if lost == "empty":
        journal_of(box).touch()
    elif lost == "foreign":
        convert(tmp_path / "other", "other")
        shutil.copy(journal_of(tmp_path / "other"), journal_of(box))
    for command in (
        lambda: upload(box, server),
        lambda: smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="two", env=SECRETS),
        lambda: smsenc("convert", "-", "--to", NUMBER, "--out", box, "--dry-run", stdin="two"),
    ):
        done = command()
        assert done.returncode == 7, done.stderr
        assert "nobody knows what was sent: restore the folder" in done.stderr
    assert len(once(server)) == 1
    done = upload(box, server, "--resend")
    assert done.returncode == (0 if server.takes else 3), done.stderr  # its name is taken there
    assert "internal" not in done.stderr


def test_lost_records_are_noticed(box, server):
    convert(box)
    assert sent(upload(box, server)) == 1
    shutil.rmtree(home.folder_of(box))
    done = upload(box, server)
    assert done.returncode == 7
    assert "its records (.smsenc) are missing" in done.stderr
    assert not home.folder_of(box).exists()
    assert len(once(server)) == 1


def test_files_moved_to_another_outbox(box, server, tmp_path):
    convert(box, "one")
    assert sent(upload(box, server)) == 1
    convert(tmp_path / "other", "two")
    for path in message_files(box):
        path.rename(tmp_path / "other" / path.name)
    done = upload(tmp_path / "other", server)
    assert sent(done) == 1
    assert done.returncode == (5 if server.takes else 0)
    assert len(once(server)) == 2


def test_a_changed_file_under_a_name_that_was_sent(box, server):
    convert(box, "one")
    assert sent(upload(box, server)) == 1
    (path,) = message_files(box)
    path.write_bytes(path.read_bytes().replace(b"one", b"two"))
    convert(box, "three")
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (7, 1)
    assert f"{path.name}: done: was sent with another content" in done.stderr
    assert len(once(server)) == 2


def test_a_file_that_is_no_message_file(box, server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    convert(box)
    (box / "000002-link.txt").symlink_to(secret)
    (box / "000003-text.txt").write_text("root:x:0:0\nnothing\n")
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (4, 1)
    assert len(done.stderr.splitlines()) == 5
    assert len(once(server)) == 1


def test_part_of_a_message_is_not_sent(box, server):
    convert(box, "BEGIN:VCARD\nVERSION:2.1\nN:" + "x" * 60 + ";" + "y" * 90 + "\nEND:VCARD\n")
    first, *others = message_files(box)
    assert others
    kept = first.read_bytes()
    first.unlink()
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (3, 0)
    assert "not all parts of its message are in the outbox" in done.stderr
    first.write_bytes(kept)
    assert sent(upload(box, server)) == 1 + len(others)
    once(server)


def test_files_that_were_written_and_are_gone_are_told(box, server):
    convert(box, "one")
    for path in message_files(box):
        path.unlink()
    convert(box, "two")
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 1)
    assert "1 file was written and removed before it was sent" in done.stderr


def test_a_path_that_is_replaced_while_it_is_held(box, server, tmp_path):
    convert(box)
    with home.held(box):
        box.rename(tmp_path / "old")
        shutil.copytree(tmp_path / "old", box)
        done = upload(box, server)
    assert done.returncode == 7
    assert "another run is using this outbox, or a copy of it" in done.stderr
    assert server.renamed == []


def test_without_a_folder_for_this_machine_the_work_goes_on(box, server, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    convert(box)
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 1)
    assert "a copy of this outbox would not be recognised" in done.stderr


def test_with_a_full_folder_for_this_machine_the_work_goes_on(box, server, monkeypatch, tmp_path):
    convert(box)
    real = announced._append

    def append(path, octets):
        if home.FOLDER not in path.parts:
            raise OutboxError(f"cannot write to {path}: No space left on device")
        real(path, octets)

    monkeypatch.setattr(announced, "_append", append)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    at = Server(host=HOST, port=server.port, security=Security.NONE)
    result = send(box, at, LOG_IN)
    assert result.sent == 1
    assert any("No space left" in warning for warning in result.warnings)


def test_a_repair_before_the_upload_is_sent_and_one_after_it_is_refused(box, server):
    convert(box)
    (path,) = message_files(box)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"to:", b"to:+"))
    done = smsenc("lint", box, "--fix")
    assert (done.returncode, path.read_bytes()) == (0, whole), done.stderr
    assert sent(upload(box, server)) == 1
    path.write_bytes(whole.replace(b"to:", b"to:+").replace(b"Hello", b"Howdy"))
    done = smsenc("lint", box, "--fix")
    assert done.returncode == 7
    assert "was sent with another content" in done.stderr
    assert b"to:+" in path.read_bytes()


def batch(out, rows, *more, cwd):
    (cwd / "people.csv").write_text("number,name\n" + rows)
    text = ("--text", "Hello #name#")
    done = smsenc("batch", "people.csv", *text, "--out", out, *more, env=SECRETS, cwd=cwd)
    assert done.returncode in (0, 7), done.stderr
    return done


ANN, BOB, EVE = "+447400123456,Ann\n", "+447400123457,Bob\n", "+447400123458,Eve\n"


@pytest.mark.parametrize("out", ["box", "box.zip"])
def test_a_campaign_on_two_days(tmp_path, server, monkeypatch, out):
    for day, expected in ((1, 1), (1, 0), (2, 1), (2, 0)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(day * DAY))
        assert batch(out, ANN + BOB, cwd=tmp_path).returncode == 0
        done = upload(tmp_path / out, server)
        assert (done.returncode, sent(done)) == (0, expected), done.stderr
    assert len(once(server)) == 2


def test_another_table_of_the_same_name_is_another_campaign(tmp_path, server):
    for rows in (ANN, BOB):
        assert batch("box", rows, cwd=tmp_path).returncode == 0
        assert sent(upload(tmp_path / "box", server)) == 1
    assert len(once(server)) == 2


def test_rows_that_are_added_are_sent_and_rows_that_changed_are_refused(tmp_path, server):
    assert batch("box", ANN + BOB, cwd=tmp_path).returncode == 0
    assert sent(upload(tmp_path / "box", server)) == 1
    assert batch("box", ANN + BOB + EVE, cwd=tmp_path).returncode == 0
    assert sent(upload(tmp_path / "box", server)) == 1
    done = batch("box", ANN + EVE, cwd=tmp_path)
    assert done.returncode == 7
    assert "--name" in done.stderr
    assert batch("box", ANN + EVE, "--name", "again", cwd=tmp_path).returncode == 0
    assert sent(upload(tmp_path / "box", server)) == 1
    once(server)


def test_an_archive_that_was_renamed_copied_or_moved_alone(tmp_path, server):
    assert batch("box.zip", ANN, cwd=tmp_path).returncode == 0
    assert sent(upload(tmp_path / "box.zip", server)) == 1
    (tmp_path / "far").mkdir()
    shutil.copy(tmp_path / "box.zip", tmp_path / "far")
    done = upload(tmp_path / "far" / "box.zip", server)
    assert done.returncode == 7
    assert "its records (.smsenc) are missing" in done.stderr
    (tmp_path / "box.zip").rename(tmp_path / "other.zip")
    done = upload(tmp_path / "other.zip", server)
    assert (done.returncode, sent(done)) == (0, 0), done.stderr
    assert len(once(server)) == 1


def test_the_same_command_with_another_log_in_is_the_same_run(box, server):
    convert(box)
    assert sent(upload(box, server)) == 1
    placeholders = smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="Hello")
    assert placeholders.returncode == 0, placeholders.stderr
    assert "was sent before" in placeholders.stderr
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 0), done.stderr
    once(server)


@pytest.mark.parametrize("called", ["{}.log", "{}.LOG", "{stem}.log", "{stem}.Log"])
def test_an_answer_of_any_name_shows_that_a_file_was_sent(box, server, remote, called):
    convert(box)
    (path,) = message_files(box)
    log = remote / called.format(path.name, stem=path.stem)
    log.write_text(f"ID: {'a' * 32} To: {NUMBER}\n")
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (5, 0), done.stderr
    assert "the server has an answer to it" in done.stderr
    assert once(server) == set()


# --- Files that were sent and are there again -----------------------------------------------------


def put(box, name, number=1):
    box.mkdir(exist_ok=True)
    (box / name).write_bytes(message(number))
    return box / name


@pytest.mark.parametrize("how", ["removed", "gone in a run", "overwritten", "with its old times"])
def test_an_equal_message_under_a_name_that_was_sent_is_told(box, server, how):
    path = put(box, "000001-alarm.txt")
    assert sent(upload(box, server)) == 1
    times = path.stat()
    if how != "overwritten":
        path.unlink()
    if how == "gone in a run":
        put(box, "000009-other.txt", 9)
        assert upload(box, server).returncode == 0
    put(box, path.name)
    if how == "with its old times":
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(2):
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (7, 0), done.stderr
        assert f"{path.name}: done: was written again since it was sent" in done.stderr
        assert "1 file not sent, so that nothing is sent twice" in done.stderr
    if how != "with its old times":  # that is a sent file under another name
        path.rename(box / "000002-alarm.txt")
        assert sent(upload(box, server)) == 1
        once(server)


def test_an_equal_message_under_a_name_that_was_sent_is_sent_again_if_you_say_so(box, remote):
    with Pyftpd(remote, mixins=(Taking,)) as server:
        path = put(box, "000001-alarm.txt")
        assert sent(upload(box, server)) == 1
        path.unlink()
        put(box, path.name)
        done = upload(box, server, "--resend")
        assert (done.returncode, sent(done)) == (0, 1), done.stderr
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (0, 0), done.stderr
        assert server.renamed == [path.name] * 2


def test_a_file_that_an_earlier_version_sent_is_known_from_now_on(box, server):
    path = put(box, "000001-alarm.txt")
    assert sent(upload(box, server)) == 1
    with closing(home.connect(records_of(box))) as base, base:
        base.execute("DROP TABLE upload_stamp")
    assert upload(box, server).returncode == 0
    path.unlink()
    put(box, path.name)
    assert upload(box, server).returncode == 7


def test_a_file_of_a_run_that_comes_back_is_the_same_message(box, server):
    convert(box)
    assert sent(upload(box, server)) == 1
    (path,) = message_files(box)
    whole = path.read_bytes()
    path.unlink()
    convert(box)
    path.write_bytes(whole)
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 0), done.stderr


@pytest.mark.parametrize("how", ["moved", "copied", "other rights", "renamed and back"])
def test_an_outbox_of_sent_files_that_moves_is_not_refused(box, server, how, tmp_path):
    path = put(box, "000001-alarm.txt")
    assert sent(upload(box, server)) == 1
    if how == "moved":
        box = box.rename(tmp_path / "other")
    elif how == "copied":
        box = shutil.copytree(box, tmp_path / "other")
    elif how == "other rights":
        for one in (path, home.folder_of(box) / "id"):
            one.chmod(0o640)
    else:
        box = box.rename(tmp_path / "other").rename(box)
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 0), done.stderr


def test_an_entry_of_an_archive_that_was_written_again_is_told(tmp_path, server):
    out = tmp_path / "box.zip"
    for year, expected in ((2001, (0, 1)), (2001, (0, 0)), (2002, (7, 0))):
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(zipfile.ZipInfo("000001-a.txt", (year, 1, 1, 0, 0, 0)), message(1))
        done = upload(out, server)
        assert (done.returncode, sent(done)) == expected, done.stderr


def renamed(path):
    return path.rename(path.with_name(path.name.replace("000001", "000005")))


def copied(path):
    return Path(shutil.copy(path, path.with_name(path.name.replace("000001", "000005"))))


def without_mark(path):
    return path.rename(path.with_name("000005-n.txt"))


@pytest.mark.parametrize("change", [renamed, copied, without_mark])
@pytest.mark.parametrize("kind", ["convert", "batch"])
def test_a_sent_file_under_another_name_is_told_and_not_sent(tmp_path, server, change, kind):
    box = tmp_path / "box"
    if kind == "convert":
        convert(box)
        (path,) = message_files(box)
    else:
        assert batch("box", ANN, cwd=tmp_path).returncode == 0
        (path,) = box.rglob("0*.txt")
    assert sent(upload(box, server)) == 1
    new = change(path)
    for _ in range(2):
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (7, 0), done.stderr
        assert f"{new.name}: refused: was sent as {path.name}: remove it" in done.stderr
    assert len(once(server)) == 1
    done = upload(box, server, "--resend")
    assert (done.returncode, sent(done)) == (0, 1), done.stderr


def test_a_sent_file_of_another_program_under_another_name_is_told(box, server):
    path = put(box, "000001-a.txt")
    assert sent(upload(box, server)) == 1
    renamed(path)
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (7, 0), done.stderr
    assert "000005-a.txt: refused: was sent as 000001-a.txt" in done.stderr


def test_the_same_message_of_another_program_under_new_names_is_sent_each_time(box, server):
    for number in range(1, 4):
        path = put(box, f"{number:06}-alarm.txt")
        os.utime(path, (number, number))
        assert sent(upload(box, server)) == 1
        path.unlink()
    assert len(once(server)) == 3


def test_all_parts_of_a_message_under_another_name_are_refused(box, server):
    convert(box, "BEGIN:VCARD\nVERSION:2.1\nN:" + "x" * 60 + ";" + "y" * 90 + "\nEND:VCARD\n")
    parts = message_files(box)
    assert sent(upload(box, server)) == len(parts) > 1
    renamed(parts[0])
    copied(parts[1])
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (7, 0), done.stderr
    assert len(once(server)) == len(parts)


def test_two_equal_files_of_one_run_are_sent(tmp_path, server):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("Hello")
    box = tmp_path / "box"
    words = ("convert", "a.txt", "b.txt", "--to", NUMBER, "--out", box)
    for count in (2, 0):
        assert smsenc(*words, cwd=tmp_path, env=SECRETS).returncode == 0
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (0, count), done.stderr
    assert len(once(server)) == 2


def test_a_file_of_a_stopped_run_that_equals_a_sent_one_is_sent_when_the_run_is_done(
    tmp_path, server
):
    """Arrow 6 of docs/outbox.md: the journal does not have the file, but has its run."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("Hello")
    box = tmp_path / "box"
    words = ("convert", "a.txt", "b.txt", "--to", NUMBER, "--out", box)
    assert smsenc(*words, cwd=tmp_path, env=SECRETS).returncode == 0
    first, second = message_files(box)
    with closing(home.connect(records_of(box))) as base, base:
        base.execute("DELETE FROM file WHERE name = ?", (second.name,))
    kept = second.read_bytes()
    second.unlink()
    assert sent(upload(box, server)) == 1
    second.write_bytes(kept)
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (7, 0), done.stderr
    assert smsenc(*words, cwd=tmp_path, env=SECRETS).returncode == 0
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 1), done.stderr
    assert once(server) == {first.name, second.name}


# --- Files that are not named as message files ----------------------------------------------------

MISNAMED = ["000003-c.TXT", "000004-d.message", "alarm.txt", "sub/000002-a.txt"]
NOT_MEANT = [
    *(".hidden.txt", ".smsenc-x/000001-a.txt", "000001-a.txt.log", "rejects.csv", "photo.gif"),
    *("done/000001-a.txt", "rejected/a.txt", "000005-e.pdu"),
]


def outbox_of(place, files):
    """An outbox of another program, a folder or an archive; ``files`` are paths in it."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place, "w") as archive:
            for name in files:
                archive.writestr(name, message(1))
    else:
        for name in files:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(message(1))
    return place


@pytest.mark.parametrize("out", ["box", "box.zip"])
def test_files_that_are_not_named_as_message_files_are_told(tmp_path, server, out):
    files = ["000001-a.txt", "000/000009-b.txt"]
    box = outbox_of(tmp_path / out, [*files, *MISNAMED, *NOT_MEANT])
    for count in (2, 0):
        done = upload(box, server)
        assert (done.returncode, sent(done)) == (4, count), done.stderr
        line = "4 files are not named as message files (NNNNNN-name.txt, in the outbox itself)"
        assert f"{line} and were not sent: {', '.join(MISNAMED)}\n" in done.stderr
    assert len(once(server)) == 2


@pytest.mark.parametrize("out", ["box", "box.zip"])
def test_what_commands_write_beside_message_files_is_not_told(tmp_path, server, out):
    box = outbox_of(tmp_path / out, ["000001-a.txt", *NOT_MEANT])
    done = upload(box, server)
    assert (done.returncode, sent(done)) == (0, 1), done.stderr
    assert "not named" not in done.stderr


def test_an_outbox_of_misnamed_files_alone(tmp_path, server):
    done = upload(outbox_of(tmp_path / "box", ["alarm.txt"]), server)
    assert done.returncode == 2
    assert "1 file is not named as message files" not in done.stderr
    assert "1 file is not named as a message file (NNNNNN-name.txt" in done.stderr


def test_rejected_rows_in_the_outbox_are_no_message_files(tmp_path, server):
    (tmp_path / "box").mkdir()
    done = batch("box", ANN, "--rejects", "box/rejects.csv", cwd=tmp_path)
    assert done.returncode == 0
    done = upload(tmp_path / "box", server)
    assert (done.returncode, sent(done)) == (0, 1), done.stderr
