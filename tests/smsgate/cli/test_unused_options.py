"""An option that no format of the sources has is named; nothing that was typed is lost silently."""

import pytest
from command import NUMBER, smsenc

TUNE = "Scale:d=4,o=5,b=125:c,d,e"
TODO = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:1\nSUMMARY:Buy\nEND:VTODO\nEND:VCALENDAR\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "a.rtttl").write_text(TUNE)
    (tmp_path / "a.ics").write_text(TODO)
    (tmp_path / "a.txt").write_text("Hello")
    return tmp_path


def convert(folder, *words):
    return smsenc("convert", *words, "--to", NUMBER, "--dry-run", cwd=folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.rtttl", "--bars", "6"), "--bars: not used: rtttl has no such option"),
        (("a.rtttl", "-O", "bars=6"), "-O bars: not used: rtttl has no such option"),
        (("a.ics", "-O", "text=x"), "-O text: not used: calendar has no such option"),
        (("a.txt", "--strict"), "--strict: not used: text has no such option"),
        (("a.txt", "--no-quantise"), "--no-quantise: not used: text has no such option"),
        (("a.txt", "--tz", "UTC"), "--tz: not used: text has no such option"),
        (("a.txt", "a.rtttl", "--bars", "6"), "--bars: not used: text or rtttl has no such option"),
    ],
)
def test_an_option_that_no_format_of_the_sources_has_is_named(folder, words, said):
    done = convert(folder, *words)
    assert done.returncode == 0
    assert said in done.stderr.splitlines()


def test_an_option_that_one_of_the_sources_has_is_no_remark(folder):
    assert "not used" not in convert(folder, "a.txt", "a.ics", "--tz", "UTC", "--strict").stderr


def test_a_setting_is_no_remark(folder):
    (folder / "smsenc.toml").write_text('tz = "UTC"\n')
    assert "not used" not in convert(folder, "a.txt").stderr


@pytest.mark.parametrize("command", [("inspect",), ("preview", "-o", "x.wav")])
def test_inspect_and_preview_name_it_too(folder, command):
    done = smsenc(*command, "a.rtttl", "--bars", "6", cwd=folder)
    assert done.returncode == 0
    assert "--bars: not used: rtttl has no such option" in done.stderr.splitlines()


def test_message_files_have_a_zone_and_a_network_only(folder):
    smsenc("convert", "a.ics", "--to", NUMBER, cwd=folder)
    done = smsenc("inspect", "outbox", "--tz", "UTC", "--bars", "6", cwd=folder)
    assert done.stderr.splitlines() == ["--bars: not used: a message has no such option"]


def test_a_file_for_a_modem_is_named_in_what_inspect_shows(folder):
    smsenc("convert", "a.txt", "--to", NUMBER, "--format", "at", "--out", "modem", cwd=folder)
    heading, *_ = smsenc("inspect", "modem", cwd=folder).stdout.splitlines()
    assert heading.startswith("modem/000001-a.")


def test_preview_shows_an_event_in_a_zone(folder):
    event = TODO.replace("TODO", "EVENT").replace("SUMMARY", "DTSTART:20300101T120000Z\nSUMMARY")
    (folder / "b.ics").write_text(event)
    for zone in ("UTC", "Asia/Tokyo"):
        done = smsenc("preview", "b.ics", "-o", f"{zone[:3]}.png", "--tz", zone, cwd=folder)
        assert done.returncode == 0, done.stderr
    assert (folder / "UTC.png").read_bytes() != (folder / "Asi.png").read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (("--attach", "a.rtttl"), "--bars: not used: rtttl has no such option"),
        (("--text", "Hello"), "--bars: not used: a text for a table has no such option"),
    ],
)
def test_a_campaign_names_it_too(folder, content, said):
    (folder / "t.csv").write_text("number\n447700900123\n")
    done = smsenc("batch", "t.csv", *content, "--bars", "6", "--dry-run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert said in done.stderr.splitlines()
