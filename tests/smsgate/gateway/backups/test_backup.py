"""A backup of a gateway that works, and what becomes of it: nothing is sent twice, none is lost."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tarfile
import threading
import time
from collections import Counter

import pytest
from command import COMMAND, environment, smsenc
from gateways import Gateway, Smsc, by_number, until
from hypothesis import given
from hypothesis import strategies as st
from intakes import API_ID, LOGIN, Room
from queued import ACCOUNT, ROUTE, Queue
from sqlalchemy.engine import make_url

from smsenc import OptionError
from smsgate.gateway import configuration, database, sessions, tables, users
from smsgate.gateway.backups import archive, making, postgres, restoring
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.queue import changes, outcomes, picking
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.settings import Settings
from smsgate.gateway.states import UserRole

PER_FILE = int(os.environ.get("SMSENC_BACKUP_MESSAGES", "1500"))
SECRET = "geheim-7"  # noqa: S105 - it is made up


def backup(folder):
    target = io.BytesIO()
    config = folder / configuration.NAME
    made = making.make(Settings(data=folder), config, target, 1_800_000_000.0)
    assert made.octets == len(target.getvalue())
    return target.getvalue()


def restore(octets, folder, *, resend=False):
    return restoring.restore(io.BytesIO(octets), folder, database.now(), resend=resend)


# --- Under load -----------------------------------------------------------------------------------


def test_under_load_nothing_is_sent_twice_and_nothing_is_lost(tmp_path):
    numbers = [f"4477{n:08}" for n in range(3 * PER_FILE)]
    archived = tmp_path / "backup.tar"
    with Smsc(tmp_path / "smsc") as smsc:
        gateway = Gateway(tmp_path / "gw", smsc.port).start()
        account = gateway.account
        for at in range(3):
            some = numbers[at * PER_FILE :][:PER_FILE]
            gateway.upload(f"{at}.txt", account.file("text:Hi", *(f"to:{one}" for one in some)))
        until(lambda: gateway.counts()["sent"] > PER_FILE // 10)
        said = gateway.command("backup", archived, "--data", gateway.data)
        assert str(archived) in said
        assert stat.S_IMODE(archived.stat().st_mode) == 0o600
        gateway.kill()  # what comes after the backup is lost with the machine
        copy = Gateway(tmp_path / "new", smsc.port)
        copy.command("restore", archived, "--data", copy.data)
        assert "no faults" in copy.command("check", "--data", copy.data)
        with copy:
            time.sleep(1)
            found = copy.settled()
            known = dict(copy.select("SELECT recipient, state FROM message"))
            held = copy.data / "held"
            assert not (copy.data / "spool").exists() or not os.listdir(copy.data / "spool")
        smsc.end()
        arrived = Counter({to: len(all_of) for to, all_of in by_number(smsc.received()).items()})
    assert set(arrived.values()) == {1}
    assert found["unknown"]
    assert not found["waiting"]
    never = set(numbers) - set(arrived)
    sent = {to for to, state in known.items() if state == "sent"}
    assert not sent & never
    unread = set(numbers) - set(known)  # of files that were being read, which are set aside
    files = [path.read_text() for path in held.glob("*/*.txt")] if held.exists() else []
    assert all(any(one in text for text in files) for one in unread)


def test_many_backups_while_files_come(tmp_path):
    """Each is whole: no file is missing of which the database says that it is being read."""
    room = Room(tmp_path / "gw")
    intake = room.intake()
    stop = threading.Event()
    archives = []

    def upload():
        for n in range(24):  # as many as the credits are for
            lines = "".join(f"to:4477{n:04}{m:04}\n" for m in range(40))
            room.upload(f"{n}.txt", LOGIN + f"text:{n}\n{lines}".encode())
            intake.take(room.folder, f"{n}.txt")
        stop.set()

    def copy():
        while not stop.is_set() or len(archives) < 2:
            archives.append(backup(room.data))

    threads = [threading.Thread(target=one) for one in (upload, copy)]
    for thread in threads:
        thread.start()
    room.run(intake, lambda: not any(map(threading.Thread.is_alive, threads)) and room.idle())
    room.close()
    assert len(archives) >= 2
    for number, octets in enumerate(archives[-6:]):
        again = Room.__new__(Room)
        folder = tmp_path / f"copy{number}"
        restore(octets, folder, resend=True)
        again.__init__(folder)
        before = len(again.messages())
        again.run(again.intake(), again.idle)
        rows = again.rows(tables.message, "recipient")
        assert len(set(rows)) == len(rows) >= before
        for name, state, done, accepted, refused in again.files():
            assert (state, done, accepted, refused) == ("read", 40, 40, 0), name
        for name, *_ in again.files():
            path = again.folder / f"{name}.log"
            assert not path.exists() or path.read_bytes().count(b"ID: ") == 40
        again.close()
    assert not list((tmp_path / "gw").glob(".backup-*"))


# --- What becomes of messages ---------------------------------------------------------------------


@pytest.fixture
def queue(tmp_path):
    (tmp_path / "gw").mkdir(mode=0o700)
    made = Queue(tmp_path / "gw")
    yield made
    made.close()


def filled(queue):
    """A message of each kind; their uids by what they are."""
    now = database.now()

    def end(ended, accepted=(), **more):
        (due,) = queue.database.transact(lambda conn: picking.pick(conn, ROUTE, 1, now))
        outcome = Outcome(due.message, accepted, ended, **more)
        queue.database.transact(lambda conn: outcomes.record(conn, ROUTE, [outcome], now))

    names = {}
    for name, how in {
        "sent": (Ended.SENT, ((1, "a1"),)),
        "failed": (Ended.REFUSED,),
        "retried": (Ended.LATER, (), {"pause": 1e6}),
    }.items():
        (names[name],) = queue.add(lasts=9e6)
        more = how[2] if len(how) > 2 else {}
        end(*how[:2], **more)
    (names["announced"],) = queue.add(lasts=9e6)
    queue.database.transact(lambda conn: picking.pick(conn, ROUTE, 1, now))
    (names["waiting"],) = queue.add(lasts=9e6)
    (names["tomorrow"],) = queue.add(due=now + 9e4, lasts=9e6)
    (names["late"],) = queue.add(due=now + 9e4, lasts=9e6)
    queue.database.transact(lambda conn: changes.cancel(conn, names["late"], now))
    return names


@pytest.mark.parametrize(
    ("resend", "states"),
    [
        (False, "sent failed unknown unknown unknown delayed cancelled"),
        (True, "sent failed delayed waiting waiting delayed cancelled"),
    ],
)
def test_what_was_not_sent_is_unknown_unless_it_shall_be_sent(queue, tmp_path, resend, states):
    names = filled(queue)
    balance = queue.rows(tables.account)[0]["balance"]
    found = restore(backup(tmp_path / "gw"), tmp_path / "new", resend=resend)
    assert found == ("2027-01-15T08:00:00Z", 1 if resend else 3, 0)
    again = Queue(tmp_path / "new")
    try:
        order = ("sent", "failed", "retried", "announced", "waiting", "tomorrow", "late")
        by_uid = {row["uid"]: row for row in again.rows()}
        assert " ".join(by_uid[names[one]]["state"] for one in order) == states
        assert again.rows(tables.account)[0]["balance"] == balance
        note = by_uid[names["announced"]]["note"]
        assert note.startswith("restored from a backup of 2027-01-15T08:00:00Z")
        uid = names["waiting"]
        if not resend:
            why = again.database.transact(lambda conn: changes.resend(conn, uid, database.now()))
            assert why == ""
        assert "waiting" in {row["state"] for row in again.rows() if row["uid"] == uid}
    finally:
        again.close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_users_of_the_pages_are_kept_and_logged_out(queue, tmp_path):
    base, now = queue.database, database.now()
    base.transact(lambda conn: users.add(conn, "anna", UserRole.ADMIN, now=now))
    found = base.read(lambda conn: users.stored(conn, "anna"))
    assert base.transact(lambda conn: sessions.begin(conn, found.id, found.hash, now))
    restore(backup(tmp_path / "gw"), tmp_path / "new", resend=False)
    again = Queue(tmp_path / "new")
    try:
        assert [one.name for one in again.database.read(users.listed)] == ["anna"]
        assert again.rows(tables.page_session) == []
    finally:
        again.close()


def test_the_archive_has_settings_without_passwords_and_the_certificate(queue, tmp_path):
    folder = tmp_path / "gw"
    (folder / "gateway.toml").write_text(f'[ftp]\npassword = "{SECRET}"\nidle = 5\n')
    (folder / "ca.pem").write_text("ca")
    octets = backup(folder)
    assert SECRET.encode() not in octets
    restore(octets, tmp_path / "new")
    assert "idle = 5" in (tmp_path / "new" / "gateway.toml").read_text()
    assert (tmp_path / "new" / "ca.pem").read_text() == "ca"
    assert queue.rows(tables.account)[0]["id"] == ACCOUNT


@given(st.sampled_from(("password-file", "password-env")), st.text("abc.-", max_size=9))
def test_names_of_files_with_passwords_stay(key, value):
    octets = f'{key} = "{value}"\n'.encode()
    assert making.without_passwords(octets) == octets


def test_a_damaged_copy_is_not_kept(queue, tmp_path):
    queue.database.transact(
        lambda conn: conn.exec_driver_sql("UPDATE account SET balance = balance + 1")
    )
    done = smsenc("gateway", "backup", tmp_path / "b.tar", "--data", tmp_path / "gw")
    assert done.returncode != 0
    assert "the copy of gateway.db is not right" in done.stderr
    assert os.listdir(tmp_path) == ["gw"]
    assert not list((tmp_path / "gw").glob(".backup-*"))


def test_what_a_killed_backup_has_left_is_removed(queue, tmp_path):
    left = tmp_path / "gw" / ".backup-999999999-x"
    left.mkdir()
    other = tmp_path / "gw" / f".backup-{os.getpid()}-x"
    other.mkdir()
    backup(tmp_path / "gw")
    assert not left.exists()
    assert other.exists()
    assert queue.rows() == []


# --- Other files ----------------------------------------------------------------------------------


def packed(*names, kind=tarfile.REGTYPE):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = "/etc/passwd"
            tar.addfile(member)
    return target.getvalue()


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"x" * 5000,
        packed("gateway.db"),
        packed("../gateway.db"),
        packed("/etc/x"),
        packed("spool/../../x"),
        packed(f"spool/{'a' * 32}/../x"),
        packed("gateway.db", kind=tarfile.SYMTYPE),
        packed("spool", kind=tarfile.DIRTYPE),
    ],
)
def test_what_is_no_backup_makes_nothing(tmp_path, octets):
    with pytest.raises(OptionError, match="expected a backup of smsenc gateway"):
        restore(octets, tmp_path / "new")
    assert os.listdir(tmp_path) == []


def test_a_cut_backup_makes_nothing(queue, tmp_path):
    queue.add(5)
    octets = backup(tmp_path / "gw")
    with pytest.raises(OptionError, match="expected a backup"):
        restore(octets[: len(octets) // 2], tmp_path / "new")
    assert os.listdir(tmp_path) == ["gw"]


def test_a_folder_that_is_there_stays(queue, tmp_path):
    octets = backup(tmp_path / "gw")
    with pytest.raises(OptionError, match="give a new folder"):
        restore(octets, tmp_path / "gw")
    assert queue.rows() == []


def test_standard_output_and_input(queue, tmp_path):
    queue.add(3)
    done = subprocess.run(
        [*COMMAND, "gateway", "backup", "-", "--data", tmp_path / "gw"],
        capture_output=True,
        env=environment(),
        check=True,
    )
    assert b"octets, with 0 files of the spool" in done.stderr
    again = subprocess.run(
        [*COMMAND, "gateway", "restore", "-", "--data", tmp_path / "new"],
        input=done.stdout,
        capture_output=True,
        env=environment(),
        check=True,
    )
    assert b"3 messages are unknown, 0 files set aside" in again.stdout
    assert API_ID


# --- PostgreSQL -----------------------------------------------------------------------------------


def test_the_password_is_no_argument_of_pg_dump(tmp_path):
    url = make_url(f"postgresql+asyncpg://me:{SECRET}@db.example.com:5433/gateway")
    words, variables = postgres.dump(url, tmp_path / "x")
    assert SECRET not in " ".join(words)
    assert variables == {"PGPASSWORD": SECRET}
    assert words == (
        *("pg_dump", "--format=custom", "--no-password", "--host=db.example.com"),
        *("--port=5433", "--username=me", f"--file={tmp_path / 'x'}", "gateway"),
    )
    assert postgres.dump(make_url("postgresql+asyncpg:///gateway"), None).variables == {}
    assert archive.VERSION == 1


def test_the_database_of_a_server_is_written_by_pg_dump(tmp_path, postgres_url):
    PostgresDatabase(make_url(postgres_url), make=True).close()
    data = tmp_path / "gw"
    data.mkdir(mode=0o700)
    (data / "gateway.toml").write_text(
        f'database = "{make_url(postgres_url).render_as_string()}"\n'
    )
    target = tmp_path / "x.dump"
    done = smsenc("gateway", "backup", target, "--data", data)
    assert done.returncode == 0, done.stderr
    assert "the database alone" in done.stdout
    assert target.read_bytes().startswith(b"PGDMP")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    piped = subprocess.run(
        [*COMMAND, "gateway", "backup", "-", "--data", data],
        capture_output=True,
        env=environment(),
        check=True,
    )
    assert piped.stdout.startswith(b"PGDMP")
