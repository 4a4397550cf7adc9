"""Third-party programs, asked how they read our parts.

They run as separate processes, through the scripts in the reference folder: ``../shared`` beside
the checkout, or SMSENC_SHARED. Where a program is missing the test is skipped, with its name as
the reason. They have errors too; two of them and the specification decide.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from smsenc import Segment, dcs

#: Header with its length octet, user data, TP-DCS, and TP-UDL unless it follows from the octets.
Part = tuple[bytes, bytes, int, int | None]

_SECONDS = 60

# JSON on stdin: messages, each a list of parts in hex. Answers with what gammu says of each.
_GAMMU = """
import json, sys
sys.path.insert(0, sys.argv[1])
from gammu_dec import decode
print(json.dumps([
    decode([(bytes.fromhex(udh), bytes.fromhex(ud), dcs, udl, None) for udh, ud, dcs, udl in parts])
    for parts in json.load(sys.stdin)
], default=str))
"""


def reference_folder() -> Path:
    """The folder of oracle scripts and specifications; skips the test where it is missing."""
    beside = ROOT.parent / "shared"
    folder = Path(os.environ.get("SMSENC_SHARED", beside))
    if not folder.is_dir():
        pytest.skip(f"the reference folder is missing: {folder} (SMSENC_SHARED)")
    return folder


def part_of(segment: Segment) -> Part:
    """One of our parts in the form that the oracles read."""
    octet = dcs.encode(dcs.of(segment))
    return segment.udh, segment.data, octet, segment.udl


def gammu(messages: Iterable[Iterable[Part]]) -> list[dict[str, Any]]:
    """What gammu understands of each message, whose parts come in any order; one process for all.

    "parts" says what each is; "ems_True" and "ems_False" what they are together; "port",
    "ringtone_rtttl", "ota_bitmap", "vcard" and "vcal" what the payload holds.
    """
    if importlib.util.find_spec("gammu") is None:
        pytest.skip("python-gammu is not installed")
    asked = [
        [(udh.hex(), data.hex(), octet, udl) for udh, data, octet, udl in parts]
        for parts in messages
    ]
    found: list[dict[str, Any]] = _run(json.dumps(asked), "-c", _GAMMU, str(_scripts()))
    return found


def tshark(messages: Iterable[Iterable[Part]]) -> list[list[dict[str, Any]]]:
    """The fields that tshark dissects in each part of each message; one process for all.

    Values are as it prints them. It joins parts by their reference, which must differ between
    messages.
    """
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    asked = [[_argument(part) for part in parts] for parts in messages]
    found = iter(_run(None, str(_scripts() / "tshark_dec.py"), "udh", *chain.from_iterable(asked)))
    return [list(islice(found, len(parts))) for parts in asked]


def _scripts() -> Path:
    return reference_folder() / "oracles"


def _run(given: str | None, *arguments: str) -> Any:
    # -B: the reference folder is read-only.
    command = [sys.executable, "-B", *arguments]
    done = subprocess.run(
        command, input=given, stdout=subprocess.PIPE, text=True, check=True, timeout=_SECONDS
    )
    return json.loads(done.stdout)


def _argument(part: Part) -> str:
    udh, data, octet, udl = part
    length = "" if udl is None else f":{udl}"
    return f"{udh.hex()}:{data.hex()}:{octet:02X}{length}"
