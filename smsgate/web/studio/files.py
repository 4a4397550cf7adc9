"""The files that a message can be downloaded as: names, media types and octets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from converters.api import Item
from converters.outputs.packers import PACKERS
from converters.pipeline import Job, Outcome, converter_of, package_item
from converters.received import export
from converters.registry import viewer_of
from smsenc import Payload, SmsencError
from smsenc.messagefile import PLACEHOLDER, Message
from smsenc.messagefile.names import slug
from smsgate.masking import cleaned
from smsgate.web import texts
from smsgate.web.problems import ProblemError
from smsgate.web.studio.asked import Asked
from smsgate.web.studio.made import REFERENCE

#: What browsers show or play; everything else is only saved.
_SHOWN = {".png": "image/png", ".wav": "audio/wav", ".gif": "image/gif", ".bmp": "image/bmp"}
_BINARY = "application/octet-stream"
_OCTETS_OF_A_RESULT = 4000  # beside what it has of its source
#: The paths of what a page shows or plays, and of the picture with every way to draw a picture.
SHEET = "sheet.png"
SHOWN = frozenset((SHEET, "preview.png", "preview.wav"))
_AS, _PREVIEW = "as", "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A message that is kept, with all that its files need; ``typed`` is its source if it was."""

    asked: Asked
    payload: Payload
    number: str
    typed: bytes = b""

    @property
    def octets(self) -> int:
        """About what it takes in memory."""
        elements = sum(len(one.data) for one in self.payload.elements)
        return len(self.payload.data) + elements + len(self.typed) + _OCTETS_OF_A_RESULT


@dataclass(frozen=True, slots=True)
class File:
    """A file; its name has only letters, digits and characters that are safe in a header."""

    name: str
    octets: bytes

    @property
    def kind(self) -> str:
        """The media type."""
        return _SHOWN.get(f".{self.name.rpartition('.')[2]}", _BINARY)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to download: its path below the result's, its label, or why it is not there."""

    path: str
    label: str
    error: str = ""


def messages(result: Result) -> tuple[Offer, ...]:
    """What the message can be sent as, by other programs."""
    return tuple(_offer(result, form) for form in PACKERS)


def _offer(result: Result, form: str) -> Offer:
    try:
        packed = outcome(result, form)
    except SmsencError as error:
        return Offer(form, texts.text(f"studio.formats.{form}"), cleaned(str(error)))
    label = texts.text(f"studio.formats.{form}")
    if packed.error:
        return Offer(form, label, cleaned(packed.error.message))
    several = texts.text("studio.several", count=len(packed.files)) if len(packed.files) > 1 else ""
    return Offer(form, f"{label} {several}".strip())


def contents(result: Result) -> tuple[Offer, ...]:
    """What the message can be looked at, listened to, or converted again as."""
    viewer = viewer_of(result.payload)
    previews = {one.suffix: f"{_PREVIEW}{one.suffix}" for one in viewer.previews}
    writers = {one.suffix: f"{_AS}{one.suffix}" for one in viewer.writers}
    return tuple(
        Offer(path, label)
        for path, label in (
            *((p, texts.text("studio.preview", suffix=s)) for s, p in previews.items()),
            *((p, suffix) for suffix, p in writers.items()),
        )
    )


def outcome(result: Result, form: str) -> Outcome:
    """The files in one of the output formats, with placeholders for a log-in."""
    template = Message(to=(result.number,), text="", credentials=PLACEHOLDER)
    job = Job(recipients=(result.number,), template=template, kind=result.asked.kind, format=form)
    item = Item(kind="", payload=result.payload)
    return package_item(item, job, source=result.asked.name, index=1, number=1, reference=REFERENCE)


def file(result: Result, path: str) -> File:
    """The file at a path; raises ProblemError for one that is not there, or cannot be."""
    head = path.partition(".")[0]
    maker = _MAKERS.get(head) or (_packed if head in PACKERS else None)
    if maker is None:
        raise ProblemError("problems.missing", status=404)
    try:
        return maker(result, path)
    except SmsencError as error:
        raise ProblemError(said=cleaned(str(error)), status=422) from None


def sheet(result: Result, octets: bytes) -> File:
    """The contact sheet of a source; raises ProblemError if there is none for it."""
    asked = result.asked
    try:
        converter = converter_of(asked.name, octets, asked.kind)
        given = {k: v for k, v in asked.options.items() if k in converter.option_names}
        made = export.contact_sheet([(asked.name, octets)], ".png", given, converter.name)
    except SmsencError as error:
        raise ProblemError(said=cleaned(str(error)), status=422) from None
    return File(_name(result, ".png"), made.octets)


def _previewed(result: Result, path: str) -> File:
    suffix = path.removeprefix(_PREVIEW)
    return File(_name(result, suffix), export.preview(result.payload, suffix).octets)


def _written(result: Result, path: str) -> File:
    suffix = path.removeprefix(_AS)
    return File(_name(result, suffix), export.decode(result.payload, suffix))


_MAKERS: dict[str, Callable[[Result, str], File]] = {_PREVIEW: _previewed, _AS: _written}


def _packed(result: Result, path: str) -> File:
    """The only file of a format, one of several by its number, or all of them in an archive."""
    form, _, number = path.partition(".")
    found = outcome(result, form)
    if found.error:
        raise found.error
    if number:
        place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        if not 1 <= place <= len(found.files):
            raise ProblemError("problems.missing", status=404)
        return File(*found.files[place - 1])
    if len(found.files) == 1:
        return File(*found.files[0])
    return File(_name(result, ".zip"), _archive(found.files))


def _archive(files: tuple[tuple[str, bytes], ...]) -> bytes:
    """A zip file that is the same whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files:
            archive.writestr(zipfile.ZipInfo(name), octets)
    return out.getvalue()


def _name(result: Result, suffix: str) -> str:
    return f"{slug(result.asked.name)}{suffix}"
