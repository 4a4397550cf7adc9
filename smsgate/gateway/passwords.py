"""Passwords: argon2id hashes, and log-ins that cost the same whatever is wrong with them."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

#: OWASP's Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
#: Octets that are hashed at most; a longer password is wrong.
_LONGEST = 1024
#: Letters and digits that nobody takes for each other: no 0, 1, l, o.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = 16  # 80 bits


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its parameters and salt, in ASCII."""
    return _HASHER.hash(_octets(password))


def generated() -> str:
    """A new password."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


class Verifier:
    """Compares passwords with hashes; threads may share it.

    A log-in that was right once costs microseconds from then on. What is remembered for that is a
    digest under a key of this process, of the newest ``most`` log-ins.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._key = secrets.token_bytes(32)
        self._proven: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._lock = threading.Lock()
        self._nobody = hashed(generated())

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether a hash is that of the password. None, for an unknown user, takes as long."""
        octets = _octets(password)
        if len(octets) > _LONGEST:
            stored, octets = None, octets[:_LONGEST]
        proof = (stored or "", hashlib.blake2b(octets, key=self._key).digest())
        if self._knows(proof):
            return True
        right = _verified(stored or self._nobody, octets) and stored is not None
        if right:
            self._keep(proof)
        return right

    def _knows(self, proof: tuple[str, bytes]) -> bool:
        with self._lock:
            found = proof in self._proven
            if found:
                self._proven.move_to_end(proof)
            return found

    def _keep(self, proof: tuple[str, bytes]) -> None:
        with self._lock:
            self._proven[proof] = None
            while len(self._proven) > self._most:
                self._proven.popitem(last=False)


def _verified(stored: str, octets: bytes) -> bool:
    try:
        return _HASHER.verify(stored, octets)
    except (VerificationError, InvalidHashError):
        return False


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogateescape")
