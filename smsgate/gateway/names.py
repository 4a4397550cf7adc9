"""Names of files in an account's folder: which are allowed, temporary, or the gateway's own."""

from __future__ import annotations

import re

from smsgate import masking

#: Octets of UTF-8: ``.log`` and a token must still fit in the 255 of a file system.
LONGEST = 200

_LOG = ".log"
_ROTATED = re.compile(r"(?:history|mo)\.log\.[0-9]{1,4}")
_TEMPORARY = (".tmp", ".part", ".filepart", ".partial", ".uploading", ".crdownload")
#: Windows takes these for devices, with any suffix.
_DEVICES = frozenset(
    (
        *("con", "prn", "aux", "nul", "conin$", "conout$", "clock$"),
        *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
    )
)
_SEPARATORS = "/\\"
_RESERVED = '<>:"|?*'  # on Windows


def is_temporary(name: str) -> bool:
    """Whether a name says that the file is not finished: hidden, or with a suffix for that."""
    return name.startswith(".") or name.casefold().endswith(_TEMPORARY)


def is_log(name: str) -> bool:
    """Whether a file is one that only the gateway writes."""
    folded = name.casefold()
    return folded.endswith(_LOG) or bool(_ROTATED.fullmatch(folded))


def problem(name: str) -> str:
    """Why a file may not have this name, for people; empty if it may."""
    for check, why in _CHECKS:
        if check(name):
            return why
    return ""


def _is_device(name: str) -> bool:
    return name.partition(".")[0].rstrip(" ").casefold() in _DEVICES


_CHECKS = (
    (lambda name: name.strip(". ") == "", "expected the name of a file"),
    (lambda name: any(one in name for one in _SEPARATORS), "there are no folders here"),
    (lambda name: masking.printable(name) != name, "control characters in the name"),
    (lambda name: len(name.encode()) > LONGEST, f"the name is longer than {LONGEST} octets"),
    (lambda name: name[-1] in ". ", "the name ends with a full stop or a space"),
    (_is_device, "the name of a device"),
    (lambda name: any(one in name for one in _RESERVED), f"one of {_RESERVED} in the name"),
)
