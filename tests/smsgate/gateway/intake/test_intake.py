import json
import os
import re
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intakes import API_ID, LOGIN, PASSWORD, USER, Room
from sqlalchemy.engine import make_url

import smsgate.gateway.database as clock
from smsenc.messagefile.logs import Answer, read_answers
from smsenc.messagefile.parameters import FEATURES
from smsgate.errors import OutboxError
from smsgate.gateway import tables
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.ftp.protocols import Cut
from smsgate.gateway.intake import answers, intake, job, records
from smsgate.gateway.intake.checks import Rules
from smsgate.gateway.reports.happenings import FileAnswered
from smsgate.gateway.routing.ways import Way, Ways
from smsgate.gateway.settings import AccountSettings, Limits, RouteSettings, Settings

NUMBER = "448311234567"
SEED = LOGIN + b"to: 448311234567\ntext: This is my first ftp to SMS message\n"
ID = re.compile(r"ID: ([0-9a-f]{32}) To: ([0-9]+)\n")
START = 1_700_000_000.0


@pytest.fixture(params=["sqlite", "postgresql"])
def room(request, tmp_path):
    is_file = request.param == "sqlite"
    found = Room(
        tmp_path, database=None if is_file else make_url(request.getfixturevalue("postgres_url"))
    )
    yield found
    found.close()


def test_a_file_becomes_a_message_and_an_answer(room):
    found = ID.fullmatch(room.handled("a.txt", SEED))
    assert found[2] == NUMBER
    assert room.rows(tables.message, "uid") == [(found[1],)]
    assert room.messages() == [(NUMBER, None, "waiting", 3, 1, CREDIT)]
    assert room.files() == [("a.txt", "read", 1, 1, 0)]
    assert room.content() == {"text": "This is my first ftp to SMS message"}
    assert room.accepted == 1
    assert [path.name for path in room.folder.iterdir()] == ["a.txt.log"]
    assert room.told == []


@pytest.mark.parametrize(
    ("lines", "times", "state"),
    [
        (b"", (0, 1440), "waiting"),
        (b"validity:60\n", (0, 60), "waiting"),
        (b"deliv_time:20\n", (20, 20 + 1440), "delayed"),
        (b"deliv_time:20\nvalidity:5\n", (20, 25), "delayed"),
        (b"scheduled_time:1700003600\nvalidity:5\n", (60, 65), "delayed"),
        (b"scheduled_time:2023-11-14T23:13:20Z\n", (60, 60 + 1440), "delayed"),
    ],
)
def test_times_count_from_receipt(room, monkeypatch, lines, times, state):
    monkeypatch.setattr(clock, "now", lambda: START)
    room.handled("a.txt", SEED + lines)
    assert room.rows(tables.message, "due", "expires", "state") == [
        (*(START + minutes * 60 for minutes in times), state)
    ]


def test_a_row_has_its_own_text_and_charge(room):
    rows = b"concat:2\ncsv:448311234567,Ann,a\ncsv:448311234568,#,%s\n" % (b"x" * 160)
    room.handled("a.txt", LOGIN + b"queue:1\ntext:Hi #field1#: #field2#\n" + rows)
    assert room.messages() == [
        (NUMBER, "Hi Ann: a", "waiting", 1, 1, CREDIT),
        ("448311234568", f"Hi #: {'x' * 160}", "waiting", 1, 2, 2 * CREDIT),
    ]


def test_the_charge_is_that_of_the_cheapest_route(tmp_path):
    cheap = RouteSettings(name="b", price=Decimal(1), features=FEATURES["text"])
    routes = (RouteSettings(name="a", price=Decimal(2)), cheap)
    rules = intake.rules_of(Settings(data=tmp_path, routes=routes))
    plain, flash = FEATURES["text"], FEATURES["text"] | FEATURES["flash"]
    assert rules.routes.fitting(plain).choice(NUMBER) == ("b", (CREDIT, 2 * CREDIT))
    assert rules.routes.fitting(flash).choice(NUMBER) == ("a", (2 * CREDIT,))


