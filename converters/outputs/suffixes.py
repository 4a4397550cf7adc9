"""How files of the output formats are named."""

from __future__ import annotations

from types import MappingProxyType

#: The suffix of each format's files.
SUFFIXES = MappingProxyType(
    {"ftp": ".txt", "pdu": ".pdu", "at": ".at", "smstools": ".sms", "json": ".json"}
)
