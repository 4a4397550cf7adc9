"""Attachments of rows: each file is converted once, and consecutive rows share its message."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby

from converters.api import Loss
from converters.errors import SourceError
from converters.pipeline import items
from smsenc import Coding, Payload, SmsencError, count
from smsenc.messagefile.names import slug
from smsenc.messagefile.packing import package
from smsenc.splitting import split
from smsgate.campaign.rows.job import Campaign, head
from smsgate.campaign.rows.model import ChunkMessages, Group, row_numbers
from smsgate.campaign.rows.recipients import Recipients
from smsgate.campaign.tables.model import RejectCode, RowError
from smsgate.outbox.reading import read
from smsgate.outbox.references import reference_after

#: Converted attachments, and paths of folders, that a worker keeps.
_MOST_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    """A converted file: a digest that identifies it, its payloads, their losses and parts."""

    digest: str
    slug: str
    payloads: tuple[Payload, ...]
    losses: tuple[Loss, ...]
    parts: int


def content_of(campaign: Campaign, seen: dict[str, Attachment], cells: Sequence[str]) -> list[str]:
    """The content of a row: the digest of its attachment, which is put into ``seen``.

    Raises RowError.
    """
    if campaign.attach is not None:
        path, column = campaign.attach, None
    else:
        index = campaign.attach_column or 0
        path, column = _below(campaign, cells[index]), campaign.table.columns[index]
    found = attachment(campaign, path)
    if isinstance(found, Attachment):
        return [seen.setdefault(found.digest, found).digest]
    raise RowError(found, code=RejectCode.ATTACHMENT, column=column)


def _below(campaign: Campaign, name: str) -> str:
    """The file that a cell names; a table may not name files outside the folder."""
    name = name.strip()
    folder = _real_folder(campaign.attachments)
    path = _real(os.path.join(folder, name)) if "\0" not in name else ""
    column = campaign.table.columns[campaign.attach_column or 0]
    if not name:
        raise RowError("expected a file, found an empty cell", code=RejectCode.EMPTY, column=column)
    if not path.startswith(folder.rstrip(os.sep) + os.sep):
        raise RowError(
            f"expected a file below {campaign.attachments}, found {name!r}",
            code=RejectCode.ATTACHMENT,
            column=column,
        )
    return path


def _real(path: str) -> str:
    """A path without links; the path of a folder with many files is resolved once."""
    folder, name = os.path.split(path)
    if name in ("", os.curdir, os.pardir) or os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real_folder(folder), name)


_real_folder = lru_cache(maxsize=_MOST_KEPT)(os.path.realpath)


@lru_cache(maxsize=_MOST_KEPT)
def attachment(campaign: Campaign, path: str) -> Attachment | str:
    """A file as payloads, or why it cannot be sent."""
    try:
        octets = read(path)
        found = tuple(items(path, octets, options=dict(campaign.options)))
        payloads = tuple(item.unwrap() for item in found)
        if not payloads:
            raise SourceError("expected a message, found none")
        parts = sum(_parts(payload, campaign) for payload in payloads)
    except SmsencError as error:
        return f"{os.path.basename(path)}: {error}"
    losses = tuple(loss for item in found for loss in item.losses)
    kind = os.path.splitext(path)[1].lower().encode()
    digest = blake2b(octets + b"\0" + kind, digest_size=16).hexdigest()
    return Attachment(digest, slug(path), payloads, losses, parts)


def _parts(payload: Payload, campaign: Campaign) -> int:
    if payload.coding is Coding.OCTETS:
        return count(payload)[0]
    return len(package(payload, campaign.message, reference=1).segments)


def attachment_messages(
    campaign: Campaign, found: Recipients, seen: dict[str, Attachment]
) -> ChunkMessages:
    """The messages of rows with digests of ``content_of`` as their content."""
    sent = [seen[found.content(n)[0]] for n in range(len(found.lines))]
    messages = ChunkMessages([one.parts for one in sent])
    messages.guard(campaign, found)
    messages.own.extend(_groups(campaign, found, sent, messages.sent()))
    notes = (f"{one.slug}: {loss}" for one in sent for loss in one.losses)
    messages.notes = tuple(dict.fromkeys(notes))
    return messages


def _groups(
    campaign: Campaign, found: Recipients, sent: list[Attachment], indices: Sequence[int]
) -> Iterator[Group]:
    """The messages of rows: consecutive rows with the same attachment share them.

    A message in several parts has the reference of its first row, counted from the campaign's.
    """
    for digest, run in groupby(indices, key=lambda index: sent[index].digest):
        together = list(run)
        lines = "".join([f"to:{found.numbers[n]}\n" for n in together]).encode()
        rows = row_numbers([found.rows[n] for n in together])
        one = sent[together[0]]
        reference = reference_after(campaign.reference, found.rows[together[0]] - 1)
        for number, payload in enumerate(one.payloads):
            key = f"{digest}/{number}".encode()
            heads = _heads(campaign, payload, reference)
            yield Group(key, one.slug, heads, lines, len(together), numbers=rows)


def _heads(campaign: Campaign, payload: Payload, reference: int) -> tuple[bytes, ...]:
    """Heads of the messages of a payload. Octets with a header are written without a Message."""
    if payload.coding is not Coding.OCTETS or not payload.elements:
        messages = package(payload, campaign.message, reference=reference).messages
        return tuple(map(head, messages))
    before, between, after = _around(campaign)
    return tuple(
        b"%budh:%b\n%bdata:%b\n%b" % (before, _digits(part.udh), between, _digits(part.data), after)
        for part in split(payload, reference=reference)
    )


def _digits(octets: bytes) -> bytes:
    return octets.hex().upper().encode()


@lru_cache(maxsize=8)
def _around(campaign: Campaign) -> tuple[bytes, bytes, bytes]:
    """The octets of a part's message before, between and after its header and data."""
    header, data = b"\x03\x24\x01\x01", b"\x00"
    octets = head(replace(campaign.message, text=None, data=data, udh=header))
    lines = octets.splitlines(keepends=True)
    udh, body = (
        lines.index(b"udh:%b\n" % _digits(header)),
        lines.index(b"data:%b\n" % _digits(data)),
    )
    return b"".join(lines[:udh]), b"".join(lines[udh + 1 : body]), b"".join(lines[body + 1 :])
