import os
import time

import pytest
from intakes import API_ID, LOGIN, Room

from smsgate.errors import OutboxError
from smsgate.gateway.intake import taking
from smsgate.gateway.settings import AccountSettings

SEED = LOGIN + b"to: 448311234567\ntext: Hello\n"


def _room(tmp_path, settle):
    folder = tmp_path / "home"
    folder.mkdir()
    given = AccountSettings(folder=folder, spool=tmp_path / "other", settle=settle)
    found = Room(tmp_path / "data", accounts={API_ID: given})
    found.folder = folder
    return found


@pytest.fixture
def room(tmp_path):
    found = _room(tmp_path, 0.3)
    yield found
    found.close()


@pytest.fixture
def patient(tmp_path):
    found = _room(tmp_path, 1000.0)
    yield found
    found.close()


def test_a_rename_in_the_folder_of_another_server_is_proof(patient):
    pytest.importorskip("watchdog", reason="watchdog is not installed")
    running = patient.intake()
    patient.upload(".in.a.txt.", SEED[:-1])

    def renamed():
        if running._loop and (patient.folder / ".in.a.txt.").exists():
            os.rename(patient.folder / ".in.a.txt.", patient.folder / "a.txt")
        return (patient.folder / "a.txt.log").exists()

    patient.run(running, renamed)
    assert patient.log("a.txt").startswith("ID: ")


def test_a_file_under_its_final_name_settles(room):
    running = room.intake()
    file = (room.folder / "a.txt").open("wb")
    pieces = iter([SEED[n : n + 10] for n in range(0, len(SEED), 10)])
    closed = []

    def written():
        piece = next(pieces, None)
        if piece:
            file.write(piece)
            file.flush()
            time.sleep(0.1)
            assert not room.files()
        elif not closed:
            file.close()
            closed.append(time.monotonic())
        return (room.folder / "a.txt.log").exists()

    room.run(running, written)
    assert time.monotonic() - closed[0] > 0.15
    assert room.log("a.txt").startswith("ID: ")
    assert not list((room.settings.accounts[API_ID].spool / "spool").iterdir())


def test_another_file_system_is_named(room, monkeypatch):
    def crosses(*_):
        raise OSError(18, "Invalid cross-device link")

    room.upload("a.txt", SEED)
    monkeypatch.setattr(taking.os, "rename", crosses)
    with pytest.raises(OutboxError) as caught:
        room.intake().take(room.folder, "a.txt")
    assert str(caught.value) == (
        "cannot take a.txt: the folder is on another file system: set spool for this account"
    )
    room.run(room.intake(), room.remarks)
    why = f"not read: {caught.value}"
    assert room.remarks() == [("a.txt", why)]
    assert room.told == [f"a.txt: {why}"]
    assert (room.folder / "a.txt").exists()
