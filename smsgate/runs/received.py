"""Received messages as a user names them: files, folders, standard input, or parts in hex."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from converters.errors import SourceError
from converters.outputs.pdu import HEX, TPDU
from converters.received.inspect import File
from smsenc import SmsencError
from smsenc.messagefile import names
from smsgate.masking import remember_login
from smsgate.outbox.folders import walk
from smsgate.outbox.reading import STDIN, read


def files(
    arguments: Iterable[str], skip: Callable[[str, str], object] = lambda *_: None
) -> Iterator[File]:
    """Names and octets: of message files, those in folders, ``-``, or ``UDH:DATA[:DCS[:UDL]]``.

    ``skip`` gets name and reason of what in a folder is not read.
    """
    for name in arguments:
        if os.path.isdir(name):
            yield from _in_folder(name, skip)
        else:
            yield _read(name, follow=True)


def _read(name: str, *, follow: bool) -> File:
    try:
        return name, _octets(name, follow=follow)
    except SmsencError as error:
        return name, error


def _octets(name: str, *, follow: bool) -> bytes:
    """The octets of a file or of standard input; a part in hex is its own text.

    A password that a message file contains is masked from now on.
    """
    if name != STDIN and not os.path.lexists(name):
        if HEX.fullmatch(name) or TPDU.fullmatch(name.strip()):
            return name.encode()
        if ":" in name:
            raise SourceError("expected a file, or UDH:DATA[:DCS[:UDL]] in hex, found neither")
    octets = read(name, follow=follow)
    remember_login(octets)
    return octets


def _in_folder(folder: str, skip: Callable[[str, str], object]) -> Iterator[File]:
    for found in walk(folder):
        if found.error:
            yield found.path, found.error
        elif found.skipped:
            skip(found.path, found.skipped)
        elif _is_message(os.path.basename(found.path)):
            yield _read(found.path, follow=False)


def _is_message(name: str) -> bool:
    return name.endswith((".txt", ".pdu", ".at", ".sms")) or names.parse(name) is not None
