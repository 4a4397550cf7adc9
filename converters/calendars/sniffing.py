"""How a source of calendars is recognised, without loading what reads it."""

from converters.shared.beginnings import begins


def sniff(head: bytes) -> bool:
    """Whether a source begins with BEGIN:VCALENDAR, in any case and in UTF-16 too."""
    return begins(head, "VCALENDAR")
