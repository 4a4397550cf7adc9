"""Settings from smsenc.toml, and what is refused in it."""

import os

import pytest
from command import NUMBER, records, smsenc

from smsgate.cli import docs, settingsfile


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "note.txt").write_text("Hello")
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)


def test_what_is_in_the_file_need_not_be_typed(folder):
    write(folder / "smsenc.toml", f'to = "{NUMBER}"\nfrom = "Bank"\n[batch]\nregion = "GB"\n')
    done = smsenc("convert", "note.txt", "--dry-run", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert records(done)[0]["status"] == "planned"
    done = smsenc("convert", "note.txt", "--to", "447700900123", "--out", "box", cwd=folder)
    assert done.returncode == 0
    (file,) = (folder / "box").glob("*.txt")
    assert b"from:Bank\n" in file.read_bytes()
    assert b"to:447700900123\n" in file.read_bytes()
    shown = smsenc("config", cwd=folder).stdout
    assert shown.splitlines() == [
        "smsenc.toml:",
        "  from = Bank",
        f"  to = {NUMBER}",
        "  batch: region = GB",
    ]


def test_the_user_s_own_file_comes_after_the_folder_s(folder):
    own = folder / "config" / "smsenc" / "config.toml"
    write(own, f'to = ["{NUMBER}"]\n')
    assert smsenc("convert", "note.txt", "--dry-run", cwd=folder).returncode == 0
    assert smsenc("config", cwd=folder).stdout.startswith(f"{own}:")
    write(folder / "smsenc.toml", 'region = "GB"\n')
    assert smsenc("config", cwd=folder).stdout.startswith("smsenc.toml:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('hots = "x"', "expected one of host"),
        ('password = "x"', "expected one of host"),
        ("host = {a = 1}", "host: expected a text"),
        ('batch = "x"', "expected a table [batch]"),
        ("host = ", "expected TOML"),
        ("to = 'x'\n[convert]\nto = 1979-05-27", "to: expected a text"),
    ],
)
def test_a_file_that_is_wrong_is_one_line(folder, text, said):
    write(folder / "smsenc.toml", text)
    done = smsenc("formats", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("smsenc: smsenc.toml:")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_others_can_change_is_not_used(folder):
    write(folder / "smsenc.toml", 'host = "evil.example"')
    (folder / "smsenc.toml").chmod(0o666)
    done = smsenc("config", cwd=folder)
    assert done.returncode == 2
    assert "other users can change it" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_is_not_used(folder):
    write(folder / "smsenc.toml", 'host = "evil.example"')
    os.chown(folder / "smsenc.toml", 1234, 1234)
    assert "belongs to another user" in smsenc("config", cwd=folder).stderr


def test_without_a_file_there_are_no_settings(folder):
    assert smsenc("config", cwd=folder).stdout.startswith("no settings: put them into smsenc.toml")
    assert settingsfile.Settings().defaults() == {}


def test_the_port_of_a_gateway_is_not_where_the_documentation_is_served(folder, monkeypatch):
    write(folder / "smsenc.toml", "port = 70000\n")
    monkeypatch.setattr(docs, "folders", lambda: (folder,))
    done = smsenc("docs", cwd=folder)
    assert (done.returncode, "has no pages" in done.stderr) == (3, True)


def test_the_port_of_a_gateway_is_not_where_the_studio_is_served(folder, monkeypatch):
    monkeypatch.chdir(folder)
    write(folder / "smsenc.toml", 'host = "ftp.example.com"\nport = 21\n')
    found = settingsfile.load(os.environ).defaults()
    assert "upload" in found
    assert "studio" not in found
