"""What tests look for in an outbox: its message files, without the marks of their runs."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from ftpservers import PASSWORD, USER

from smsgate.outbox import home
from smsgate.outbox.home import Home

_MARK = re.compile(r"\.[a-z2-7]{8}(?=\.(?:p[0-9]+-[0-9]+\.)?(?:txt|pdu|sms|json))")


#: Log-ins of the FTP server and of the gateway, as variables.
SECRETS = {
    "SMSENC_FTP_USER": USER,
    "SMSENC_FTP_PASSWORD": PASSWORD,
    "SMSENC_API_ID": "17",
    "SMSENC_USER": "bank",
    "SMSENC_PASSWORD": "gateway-secret",
}


def unmarked(text: str) -> str:
    """Text with the marks of all file names in it left out."""
    return _MARK.sub("", text)


def names(folder: Path) -> list[str]:
    """The names of all that is in a folder, in order."""
    return sorted(os.listdir(folder))


def written(folder: Path) -> dict[str, bytes]:
    """Names and octets of all files in a folder, without the records of outboxes."""
    names = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if home.FOLDER not in name}


def message_files(folder: Path) -> list[Path]:
    """The files in a folder; the outbox's records are left out."""
    return sorted(path for path in folder.iterdir() if path.name != home.FOLDER)


def records_of(outbox: Path) -> Home:
    """The records of an outbox, made if it has none; nobody holds it afterwards."""
    with home.held(outbox) as records:
        return records


def forget(outbox: Path) -> None:
    """Remove the records of an outbox, as if it were new."""
    shutil.rmtree(home.folder_of(outbox), ignore_errors=True)


def journal_of(outbox: Path) -> Path:
    """The journal of an outbox."""
    return home.folder_of(outbox) / "journal"
