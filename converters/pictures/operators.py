"""Mobile networks: country and network code, as typed and as swapped digits (ITU-T E.212)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smsenc import DecodeError

# No MCC begins with 03 (ITU-T E.212). Its first octet would be 30, which is the version in the
# longer form of operator logos.
_NETWORK = re.compile(r"((?!03)[0-9]{3})-?([0-9]{2,3})")


@dataclass(frozen=True, slots=True)
class Network:
    """A mobile network: country code of three digits, network code of two or three (E.212)."""

    mcc: str
    mnc: str

    def __post_init__(self) -> None:
        if not _NETWORK.fullmatch(f"{self.mcc}-{self.mnc}"):
            raise DecodeError(f"expected the MCC and MNC of a network, found {self}")

    def __str__(self) -> str:
        return f"{self.mcc}-{self.mnc}"


#: The network of a logo that removes the current one.
NO_NETWORK = Network("000", "00")


def parse_network(text: str) -> Network:
    """Network of ``262-07`` or ``26207``; ValueError for anything else."""
    match = _NETWORK.fullmatch(text)
    if not match:
        raise ValueError("expected MCC and MNC such as 262-07")
    return Network(match[1], match[2])


def encode_network(network: Network) -> bytes:
    """Three octets of BCD, low half first: 262-07 is 62 F2 70.

    A third digit of the MNC takes the place of the F (3GPP TS 24.008, 10.5.1.3).
    """
    return _swapped(network.mcc + network.mnc[2:].rjust(1, "F") + network.mnc[:2])


def decode_network(data: bytes, start: int = 0) -> Network:
    """Return the network in the three octets at ``start``; DecodeError if they are no digits."""
    octets = data[start : start + 3]
    if len(octets) < 3:
        raise DecodeError(
            f"expected three octets of MCC and MNC, found {len(octets)}", offset=start
        )
    digits = _swapped(octets.hex()).hex()
    try:
        return Network(digits[:3], digits[4:] + digits[3:4].rstrip("f"))
    except DecodeError as error:
        raise error.at(offset=start) from None


def _swapped(digits: str) -> bytes:
    return bytes.fromhex("".join(b + a for a, b in zip(digits[::2], digits[1::2], strict=True)))
