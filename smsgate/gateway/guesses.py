"""Wrong passwords by address and user name: each makes the next try of both wait longer.

Others at the same address do not wait for one's errors, unless there are many of any user: then
somebody tries a few passwords with many names. A user at another address does not wait either,
unless there are very many of that user: then somebody guesses from many addresses, and only those
where the user has logged in before need not wait.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict

_FIRST = 0.5  # seconds after one wrong password; each further one doubles it
_LONGEST = 16.0  # seconds
_LONGEST_WAIT = 60.0  # seconds, of those who are refused and not just kept waiting
_FORGET = 900.0  # seconds after the last wrong one
_ANY_USER = 20  # wrong passwords of any users, after which all log-ins of the address wait
_ANY_PLACE = 100  # wrong passwords of a user, after which all unknown addresses wait
_MOST = 10_000  # addresses, and addresses with a user


class Guesses:
    """Failed log-ins of the last quarter of an hour; of 10,000 addresses, the latest."""

    def __init__(self, most: int = _MOST) -> None:
        self._users = _Counts(most)
        self._places = _Counts(most)
        self._names = _Counts(most)
        self._most = most
        self._known: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return max(len(self._users), len(self._places), len(self._names), len(self._known))

    def delay(self, address: str, user: str, now: float) -> float:
        """Seconds that a log-in of this user and address has to wait before it is checked."""
        place = network(address)
        of_user = self._users.of(_both(place, user), now)
        return _pause(max(of_user, self._places.of(place, now) - _ANY_USER), _LONGEST)

    def wait(self, address: str, user: str, now: float) -> float:
        """Seconds until such a log-in is checked, 0 for at once; until then it is refused."""
        place = network(address)
        both = _both(place, user)
        waits = [self._users.left(both, 0, now), self._places.left(place, _ANY_USER, now)]
        if both not in self._known:
            waits.append(self._names.left(_both("", user), _ANY_PLACE, now))
        return max(waits)

    def failed(self, address: str, user: str, now: float) -> int:
        """Note a wrong password or user; the number of them from the address."""
        place = network(address)
        self._users.add(_both(place, user), now)
        self._names.add(_both("", user), now)
        return self._places.add(place, now)

    def succeeded(self, address: str, user: str) -> None:
        """Forget a user's wrong passwords from an address: it was the user."""
        both = _both(network(address), user)
        self._users.forget(both)
        self._known[both] = None
        self._known.move_to_end(both)
        if len(self._known) > self._most:
            self._known.popitem(last=False)


class _Counts(OrderedDict[str, tuple[int, float]]):
    """How often something failed, and when at last; the latest of so many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def of(self, key: str, now: float) -> int:
        count, last = self.get(key, (0, now))
        return count if now - last < _FORGET else 0

    def left(self, key: str, free: int, now: float) -> float:
        """Seconds of the pause after the last one; the first ``free`` have none."""
        _, last = self.get(key, (0, now))
        return max(0.0, _pause(self.of(key, now) - free, _LONGEST_WAIT) - (now - last))

    def add(self, key: str, now: float) -> int:
        count = self.of(key, now) + 1
        self[key] = count, now
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)
        return count

    def forget(self, key: str) -> None:
        self.pop(key, None)


def _pause(count: int, longest: float) -> float:
    return min(_FIRST * 2.0 ** min(count - 1, 10), longest) if count > 0 else 0.0


def _both(place: str, user: str) -> str:
    """A short key: names may be long, or be passwords by mistake."""
    name = hashlib.blake2b(user.encode(errors="replace"), digest_size=16).hexdigest()
    return f"{place} {name}"


def network(address: str) -> str:
    """What one guesser surely has to itself: an IPv4 address, or 64 bits of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
