"""Whether others can reach a host: the same answer for pages, the simulator and the studio."""

from __future__ import annotations

import pytest

from smsgate.loopback import addresses, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "127.1", "::1", "localhost"])
def test_what_is_of_this_machine_alone(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0", "0.0.0.0", "::", "192.0.2.1", "2001:db8::1"])  # noqa: S104
def test_what_others_reach(host):
    assert addresses(host)
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["nobody.invalid", "[::1]", "x" * 70])
def test_a_name_that_nobody_knows_has_no_addresses(host):
    assert addresses(host) == ()
    assert not is_loopback(host)
