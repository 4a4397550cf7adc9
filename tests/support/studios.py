"""``smsenc studio`` as a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from command import COMMAND, environment


class Place(NamedTuple):
    """The beginning of a studio's addresses, and the one to open first."""

    root: str
    first: str


@contextmanager
def studio(*options: object, **variables: str) -> Iterator[Place]:
    """A studio on a free port."""
    process = subprocess.Popen(
        [*COMMAND, "studio", "--port", "0", "--json", *map(str, options)],
        env=environment(**variables),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        http = json.loads(process.stdout.readline())["http"]
        root = "http://{host}:{port}".format(**http)
        yield Place(root, http.get("url", f"{root}/"))
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
