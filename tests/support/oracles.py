"""Programs that nobody of this project wrote, asked what they make of our parts.

They run as separate processes, through the scripts in the reference folder: ``../shared`` beside
the checkout, or SMSENC_SHARED. Whatever is missing skips the test and is named. They are wrong in
places too; two of them and the specification decide.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from smsenc import Segment, dcs

#: Header with its length octet, user data behind it, TP-DCS, and TP-UDL where octets don't tell.
Part = tuple[bytes, bytes, int, int | None]

_SECONDS = 60


def reference_folder() -> Path:
    """The folder of oracle scripts and specifications; skips where it is not."""
    beside = ROOT.parent / "shared"
    folder = Path(os.environ.get("SMSENC_SHARED", beside))
    if not folder.is_dir():
        pytest.skip(f"the reference folder is not there: {folder}")
    return folder


def part_of(segment: Segment) -> Part:
    """One of our parts as the oracles take it."""
    octet = dcs.encode(dcs.of(segment))
    return segment.udh, segment.data, octet, segment.udl


def gammu_parts(parts: Iterable[Part]) -> dict[str, Any]:
    """What gammu understands of the parts of one message, in any order.

    "parts" says what each is; "ems_True" and "ems_False" what they are together; "port",
    "ringtone_rtttl", "ota_bitmap", "vcard" and "vcal" what the payload holds.
    """
    if importlib.util.find_spec("gammu") is None:
        pytest.skip("python-gammu is not installed")
    found: dict[str, Any] = _run("gammu_dec.py", parts)
    return found


def tshark_udh(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The fields that tshark dissects, a dictionary a part, values as it prints them."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    found: list[dict[str, Any]] = _run("tshark_dec.py", parts, "udh")
    return found


def _run(script: str, parts: Iterable[Part], *mode: str) -> Any:
    # -B: the reference folder is read-only.
    path = reference_folder() / "oracles" / script
    command = [sys.executable, "-B", str(path), *mode, *map(_argument, parts)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=_SECONDS)
    return json.loads(done.stdout)


def _argument(part: Part) -> str:
    udh, data, octet, udl = part
    length = "" if udl is None else f":{udl}"
    return f"{udh.hex()}:{data.hex()}:{octet:02X}{length}"
