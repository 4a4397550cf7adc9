"""The kinds of mandatory fields, each both ways (SMPP 3.4, 3.1 and 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from smsenc.smpp.errors import INVALID, SmppError
from smsenc.smpp.pdus import Address, DistributionList, Unsuccessful
from smsenc.smpp.status import Status

Put = Callable[[Any], bytes]
#: Octets, where the field begins and where the PDU ends; the value, and where the field ends.
Take = Callable[[bytes, int, int], tuple[Any, int]]

LONGEST_SHORT_MESSAGE = 254
_MOST_ADDRESSES = 254
_SME, _LIST = 1, 2  # dest_flag


class Field(NamedTuple):
    """A field of a PDU by the name of its attribute."""

    name: str
    put: Put
    take: Take


_OCTETS = tuple(bytes((n,)) for n in range(256))


def octet(name: str, status: int = INVALID) -> Field:
    """An integer of one octet."""

    def put(value: int) -> bytes:
        if not 0 <= value <= 0xFF:
            raise SmppError(f"expected 0 to 255, found {value}", status=status, name=name)
        return _OCTETS[value]

    def take(octets: bytes, at: int, end: int) -> tuple[int, int]:
        if at >= end:
            raise _cut(name, at)
        return octets[at], at + 1

    return Field(name, put, take)


def text(name: str, most: int, status: int = INVALID) -> Field:
    """A C-octet string: ``most`` octets at most with the NUL at its end."""

    def put(value: str) -> bytes:
        if not value:
            return b"\0"
        try:
            octets = value.encode("latin-1") + b"\0"
        except UnicodeEncodeError:
            raise _wrong_text(name, most, status, repr(value)) from None
        if len(octets) > most or octets.index(b"\0") != len(octets) - 1:
            raise _wrong_text(name, most, status, repr(value))
        return octets

    def take(octets: bytes, at: int, end: int) -> tuple[str, int]:
        nul = octets.find(b"\0", at, min(at + most, end))
        if nul < 0:
            if end - at < most:
                raise _cut(name, at)
            error = _wrong_text(name, most, status, "a longer one")
            error.offset = at
            raise error
        return octets[at:nul].decode("latin-1"), nul + 1

    return Field(name, put, take)


def _wrong_text(name: str, most: int, status: int, found: str) -> SmppError:
    what = f"expected Latin-1 of at most {most - 1} octets, without NUL, found {found}"
    return SmppError(what, status=status, name=name)


def instant(name: str, status: int) -> Field:
    """A time: nothing, or sixteen characters (7.1.1)."""
    string = text(name, 17, status)

    def check(value: str) -> None:
        if len(value) not in (0, 16):
            what = f"expected a time of 16 characters, found {value!r}"
            raise SmppError(what, status=status, name=name)

    def put(value: str) -> bytes:
        check(value)
        return string.put(value)

    def take(octets: bytes, at: int, end: int) -> tuple[str, int]:
        value, after = string.take(octets, at, end)
        try:
            check(value)
        except SmppError as error:
            raise error.at(offset=at) from None
        return value, after

    return Field(name, put, take)


def address(name: str, most: int, status: int) -> Field:
    """Type of number, numbering plan, and the address as a C-octet string."""
    string = text(name, most, status)

    def put(value: Address) -> bytes:
        digits, ton, npi = value
        if not (0 <= ton <= 0xFF and 0 <= npi <= 0xFF):
            what = f"expected 0 to 255 twice, found {ton} and {npi}"
            raise SmppError(what, status=status, name=name)
        return _OCTETS[ton] + _OCTETS[npi] + string.put(digits)

    def take(octets: bytes, at: int, end: int) -> tuple[Address, int]:
        if end - at < 3:
            raise _cut(name, at)
        digits, after = string.take(octets, at + 2, end)
        return Address(digits, octets[at], octets[at + 1]), after

    return Field(name, put, take)


def short_message(name: str) -> Field:
    """sm_length and the octets of the message."""
    status = Status.ESME_RINVMSGLEN

    def put(value: bytes) -> bytes:
        if len(value) > LONGEST_SHORT_MESSAGE:
            what = f"expected at most {LONGEST_SHORT_MESSAGE} octets, found {len(value)}"
            raise SmppError(what, status=status, name=name)
        return _OCTETS[len(value)] + value

    def take(octets: bytes, at: int, end: int) -> tuple[bytes, int]:
        if at >= end:
            raise _cut(name, at)
        after = at + 1 + octets[at]
        if octets[at] > LONGEST_SHORT_MESSAGE or after > end:
            what = f"expected {octets[at]} octets (sm_length), found {end - at - 1}"
            if octets[at] > LONGEST_SHORT_MESSAGE:
                what = f"expected at most {LONGEST_SHORT_MESSAGE} octets, found {octets[at]}"
            raise SmppError(what, status=status, offset=at, name=name)
        return octets[at + 1 : after], after

    return Field(name, put, take)


def addresses(name: str) -> Field:
    """number_of_dests and, for each, dest_flag and an address or the name of a list (4.5.1)."""
    single = address(name, 21, Status.ESME_RINVDSTADR)
    group = text(name, 21, Status.ESME_RINVDLNAME)

    def put_one(value: Address | DistributionList) -> bytes:
        if isinstance(value, DistributionList):
            return _OCTETS[_LIST] + group.put(value.name)
        return _OCTETS[_SME] + single.put(value)

    def take_one(octets: bytes, at: int, end: int) -> tuple[Address | DistributionList, int]:
        flag = octets[at] if at < end else None
        if flag == _SME:
            return single.take(octets, at + 1, end)
        if flag == _LIST:
            found, after = group.take(octets, at + 1, end)
            return DistributionList(found), after
        if flag is None:
            raise _cut(name, at)
        what = f"expected dest_flag 1 or 2, found {flag}"
        raise SmppError(what, status=Status.ESME_RINVDESTFLAG, offset=at, name=name)

    return _many(name, put_one, take_one, Status.ESME_RINVNUMDESTS)


def unsuccessful(name: str) -> Field:
    """no_unsuccess and, for each, an address and its command_status (4.5.2)."""
    single = address(name, 21, Status.ESME_RINVDSTADR)

    def put_one(value: Unsuccessful) -> bytes:
        return single.put(value.address) + value.status.to_bytes(4, "big")

    def take_one(octets: bytes, at: int, end: int) -> tuple[Unsuccessful, int]:
        found, after = single.take(octets, at, end)
        if end - after < 4:
            raise _cut(name, after)
        status = int.from_bytes(octets[after : after + 4], "big")
        return Unsuccessful(found, status), after + 4

    return _many(name, put_one, take_one, INVALID)


def _many(name: str, put_one: Put, take_one: Take, status: int) -> Field:
    """A count of one octet, and so many values."""

    def put(values: tuple[Any, ...]) -> bytes:
        if len(values) > _MOST_ADDRESSES:
            what = f"expected at most {_MOST_ADDRESSES} addresses, found {len(values)}"
            raise SmppError(what, status=status, name=name)
        return _OCTETS[len(values)] + b"".join(map(put_one, values))

    def take(octets: bytes, at: int, end: int) -> tuple[tuple[Any, ...], int]:
        if at >= end:
            raise _cut(name, at)
        count, at = octets[at], at + 1
        if count > _MOST_ADDRESSES:
            what = f"expected at most {_MOST_ADDRESSES} addresses, found {count}"
            raise SmppError(what, status=status, offset=at - 1, name=name)
        values: list[Any] = []
        for _ in range(count):
            value, at = take_one(octets, at, end)
            values.append(value)
        return tuple(values), at

    return Field(name, put, take)


def _cut(name: str, at: int) -> SmppError:
    what = "expected more octets, found the end of the PDU"
    return SmppError(what, status=Status.ESME_RINVCMDLEN, offset=at, name=name)
