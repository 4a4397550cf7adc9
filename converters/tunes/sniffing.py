"""How files of tunes are recognised, without loading what reads them."""

from __future__ import annotations


def midi(start: bytes) -> bool:
    """Whether a file starts with a MIDI header, bare or in RIFF."""
    return start[:4] == b"MThd" or (start[:4] == b"RIFF" and start[8:12] == b"RMID")


def rtttl(start: bytes) -> bool:
    """Whether a file starts as RTTTL, as ``converters.tunes.rtttl.sniff`` says."""
    if b"=" not in start or b":" not in start:
        return False
    from converters.tunes import rtttl as reader  # noqa: PLC0415 - few texts come as far as this

    return reader.sniff(start)


def imelody(octets: bytes) -> bool:
    """Whether the file starts as an iMelody, with or without its header."""
    first = octets.removeprefix(b"\xef\xbb\xbf").lstrip()[:13].upper()
    return first.startswith((b"BEGIN:IMELODY", b"MELODY:"))


def ott(start: bytes) -> bool:
    """Whether a file starts as a ringing tone: two or three command parts, programming first."""
    return start[:2] in (b"\x02\x4a", b"\x03\x4a")
