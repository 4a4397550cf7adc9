"""Any PDU of SMPP 3.4, as Hypothesis draws it and as random numbers do."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from hypothesis import strategies as st

from smsenc.smpp import Address, Pdu, Tag, Tlv, codec, pdus, tlvs
from smsenc.smpp.pdus import DistributionList, Unsuccessful

#: The longest text of each field, without its NUL (4 and 5.2).
LONGEST_TEXTS = {
    "service_type": 5,
    "message_id": 64,
    "system_id": 15,
    "password": 8,
    "system_type": 12,
}
TIMES = ("schedule_delivery_time", "validity_period", "final_date")
#: The longest address of a kind of PDU, if it is not 20.
LONGEST_ADDRESSES = {pdus.DataSm: 64, pdus.AlertNotification: 64}
KINDS = tuple(codec.LAYOUTS)


class Draw:
    """Values out of random numbers; ``printable`` leaves out what is no ASCII text.

    ``random`` may be Hypothesis's, or a seeded one where there are ten thousand.
    """

    def __init__(self, chance: random.Random, *, printable: bool = False) -> None:
        self.chance = chance
        letters = string.ascii_letters + string.digits + " +.-_"
        self.letters = letters if printable else "".join(map(chr, range(1, 256)))

    def text(self, most: int, least: int = 0) -> str:
        size = self.chance.choice((least, most, self.chance.randint(least, most)))
        return "".join(self.chance.choices(self.letters, k=size))

    def octets(self, least: int, most: int) -> bytes:
        size = self.chance.choice((least, most, self.chance.randint(least, most)))
        return self.chance.randbytes(size)

    def number(self, octets: int) -> int:
        most = 256**octets - 1
        return self.chance.choice((0, 1, most, self.chance.randint(0, most)))

    def address(self, most: int) -> Address:
        return Address(self.text(most), self.number(1), self.number(1))

    def time(self) -> str:
        if self.chance.random() < 0.4:
            return ""
        chance = self.chance.randint
        # A date of the past is refused by nobody, and each month has 28 days.
        date = f"{chance(0, 99):02}{chance(1, 12):02}{chance(1, 28):02}"
        clock = f"{chance(0, 23):02}{chance(0, 59):02}{chance(0, 59):02}"
        return f"{date}{clock}{chance(0, 9)}{chance(0, 48):02}{self.chance.choice('+-')}"

    def destination(self) -> Address | DistributionList:
        if self.chance.random() < 0.7:
            return self.address(20)
        return DistributionList(self.text(20))

    def tlv(self, tags: tuple[int, ...] = tuple(Tag)) -> Tlv:
        tag = self.chance.choice(tags)
        if tag not in tuple(Tag):
            return Tlv(tag, self.octets(0, 40))
        kind = tlvs._KINDS[tag]
        if isinstance(kind, int):
            return Tlv(tag, self.number(kind))
        if isinstance(kind, tlvs._Text):
            return Tlv(tag, self.text(kind.most - 1))
        return Tlv(tag, self.octets(kind.least, min(kind.most, 300)))

    def value(self, kind: type[pdus.Body], name: str) -> object:
        """The value of a field by its name."""
        if name.endswith("addr"):
            return self.address(LONGEST_ADDRESSES.get(kind, 20))
        if name in LONGEST_TEXTS:
            return self.text(LONGEST_TEXTS[name])
        return self._others().get(name, self.number)(1)

    def _others(self) -> dict[str, Callable[[int], object]]:
        return dict.fromkeys(TIMES, lambda _: self.time()) | {
            "short_message": lambda _: self.octets(0, 254),
            "address_range": lambda _: self.address(40),
            "dest_addresses": lambda _: self._several(self.destination),
            "unsuccess_smes": lambda _: self._several(self.unsuccessful),
        }

    def unsuccessful(self) -> Unsuccessful:
        return Unsuccessful(self.address(20), self.number(4))

    def _several(self, make: Callable[[], object]) -> tuple[object, ...]:
        count = self.chance.choice((0, 1, 2, 3, self.chance.randint(0, 254)))
        return tuple(make() for _ in range(count))

    def body(self, kind: type[pdus.Body], parameters: int = 4) -> pdus.Body:
        """A body of a kind, with so many optional parameters at most."""
        names = [field.name for field in codec.LAYOUTS[kind][1]]
        values = {name: self.value(kind, name) for name in names}
        found = tuple(self.tlv() for _ in range(self.chance.randint(0, parameters)))
        return kind(**values, tlvs=found)

    def pdu(self, kind: type[pdus.Body] | None = None, parameters: int = 4) -> Pdu:
        """A PDU; only answers have a status."""
        kind = kind or self.chance.choice(KINDS)
        status = self.number(4) if codec.is_response(kind) and self.chance.random() < 0.3 else 0
        return Pdu(self.body(kind, parameters), self.number(4), status)


TLVS = st.randoms(use_true_random=False).map(lambda chance: Draw(chance).tlv())
ANY_TLVS = st.builds(Tlv, st.integers(0x1400, 0x3FFF), st.binary(max_size=40)) | TLVS
PDUS = st.builds(
    lambda chance, kind: Draw(chance).pdu(kind),
    st.randoms(use_true_random=False),
    st.sampled_from(KINDS),
)
