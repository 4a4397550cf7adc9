"""What the name of a track says about its voice, in several languages.

Names are compared word by word, in small letters and without accents. The tables have words, and
the beginnings of words where an asterisk follows.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Words of tunes, by how sure they are: "lead" and "voice" are also names of sounds.
_TUNE = (
    "melod* mel tune vocal* vokal* voc vox voce voci voz voix vocals sopran* sop sopr descant*"
    " discant* diskant* deschant* cantus superius gesang* singstimme* sing singer* singing sung"
    " zang chant* canto cantant* cantor* canta hauptstimme oberstimme мелод* вокал*"
    " メロ* 歌* 旋律* 主旋律"
)
_LIKELY = (
    "lead leads leadvox ldvox ld solo solos soli solist* soliste* voice voices voice1 stimme air"
    " aria theme themes thema tema top treble upper lyric* голос* песн*"
)
_HAND = "right rh rechts rechte droite destra derecha direita"
_OTHER = (
    "bass* bas basso bassi bajo baixo contrabass* kontrabass* contrabajo"
    " drum* perc* schlagz* bateri* batter* kick snare cymbal* hihat hats toms"
    " alto altos altus alti contralt* alt tenor* tenori baryton* bariton* mezzo"
    " harmony harmonies harmonie harm armonia back backing background bgv bgvs bv bvs bvox echo"
    " pad pads accomp* acc accpt begleit* acompan* rhythm rhythmus rythm* chords chord akkord*"
    " accords comp pedal click metronom* left lh links linke gauche sinistra izquierda esquerda fx"
    " бас* ударн* бэк* ドラム* ベース*"  # noqa: RUF001 - words in Russian
)
#: Instruments that come in the sizes of voices and play tunes: no "alto" on its own.
_SIZED = re.compile(r"sax|flut|flöt|record|blockfl|horn|clarin|klarin|tromb|tuba")
_SIZES = ("alt", "tenor", "bariton", "baryton", "sopran")
#: The only letter of a name, as in scores of four voices.
_LETTERS = {"s": 0.75, "a": -0.5, "t": -0.5, "b": -0.5}


def _pattern(words: str) -> re.Pattern[str]:
    found = (re.escape(word[:-1]) + r"\w*" if word[-1] == "*" else word for word in words.split())
    return re.compile("|".join(sorted(found, key=len, reverse=True)))


_ROWS = ((_pattern(_TUNE), 1.0), (_pattern(_LIKELY), 0.75), (_pattern(_HAND), 0.1))
_AGAINST = _pattern(_OTHER)


@lru_cache(1024)
def hint(name: str) -> float:
    """How much a name says that its voice is the tune: 1 for certain, below 0 that it is not."""
    words = _words(name)
    if len(words) == 1 and words[0] in _LETTERS:
        return _LETTERS[words[0]]
    if any(map(_SIZED.match, words)):
        words = [word for word in words if not word.startswith(_SIZES)]
    most = max((value for row, value in _ROWS if any(map(row.fullmatch, words))), default=0.0)
    if any(map(_AGAINST.fullmatch, words)):
        return min(most, 1.0) / 4 if most else -0.5
    return most


def _words(name: str) -> list[str]:
    parts = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return re.findall(r"[^\W\d_]+", plain)
