"""What people type in their first hour, and what they are told."""

import pytest
from command import NUMBER, records, smsenc
from places import SAMPLES

LOGO, PHOTO = SAMPLES / "logo.png", SAMPLES / "photo.jpg"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_text("to,name\n+447700900001,Ann\n+447700900002,Bernadette\n")
    (tmp_path / "national.csv").write_text("to,name\n07700900001,Ann\n07700900002,Bob\n")
    return tmp_path


def test_national_numbers_are_told_the_region_that_would_read_them(folder):
    done = smsenc("batch", "national.csv", "--text", "Hi", cwd=folder)
    assert done.returncode == 3
    assert "(--region GB, DE or IN would read it)" in done.stderr
    assert "placeholders" not in done.stderr  # nothing was written
    done = smsenc("batch", "national.csv", "--text", "Hi", "--region", "GB", cwd=folder)
    assert done.returncode == 0


def test_a_rehearsal_shows_texts_as_people_will_read_them(folder):
    command = ("batch", "people.csv", "--text", "Hi #name#", "--dry-run", "--sample")
    lines = smsenc(*command, 3, cwd=folder).stdout.splitlines()
    shown = lines[lines.index("texts of some rows") + 1 :]
    assert shown[:2] == ["  row 2, 447700900001, 1 part:", "    Hi Ann"]
    assert shown[2:] == ["  row 3, 447700900002, 1 part:", "    Hi Bernadette"]
    assert not [x for x in smsenc(*command, 0, cwd=folder).stdout.splitlines() if "row " in x]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (
            (),
            [
                "  row 1 of 2, to 447700900001:",
                "    Hi Ann",
                "  1 more row: --row N shows another one, --row all shows all",
            ],
        ),
        (
            ("--row", "2"),
            [
                "  row 2 of 2, to 447700900002:",
                "    Hi Bernadette",
                "  1 more row: --row N shows another one, --row all shows all",
            ],
        ),
        (
            ("--row", "all"),
            [
                "  row 1 of 2, to 447700900001:",
                "    Hi Ann",
                "  row 2 of 2, to 447700900002:",
                "    Hi Bernadette",
            ],
        ),
    ],
    ids=["first", "asked", "all"],
)
def test_a_template_is_shown_with_a_row_and_the_number_of_others(folder, row, shown):
    smsenc("batch", "people.csv", "--text", "Hi #name#", cwd=folder)
    done = smsenc("inspect", "outbox", *row, cwd=folder)
    heading = ["  text, 1 part, to 2 recipients", "    Hi #field1#"]
    assert done.stdout.splitlines()[1:] == [*heading, *shown, ""]


def test_a_row_that_no_message_has_is_not_ignored_silently(folder):
    smsenc("batch", "people.csv", "--text", "Hi #name#", cwd=folder)
    done = smsenc("inspect", "outbox", "--row", "3", cwd=folder)
    assert done.stderr.strip().endswith("--row: expected a row from 1 to 2, found 3")
    assert done.returncode == 3
    (folder / "a.txt").write_text("Hi\n")
    done = smsenc("inspect", "a.txt", "--row", "all", cwd=folder)
    assert done.stderr == "! --row ignored: no message has rows\n"
    done = smsenc("inspect", "outbox", "--row", "0", cwd=folder)
    assert done.stderr == "smsenc: --row: expected a row from 1 on, or all, found '0'\n"
    assert done.returncode == 2


def test_an_event_is_shown_in_a_zone_or_with_the_zone_that_it_has(folder):
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "SUMMARY:Call")
    times = ("DTSTART:20240520T120000Z", "END:VEVENT", "END:VCALENDAR", "")
    (folder / "call.ics").write_text("\n".join((*lines, *times)))
    done = smsenc("convert", "call.ics", "--to", NUMBER, cwd=folder)
    warning = "      ! line 5: DTSTART guessed: phones may show UTC as local time; set --tz"
    assert warning in done.stdout.splitlines()
    shown = smsenc("inspect", "outbox", cwd=folder).stdout.splitlines()
    assert {"    Start     2024-05-20T12:00:00Z", "    Zone      UTC"} <= set(shown)
    done = smsenc("inspect", "outbox", "--tz", "Europe/Paris", cwd=folder)
    shown = set(done.stdout.splitlines())
    assert {"    Start     2024-05-20T14:00:00", "    Zone      Europe/Paris"} <= shown
    done = smsenc("inspect", "call.ics", "--tz", "Europe/Paris", cwd=folder)
    assert "    Zone      none: the local time of the phone" in done.stdout.splitlines()
    assert "guessed" not in done.stdout


