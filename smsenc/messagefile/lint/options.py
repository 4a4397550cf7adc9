"""Checks of headers and options that depend on each other."""

from __future__ import annotations

from collections.abc import Iterator

from smsenc import udh
from smsenc.errors import SmsencError
from smsenc.messagefile.lint.scan import Place, Scan, at, shown
from smsenc.messagefile.parameters import FEATURES, TOO_MANY_PARTS
from smsenc.model import USER_DATA_OCTETS

_SHORT_DELAY = 10  # minutes


def named_sender(scanned: Scan) -> Iterator[Place]:
    """U501: name as sender of data."""
    sender = scanned.value("from")
    octets = scanned.named("data") or scanned.value("binary") == "1"
    if octets and sender and not sender.isdigit():
        yield at(scanned.named("from")[0], f"the name {shown(sender)} with 8-bit data")


def reply_to_name(scanned: Scan) -> Iterator[Place]:
    """U508: replies without a number."""
    if scanned.value("mo") == "1" and not scanned.value("from").isdigit():
        yield at(scanned.named("mo")[0], "mo:1 without a number in from")


def header_and_type(scanned: Scan) -> Iterator[Place]:
    """U502: header with msg_type."""
    if scanned.value("msg_type") not in ("", "SMS_TEXT"):
        for line in scanned.named("udh"):
            yield at(line, f"a header with msg_type {shown(scanned.value('msg_type'))}")


def header_and_text(scanned: Scan) -> Iterator[Place]:
    """U503: header with text."""
    if scanned.named("text") and not scanned.named("data"):
        for line in scanned.named("udh"):
            yield at(line, "a header with text")


def both_times(scanned: Scan) -> Iterator[Place]:
    """U505: delay and scheduled time together."""
    if scanned.named("deliv_time"):
        for line in scanned.named("scheduled_time"):
            yield at(line, "scheduled_time with deliv_time")


def short_delay(scanned: Scan) -> Iterator[Place]:
    """U506: delay of ten minutes or less."""
    value = scanned.value("deliv_time")
    if value.isascii() and value.isdigit() and len(value) <= 9 and int(value) <= _SHORT_DELAY:
        yield at(scanned.named("deliv_time")[0], f"a delay of {value} minutes")


def unknown_features(scanned: Scan) -> Iterator[Place]:
    """U507: unknown feature bits."""
    value = scanned.value("req_feat")
    known = sum(FEATURES.values())
    if value.isascii() and value.isdigit() and len(value) <= 9 and int(value) & ~known:
        yield at(scanned.named("req_feat")[0], f"unknown bits {int(value) & ~known}")


def bad_header(scanned: Scan) -> Iterator[Place]:
    """U504: bad user data header."""
    for line in scanned.named("udh")[:1]:
        try:
            header = bytes.fromhex(line.trimmed)
            elements = udh.decode(header)
        except ValueError:
            return  # K107 reports it
        except SmsencError as error:
            yield at(line, error.message)
            return
        digits = sum(len(one.trimmed) for one in scanned.named("data"))
        total = len(header) + digits // 2
        if udh.find_concatenation(elements) and total > USER_DATA_OCTETS:
            found = f"{total} octets in a part of at most {USER_DATA_OCTETS}"
            yield at(line, found, error=TOO_MANY_PARTS)
