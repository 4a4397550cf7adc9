"""Whom a connection over TLS trusts."""

from __future__ import annotations

import ssl
from pathlib import Path

from smsenc import OptionError


def make_context(ca_file: Path | None, *, verify: bool) -> ssl.SSLContext:
    """TLS 1.2 or newer; raises OptionError for authorities that cannot be read."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise OptionError("expected a PEM file of certificates", name="ca_file") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
