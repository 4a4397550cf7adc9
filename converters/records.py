"""Results as dictionaries that JSON can hold: converted, inspected and counted messages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from smsenc import decode_text
from smsenc.scripts import scripts_of

if TYPE_CHECKING:
    from converters.api import Loss
    from converters.pipeline import Outcome
    from converters.received.inspect import Shown
    from smsenc import Payload, SmsencError
    from smsenc.messagefile.count import Count


def outcome_record(
    outcome: Outcome, paths: tuple[str, ...], *, dry: bool = False
) -> dict[str, object]:
    """The JSON object of one converted message; in a ``dry`` run nothing is written."""
    return {
        "source": outcome.source,
        "item": outcome.item,
        "kind": outcome.kind,
        "status": "planned" if dry and outcome.status == "written" else outcome.status,
        "coding": outcome.coding,
        "parts": outcome.parts,
        "octets": outcome.octets,
        "files": list(paths),
        "losses": list(map(_loss_record, outcome.losses)),
        "error": outcome.error and error_record(outcome.error),
    }


def shown_record(shown: Shown) -> dict[str, object]:
    """The JSON object of one inspected message."""
    return {
        "source": shown.source,
        "kind": shown.kind,
        "port": shown.port,
        "parts": shown.parts,
        "missing": list(shown.missing),
        "to": list(shown.to),
        "from": shown.sender,
        "about": shown.about or None,
        "content": shown.content,
        "first_row": _text_of(shown.example),
        "losses": list(map(_loss_record, shown.losses)),
        "warnings": list(shown.warnings),
        "error": shown.error and error_record(shown.error),
    }


def _text_of(example: Payload | None) -> str | None:
    return None if example is None else decode_text(example)


def _loss_record(loss: Loss) -> dict[str, object]:
    return {"what": loss.what, "action": loss.action, "why": loss.why, "line": loss.line}


def count_record(found: Count) -> dict[str, object]:
    """The JSON object of one counted text."""
    counted = found.plan
    offenders = [place.character for place in found.offenders]
    return {
        "coding": counted.payload.coding.value,
        "languages": [language.name.lower() for language in counted.payload.languages],
        "units": counted.units,
        "parts": counted.parts,
        "room": counted.room,
        "offenders": [place._asdict() for place in found.offenders],
        "extra_parts": counted.extra,
        "replaced": [replacement._asdict() for replacement in counted.replaced],
        "substituted_parts": found.substituted.parts if found.substituted else counted.parts,
        "scripts": Counter(script or "other" for script in scripts_of(offenders)),
        "ways": [
            {
                "languages": [language.name.lower() for language in way.languages],
                "substitute": way.substitute,
                "parts": way.parts,
            }
            for way in found.ways()
        ],
        "losses": [str(change) for change in found.changes],
    } | _file_record(found)


def _file_record(found: Count) -> dict[str, object]:
    """What the message file of a counted text says; the values are None if there is none."""
    if found.file is None:
        return dict.fromkeys(_FILE) | {"file_error": found.refused and error_record(found.refused)}
    segments = found.file.segments
    units = sum(segment.units for segment in segments)
    values = (segments[0].coding, units, len(segments), found.file.forced, None)
    return dict(zip(_FILE, values, strict=True))


_FILE = ("file_coding", "file_units", "file_parts", "file_forced", "file_error")


def error_record(error: SmsencError) -> dict[str, object]:
    """The JSON object of an error: its words, and the place where there is one."""
    place = {"line": error.line, "offset": error.offset, "name": error.name}
    return {"message": error.message} | {k: v for k, v in place.items() if v is not None}
