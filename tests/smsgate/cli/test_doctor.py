"""``smsenc doctor``: what is installed and what is wrong with it, and never a secret."""

from __future__ import annotations

import json
from importlib import metadata

import pytest
from command import smsenc

from smsgate import extras
from smsgate.cli import doctor, requirements
from smsgate.cli.requirements import Requirement, parse

SECRET = "s3cr3t-Kühlschrank"  # noqa: S105 - made up


def found(*arguments, **environ):
    done = smsenc("doctor", "--json", *arguments, env=environ)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_what_is_installed_here():
    code, said = found()
    assert (code, said["problems"]) == (0, [])
    assert said["smsenc"]["version"] == metadata.version("smsenc")
    assert set(said["libraries"]) == set(requirements.LIBRARIES)
    assert said["time_zones"] == metadata.version("tzdata")
    assert (said["encoding"], said["state"]["writable"]) == ("utf-8", True)
    assert said["extras"]["xlsx"] == {
        "state": "installed",
        "enables": "batch with spreadsheets",
        "libraries": {"openpyxl": metadata.version("openpyxl")},
    }
    assert set(said["programs"]) == set(doctor.PROGRAMS)


def test_the_same_for_people_and_twice():
    done = smsenc("doctor")
    assert done.returncode == 0
    assert done.stdout == smsenc("doctor").stdout
    assert f"\n  xlsx            {'installed':<14} batch with spreadsheets\n" in done.stdout
    assert [line[0] for line in done.stdout.splitlines()].count("s") == 1
    assert "!" not in done.stdout


def test_no_secret_is_shown(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text(f'user = "u"\npassword = "{SECRET}"\n')
    path.chmod(0o600)
    environ = {"SMSENC_PASSWORD": SECRET, "SMSENC_FTP_CREDENTIALS": str(path)}
    for options in ((), ("--json",)):
        done = smsenc("doctor", *options, env=environ)
        assert SECRET not in done.stdout + done.stderr
        assert "SMSENC_PASSWORD" in done.stdout


def test_settings_that_are_wrong_are_a_problem(tmp_path):
    (tmp_path / "smsenc.toml").write_text("nothing = 1\n")
    done = smsenc("doctor", "--json", cwd=tmp_path)
    (problem,) = json.loads(done.stdout)["problems"]
    assert done.returncode == 3
    assert problem.startswith("smsenc.toml: expected one of host, ")
    (tmp_path / "smsenc.toml").write_text('host = "ftp.example.com"\n')
    assert json.loads(smsenc("doctor", "--json", cwd=tmp_path).stdout)["settings"] == "smsenc.toml"
    assert "ftp.example.com" not in smsenc("doctor", cwd=tmp_path).stdout


def test_an_extra_that_is_not_installed_is_no_problem(monkeypatch):
    there = extras.find_spec
    monkeypatch.setattr(
        extras, "find_spec", lambda name: (name != "openpyxl" and there(name)) or None
    )
    code, said = found()
    assert (code, said["extras"]["xlsx"]["state"], said["problems"]) == (0, "not installed", [])


def test_a_version_that_is_too_low_is_a_problem(monkeypatch):
    real = requirements.metadata.version
    monkeypatch.setattr(
        requirements.metadata, "version", lambda name: "1.0" if name == "openpyxl" else real(name)
    )
    code, said = found()
    (problem,) = said["problems"]
    assert (code, said["extras"]["xlsx"]["state"]) == (3, "broken")
    assert problem.startswith("openpyxl 1.0 is installed, ")
    assert problem.endswith(' is needed: pip install --upgrade "smsenc[xlsx]"')
    assert f"! {problem}\n" in smsenc("doctor").stdout


def test_a_library_that_is_missing_or_cannot_be_loaded(monkeypatch):
    def version(name):
        if name == "mido":
            raise metadata.PackageNotFoundError
        return "99.0" if name == "typer" else "30"

    def load(name):
        if name == "regex":
            raise ImportError("no shared library\nmore")

    monkeypatch.setattr(requirements.metadata, "version", version)
    monkeypatch.setattr(requirements.metadata, "requires", lambda _: ["mido<2,>=1", "typer<0.29"])
    monkeypatch.setattr(requirements, "import_module", load)
    how = 'pip install --upgrade "smsenc"'
    assert list(requirements.problems()) == [
        f"mido is not installed: {how}",
        f"typer 99.0 is installed, <0.29 is needed: {how}",
        f"regex cannot be loaded: ImportError: no shared library: {how}",
    ]


def test_a_source_tree_without_metadata(monkeypatch):
    def unknown(_):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(requirements.metadata, "version", unknown)
    monkeypatch.setattr(requirements.metadata, "requires", unknown)
    done = smsenc("doctor")
    assert done.stdout.startswith("smsenc (not installed as a distribution)\n")
    assert "  time zones      none\n" in done.stdout


def test_zones_that_cannot_be_read(monkeypatch):
    from converters.calendars import timezones

    def fails(_):
        raise FileNotFoundError

    monkeypatch.setattr(timezones, "named", fails)
    assert found()[1]["time_zones"] is None


def test_a_state_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    code, said = found(XDG_STATE_HOME=str(tmp_path / "file"))
    assert (code, said["state"]["writable"]) == (0, False)
    assert not (tmp_path / "file" / "smsenc").exists()
    done = smsenc("doctor", env={"XDG_STATE_HOME": str(tmp_path / "file")})
    assert f"  state           {tmp_path}/file/smsenc (cannot be written)\n" in done.stdout


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("icalendar<8,>=6.3", Requirement("icalendar", "<8,>=6.3")),
        ("tzdata", Requirement("tzdata", "")),
        ("watchfiles<2,>=1; extra == 'watch'", Requirement("watchfiles", "<2,>=1", "watch")),
        ('Pillow >=1 ; extra == "x-y"', Requirement("pillow", ">=1", "x-y")),
        ("a>=1; python_version < '4' and extra == 'b'", Requirement("a", ">=1", "b")),
        ("?", Requirement("?", "")),
    ],
)
def test_requirements(text, wanted):
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("limits", "version", "allowed"),
    [
        (">=1,<2", "1.0", True),
        (">=1,<2", "1", True),
        (">=1.0,<2", "2.0.0", False),
        (">=1.10", "1.9", False),
        (">=1.9", "1.10.1rc1", True),
        ("<2", "unknown", True),
        (">=1", "unknown", False),
        ("!=3", "3", True),  # none of ours is of this kind
        ("", "0", True),
    ],
)
def test_limits(limits, version, allowed):
    assert Requirement("x", limits).allows(version) is allowed


def test_limits_of_ours_are_all_understood():
    limits = [limit for one in requirements.needed() for limit in one.limits.split(",") if limit]
    assert limits
    assert [limit for limit in limits if not requirements._LIMIT.fullmatch(limit)] == []


def test_every_extra_says_what_it_enables():
    assert list(extras.ENABLES) == list(extras.MODULES)


def test_the_libraries_are_those_that_smsenc_needs():
    base = {one.name for one in requirements.needed() if not one.extra}
    assert base == set(requirements.LIBRARIES)