def test_a_message_needs_a_route_with_its_features(room):
    rules = Rules(routes=Ways((Way(name="r", features=FEATURES["text"] | FEATURES["concat"]),)))
    rows = f"text:#field1#\nconcat:2\ncsv:{NUMBER},a\ncsv:{NUMBER},{'b' * 161}\n".encode()
    assert room.handled("rows.txt", LOGIN + rows, rules).count("ID:") == 2
    asked = LOGIN + f"req_feat:512\ntext:a\nto:{NUMBER}\n".encode()
    octets = LOGIN + f"data:00\nto:{NUMBER}\n".encode()
    long = LOGIN + f"concat:2\ntext:{'b' * 161}\nto:{NUMBER}\n".encode()
    assert "ERR: 114" in room.handled("asked.txt", asked, rules)
    assert "ERR: 114" in room.handled("octets.txt", octets, rules)
    assert "ERR: 114" in room.handled(
        "long.txt", long, Rules(routes=Ways((Way(name="r", features=1),)))
    )


def test_national_numbers_get_the_prefix_of_the_account(tmp_path):
    room = Room(tmp_path, accounts={API_ID: AccountSettings(prefix="44")})
    assert room.handled("a.txt", SEED.replace(b"448311", b"08311")).endswith(f"To: {NUMBER}\n")
    room.close()


def test_the_same_upload_is_not_sent_again(room, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: START)
    first = room.handled("a.txt", SEED)
    assert room.handled("a.txt", SEED) == first
    assert room.remarks() == [("a.txt", "already taken at 2023-11-14 22:13:20; not sent again")]
    assert [row[1] for row in room.files()] == ["read", "repeated"]
    room.handled("b.txt", SEED)
    assert room.handled("a.txt", SEED + b"\n").startswith(first)
    assert len(room.messages()) == 3
    monkeypatch.setattr(clock, "now", lambda: START + room.settings.limits.repeat + 1)
    room.handled("a.txt", SEED)
    assert len(room.messages()) == 4


def test_a_refused_upload_can_be_sent_again(room):
    frozen = Rules(routes=Ways((Way(name="r", features=0),)))
    assert "114" in room.handled("a.txt", SEED, frozen)
    assert ID.search(room.handled("a.txt", SEED))


def test_answers_of_one_name_follow_each_other(room):
    for n in range(3):
        log = room.handled("a.txt", SEED + b"n:%d\n" % n)
    assert len(ID.findall(log)) == 3


def test_a_file_without_proof_has_to_settle_and_look_whole(room):
    room.upload("whole.txt", SEED)
    room.upload("cut.txt", SEED[:-1])
    room.upload("notes.txt", b"Hello\n")
    for name in ("a.part", ".a.txt", "history.log"):
        room.upload(name, SEED)
    begun = time.monotonic()
    room.run(room.intake(), lambda: len(room.remarks()) == 2 and len(room.files()) == 1)
    assert time.monotonic() - begun > room.settings.limits.settle
    why = "incomplete: it has no recipients, no content or no last line end"
    assert sorted(room.remarks()) == [("cut.txt", why), ("notes.txt", why)]
    assert room.files() == [("whole.txt", "read", 1, 1, 0)]
    assert (room.folder / "cut.txt").exists()


def test_a_file_that_grows_is_not_taken_before_it_settles(room):
    running = room.intake()
    path = room.folder / "a.txt"
    sizes = iter((*range(len(LOGIN), len(SEED), 8), len(SEED)))

    def grown():
        size = next(sizes, None)
        if size is not None:
            path.write_bytes(SEED[:size])
            time.sleep(0.05)
            assert path.exists()
            return False
        return bool(room.files())

    room.run(running, grown)
    assert room.messages() == [(NUMBER, None, "waiting", 3, 1, CREDIT)]


