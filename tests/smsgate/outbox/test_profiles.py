"""Gateway profiles on the disk, by name and by path, and the command that shows them."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from command import records, smsenc
from places import ROOT

from smsenc import OptionError
from smsenc.messagefile.profile import CLICKATELL, Profile, to_table
from smsgate.outbox import profiles


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "smsenc" / "profiles"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('charset = "utf-8"\nmost-messages = 10\n')
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_the_built_in_file_says_what_the_default_is():
    path = Path(profiles.__file__).parent / "builtin/clickatell.toml"
    assert profiles.read(path) == CLICKATELL
    assert tomllib.loads(path.read_text()).keys() >= to_table(CLICKATELL).keys()


def test_profiles_are_found_by_name_and_by_path(home, tmp_path):
    mine = Profile(name="mine", charset="utf-8", most_messages=10)
    assert profiles.load("mine", home) == mine
    assert profiles.names(home) == ("clickatell", "mine")
    path = tmp_path / "other.toml"
    path.write_text('charset = "utf-8"\nmost-messages = 10\n')
    assert profiles.load(str(path), home).most_messages == 10
    assert profiles.load("clickatell", home) is CLICKATELL
    assert profiles.folder({"HOME": "/home/ann"}) == Path("/home/ann/.config/smsenc/profiles")


def test_a_user_s_own_of_the_same_name_goes_before_ours(home):
    (profiles.folder(home) / "clickatell.toml").write_text("most-messages = 50000\n")
    assert profiles.load("clickatell", home).most_messages == 50_000


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"most-parts = 99", "most-parts: expected a whole number 1 to 35, found 99"),
        (b"= 1", "expected TOML, found: "),
        (b"\xff", "expected TOML, found: "),
        (b"x" * 70_000, "expected at most 65536 octets, found more"),
    ],
)
def test_a_bad_file_is_named(tmp_path, octets, message):
    path = tmp_path / "bad.toml"
    path.write_bytes(octets)
    with pytest.raises(OptionError) as caught:
        profiles.load(str(path), {})
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("name", ["nobody", "../../etc/passwd", "", "none.toml"])
def test_an_unknown_name_lists_the_known(name, home):
    with pytest.raises(OptionError) as caught:
        profiles.load(name, home)
    assert str(caught.value) == (
        f"--profile: unknown profile {name!r}: use clickatell, mine or a .toml file"
    )


def test_the_command_shows_them(home):
    done = smsenc("profiles", "mine", env=home)
    assert done.returncode == 0, done.stderr
    assert "  charset         utf-8\n" in done.stdout
    sizes = "gsm7 160 (153 in several parts), 8bit 140 (134), ucs2 70 (67)"
    assert f"  part sizes      {sizes}\n  keys            all\n" in done.stdout
    shown = records(smsenc("profiles", "--json", env=home))
    assert [(one["name"], one["charset"]) for one in shown] == [
        ("clickatell", "iso-8859-1"),
        ("mine", "utf-8"),
    ]


def test_the_command_lists_keys_in_lines_of_80_columns(home, tmp_path):
    (tmp_path / "few.toml").write_text('keys = ["api_id", "user", "password", "text", "to"]')
    shown = smsenc("profiles", str(tmp_path / "few.toml"), env=home).stdout
    assert (
        "  keys            api_id, user, password, text, to\n  lacks           cliMsgId," in shown
    )
    assert max(map(len, shown.splitlines())) <= 80


def test_the_documentation_s_profiles_are_profiles(tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/profiles.md").read_text(), re.DOTALL)
    assert len(blocks) >= 2
    for n, block in enumerate(blocks):
        path = tmp_path / f"{n}.toml"
        path.write_text(block)
        assert profiles.read(path) != CLICKATELL


@pytest.mark.parametrize("name", ["clickatell", "mine"])
def test_a_home_that_may_not_be_read_has_no_profiles(home, monkeypatch, name):
    """As with ``sudo -u`` and the HOME of root."""

    def closed(function):
        def refused(path, *more, **named):
            if str(path).startswith(home["XDG_CONFIG_HOME"]):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *more, **named)

        return refused

    with monkeypatch.context() as patched:
        for function in ("stat", "listdir", "scandir", "open"):
            patched.setattr(os, function, closed(getattr(os, function)))
        found = smsenc("profiles", name, env=home)
    folder = profiles.folder(home)
    if name == "clickatell":
        assert (found.returncode, found.stderr) == (0, "")
    else:
        assert found.returncode == 2
        assert found.stderr == (
            "smsenc: --profile: unknown profile 'mine': use clickatell or a .toml file"
            f" ({folder}: permission denied)\n"
        )


@pytest.mark.parametrize(
    "text",
    ["most-messages = " + "9" * 10_000, "a = " + "[" * 10_000, 'summary = "\\uD800"', "\xff"],
)
def test_a_profile_that_is_damaged_is_named(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="latin-1")
    done = smsenc("profiles", path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"smsenc: {path}:")
    assert "expected" in done.stderr
    assert len(done.stderr) < 300
    assert done.stderr.count("\n") == 1


def test_what_a_profile_says_controls_no_terminal(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('summary = "a\\u001b[2Jb\\u202ec"\n')
    done = smsenc("profiles", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("x: a\\x1b[2Jb\\u202ec\n")
