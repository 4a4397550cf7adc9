from __future__ import annotations

import phonereplies
import pytest

from smsgate.gateway.settings import NumberSettings


@pytest.fixture
def phones(database):
    """Whose replies are all those that come."""
    return phonereplies.phones(database, numbers=(NumberSettings(account="1"),))
