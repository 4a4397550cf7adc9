"""A table from standard input: workers read a table from anywhere, so it is put on the disk."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from converters.errors import SourceError
from smsgate.outbox.reading import STDIN


@contextmanager
def on_disk(name: str) -> Iterator[str]:
    """The name of a file with the table: ``name`` itself, or a copy of standard input for ``-``.

    Only its owner can read the copy, which is removed at the end. Raises SourceError.
    """
    if name != STDIN:
        yield name
        return
    if sys.stdin is None:
        raise SourceError("standard input is closed")
    with TemporaryDirectory(prefix="smsenc-") as folder:
        path = Path(folder, "table")
        with open(path, "xb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield str(path)
