"""One browser for the tests of a module: while it is open, asyncio.run cannot be used."""

from __future__ import annotations

import pytest
from browsers import opened


@pytest.fixture(scope="module")
def browser():
    with opened() as found:
        yield found