def test_proof_spares_the_settle_time_unless_the_file_looks_cut(tmp_path):
    room = Room(tmp_path, limits=Limits(settle=0.5))
    running = room.intake()
    room.upload("a.txt", SEED)
    room.upload("b.txt", SEED[:-1])
    assert running.prove(room.folder, "a.txt")
    assert not running.prove(room.folder, "b.txt")
    cuts = {f"{cut.name}.txt": cut for cut in Cut}
    for name, cut in cuts.items():
        running.incomplete(API_ID, name, 17, cut)
    room.run(running, lambda: len(room.files()) == 2 and room.idle())
    assert [row[0] for row in room.files()] == ["a.txt", "b.txt"]
    assert room.remarks() == [
        ("LOST.txt", "incomplete: the connection was lost after 17 octets"),
        ("ABORTED.txt", "incomplete: the client aborted it after 17 octets"),
        (
            "UNPROVEN.txt",
            "the connection was lost after 226 and without QUIT (17 octets): send it again",
        ),
    ]
    room.close()


def test_a_stored_file_that_is_withdrawn_is_not_taken(room):
    running = room.intake()
    room.upload("a.txt", SEED)
    running.stored(room.folder, "a.txt")
    (room.folder / "a.txt").unlink()
    end = time.monotonic() + 3 * room.settings.limits.settle
    room.run(running, lambda: time.monotonic() > end)
    assert room.files() == []


@pytest.mark.parametrize("kind", ["link", "dangling", "hard link", "folder", "pipe", "missing"])
def test_only_a_regular_file_with_one_name_is_taken(room, tmp_path, kind):
    path, other = room.folder / "a.txt", tmp_path / "other.txt"
    other.write_bytes(SEED)
    if kind == "link":
        path.symlink_to(other)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "none")
    elif kind == "hard link":
        path.hardlink_to(other)
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(OutboxError, match=r"^cannot take a\.txt: "):
        room.intake().take(room.folder, "a.txt")
    assert room.idle()
    assert other.read_bytes() == SEED


@pytest.mark.parametrize("name", ["../a.txt", "a/b.txt", "x" * 300, "a\n.txt", "", ".", "nul"])
def test_other_names_are_refused(room, name):
    with pytest.raises(OutboxError, match=r"^cannot take "):
        room.intake().take(room.folder, name)
    assert room.idle()


def test_a_folder_of_no_account_is_refused(room, tmp_path):
    with pytest.raises(OutboxError) as caught:
        room.intake().take(tmp_path, "a.txt")
    assert str(caught.value) == f"no account has the folder {tmp_path}"


def test_a_log_that_cannot_be_written_is_tried_again(room, monkeypatch):
    failures = iter((OSError(28, "No space left on device"),) * 2)
    write = answers.write

    def full(log, size, octets):
        if error := next(failures, None):
            raise OutboxError(f"cannot write to {log.name}: no space left on device") from error
        write(log, size, octets)

    monkeypatch.setattr(answers, "write", full)
    assert ID.fullmatch(room.handled("a.txt", SEED))
    assert len(room.messages()) == 1
    assert len(room.told) == 1


def test_a_small_file_of_another_account_does_not_wait_for_a_big_one(room):
    other = room.add("42", "ann", "password 2")
    login = b"api_id:42\nuser:ann\npassword:password 2\n"
    big = LOGIN + b"text:Hello\n" + b"".join(b"to:4483%08d\n" % n for n in range(20_000))
    running = room.intake()
    room.upload("big.txt", big)
    running.take(room.folder, "big.txt")
    room.upload("small.txt", login + b"to:448311234567\ntext:Hi\n", other)
    running.take(other, "small.txt")
    room.run(running, (other / "small.txt.log").exists)
    states = {row[0]: row[1] for row in room.files()}
    assert states["small.txt"] == "read"
    assert states.get("big.txt") != "read"
    room.run(room.intake(), room.idle)
    assert len(ID.findall(room.log("big.txt"))) + room.log("big.txt").count("ERR: 301") == 20_000
    assert [row[1] for row in room.files()] == ["read", "read"]


def test_files_of_an_account_are_accepted_in_their_order(room):
    running = room.intake()
    for n in range(40):
        room.upload(f"{n}.txt", SEED.replace(b"4567", b"%04d" % n))
        running.take(room.folder, f"{n}.txt")
    room.run(running, room.idle)
    assert [row[0][-2:] for row in room.messages()] == [f"{n:02}" for n in range(40)]


