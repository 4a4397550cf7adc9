"""smsgate/deploy: the unit and the container file do what docs/deploy.md says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from command import COMMAND, environment
from places import ROOT

import smsgate
from smsenc import OptionError
from smsgate.gateway import configuration
from smsgate.outbox import secretfile

DEPLOY = Path(smsgate.__file__).parent / "deploy"
UNIT = DEPLOY / "smsenc-gateway.service"


def unit():
    """The settings of the unit: all values of each key."""
    found = {}
    for line in UNIT.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def words_of(command):
    """A command of the gateway without its program, which must be ours."""
    program, *words = shlex.split(command)
    assert Path(program).name == "smsenc"
    return words


def known_options(words):
    done = subprocess.run(
        [*COMMAND, "gateway", "run", "--help"],
        capture_output=True,
        text=True,
        env=environment(COLUMNS="200"),
        check=True,
    )
    return {word for word in words if word.startswith("--") and word not in done.stdout}


def test_the_unit_is_hardened_and_reloads():
    found = unit()
    words = words_of(found["ExecStart"][0])
    assert words[:2] == ["gateway", "run"]
    assert known_options(words) == set()
    assert found["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    for key, value in {
        "DynamicUser": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "UMask": "0077",
        "StateDirectoryMode": "0700",
        "StandardOutput": "null",  # the first start prints passwords
    }.items():
        assert found[key] == [value], key
    assert found["LoadCredential"]
    assert int(found["TimeoutStopSec"][0]) >= 50  # answers, and then logs


def test_systemd_takes_the_unit(tmp_path):
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("systemd-analyze is not installed")
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/opt/smsenc/bin/smsenc", "/bin/true"))
    done = subprocess.run([program, "verify", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    words = [program, "security", "--offline=yes", "--threshold=20", path]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def test_systemd_finds_a_wrong_word(tmp_path):
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("systemd-analyze is not installed")
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("ProtectSystem=", "ProtectSistem="))
    done = subprocess.run([program, "verify", path], capture_output=True, text=True, check=False)
    assert "ProtectSistem" in done.stderr


def instructions():
    text = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_the_container_runs_as_a_user_without_rights():
    found = instructions()
    last = max(n for n, (name, _) in enumerate(found) if name == "FROM")
    stage = found[last:]
    names = [name for name, _ in stage]
    assert dict(stage)["USER"] == "10001:10001"
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert "RUN" not in names[names.index("USER") :]
    assert dict(stage)["STOPSIGNAL"] == "SIGTERM"
    assert not [value for name, value in found if name in {"ENV", "ARG"} and "PASS" in value]
    assert not [value for name, value in found if name == "ADD"]
    assert all(re.search(r":[\w.-]+( AS \w+)?$", value) for name, value in found if name == "FROM")


def test_what_a_wheel_is_made_of_is_copied():
    copied = set()
    for name, value in instructions():
        if name == "COPY" and not value.startswith("--from"):
            copied |= set(value.split()[:-1])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    shared = {one for one in wheel["shared-data"] if one.split("/")[0] not in wheel["packages"]}
    assert needed | set(wheel["packages"]) | shared <= copied
    # The packages themselves are elsewhere where an installed wheel is tested.
    assert all((ROOT / one).exists() for one in copied - set(wheel["packages"]))


def test_the_command_of_the_container_is_known():
    found = dict(instructions())
    words = json.loads(found["ENTRYPOINT"]) + json.loads(found["CMD"])
    assert words[:3] == ["smsenc", "gateway", "run"]
    assert known_options(words) == set()
    assert words[words.index("--data") + 1] in found["VOLUME"]
    settings = configuration.load(DEPLOY / "container.toml", Path("data"), {})
    ports = {settings.ftp.port, settings.http.port}
    assert {str(one) for one in ports} <= set(found["EXPOSE"].split())
    passive = settings.ftp.passive_ports
    assert f"{passive[0]}-{passive[-1]}" in found["EXPOSE"].split()
    assert (settings.ftp.host, settings.http.host) == ("0.0.0.0", "0.0.0.0")  # noqa: S104 - inside


def test_a_credential_of_systemd_may_show_the_bit_of_a_group(tmp_path, monkeypatch):
    path = tmp_path / "route.toml"
    path.write_text('password = "geheim"\n')
    path.chmod(0o440)
    with pytest.raises(OptionError, match="other users can read it"):
        secretfile.read(path, ("password",))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secretfile.read(path, ("password",)) == {"password": "geheim"}
    path.chmod(0o444)
    with pytest.raises(OptionError, match="other users can read it"):
        secretfile.read(path, ("password",))
