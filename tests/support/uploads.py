"""Message files with numbered texts, and clients that upload them until they have succeeded."""

from __future__ import annotations

import ftplib
import io
import random
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from gateways import Account, Gateway, put

PARTS = (1, 1, 1, 2, 3)  # of a message, by its number
FILE = 100  # messages, on average


class File(NamedTuple):
    """A file: its account, and the texts by recipient."""

    account: Account
    name: str
    texts: dict[str, str]
    octets: bytes


def files_of(
    account: Account, first: int, count: int, dice: random.Random, largest: int
) -> list[File]:
    """Templates with all sizes, each row with its own number and text."""
    made = []
    at = first
    while at < first + count:
        size = min(dice.choice((1, 10, FILE, 3 * FILE, largest)), first + count - at)
        texts = {f"4479{n:08}": text_of(n) for n in range(at, at + size)}
        rows = (f"csv:{number},{text}" for number, text in texts.items())
        queue = dice.randint(1, 3)
        lines = ("deliv_ack:1", f"queue:{queue}", "concat:3", "text:#field1#", *rows)
        made.append(File(account, f"f{at:06}.txt", texts, account.file(*lines)))
        at += size
    return made


def hash_of(one: File) -> int:
    """A number that is the same for the same file."""
    return sum(one.name.encode())


def text_of(number: int) -> str:
    """A text of one to three parts that no other message has."""
    return f"{number:08}" + "x" * 150 * (PARTS[number % len(PARTS)] - 1)


class Uploader(threading.Thread):
    """Uploads files one after another; after a failure the same file again, until it succeeds.

    Every other file is renamed; the others are stored under their names, and followed by QUIT. Some
    are uploaded again after they succeeded, as by a client that lost the answer. Where there are
    several gateways, which are nodes of one, each try goes to any of them.
    """

    def __init__(
        self, gateways: Sequence[Gateway], files: list[File], pace: float, timeout: float = 10
    ) -> None:
        super().__init__(daemon=True)
        self.failures = 0
        self.left = len(files)
        self.stopped = threading.Event()
        self._gateways = gateways
        self._files = files
        self._pace = pace
        self._timeout = timeout
        self._dice = random.Random(files[0].name)

    def run(self) -> None:
        again = (one for one in self._files for _ in range(1 + (hash_of(one) % 4 == 0)))
        for n, one in enumerate(again):
            while not self.stopped.is_set():
                try:
                    self._upload(one, renamed=n % 2 == 0)
                    break
                except (OSError, EOFError, ftplib.Error):
                    self.failures += 1
                    time.sleep(0.05)
            self.stopped.wait(self._pace)
        self.left = 0

    def _upload(self, one: File, *, renamed: bool) -> None:
        gateway = self._dice.choice(self._gateways)
        with gateway.session(one.account, timeout=self._timeout) as client:
            if renamed:
                put(client, one.name, one.octets)
            else:
                client.storbinary(f"STOR {one.name}", io.BytesIO(one.octets))
