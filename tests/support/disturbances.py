"""What tests do to a gateway's surroundings: its clock, disk and ports; and what to count then.

The messages of ``lines`` have numbers and texts that say which they are, so that a test finds each
of them at the message centre.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

import gateways
import pytest
from gateways import HOST, Gateway, Smsc, by_number, wire

# Messages -----------------------------------------------------------------------------------------


def lines(first: int, count: int, *more: str) -> Iterable[str]:
    """The lines of a template with numbered texts."""
    rows = (f"csv:4477{n:08},{n:08}" for n in range(first, first + count))
    return (*more, "text:#field1#", *rows)


def numbers(first: int, count: int) -> Counter[str]:
    """The recipients of ``lines``, each once."""
    return Counter({f"4477{n:08}": 1 for n in range(first, first + count)})


def arrived(smsc: Smsc) -> Counter[str]:
    """How often each number was sent, once the SMSC has ended; each text is its number."""
    smsc.end()
    found = by_number(smsc.received())
    for number, bodies in found.items():
        assert {wire(body).data.decode() for body in bodies} == {number[4:]}
    return Counter({number: len(bodies) for number, bodies in found.items()})


def credit_is_right(gateway: Gateway) -> None:
    """The balance is the sum of the ledger: the grant without the charges."""
    ((balance,),) = gateway.select("SELECT balance FROM account")
    ((total, grant),) = gateway.select(
        "SELECT sum(amount), sum(CASE kind WHEN 'grant' THEN amount END) FROM ledger"
    )
    ((charges,),) = gateway.select("SELECT coalesce(sum(charge), 0) FROM message")
    assert balance == total == grant - charges


# Surroundings -------------------------------------------------------------------------------------


@contextmanager
def mounted(
    folder: Path, *options: str, kind: str = "tmpfs", what: object = "none"
) -> Iterator[Path]:
    """A mounted file system, for which one must be root."""
    folder.mkdir(exist_ok=True)
    words = ["mount", "-t", kind, "-o", ",".join(options), str(what), str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system takes root's rights")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


class Clock:
    """A gateway whose clock a test moves: ``program`` is its command."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "offset"
        self.program = (sys.executable, gateways.__file__, str(self.path))
        self.set(0)

    def set(self, seconds: float) -> None:
        """Let its clock go so many seconds before the system's."""
        new = self.path.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.path)
