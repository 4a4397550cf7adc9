"""Delivery receipts: what became of a message (SMPP 3.4, 5.2.28, 5.3.2 and appendix B).

The parameters receipted_message_id, message_state and network_error_code say it exactly. Many
message centres have only the text, each in a form of its own:

    id:0123456789 sub:001 dlvrd:001 submit date:2611281530 done date:2611281531 stat:DELIVRD err:000
    text:The first 20 charact

``read`` takes fields in any order and case, with missing fields and spaces, words in full, and
dates in all lengths that are known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import IntEnum

from smsenc.smpp import times
from smsenc.smpp.errors import SmppError
from smsenc.smpp.status import Status
from smsenc.smpp.tlvs import Tag, Tlv, Tlvs, find, number
from smsenc.smpp.userdata import Message, content


class MessageState(IntEnum):
    """message_state (5.2.28); 0 and 9 are those of SMPP 5.0."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9

    @property
    def word(self) -> str:
        """What ``stat`` has for it (appendix B)."""
        return _WORDS[self][0]

    @property
    def final(self) -> bool:
        """Whether no other state follows."""
        return self not in _PASSING


_PASSING = frozenset((MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED))
# The word of the specification, then those of message centres.
_WORDS = {
    MessageState.SCHEDULED: ("SCHEDULED", "SCHEDLD", "SCHEDUL"),
    MessageState.ENROUTE: ("ENROUTE", "ENROUT", "BUFFERED", "BUFFRED", "BUFFERD"),
    MessageState.DELIVERED: ("DELIVRD", "DELIVERED", "DELIVERD", "DELIVER", "DELVRD", "DLVRD"),
    MessageState.EXPIRED: ("EXPIRED", "EXPIRD"),
    MessageState.DELETED: ("DELETED", "DELETD"),
    MessageState.UNDELIVERABLE: (
        *("UNDELIV", "UNDELIVERABLE", "UNDELIVERED", "UNDELIVRD", "UNDELVRD", "UNDLVRD"),
        *("NOTDELIVERED", "FAILED", "FAIL"),
    ),
    MessageState.ACCEPTED: ("ACCEPTD", "ACCEPTED", "ACCEPTE", "ACKED"),
    MessageState.UNKNOWN: ("UNKNOWN", "UNKNOWN STATE"),
    MessageState.REJECTED: ("REJECTD", "REJECTED", "REJECTE"),
    MessageState.SKIPPED: ("SKIPPED", "SKIPPD"),
}
_BY_WORD = {word: state for state, words in _WORDS.items() for word in words}
_BY_NUMBER = {int(state): state for state in MessageState}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt says; None and empty texts stand for what it does not say.

    ``submitted`` and ``done`` are aware times. ``parts`` and ``delivered`` are the numbers ``sub``
    and ``dlvrd``. ``error`` is the code of the network as it is written, such as ``000`` or
    ``00F1``, and ``network`` its kind in network_error_code: 1 ANSI-136, 2 IS-95, 3 GSM.
    ``text`` is the beginning of the message, in Latin-1.
    """

    message_id: str
    state: MessageState
    submitted: datetime | None = None
    done: datetime | None = None
    parts: int | None = None
    delivered: int | None = None
    error: str = ""
    network: int | None = None
    text: str = ""


# Reading ------------------------------------------------------------------------------------------

_KEY = re.compile(
    "(submit[ _]?date|done[ _]?date|dlvrd|dlvr|sub|status|stat|error|err|text|id)[ ]?:",
    re.IGNORECASE,
)
_SAME_KEY = {
    "submitdate": "submit",
    "donedate": "done",
    "dlvr": "dlvrd",
    "status": "stat",
    "error": "err",
}
_AROUND = " \t\r\n\0,;"
_GAPS = str.maketrans("", "", " _")
_DIGITS = re.compile("[0-9]{1,9}")
#: The longest text that is searched: receipts have some 130 characters.
_MOST_TEXT = 1000


def read(body: Message, zone: tzinfo = UTC) -> Receipt:
    """The receipt in a PDU: parameters first, then what only the text has.

    ``zone`` is where the dates of the text belong, because they do not say it. A state that no
    message centre is known to write is UNKNOWN; its word is the ``error`` if there is no other.
    Raises SmppError if neither says the message id and the state.
    """
    fields = _fields(content(body))
    word = fields.get("stat", "")
    state = _state(number(body.tlvs, Tag.MESSAGE_STATE), word)
    message_id = _identifier(find(body.tlvs, Tag.RECEIPTED_MESSAGE_ID), fields.get("id", ""))
    network, error = _error(find(body.tlvs, Tag.NETWORK_ERROR_CODE), fields.get("err", ""))
    if not error and word and word.upper() not in _BY_WORD:
        error = word
    return Receipt(
        message_id=message_id,
        state=state,
        submitted=_date(fields.get("submit", ""), zone),
        done=_date(fields.get("done", ""), zone),
        parts=_count(fields.get("sub", "")),
        delivered=_count(fields.get("dlvrd", "")),
        error=error,
        network=network,
        text=fields.get("text", ""),
    )


def is_text(octets: bytes) -> bool:
    """Whether octets are plainly the text of a receipt: they have an id and a known state."""
    fields = _fields(octets)
    return bool(fields.get("id")) and fields.get("stat", "").upper() in _BY_WORD


def _fields(octets: bytes) -> dict[str, str]:
    """The fields of a text by key; of two with the same key the first counts.

    What follows ``text:`` is the sender's text, which may look like fields. Only if the id or the
    state is still missing are there fields after it, of which the last ones count.
    """
    text = _decoded(octets[:_MOST_TEXT])
    found = _pairs(text)
    at = next((n for n, (key, _, _) in enumerate(found) if key == "text"), len(found))
    fields = {key: value for key, value, _ in reversed(found[:at])}
    if at == len(found):
        return fields
    if {"id", "stat"} <= fields.keys():
        return fields | {"text": text[found[at][2] :].strip(_AROUND)}
    return {key: value for key, value, _ in found[at + 1 :]} | fields | {"text": found[at][1]}


def _pairs(text: str) -> list[tuple[str, str, int]]:
    """Each key, its value up to the next key, and where the value begins."""
    matches = list(_KEY.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)]
    return [
        (_key(match[1]), text[match.end() : end].strip(_AROUND), match.end())
        for match, end in zip(matches, ends, strict=False)
    ]


def spans(octets: bytes) -> list[tuple[str, int, int, str]]:
    """Each key of a text in Latin-1 as it is written, its octets with its value, and the value."""
    text = octets[:_MOST_TEXT].decode("latin-1")
    matches = list(_KEY.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)]
    return [
        (match[1], match.start(), end, text[match.end() : end].strip(_AROUND))
        for match, end in zip(matches, ends, strict=False)
    ]


def _key(written: str) -> str:
    key = written.lower().translate(_GAPS)
    return _SAME_KEY.get(key, key)


def _decoded(octets: bytes) -> str:
    """Latin-1, or UTF-16 where every second octet is 0; data_coding is that of the message."""
    if octets[:1] == b"\0" and octets[::2].count(0) * 2 > len(octets) // 2:
        return octets.decode("utf-16-be", "replace")
    return octets.decode("latin-1")


def _state(state: int | None, word: str) -> MessageState:
    if state is not None:
        return _BY_NUMBER.get(state, MessageState.UNKNOWN)
    if not word:
        raise _missing("message_state or stat:")
    return _BY_WORD.get(word.upper(), MessageState.UNKNOWN)


def _identifier(parameter: int | str | bytes | None, field: str) -> str:
    found = parameter if isinstance(parameter, str) and parameter else field
    if not found:
        raise _missing("receipted_message_id or id:")
    return found


def _missing(what: str) -> SmppError:
    return SmppError(f"expected a receipt with {what}, found none", status=Status.ESME_RX_P_APPN)


def _error(parameter: int | str | bytes | None, field: str) -> tuple[int | None, str]:
    """The kind of network and the code: network_error_code has both (5.3.2.31)."""
    if not isinstance(parameter, bytes) or len(parameter) != 3:
        return None, field
    code = int.from_bytes(parameter[1:], "big")
    return parameter[0], f"{code:03}"


def _count(field: str) -> int | None:
    return int(field) if _DIGITS.fullmatch(field) else None


# A date by its number of digits, tried in this order.
_FORMS = {
    10: ("%y%m%d%H%M",),
    12: ("%y%m%d%H%M%S", "%Y%m%d%H%M"),
    14: ("%Y%m%d%H%M%S",),
}
# Digits that are kept where there are parts of a second after them.
_SHORTENED = {15: 12, 16: 14, 17: 14}
_NOT_DIGITS = re.compile("[^0-9]+")
_SMPP_TIME = re.compile("[0-9]{15}[-+]")
_UNIX = re.compile("1[0-9]{9}(?:[0-9]{3})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DATE = 40


def _date(field: str, zone: tzinfo) -> datetime | None:
    """A date, or None for what is none.

    Ten digits have minutes, twelve seconds or the century, fourteen both; fifteen and a sign are a
    time of SMPP with its own zone; without a sign in ``zone``. Ten and thirteen digits that no
    calendar has are UNIX seconds and milliseconds (2001 to 2033). Other characters are skipped.
    """
    field = field[:_MOST_DATE]
    if _SMPP_TIME.fullmatch(field):
        return _smpp_time(field)
    digits = _NOT_DIGITS.sub("", field)
    digits = digits[: _SHORTENED.get(len(digits))]
    for form in _FORMS.get(len(digits), ()):
        try:
            return datetime.strptime(digits, form).replace(tzinfo=zone)
        except ValueError:
            pass
    return _EPOCH + timedelta(seconds=int(digits[:10])) if _UNIX.fullmatch(digits) else None


def _smpp_time(field: str) -> datetime | None:
    try:
        found = times.read(field)
    except SmppError:
        return None
    return found if isinstance(found, datetime) else None


# Writing ------------------------------------------------------------------------------------------

_MOST_CHARACTERS = 20  # of the message (appendix B)


def text(receipt: Receipt) -> bytes:
    """The text form of appendix B, without the fields that the receipt does not have.

    Dates have minutes, in the zone of their values. A character that Latin-1 lacks becomes ``?``.
    """
    fields = (
        ("id", receipt.message_id),
        ("sub", _three(receipt.parts)),
        ("dlvrd", _three(receipt.delivered)),
        ("submit date", _minutes(receipt.submitted)),
        ("done date", _minutes(receipt.done)),
        ("stat", receipt.state.word),
        ("err", receipt.error),
    )
    parts = [f"{key}:{value}" for key, value in fields if value]
    parts.append(f"text:{receipt.text[:_MOST_CHARACTERS]}")
    return " ".join(parts).encode("latin-1", "replace")


def _three(number: int | None) -> str:
    return "" if number is None else f"{number:03}"


def _minutes(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%y%m%d%H%M}"


def parameters(receipt: Receipt) -> Tlvs:
    """receipted_message_id, message_state and, if its network is known, network_error_code."""
    found = (
        Tlv(Tag.RECEIPTED_MESSAGE_ID, receipt.message_id),
        Tlv(Tag.MESSAGE_STATE, int(receipt.state)),
    )
    if receipt.network is None or not _DIGITS.fullmatch(receipt.error):
        return found
    code = min(int(receipt.error), 0xFFFF).to_bytes(2, "big")
    return (*found, Tlv(Tag.NETWORK_ERROR_CODE, bytes((receipt.network,)) + code))
