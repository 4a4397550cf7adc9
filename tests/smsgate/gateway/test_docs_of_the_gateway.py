"""What README and docs/gateway.md tell people to type works as it is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import environment
from gateways import Gateway, until
from places import ROOT

_SECTION = r"## {}\n(.*?)\n## "
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_LINES = re.compile(r"^smsenc (?:convert|upload|log) .*", re.MULTILINE)
PAGES = {"README.md": "The gateway itself", "docs/gateway.md": "Try it"}


def commands(page):
    """The lines for the second terminal."""
    text = (ROOT / page).read_text("utf-8")
    section = re.search(_SECTION.format(PAGES[page]), text, re.DOTALL)[1]
    return [line for block in _BLOCK.findall(section) for line in _LINES.findall(block)]


@pytest.mark.parametrize("page", PAGES)
def test_three_lines_take_samples_to_a_phone(page, tmp_path):
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    with Gateway(tmp_path / "gateway") as gateway:
        account = gateway.account
        variables = environment(
            SMSENC_API_ID=account.api_id,
            SMSENC_USER=account.user,
            SMSENC_PASSWORD=account.password,
            SMSENC_FTP_USER=account.ftp_user,
            SMSENC_FTP_PASSWORD=account.ftp_password,
        )
        variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
        lines = commands(page)
        assert [line.split()[1] for line in lines] == ["convert", "upload", "log"]
        for line in lines:
            if " log " in line:
                until(lambda: [one.status for one in gateway.history()].count(4) == 2)
            done = subprocess.run(
                ["bash", "-c", line.replace("--port 2121", f"--port {gateway.ftp_port}")],
                cwd=tmp_path,
                env=variables,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    assert [row.split()[2] for row in done.stdout.splitlines()] == ["delivered", "delivered"]
