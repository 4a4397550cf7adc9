"""Sizes in replies to MLST and in listings."""

import pytest

from smsgate.ftpclient import sizes
from smsgate.ftpclient.sizes import UNTOLD

NAME = "000001-a.txt"


@pytest.mark.parametrize(
    ("reply", "size"),
    [
        (f"250-Listing\n size=58;type=file; {NAME}\n250 End", 58),
        (f"250-Listing\n Type=file;Size=58;Modify=20260101000000; {NAME}\n250 End", 58),
        (f"250-type=file;size=58; {NAME}\n250 End", 58),
        (f"250-Listing\n type=file; size=58;\n250 End {NAME}", UNTOLD),
        (f"250-Listing\n size=1e5; {NAME}\n250 End", UNTOLD),
        (f"250-Listing\n size={'9' * 5000}; {NAME}\n250 End", UNTOLD),
        ("250 Fine", UNTOLD),
        ("500 What?", UNTOLD),
    ],
)
def test_mlst(reply, size):
    assert sizes.of_mlst(reply) == size


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (f"-rw-r--r--   1 ftp      ftp            58 Nov 28 12:00 {NAME}", 58),
        (f"-rw-r--r--   1 ftp   58 Nov 28  2025 {NAME}", 58),
        (f"-rw-r--r--   1 a b   58 28 Nov 12:00 {NAME}", 58),
        (f"-rw-r--r--   1 a b   58 2026-11-28 12:00 {NAME}", 58),
        (f"-rw-r--r--   1 a b   58 Mär 28 12:00 /in/{NAME}", 58),
        (f"11-28-26  12:00PM                   58 {NAME}", 58),
        (f"11-28-2026  12:00PM     58 {NAME}", 58),
        (f"-rw-r--r--   1 a b   5e8 Nov 28 12:00 {NAME}", UNTOLD),
        (f"drwxr-xr-x   1 a b   58 Nov 28 12:00 {NAME}", UNTOLD),
        (f"11-28-26  12:00PM       <DIR>  {NAME}", UNTOLD),
        (f"-rw-r--r--   1 a b   58 Nov 28 12:00 {NAME}.log", UNTOLD),
        (f"58 {NAME}", UNTOLD),
        (NAME, UNTOLD),
    ],
)
def test_list(line, size):
    assert sizes.of_list(["total 1", None, line], NAME) == size


def test_an_empty_listing():
    assert sizes.of_list([], NAME) is None
    assert sizes.of_list([], f".{NAME}.tmp") == UNTOLD  # hidden files are not always listed
