"""What people type in their first hour, and what they are told."""

import pytest
from command import NUMBER, smsenc
from places import SAMPLES


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


def test_a_template_is_shown_with_its_first_row(folder):
    smsenc("batch", "people.csv", "--text", "Hi #name#", cwd=folder)
    done = smsenc("inspect", "outbox", cwd=folder)
    assert done.stdout.splitlines()[1:] == [
        "  text, 1 part, to 2 recipients",
        "    Hi #field1#",
        "  the first row, to 447700900001:",
        "    Hi Ann",
        "",
    ]


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
