"""Where a server waits for a data connection: its replies to PASV (RFC 959) and EPSV (RFC 2428).

Only the port is read. The address may be one of the server's own network; the control connection
has one that works.
"""

from __future__ import annotations

import re

from smsgate.ftpclient.replies import UnusableError

# Some servers write spaces after the commas, or no parentheses (RFC 1123, 4.1.2.6).
_SIX = re.compile(r"(?<!\d)" + r"\s*,\s*".join([r"(\d{1,3})"] * 6) + r"(?!\d)", re.ASCII)
# Any delimiter is allowed, and some servers fill the fields that should be empty.
_EXTENDED = re.compile(r"([^\w\s.,:()])\d?\1[0-9A-Fa-f.:]*\1\s*(\d{1,5})\s*\1", re.ASCII)


def port_of(reply: str) -> int:
    """The port in a reply to PASV or EPSV; either may come to either. Raises UnusableError."""
    code, text = reply[:3], reply[3:]
    if code == "227" and (found := _SIX.search(text)):
        numbers = [int(number) for number in found.groups()]
        port = numbers[4] * 256 + numbers[5]
        if max(numbers) < 256 and port:
            return port
    if code == "229" and (found := _EXTENDED.search(text)):
        port = int(found[2])
        if 0 < port < 65536:
            return port
    raise UnusableError(f"expected the port of a data connection, found {reply}")
