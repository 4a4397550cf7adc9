"""RTTTL and RTX: ringtones as text, "name:d=4,o=5,b=125:8c6,d#,2p"."""

from typing import TYPE_CHECKING

from smsenc.exports import lazily

if TYPE_CHECKING:
    from converters.tunes.rtttl.files import Source, sniff, sources
    from converters.tunes.rtttl.octaves import octave
    from converters.tunes.rtttl.reader import MOST_CHARACTERS, parse
    from converters.tunes.rtttl.writer import losses, spell, write

__all__ = [
    "MOST_CHARACTERS",
    "Source",
    "losses",
    "octave",
    "parse",
    "sniff",
    "sources",
    "spell",
    "write",
]

__getattr__ = lazily(
    __name__,
    {
        "files": "Source sniff sources",
        "octaves": "octave",
        "reader": "MOST_CHARACTERS parse",
        "writer": "losses spell write",
    },
)
