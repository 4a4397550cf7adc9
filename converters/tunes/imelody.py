"""iMelody 1.2 (Infrared Data Association, 2000): tunes as lines, "MELODY:*5c2#d3.r4(e3f3@2)".

    melody = {note | rest | volume | repeat | light}
    note   = ["*" octave] ["#" | "&"] letter duration [dots]     octave 3 has A = 440 Hz, 4 is usual
    rest   = "r" duration [dots]
    repeat = "(" melody "@" count [volume] ")"                   0 is for ever; they do not nest

A duration is 0 for a whole note to 5 for a 32nd; dots are "." half as long again, ":" three
quarters longer, ";" two thirds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from converters.api import Action, Converter, Item, Loss, Settings
from converters.errors import SourceError
from converters.tunes.imelodytext import DEFAULT_BEAT, SPECIFIERS, STYLES
from converters.tunes.limits import OPTIONS, WHOLE, limits
from converters.tunes.melody import DEFAULT_VOLUME, FOR_EVER, Melody, Note, Style
from converters.tunes.ringtone import MOST_NOTES, counted, item

MOST_OCTETS = 1 << 16
_LOUDEST = 15

_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "&": -1}
_DOTS = {sign: factor for factor, sign in SPECIFIERS.items()}
_STYLE_OF: Mapping[str, Style] = MappingProxyType(
    {f"S{number}": style for number, style in enumerate(STYLES)}
)

_TOKEN = re.compile(
    r"(?:\*(?P<octave>[0-8]))?(?P<accidental>[#&]?)(?P<letter>[a-g])(?P<length>[0-5])(?P<dots>[.:;]?)"
    r"|r(?P<rest>[0-5])(?P<rest_dots>[.:;]?)"
    r"|V(?P<volume>\+|-|1[0-5]|[0-9])"
    r"|(?P<open>\()|@(?P<count>\d{1,3})(?P<fade>V[+-])?\)"
    r"|(?P<light>(?:led|vibe|back)o(?:n|ff))",
)


@dataclass(slots=True)
class _Player:
    """Where reading has come to: notes so far, and what holds for the next one."""

    tempo: int
    style: Style
    volume: int
    notes: list[Note]
    opened: int | None = None  # where a repeat began
    loop: int = 0
    lights: int = 0


def parse(text: str) -> tuple[Melody, tuple[Loss, ...]]:
    """The melody of a file's text, and what of it a melody does not hold.

    SourceError names the line, from 1.
    """
    fields = _fields(text)
    if "MELODY" not in fields:
        raise SourceError("expected a line MELODY:, found none", line=text.count("\n") + 1)
    line, tune = fields["MELODY"]
    player = _Player(_beat(fields), _style(fields), _volume(fields), [])
    at = 0
    while at < len(tune) and not player.loop:
        at = _step(player, tune, at, line)
    if not player.notes:
        raise SourceError("expected notes, found none", line=line)
    title = fields.get("NAME", (0, ""))[1]
    return Melody(title, tuple(player.notes), player.loop), tuple(_losses(player, tune[at:]))


def _losses(player: _Player, unheard: str) -> Iterator[Loss]:
    if player.lights:
        why = "a ringtone only sounds"
        yield Loss(what=counted(player.lights, "light"), action=Action.LEFT_OUT, why=why)
    if unheard:
        why = "stands after what is repeated for ever"
        yield Loss(what=counted(len(unheard), "character"), action=Action.LEFT_OUT, why=why)


def _fields(text: str) -> dict[str, tuple[int, str]]:
    """Line and value by name; a line without a name goes on with the one above."""
    fields: dict[str, tuple[int, str]] = {}
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.fullmatch(r"\s*([A-Z]+):(.*)", line)
        if match:
            last = match[1]
            fields.setdefault(last, (number, match[2].strip()))
        elif last == "MELODY":
            fields[last] = (fields[last][0], fields[last][1] + "".join(line.split()))
    return fields


def _beat(fields: Mapping[str, tuple[int, str]]) -> int:
    line, value = fields.get("BEAT", (0, str(DEFAULT_BEAT)))
    beat = int(value) if re.fullmatch("[0-9]{1,4}", value) else 0
    if not beat:
        raise SourceError(f"expected BEAT:25..900, found {value[:20]!r}", line=line)
    return beat


def _style(fields: Mapping[str, tuple[int, str]]) -> Style:
    line, value = fields.get("STYLE", (0, "S0"))
    if value not in _STYLE_OF:
        raise SourceError(f"expected STYLE:S0..S2, found {value[:20]!r}", line=line)
    return _STYLE_OF[value]


def _volume(fields: Mapping[str, tuple[int, str]]) -> int:
    line, value = fields.get("VOLUME", (0, f"V{DEFAULT_VOLUME}"))
    match = re.fullmatch(r"V(\+|-|1[0-5]|[0-9])", value)
    if not match:
        raise SourceError(f"expected VOLUME:V0..V15, found {value[:20]!r}", line=line)
    return _louder(DEFAULT_VOLUME, match[1])


def _louder(volume: int, sign: str) -> int:
    change = {"+": 1, "-": -1}.get(sign)
    return int(sign) if change is None else max(0, min(_LOUDEST, volume + change))


def _step(player: _Player, tune: str, at: int, line: int) -> int:
    """Play the token at an offset, and say where the next one starts."""
    match = _TOKEN.match(tune, at)
    if not match or not _taken(player, match):
        found = repr(tune[at : at + 8])
        raise SourceError(f"expected a note such as *5#c3, found {found}", line=line)
    if len(player.notes) > MOST_NOTES:
        raise SourceError(f"expected at most {MOST_NOTES} notes, found more", line=line)
    return match.end()


def _taken(player: _Player, match: re.Match[str]) -> bool:
    """Play a token; False where a repeat ends that did not begin, or begins in another."""
    if match["letter"]:
        octave = int(match["octave"] or 4)
        semitone = _PITCHES[match["letter"]] + _ACCIDENTALS[match["accidental"]]
        pitch = 24 + 12 * octave + semitone
        _sound(player, pitch, match["length"], match["dots"])
    elif match["rest"]:
        _sound(player, None, match["rest"], match["rest_dots"])
    elif match["volume"]:
        player.volume = _louder(player.volume, match["volume"])
    elif match["light"]:
        player.lights += 1
    elif match["open"]:
        if player.opened is not None:
            return False
        player.opened = len(player.notes)
    else:
        return _repeat(player, int(match["count"]), match["fade"] or "")
    return True


def _sound(player: _Player, pitch: int | None, length: str, dots: str) -> None:
    duration = _DOTS[dots] / 2 ** int(length)
    player.notes.append(Note(pitch, duration, player.tempo, player.style, player.volume))


def _repeat(player: _Player, count: int, fade: str) -> bool:
    """What was opened is played ``count`` times in all; for ever loops the tune where it is all."""
    if player.opened is None:
        return False
    body, again = player.notes[player.opened :], min(count, MOST_NOTES) - 1
    if not count:
        player.loop = FOR_EVER if player.opened == 0 else 0
        again = 0
    for _ in range(again if body else 0):
        if len(player.notes) > MOST_NOTES:
            break
        if fade:
            body = [n._replace(volume=_louder(n.volume, fade[1])) for n in body]
            player.volume = body[-1].volume
        player.notes += body
    player.opened = None
    return True


def convert(data: bytes, settings: Settings) -> Iterator[Item]:
    """One item: the tune of the file."""
    if len(data) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(data)}")
    if not data.strip():
        raise SourceError("expected an iMelody, found an empty file")
    melody, losses = parse(data.decode("latin-1").removeprefix("\xef\xbb\xbf"))
    yield item(melody, losses, limits(settings))


def sniff(start: bytes) -> bool:
    """Whether the file starts as an iMelody, with or without its header."""
    return start.lstrip()[:13].upper().startswith((b"BEGIN:IMELODY", b"MELODY:"))


CONVERTER = Converter(
    name="imelody",
    summary="iMelody 1.2 tunes",
    suffixes=(".imy", ".imelody"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
    whole=WHOLE,
)