_VALUES = st.text(
    st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60
) | st.sampled_from(
    (
        "1\x85ID: 00000000000000000000000000000000 To: 448311234567",
        "448311234567\tERR: 105, x To: 448311234568",
        "x To: 448311234567",
        "448311234567 ",
        "'; DROP TABLE message; --",
        "\x1b[2J",
    )
)


@settings(max_examples=25, deadline=None)
@given(values=st.lists(_VALUES, min_size=1, max_size=6), name=_VALUES)
def test_no_value_is_more_than_a_value(tmp_path_factory, values, name):
    room = Room(tmp_path_factory.mktemp("room"))
    recipients = "".join(f"to:{value}\n" for value in values)
    octets = f"text:Hi\n{name}:1\n{recipients}".encode("latin-1")
    log = room.handled("a.txt", LOGIN + octets)
    found = read_answers(log.encode())
    assert log.isascii()
    assert log.isprintable() or log.replace("\n", "").isprintable()
    assert all(isinstance(one, Answer) for one in found)
    assert sum(1 for one in found if one.id) == len(room.messages())
    if room.files()[0][1] == "read":
        assert len(found) == len(values)
        for one, value in zip(found, values, strict=True):
            if one.to is not None:
                assert one.to == re.sub(r"\D", "", value) or one.to == value.strip().lstrip("+")
    assert PASSWORD not in log
    assert USER not in json.dumps(room.content())
    room.close()


_CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import intakes
intakes.WAIT = 300
data, count = Path(sys.argv[2]), int(sys.argv[3])
room = intakes.Room(data)
folder = room.add("42", "ann", "password 2", 10**15)
with open(folder / "a.txt", "wb") as file:
    file.write(b"api_id:42\\nuser:ann\\npassword:password 2\\ntext:Hi #field1#\\n")
    file.writelines(b"csv:4483%08d,%d\\n" % (n, n) for n in range(count))
running = room.intake()
running.take(folder, "a.txt")
room.run(running, room.idle)
assert room.rows(intakes.tables.file, "accepted") == [(count,)]
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


MOST_GROWTH = 10  # MB


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_memory_does_not_grow_with_the_file(tmp_path):
    support = Path(__file__).parents[3] / "support"

    def peak(count):
        data = tmp_path / str(count)
        command = [sys.executable, "-c", _CHILD, str(support), str(data), str(count)]
        return int(subprocess.run(command, check=True, capture_output=True).stdout)

    # 100,000 rows that were kept would be 27 MB.
    assert peak(150_000) - peak(50_000) < MOST_GROWTH


def test_settings_of_one_account_do_not_change_others(tmp_path):
    room = Room(tmp_path, accounts={"42": AccountSettings(settle=7.0)})
    other = room.add("42", "ann", "password 2")
    places = room.intake()._places
    assert (places.settle(room.folder), places.settle(other)) == (0.2, 7.0)
    assert places.tick(1.0) == 0.05
    room.close()


# The end ------------------------------------------------------------------------------------------


def test_the_end_begins_no_more_files(room):
    """What is ready when the intake ends stays in the spool, and nothing is told of it."""
    running = room.intake()
    for number in range(40):  # more than are open at once
        room.upload(f"{number}.txt", SEED)
        running.take(room.folder, f"{number}.txt")
    room.run(running, lambda: room.accepted)
    assert room.told == []
    left = len(list((room.data / "spool").glob("*/*.txt")))
    room.run(room.intake(), room.idle)
    assert left
    assert len(room.messages()) == 40


def test_a_quiet_intake_takes_only_what_it_is_handed(room):
    running = room.intake()
    running.quiesce()
    room.upload("settled.txt", SEED)
    room.upload("proven.txt", SEED)
    running.take(room.folder, "proven.txt")
    assert not running.has_uncommitted  # until it runs
    until = time.monotonic() + 1.0  # several settle times
    room.run(running, lambda: time.monotonic() > until)
    assert [name for name, *_ in room.files()] == ["proven.txt"]
    assert not running.has_uncommitted
    assert (room.folder / "settled.txt").exists()


