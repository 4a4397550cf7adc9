"""The lines of a message file as keys and values, from chunks of octets in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smsenc.errors import MessageFileError
from smsenc.messagefile.lineends import complete
from smsenc.messagefile.parameters import BLANKS, INVALID_PARAMETERS, LINE_END, UTF8_MARK
from smsenc.messagefile.profile import CLICKATELL, Profile

#: A line's number from 1, its key, and its value without the one space after the colon.
Pair = tuple[int, str, str]

_BLANK_OCTETS = BLANKS.encode()


def pairs(
    chunks: Iterable[bytes], profile: Profile = CLICKATELL
) -> Iterator[Pair | MessageFileError]:
    """Key and value of each line that is not empty, or what is wrong with the line.

    Line ends are CR LF, CR or LF; the last line needs none. A UTF-8 byte order mark is skipped. An
    error has the line; the lines after it are read all the same.
    """
    lines = _Lines(profile.longest_line)
    for block, start in lines.blocks(chunks):
        if isinstance(block, int):
            yield _too_long(start, block, profile)
        else:
            yield from _read(block, start, profile)


class _Lines:
    """Cuts chunks into blocks of complete lines; a longer line is counted and dropped."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line = 1  # of the first octet of ``_rest``
        self._rest = b""
        self._size = 0  # octets of a long line that are no longer in ``_rest``
        self._blank = True  # whether all of those were blanks

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[tuple[bytes | int, int]]:
        """Octets of complete lines or the size of one long line, and the number of the first."""
        for chunk in _without_mark(chunks):
            yield from self._cut(self._rest + chunk)
        yield from self._cut(self._rest + b"\n")

    def _cut(self, octets: bytes) -> Iterator[tuple[bytes | int, int]]:
        end = complete(octets)
        block, self._rest = octets[:end], octets[end:]
        if block and self._size:
            first = LINE_END.search(block.decode("latin-1"))
            at = first.start() if first else 0
            self._drop(block[:at])
            yield (b"" if self._blank else self._size), self._line
            self._line, self._size, self._blank = self._line + 1, 0, True
            block = block[first.end() if first else 0 :]
        if block:
            yield block, self._line
            self._line += _count(block)
        if len(self._rest) > self._longest + 1:  # one octet may be the half of a line end
            self._drop(self._rest[:-1])
            self._rest = self._rest[-1:]

    def _drop(self, octets: bytes) -> None:
        self._size += len(octets)
        self._blank = self._blank and not octets.strip(_BLANK_OCTETS)


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks without a byte order mark, which may be cut."""
    rest: bytes | None = b""
    for chunk in chunks:
        if rest is None:
            yield chunk
        elif len(rest := rest + chunk) >= len(UTF8_MARK):
            yield rest.removeprefix(UTF8_MARK)
            rest = None
    if rest:
        yield rest


def _count(block: bytes) -> int:
    if b"\r" not in block:
        return block.count(b"\n")
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


def _read(block: bytes, start: int, profile: Profile) -> Iterator[Pair | MessageFileError]:
    try:
        text = block.decode(profile.charset)
    except UnicodeDecodeError:
        lines = LINE_END.split(block.decode("latin-1"))[:-1]
        for line, octets in enumerate(lines, start):
            yield from _one(octets.encode("latin-1"), line, profile)
        return
    lines = LINE_END.split(text) if "\r" in text else text.split("\n")
    lines.pop()  # what follows the last line end
    longest = profile.longest_line
    for line, one in enumerate(lines, start):
        key, colon, value = one.partition(":")
        size = len(one) if one.isascii() else len(one.encode(profile.charset))
        if colon and size <= longest:
            yield line, key.strip(BLANKS), value.removeprefix(" ")
        elif one.strip(BLANKS):
            yield _too_long(line, size, profile) if size > longest else _no_colon(line)


def _one(octets: bytes, line: int, profile: Profile) -> Iterator[Pair | MessageFileError]:
    """As ``_read`` for one line of a block that has other characters somewhere."""
    try:
        octets.decode(profile.charset)
    except UnicodeDecodeError as error:
        if len(octets) > profile.longest_line:  # as where it was dropped before it was whole
            yield _too_long(line, len(octets), profile)
            return
        yield MessageFileError(
            f"expected {profile.charset} characters, found octet {octets[error.start]:02X}",
            line=line,
        )
        return
    yield from _read(octets + b"\n", line, profile)


def _too_long(line: int, size: int, profile: Profile) -> MessageFileError:
    return MessageFileError(
        f"expected a line of at most {profile.longest_line} octets, found {size}",
        code=INVALID_PARAMETERS,
        line=line,
    )


def _no_colon(line: int) -> MessageFileError:
    # The line is not shown: it may be a log-in line without its colon.
    return MessageFileError("expected key:value, found no colon", line=line)
