"""Results as dictionaries that JSON can hold: converted, inspected and counted messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converters.pipeline import Outcome
    from converters.received.inspect import Shown
    from smsenc import SmsencError
    from smsenc.messagefile.count import Count


def outcome_record(outcome: Outcome, paths: tuple[str, ...]) -> dict[str, object]:
    """The JSON object of one converted message."""
    return {
        "source": outcome.source,
        "item": outcome.item,
        "kind": outcome.kind,
        "status": outcome.status,
        "parts": outcome.parts,
        "octets": outcome.octets,
        "files": list(paths),
        "losses": [
            {"what": loss.what, "action": loss.action, "why": loss.why, "line": loss.line}
            for loss in outcome.losses
        ],
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
        "warnings": list(shown.warnings),
        "error": shown.error and error_record(shown.error),
    }


def count_record(found: Count) -> dict[str, object]:
    """The JSON object of one counted text."""
    counted = found.plan
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
        "file_parts": len(found.file.segments) if found.file else None,
        "file_forced": found.file.forced if found.file else None,
        "file_error": found.refused and error_record(found.refused),
    }


def error_record(error: SmsencError) -> dict[str, object]:
    """The JSON object of an error: its words, and the place where there is one."""
    place = {"line": error.line, "offset": error.offset, "name": error.name}
    return {"message": error.message} | {k: v for k, v in place.items() if v is not None}
