"""Generated message files of every kind, and what each of their recipients must get.

What is expected is made here from the drawn values, not by reading the file.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateways import Account  # noqa: TC002 - as TC001, of the tests' own

from smsenc import count, encode_text, gsm7
from smsenc.messagefile.profile import CLICKATELL

PORTS = {"vcard": 0x23F4, "calendar": 0x23F5, "tone": 0x1581, "logo": 0x1582}
ICON, PICTURE = 0x1583, 0x158A


class Expected(NamedTuple):
    """What a phone gets: a text, or octets behind a header without its concatenation.

    With ``open_start`` the gateway adds something before the octets; ``tune`` is RTTTL.
    """

    text: str | None = None
    header: bytes = b""
    octets: bytes | None = None
    open_start: bool = False
    flash: bool = False
    tune: str | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """Lines of a message, without log-in and recipients, and what everybody gets.

    Of a template, ``expected`` makes what the recipient of a row with these cells gets.
    """

    lines: tuple[str, ...]
    expected: Expected = field(default_factory=Expected)
    cells: tuple[tuple[str, ...], ...] = ()
    delimiter: str = ","
    binary: bool = False


class File(NamedTuple):
    """A message file, and by number what is expected; ``ack``: the file asks for receipts."""

    name: str
    octets: bytes
    expected: dict[str, Expected]
    sender: str
    ack: bool


# Texts --------------------------------------------------------------------------------------------

_GSM = [c for c in gsm7.SEPTET_OF if CLICKATELL.writable(c) and c not in "\r\n"]
_EXTENSION = [*"^{}\\[~]|"]
_LATIN1 = [*"âêîôûçáíóúýÿðþ«»©®±²³µ¶¹º¼½¾×÷¬·¸ªÂÊÎÔÛÁÍÓÚabc "]
_UNICODE = [
    [*"Привет, мир "],
    [*"漢字仮名한국어"],
    ["😀", "👍🏽", "👨‍👩‍👧", "❤️", "1️⃣", "🇩🇪", "a", "é", " "],
    [*"€ΔΦΓΛΩ abc"],
    [*"नमस्ते हिन्दी"],
    [*"مرحبا 123"],
]
_LENGTHS = (1, 5, 20, 69, 70, 71, 134, 153, 160, 161, 300, 459, 612, 900)


def _drawn(dice: random.Random, characters: Sequence[str], lengths: Sequence[int]) -> str:
    return "".join(dice.choices(characters, k=dice.choice(lengths)))


def _concat(parts: int, dice: random.Random) -> tuple[str, ...]:
    if parts == 1 and dice.random() < 0.5:
        return ()
    return (f"concat:{dice.choice((parts, 35))}",)


def _text_lines(text: str, dice: random.Random) -> tuple[str, ...]:
    """``text:`` lines; one space after the colon is dropped."""
    spaced = dice.random() < 0.3
    return tuple(
        f"text: {line}" if spaced or line.startswith(" ") else f"text:{line}"
        for line in text.split("\n")
    )


def _readable(text: str, dice: random.Random, *more: str, flash: bool = False) -> Made:
    """A text that is written as such, whose line breaks are CR LF on the phone."""
    text = text if text.strip() else "x"  # blanks alone are an empty message
    received = text.replace("\n", "\r\n")
    parts, _ = count(encode_text(received))
    lines = (*_concat(parts, dice), *more, *_text_lines(text, dice))
    return Made(lines=lines, expected=Expected(text=received, flash=flash))


def plain(dice: random.Random) -> Made:
    return _readable(_drawn(dice, _GSM, _LENGTHS), dice, *_maybe(dice, "msg_type:SMS_TEXT"))


def extension(dice: random.Random) -> Made:
    return _readable(_drawn(dice, _EXTENSION + _GSM[:20], _LENGTHS[:-2]), dice)


def several_lines(dice: random.Random) -> Made:
    lines = (_drawn(dice, _GSM, (0, 1, 30, 75)) for _ in range(dice.randint(2, 6)))
    return _readable("\n".join((*lines, "end")), dice)


def latin1(dice: random.Random) -> Made:
    return _readable(_drawn(dice, _LATIN1, (1, 69, 70, 71, 140, 300)), dice)


def spaces(dice: random.Random) -> Made:
    return _readable(f"{' ' * dice.randint(1, 3)}a  b: c{' ' * dice.randint(0, 2)}", dice)


def flash(dice: random.Random) -> Made:
    text = _drawn(dice, _GSM, (1, 160, 161, 400))
    return _readable(text, dice, "msg_type:SMS_FLASH", flash=True)


def hex_text(dice: random.Random, *more: str, flash: bool = False) -> Made:
    text = "«" + _drawn(dice, dice.choice(_UNICODE), (1, 10, 35, 60, 69, 70, 100, 200))
    digits = text.encode("utf-16-be").hex()
    digits = digits.upper() if dice.random() < 0.7 else digits
    parts, _ = count(encode_text(text, coding="ucs2"))
    lines = (*_concat(parts, dice), "unicode:1", *more, f"text:{digits}")
    return Made(lines=lines, expected=Expected(text=text, flash=flash))


def hex_flash(dice: random.Random) -> Made:
    return hex_text(dice, "msg_type:SMS_FLASH", flash=True)


def template(dice: random.Random) -> Made:
    delimiter = dice.choice((",", "|", ";", "~"))
    characters = [c for c in _GSM if c not in {delimiter, " ", "#"}]
    rows = tuple(
        (*(_drawn(dice, characters, (0, 1, 8, 40)) for _ in range(2)), "x")
        for _ in range(dice.randint(1, 6))
    )
    lines = ("text:Dear #field1#, #field2#:#field3# #field1#", "text:#bye#", "concat:6")
    more = () if delimiter == "," else (f"delimiter:{delimiter}",)
    return Made(lines=(*lines, *more), cells=rows, delimiter=delimiter)


# Octets -------------------------------------------------------------------------------------------


def _data_lines(octets: bytes, dice: random.Random) -> tuple[str, ...]:
    """``data:`` lines, which may be cut at an odd digit."""
    digits = octets.hex().upper()
    if len(digits) < 4 or dice.random() < 0.5:
        return (f"data:{digits}",)
    at = dice.randrange(1, len(digits))
    return f"data:{digits[:at]}", f"data:{digits[at:]}"


def _ported(port: int) -> bytes:
    return bytes((6, 5, 4)) + port.to_bytes(2, "big") + bytes(2)


def one_part(dice: random.Random) -> Made:
    """A header and octets that fit in one part."""
    header = dice.choice((_ported(9200), _ported(0x1581), b"\x04\x04\x02\xf1\xf2"))
    octets = dice.randbytes(dice.choice((1, 16, 100, 140 - len(header))))
    lines = (f"udh:{header.hex()}", *_data_lines(octets, dice), *_maybe(dice, "binary:1"))
    return Made(lines=lines, expected=Expected(header=header, octets=octets), binary=True)


def to_split(dice: random.Random) -> Made:
    """A port alone, and octets that the gateway splits."""
    header = _ported(dice.choice((9200, 0x1581, 0x1582)))
    octets = dice.randbytes(dice.choice((134, 140, 256, 500, 750)))
    lines = (f"udh:{header.hex()}", *_data_lines(octets, dice), "concat:7")
    return Made(lines=lines, expected=Expected(header=header, octets=octets), binary=True)


def bare(dice: random.Random) -> Made:
    octets = dice.randbytes(dice.choice((1, 70, 140, 141, 300)))
    lines = (*_data_lines(octets, dice), "binary:1", "concat:3")
    return Made(lines=lines, expected=Expected(octets=octets), binary=True)


# Predefined types ---------------------------------------------------------------------------------

_NOTES = ("8c", "16d#", "e", "4f.", "g6", "2a", "p", "8b5", "32c7", "c#")


def _bitmap(dice: random.Random, width: int, height: int) -> bytes:
    return bytes((0, width, height, 1)) + dice.randbytes(width * height // 8)


def _typed(name: str, port: int, *lines: str, **expected: object) -> Made:
    found = Expected(header=_ported(port), **expected)  # type: ignore[arg-type]
    return Made(lines=(f"msg_type:{name}", "concat:6", *lines), expected=found, binary=True)


def logo(dice: random.Random) -> Made:
    octets = _bitmap(dice, 72, 14)
    lines = (f"text:{octets.hex()}",)
    return _typed("SMS_NOKIA_OLOGO", PORTS["logo"], *lines, octets=octets, open_start=True)


def icon(dice: random.Random) -> Made:
    octets = _bitmap(dice, 72, 14)
    lines = (f"text:{octets.hex().upper()}",)
    return _typed("SMS_NOKIA_GLOGO", ICON, *lines, octets=b"0" + octets)


def picture(dice: random.Random) -> Made:
    octets = _bitmap(dice, 72, 28)
    lines = (f"text:{octets.hex()}",)
    return _typed("SMS_NOKIA_PICTURE", PICTURE, *lines, octets=octets, open_start=True)


def clean(_dice: random.Random) -> Made:
    return _typed("SMS_NOKIA_CLEAN", PORTS["logo"], "text:00", octets=b"", open_start=True)


def tune(dice: random.Random) -> Made:
    notes = ",".join(dice.choices(_NOTES, k=dice.randint(3, 40)))
    text = f"Tune:d=4,o=5,b=125:{notes}"
    more = {"octets": b"", "open_start": True, "tune": text}
    return _typed("SMS_NOKIA_RTTL", PORTS["tone"], f"text:{text}", **more)


#: ftp-message-file.md, vector 1.
_TONE = bytes.fromhex(
    "024A3A5585E195B198040042D9049741A69761781B6176156174288B525D85E0A26C24C49A617628930BB125E055"
    "856049865885D200"
)


def tone(dice: random.Random) -> Made:
    lines = _data_lines(_TONE, dice)
    return _typed("SMS_NOKIA_RINGTONE", PORTS["tone"], *lines, octets=_TONE)


def card(dice: random.Random) -> Made:
    name = "".join(dice.choices("abcdefg", k=8))
    lines = ("BEGIN:VCARD", "VERSION:2.1", f"N:Bloggs;{name}", "TEL;PREF:+1234567890", "END:VCARD")
    octets = "".join(f"{line}\r\n" for line in lines).encode()
    written = (*(f"text:{line}" for line in lines), "text:")
    return _typed("SMS_NOKIA_VCARD", PORTS["vcard"], *written, octets=octets)


def calendar(dice: random.Random) -> Made:
    summary = "".join(dice.choices("abcdefg ", k=8)).strip()
    entry = (f"SUMMARY:Meet {summary}", "DTSTART:20030301T133000")
    lines = ("BEGIN:VCALENDAR", "VERSION:1.0", "BEGIN:VTODO", *entry, "END:VTODO", "END:VCALENDAR")
    octets = "".join(f"{line}\r\n" for line in lines).encode()
    written = (*(f"text:{line}" for line in lines), "text:")
    return _typed("SMS_NOKIA_VCAL", PORTS["calendar"], *written, octets=octets)


#: Every kind; the texts more often, because there are more ways to write them.
KINDS: tuple[Callable[[random.Random], Made], ...] = (
    *(plain, extension, several_lines, latin1, spaces, flash, hex_text, hex_flash, template) * 2,
    *(one_part, to_split, bare),
    *(logo, icon, picture, clean, tune, tone, card, calendar),
)

# Files --------------------------------------------------------------------------------------------


def _maybe(dice: random.Random, *lines: str) -> tuple[str, ...]:
    return lines if dice.random() < 0.5 else ()


def generated(number: int, account: Account) -> File:
    """File ``number``: each kind has its turn; the same number makes the same file."""
    dice = random.Random(f"message file {number}")
    made = KINDS[number % len(KINDS)](dice)
    sender = dice.choice(
        ("", "", "12345", "447700900000") + (("smsenc",) if not made.binary else ())
    )
    ack = dice.random() < 0.3
    options = [
        *((f"from:{sender}",) if sender else ()),
        *(("deliv_ack:1",) if ack else ()),
        *_maybe(dice, f"queue:{dice.randint(1, 3)}"),
        *_maybe(dice, f"cliMsgId:c{number}"),
        *_maybe(dice, f"validity:{dice.randint(60, 1440)}"),
        *_maybe(dice, "escalate:1"),
    ]
    expected, recipients = _recipients(number, made, dice)
    blocks: list[tuple[str, ...]] = [(one,) for one in (*account.lines(), *options, *recipients)]
    order = _ordered(blocks, made.lines, dice)
    end = dice.choice(("\n", "\r\n", "\r"))
    text = "".join(f"{_spelt(line, dice)}{end}" for line in order)
    return File(
        f"{number:06}-{dice.choice('abc')}.txt", text.encode("latin-1"), expected, sender, ack
    )


def _recipients(
    number: int, made: Made, dice: random.Random
) -> tuple[dict[str, Expected], list[str]]:
    numbers = [f"4477{number:06}{n:02}" for n in range(len(made.cells) or dice.randint(1, 4))]
    if not made.cells:
        return dict.fromkeys(numbers, made.expected), [f"to:{one}" for one in numbers]
    rows = list(zip(numbers, made.cells, strict=True))
    lines = ["csv:" + made.delimiter.join((to, *cells)) for to, cells in rows]
    return {to: _merged(cells) for to, cells in rows}, lines


def _merged(cells: tuple[str, ...]) -> Expected:
    first, second, third = cells
    return Expected(text=f"Dear {first}, {second}:{third} {first}\r\n#bye#")


def _ordered(
    blocks: list[tuple[str, ...]], payload: tuple[str, ...], dice: random.Random
) -> list[str]:
    """The lines; in half of the files in any order, with those of the payload together."""
    if dice.random() < 0.5:
        login, rest = blocks[:3], blocks[3:]
        recipients = [one for one in rest if one[0].startswith(("to:", "csv:"))]
        options = [one for one in rest if one not in recipients]
        return [line for block in (*login, *options, payload, *recipients) for line in block]
    return [line for block in dice.sample([*blocks, payload], len(blocks) + 1) for line in block]


def _spelt(line: str, dice: random.Random) -> str:
    """A line as some other program spells it: case, aliases, empty lines before it."""
    key, _, value = line.partition(":")
    how = dice.random()
    if how < 0.1:
        key = {"api_id": "api-id", "cliMsgId": "climsgid"}.get(key, key.upper())
    elif how < 0.15:
        key = f"\n{key}" if dice.random() < 0.5 else key.title()
    if how > 0.9 and key.lower() not in {"text", "data"}:
        value = f" {value}"
    return f"{key}:{value}"


def with_sample(octets: bytes, recipient: str, number: str) -> bytes:
    """A message file of the samples for another recipient."""
    changed = octets.replace(f"to:{recipient}\n".encode(), f"to:{number}\n".encode())
    assert changed != octets
    return changed
