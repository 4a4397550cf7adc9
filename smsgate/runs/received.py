"""Received messages as a user names them: files, folders, archives, standard input, or hex."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from converters.errors import SourceError
from converters.outputs import transcript
from converters.received.inspect import File
from smsenc import SmsencError
from smsenc.messagefile import names
from smsgate.masking import remember_login
from smsgate.outbox import archives
from smsgate.outbox.folders import walk
from smsgate.outbox.reading import LARGEST_SOURCE, STDIN, read

_SUFFIXES = (".txt", ".pdu", ".at", ".sms")
#: A PDU that was typed with spaces and without quotes.
_OCTET = re.compile("(?:0x)?[0-9A-Fa-f]{2}")
#: What the name of a file has and text seldom has; digits alone number files.
_NAME = re.compile(r"[./\\]|^[0-9A-Fa-f]+$")
_NEITHER = "expected a file, or UDH:DATA[:DCS[:UDL]] in hex, found neither"
_LONGEST_NAME = 255  # octets, of a file on any system


def files(
    arguments: Iterable[str],
    skip: Callable[[str, str], object] = lambda *_: None,
    most: int = LARGEST_SOURCE,
) -> Iterator[File]:
    """Names and octets: of files, of those in folders and zip archives, of ``-``, and of hex.

    ``skip`` gets name and reason of what in a folder is not read. Of files outside of archives,
    those of more than ``most`` octets are an error.
    """
    for name in _together(arguments):
        if os.path.isdir(name):
            yield from _in_folder(name, skip, most)
        elif archives.is_archive(name):
            yield from _in_archive(name)
        else:
            yield _read(name, most, follow=True)


def is_outbox(name: str) -> bool:
    """Whether a name is that of a folder with records of what was sent, or of an archive."""
    return archives.is_archive(name) or os.path.isdir(os.path.join(name, ".smsenc"))


def _together(arguments: Iterable[str]) -> Iterator[str]:
    """Arguments; those of one octet each, which are no files, are one PDU."""
    for octets, group in groupby(arguments, _is_octet):
        typed = list(group)
        yield from [" ".join(typed)] if octets else typed


def _is_octet(name: str) -> bool:
    return _OCTET.fullmatch(name) is not None and not os.path.lexists(name)


def _read(name: str, most: int, *, follow: bool) -> File:
    try:
        return name, _octets(name, most, follow=follow)
    except SmsencError as error:
        return name, error


def _octets(name: str, most: int, *, follow: bool) -> bytes:
    """The octets of a file or of standard input; hex and modems' answers are their own text.

    A password that a message file contains is masked from now on.
    """
    if name != STDIN and not os.path.lexists(name):
        typed = os.fsencode(name)
        if _is_hex(name, typed):
            return typed
        if ":" in name or (len(typed) > _LONGEST_NAME and os.sep not in name):
            raise SourceError(_NEITHER)
        if not _NAME.search(name):
            raise SourceError("neither hex nor a file")
    octets = read(name, most, follow=follow)
    remember_login(octets)
    return octets


def _is_hex(name: str, typed: bytes) -> bool:
    """Whether an argument that is no file is hex; a few digits alone are the name of a file."""
    if not transcript.matches(typed):
        return False
    return ":" in name or sum(map(str.isalnum, name)) >= transcript.LEAST_DIGITS


def _in_folder(folder: str, skip: Callable[[str, str], object], most: int) -> Iterator[File]:
    for found in walk(folder):
        if found.error:
            yield found.path, found.error
        elif found.skipped:
            skip(found.path, found.skipped)
        elif _is_message(os.path.basename(found.path)):
            yield _read(found.path, most, follow=False)


def _in_archive(path: str) -> Iterator[File]:
    try:
        for name, found in archives.entries(path, _is_message):
            if isinstance(found, bytes):
                remember_login(found)
            yield name, found
    except SmsencError as error:
        yield path, error


def _is_message(name: str) -> bool:
    return name.endswith(_SUFFIXES) or names.parse(name) is not None
