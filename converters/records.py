"""Results as dictionaries that JSON can hold: converted, inspected and counted messages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from smsenc import decode_text
from smsenc.scripts import scripts_of

if TYPE_CHECKING:
    from converters.api import Loss
    from converters.pipeline import Outcome
    from converters.received.inspect import Row, Shown
    from converters.received.octetmaps import Explained
    from smsenc.messagefile.count import Count, Way
    from smsenc.octetmap import Field
    from smsenc.octetmap.messagefiles import Places


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
        "losses": list(map(loss_record, outcome.losses)),
        "error": outcome.error and outcome.error.record(),
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
        "rows": shown.rows,
        "shown_rows": list(map(_row_record, shown.shown_rows)),
        "losses": list(map(loss_record, shown.losses)),
        "warnings": list(shown.warnings),
        "error": shown.error and shown.error.record(),
    }


def map_record(found: Explained) -> dict[str, object]:
    """The JSON object of a map; a message file's log-in is in none of its fields."""
    from smsenc.octetmap.messagefiles import TITLE, Places  # noqa: PLC0415 - for explain alone

    of_file = found.map.title == TITLE
    places = Places(found.map.octets) if of_file else None
    return {
        "source": found.source,
        "line": found.line,
        "title": found.map.title,
        "others": list(found.others),
        "octets": None if of_file else found.map.octets.hex().upper(),
        "faults": found.map.faults,
        "fields": [_field_record(field, places) for field in found.map.fields],
    }


def _field_record(field: Field, places: Places | None) -> dict[str, object]:
    record: dict[str, object] = {"start": field.start, "end": field.end}
    if places:
        record["line"], record["column"] = places.of(field.start)
    value = field.value
    return record | {
        "bits": field.bits,
        "name": field.name,
        "value": value.hex().upper() if isinstance(value, bytes) else value,
        "meaning": field.meaning,
        "clause": field.clause,
        "fault": field.fault or None,
        "fields": [_field_record(child, places) for child in field.children],
    }


def _row_record(row: Row) -> dict[str, object]:
    return {"row": row.number, "to": row.to, "text": decode_text(row.payload)}


def loss_record(loss: Loss) -> dict[str, object]:
    """The JSON object of one loss."""
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
        "ways": [_way_record(way) for way in found.ways()],
        "without_emoji": _way_record(found.without_emoji()),
        "losses": [str(change) for change in found.changes],
    } | _file_record(found)


def _way_record(way: Way | None) -> dict[str, object] | None:
    if way is None:
        return None
    return {
        "languages": [language.name.lower() for language in way.languages],
        "substitute": way.substitute,
        "parts": way.parts,
    }


def _file_record(found: Count) -> dict[str, object]:
    """What the message file of a counted text says; the values are None if there is none."""
    if found.file is None:
        return dict.fromkeys(_FILE) | {"file_error": found.refused and found.refused.record()}
    segments = found.file.segments
    units = sum(segment.units for segment in segments)
    values = (segments[0].coding, units, len(segments), found.file.forced, None)
    return dict(zip(_FILE, values, strict=True))


_FILE = ("file_coding", "file_units", "file_parts", "file_forced", "file_error")