def test_a_file_is_uncommitted_until_its_first_lot_is(room):
    running = room.intake()
    room.upload("a.txt", SEED)
    running.take(room.folder, "a.txt")
    seen = []

    def until():
        seen.append((running.has_uncommitted, bool(room.files())))
        return room.idle()

    room.run(running, until)
    assert (True, False) in seen
    assert seen[-1][1]
    assert not running.has_uncommitted


# Faults in the middle of a file -------------------------------------------------------------------


def many(count):
    return LOGIN + b"text:Hi\n" + b"".join(b"to:4483112%05d\n" % n for n in range(count))


def test_a_lot_that_is_being_committed_counts_when_the_next_cannot_be_made(room, monkeypatch):
    """Its messages are accepted once, and their answers stay."""
    made, committed = job.checked, records.commit

    def checked(terms, recipient, now):
        if recipient.number.endswith("00600"):
            raise ZeroDivisionError
        return made(terms, recipient, now)

    def slowly(conn, works, now):
        time.sleep(0.3)
        return committed(conn, works, now)

    monkeypatch.setattr(job, "checked", checked)
    monkeypatch.setattr(records, "commit", slowly)
    *accepted, last = room.handled("a.txt", many(1000)).splitlines(keepends=True)
    uids = [ID.fullmatch(line)[1] for line in accepted]
    assert last == "ERR: 901, Internal error, retry\n"
    assert [(uid,) for uid in uids] == room.rows(tables.message, "uid")
    assert len(uids) == 500
    assert room.told == ["a.txt: internal error: ZeroDivisionError"]


def test_a_file_that_is_lost_from_the_spool_is_answered(room):
    running = room.intake()
    room.upload("a.txt", many(15_000))
    running.take(room.folder, "a.txt")
    room.run(running, room.files)  # some lots are committed
    ((_, state, done, *_),) = room.files()
    assert state == "reading"
    for path in room.data.joinpath("spool").glob("*/*.txt"):
        path.unlink()
    room.run(room.intake(), room.idle)
    *accepted, last = room.log("a.txt").splitlines(keepends=True)
    assert len(accepted) == len(room.messages()) >= done  # one more lot may have been on its way
    assert last == "ERR: 901, Internal error, retry\n"
    assert room.told == ["a.txt: internal error: no such file"]


def test_what_is_tried_again_is_told_once(room, monkeypatch):
    monkeypatch.setattr(intake, "_PAUSE", 0.01)
    tries = []

    def publish(*_):
        tries.append(1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(answers, "publish", publish)
    running = room.intake()
    room.upload("a.txt", SEED)
    running.take(room.folder, "a.txt")
    room.run(running, lambda: len(tries) > 5)
    assert room.told == ["a.txt is tried again: no space left on device"]


@pytest.mark.parametrize("fails", [False, True], ids=["at once", "tried again"])
def test_an_answered_file_is_reported_with_its_counts(room, monkeypatch, fails):
    """Of all its lots, also if the log could not be published at first."""
    problems = [OSError(28, "No space left on device")] if fails else []

    def publish(*places, done=answers.publish):
        if problems:
            raise problems.pop()
        done(*places)

    monkeypatch.setattr(job, "LOT", 2)
    monkeypatch.setattr(answers, "publish", publish)
    monkeypatch.setattr(intake, "_PAUSE", 0.01)
    room.handled("a.txt", SEED.replace(b"text:", b"to: abc\nto: 447700900123\ntext:"))
    (found,) = (one for one in room.reported if isinstance(one, FileAnswered))
    assert (found.file, found.accepted, found.refused) == ("a.txt", 2, 1)
    assert bool(room.told) == fails


def test_a_scan_that_fails_is_told_once_and_made_again(room, monkeypatch):
    running = room.intake()
    scans, check = [], running._settling.check

    def failing():
        scans.append(1)
        if len(scans) < 4:
            raise ZeroDivisionError("broken")
        check()

    monkeypatch.setattr(running._settling, "check", failing)
    room.upload("a.txt", SEED)
    room.run(running, lambda: room.files() and room.idle())
    assert room.told == ["cannot look for files: broken"]
