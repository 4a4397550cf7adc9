"""Received messages as a user names them: files, folders, standard input, or parts in hex."""

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
    """Names and octets: of message files, those in folders, ``-``, or ``UDH:DATA[:DCS[:UDL]]``."""
    for name in _names(arguments):
        try:
            yield name, _octets(name)
        except SmsencError as error:
            yield name, error


def _octets(name: str) -> bytes:
    """The octets of a file or of standard input; a part in hex is its own text."""
    if name != STDIN and not os.path.lexists(name):
        if HEX.fullmatch(name):
            return name.encode()
        if ":" in name:
            raise SourceError("expected a file, or UDH:DATA[:DCS[:UDL]] in hex, found neither")
    return read(name)


def _names(arguments: Iterable[str]) -> Iterator[str]:
    for name in arguments:
        if os.path.isdir(name):
            found = sorted(os.listdir(name))
            yield from (os.path.join(name, one) for one in found if _is_message(name, one))
        else:
            yield name


def _is_message(folder: str, name: str) -> bool:
    named = name.endswith((".txt", ".pdu", ".sms")) or names.parse(name)
    return name[0] != "." and bool(named) and Path(folder, name).is_file()