def test_a_logo_for_another_network_than_asked_for_is_named(folder):
    smsenc("transcode", LOGO, "logo.nol", "--mcc-mnc", "234-15", cwd=folder)
    done = smsenc("convert", "logo.nol", "--to", NUMBER, "--mcc-mnc", "262-01", cwd=folder)
    loss = "! network 234-15 replaced: sent for 262-01, as asked"
    assert f"      {loss}" in done.stdout.splitlines()
    done = smsenc("inspect", "logo.nol", "--mcc-mnc", "26201", cwd=folder)
    assert f"    {loss}" in done.stdout.splitlines()
    done = smsenc("inspect", "outbox", "--mcc-mnc", "234-15", cwd=folder)
    assert done.stderr.endswith(": it is for the network 262-01, not for 234-15\n")
    assert not smsenc("inspect", "outbox", "--mcc-mnc", "26201", cwd=folder).stderr
    assert (
        "network"
        not in smsenc("convert", "logo.nol", "--to", NUMBER, "--dry-run", cwd=folder).stdout
    )


def test_the_removal_of_a_logo_has_one_name(folder):
    target = "operator-logo-removal"
    done = smsenc("convert", LOGO, "--to", NUMBER, "-O", f"target={target}", cwd=folder)
    ignored = f"! picture ignored: {target} sends an empty one, for all networks"
    assert ignored in " ".join(done.stdout.split())
    (file,) = (folder / "outbox").glob("*.txt")
    assert file.name.startswith(f"000001-{target}.")
    shown = smsenc("inspect", "outbox", cwd=folder).stdout.splitlines()
    assert f"    72x14 pixels, network 000-00, {target}" in shown
    assert "network: 000-00 (removes the logo)" in smsenc("explain", "outbox", cwd=folder).stdout


def test_a_preview_that_cannot_be_written_tells_no_losses(folder):
    command = ("preview", PHOTO, "-o", "a.png")
    assert "edges of 200x150 cut" in smsenc(*command, cwd=folder).stderr
    done = smsenc(*command, cwd=folder)
    assert done.stderr == "smsenc: a.png: the file already exists: use --force to overwrite it\n"


def test_one_format_is_shown_alone():
    done = smsenc("formats", "calendar")
    assert done.stdout.splitlines()[0] == "calendar   .ics .vcs .ical"
    (record,) = records(smsenc("formats", "calendar", "--json"))
    assert record["name"] == "calendar"
    assert "tz" in record["options"]
    done = smsenc("formats", "ics")
    assert done.stderr.startswith("smsenc: NAME: expected one of calendar, imelody, ")
    assert done.stderr.endswith(", found 'ics'\n")
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("convert", ("--to", NUMBER)),
        ("batch", ("--text", "Hi")),
        ("inspect", ()),
        ("preview", ("-o", "a.png")),
        ("decode", ("a.txt",)),
        ("transcode", ("a.mid",)),
        ("lint", ()),
        ("upload", ("--host", "localhost")),
        ("log", ("--host", "localhost")),
        ("watch", ("--to", NUMBER, "--once")),
    ],
)
def test_an_input_that_is_not_there_ends_every_command_with_3(folder, command, more):
    done = smsenc(command, "nothing.rtttl", *more, cwd=folder)
    assert done.returncode == 3
    assert "nothing.rtttl: no such f" in done.stderr
    assert not (folder / "outbox").exists()


def test_an_answer_about_an_option_is_that_of_the_converter_concerned(folder):
    target = ("--to", NUMBER, "-O", "target=picture")
    done = smsenc("convert", SAMPLES / "photo.jpg", *target, cwd=folder)
    assert done.returncode == 2
    assert "(did you mean picture-message?)" in done.stderr
    assert "ringtone" not in done.stderr


def test_an_error_of_an_option_has_its_name(folder):
    for time in ("tomorrow", "2020-01-01T00:00:00Z"):
        done = smsenc("convert", SAMPLES / "order.txt", "--to", NUMBER, "--at", time, cwd=folder)
        assert done.returncode == 2
        assert done.stderr.startswith("smsenc: --at: expected ")
