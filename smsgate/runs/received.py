"""What is named to be looked into: message files, folders of them, standard input, parts in hex."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from converters.errors import SourceError
from converters.outputs.pdu import HEX
from converters.received.inspect import File
from smsenc import SmsencError
from smsenc.messagefile import names
from smsgate.outbox.reading import STDIN, read


def files(arguments: Iterable[str]) -> Iterator[File]:
    """Names with what they hold: each file of a folder, ``-``, or ``UDH:DATA[:DCS[:UDL]]``."""
    for name in _names(arguments):
        try:
            yield name, _octets(name)
        except SmsencError as error:
            yield name, error


def _octets(name: str) -> bytes:
    """What a file or standard input holds; hex stands for itself."""
    if name != STDIN and not os.path.lexists(name):
        if HEX.fullmatch(name):
            return name.encode()
        if ":" in name:
            raise SourceError("expected a file, or UDH:DATA[:DCS[:UDL]] in hex, found neither")
    return read(name)


def _names(arguments: Iterable[str]) -> Iterator[str]:
    for name in arguments:
        if os.path.isdir(name):
            there = sorted(os.listdir(name))
            yield from (os.path.join(name, n) for n in there if _is_message(name, n))
        else:
            yield name


def _is_message(folder: str, name: str) -> bool:
    ours = name.endswith((".txt", ".pdu", ".sms")) or names.parse(name)
    return name[0] != "." and bool(ours) and Path(folder, name).is_file()
