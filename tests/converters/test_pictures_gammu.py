"""A thousand random pictures of every size, packed by python-gammu and read by its library."""

import random
import sys
from functools import partial

import pytest
from oracles import reference_folder

from converters import emspicture
from converters.bitmap import Bitmap
from converters.multipart import encode_picture, encode_screen_saver
from converters.network import Network
from converters.smartlogo import encode_caller_icon, encode_operator_logo
from smsenc import udh

PICTURES = 1000


def noise(width, height):
    chosen = random.Random(f"{width}x{height}")
    for _ in range(PICTURES):
        pixels = width * height
        text = f"{chosen.getrandbits(pixels):0{pixels}b}".replace("1", "#").replace("0", ".")
        yield [text[n : n + width] for n in range(0, pixels, width)]


def element(kind, bitmap):
    return udh.encode((emspicture.encode([bitmap], kind),))


def operator_logo(bitmap):
    return encode_operator_logo(bitmap, Network("262", "07"))


ROWS = {
    "NokiaOperatorLogo": (72, 14, operator_logo),
    "NokiaOperatorLogoLong": (78, 21, operator_logo),
    "NokiaCallerLogo": (72, 14, lambda bitmap: encode_caller_icon(bitmap)[1:]),
    "NokiaPictureImageLong": (72, 28, encode_picture),
    "NokiaScreenSaverLong": (72, 28, encode_screen_saver),
    "EMSFixedBitmap": (16, 16, partial(element, "ems-small")),
    "EMSFixedBitmap 32": (32, 32, partial(element, "ems-large")),
    "EMSVariableBitmap": (64, 16, partial(element, "ems-variable")),
}


def packed(gammu, kind, rows):
    """The payload of gammu's parts, or the header of a part that has nothing else."""
    xpm = [f"{len(rows[0])} {len(rows)} 2 1", "# c Black", ". c None", *rows]
    logo = {
        "Type": "OperatorLogo" if "Operator" in kind else "PictureImage",
        "NetworkCode": "262 07",
        "Text": "",
        "XPM": [row.encode() for row in xpm],
    }
    parts = gammu.EncodeSMS({"Class": 1, "Entries": [{"ID": kind.split()[0], "Bitmap": [logo]}]})
    if kind.startswith("EMS"):
        return parts[0]["UDH"]["Text"]
    return b"".join(part["Text"] for part in parts)


@pytest.mark.parametrize("kind", ROWS)
def test_gammu_packs_the_same_pixels(kind):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    width, height, ours = ROWS[kind]
    for rows in noise(width, height):
        assert packed(gammu, kind, rows) == ours(Bitmap.from_rows(rows))


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the oracle leaves its files to be closed
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
@pytest.mark.parametrize(
    "size", [(72, 14), (72, 13), (78, 21), (72, 28), (16, 16), (32, 32)], ids="{0[0]}x{0[1]}".format
)
def test_gammu_reads_the_same_pixels(size, monkeypatch):
    pytest.importorskip("gammu", reason="python-gammu is not installed")
    monkeypatch.syspath_prepend(reference_folder() / "oracles")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from gcommon import ota_pixels

    for rows in noise(*size):
        assert ota_pixels(Bitmap.from_rows(rows).bits, *size) == rows
