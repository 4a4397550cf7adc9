"""The examples of docs/simulate.md run."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from places import ROOT
from simulators import phones, run, text, until

PAGE = (ROOT / "docs" / "simulate.md").read_text("utf-8")


def blocks(kind):
    return re.findall(f"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed (apt: curl)")
def test_the_examples_of_the_page_work():
    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text(b"Hello"))

            def done(command):
                command = command.replace("http://127.0.0.1:8025", here.url)
                if command.startswith("smsenc"):
                    command = f"{sys.executable} -m {command} --api {here.url}"
                words = shlex.split(command)
                done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
                return done.stdout

            for line in "".join(blocks("sh")).splitlines():
                shown = await asyncio.to_thread(done, line)
                if line.startswith("curl"):
                    assert "error" not in json.loads(shown), line
            await until(lambda: len(client.arrived) == 4)
            for block in blocks("python"):
                source = block.replace("http://127.0.0.1:8025", here.url)
                await asyncio.to_thread(exec, source, {})

    run(trial(), 60)


def test_there_are_examples():
    assert (len(blocks("sh")), len(blocks("python"))) == (2, 1)
