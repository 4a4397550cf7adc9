"""The submit_sm of each part of a queued message."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from smsenc import Payload
from smsenc.messagefile import Message
from smsenc.smpp import mapping
from smsenc.smpp.pdus import NOWHERE, Address, SubmitSm
from smsgate.gateway import content
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.settings import Receipts, RouteSettings

#: Files whose content is kept, and messages of them whose PDUs are.
_MOST_FILES = 256
_MOST_SHARED = 1024
#: The bits of ``callback`` for final states and errors: receipts tell about both.
_FINAL_OR_ERROR = 2 | 4


class Submits:
    """Builds PDUs as a route wants them; what many messages share is built once.

    The content of a file is to be added before its messages are built.
    """

    def __init__(self, route: RouteSettings) -> None:
        self._route = route
        self._files: OrderedDict[int, str] = OrderedDict()
        self._contents: dict[int, tuple[Message, Payload | None]] = {}
        self._shared: OrderedDict[tuple[int, int], tuple[SubmitSm, ...]] = OrderedDict()

    def missing(self, files: Iterable[int]) -> set[int]:
        """Those files whose content is not known here."""
        return {one for one in files if one not in self._files}

    def add(self, contents: Mapping[int, str]) -> None:
        """Take the JSON of files."""
        self._files.update(contents)

    def trim(self) -> None:
        """Forget the files that were used longest ago, but for a number of them."""
        while len(self._files) > _MOST_FILES:
            file, _ = self._files.popitem(last=False)
            self._contents.pop(file, None)

    def text(self, due: Due) -> str | None:
        """The text of a message as its file has it; None for data."""
        return due.text or json.loads(self._files[due.file]).get("text")

    def bodies(self, due: Due) -> list[tuple[int, SubmitSm]]:
        """The PDUs of a message's parts that are not yet accepted, by number; raises SmsencError.

        The concatenation reference follows from the message: when it is sent again, it is the same.
        """
        destination = mapping.address(due.recipient)
        reference = due.message % 255 + 1
        if due.text is None:
            shared = self._of_file(due.file, reference if due.parts > 1 else 1)
            parts = tuple(replace(one, destination_addr=destination) for one in shared)
        else:
            message, _ = self._content(due.file)
            payload = content.payload(message, due.text)
            parts = self._build(message, payload, reference, destination)
        numbered = enumerate(parts, 1)
        return [(number, one) for number, one in numbered if number not in due.accepted]

    def _of_file(self, file: int, reference: int) -> tuple[SubmitSm, ...]:
        """The PDUs of a file's own text or data, to nobody."""
        key = file, reference
        parts = self._shared.get(key)
        if parts is None:
            message, payload = self._content(file)
            if payload is None:
                payload = content.payload(message)
                self._contents[file] = message, payload
            parts = self._shared[key] = self._build(message, payload, reference, NOWHERE)
            if len(self._shared) > _MOST_SHARED:
                self._shared.popitem(last=False)
        return parts

    def _content(self, file: int) -> tuple[Message, Payload | None]:
        """What a file's messages share, and the payload if it was asked for."""
        if file not in self._contents:
            self._contents[file] = content.loads(self._files[file]), None
        self._files.move_to_end(file)
        return self._contents[file]

    def _build(
        self, message: Message, payload: Payload, reference: int, destination: Address
    ) -> tuple[SubmitSm, ...]:
        # Alone, a part need not be packed for the TPDU and unpacked again.
        alone = bool(payload.data) and content.parts_of(payload) == 1
        parts = (payload,) if alone else content.segments(payload, reference)
        return tuple(
            mapping.submit(
                segment,
                source=mapping.address(message.sender) if message.sender else NOWHERE,
                destination=destination,
                profile=self._route.coding,
                carry=self._route.carry,
                registered_delivery=int(_wants_receipts(self._route.receipts, message)),
            )
            for segment in parts
        )


def _wants_receipts(receipts: Receipts, message: Message) -> bool:
    """Whether the message centre is asked what became of a message."""
    if receipts is not Receipts.ASKED:
        return receipts is Receipts.ALWAYS
    return bool(message.deliv_ack) or bool((message.callback or 0) & _FINAL_OR_ERROR)
