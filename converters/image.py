"""Pictures to operator logos and caller icons: read with Pillow, scaled, and made one bit deep.

The path: octets, grey on white, fitted into the screen, black and white, centred, OTA bitmap.
"""

from __future__ import annotations

import warnings
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from converters.api import Converter, Item, Loss, Option
from converters.bitmap import (
    CALLER_ICON,
    FORMS,
    OPERATOR_LOGO,
    Bitmap,
    encode_caller_icon,
    encode_operator_logo,
    parse_network,
)
from smsenc import OptionError, Payload, Port, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

    from converters.api import Settings

#: Pixels of either logo, width and height: what every phone of the kind takes.
SCREEN = (72, 14)

#: More pixels than any source of a logo needs; told from the header, before memory is asked for.
MOST_PIXELS = 4_000_000


def _convert(source: bytes, settings: Settings) -> Iterator[Item]:
    kind = _target(settings)
    picture, frames = _read(source)
    fitted = _fitted(picture)
    line_art = is_line_art(picture.histogram())
    rows = _black_and_white(fitted, settings, line_art=line_art)
    payload = _PAYLOADS[kind](Bitmap.from_rows(_centred(rows)), settings)
    losses = (
        *_frames_lost(frames, kind),
        *_pixels_lost(picture, fitted, kind),
        *_shades_lost(fitted, rows),
    )
    yield Item(kind=kind, payload=payload, losses=losses)


# --- Targets -------------------------------------------------------------------------------------


def _target(settings: Settings) -> str:
    network = settings["mcc-mnc"]
    kind: str = settings["target"] or (OPERATOR_LOGO if network else CALLER_ICON).kind
    if kind == OPERATOR_LOGO.kind and not network:
        raise OptionError(
            "expected MCC and MNC of the network that an operator logo is for, such as 262-07, "
            "found none",
            name="mcc-mnc",
        )
    return kind


def _operator_logo(bitmap: Bitmap, settings: Settings) -> Payload:
    data = encode_operator_logo(bitmap, settings["mcc-mnc"], settings["form"])
    return Payload.to_port(Port.OPERATOR_LOGO, data)


def _caller_icon(bitmap: Bitmap, _settings: Settings) -> Payload:
    return Payload.to_port(Port.CALLER_ICON, encode_caller_icon(bitmap))


_PAYLOADS = {OPERATOR_LOGO.kind: _operator_logo, CALLER_ICON.kind: _caller_icon}


# --- Reading -------------------------------------------------------------------------------------

#: How the formats begin; Pillow is held to these four and tries no other plugin.
_SIGNATURES = {"PNG": b"\x89PNG\r\n\x1a\n", "GIF": b"GIF8", "BMP": b"BM", "JPEG": b"\xff\xd8\xff"}


def _format(source: bytes) -> str | None:
    return next((name for name, first in _SIGNATURES.items() if source.startswith(first)), None)


def _sniff(first: bytes) -> bool:
    # Text may begin with BM; the reserved octets of a bitmap file are zero.
    name = _format(first)
    return name is not None and (name != "BMP" or first[6:10] == bytes(4))


def _read(source: bytes) -> tuple[Image, int]:
    """Return the first frame in grey on white, and the number of frames."""
    name = _format(source)
    if name is None:
        found = f"octets {source[:4].hex(' ').upper()}" if source else "an empty file"
        raise SourceError(f"expected a PNG, GIF, BMP or JPEG picture, found {found}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what keeps a picture from being read is raised
        try:
            image = _open(source, name)
            return _grey_on_white(image), _frame_count(image)
        except SourceError:
            raise
        except Exception as error:  # whatever a plugin of Pillow runs into
            raise _unreadable(name, source, error) from error


def _open(source: bytes, name: str) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    # A GIF takes memory for its first frame on opening: stop it at Pillow's lower limit.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    image = Image.open(BytesIO(source), formats=(name,))
    if not 0 < image.width * image.height <= MOST_PIXELS:
        raise SourceError(
            f"expected a picture of 1 to {MOST_PIXELS} pixels, found {image.width}x{image.height}"
        )
    return image


def _grey_on_white(image: Image) -> Image:
    """Return luma of BT.601, with the picture upright and what shines through it white."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - heavy, wanted only here

    image.load()
    if image.mode.startswith("I"):  # grey of 16 bits, which Pillow's convert() would clip
        return image.point(lambda level: level / 256).convert("L")
    ImageOps.exif_transpose(image, in_place=True)
    if not image.has_transparency_data:
        return image.convert("L")
    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("L")


def _frame_count(image: Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # noqa: BLE001 - as in _read; the frame that is shown has been read
        return 2


#: What Pillow says of files that end too early.
_CUT_SHORT = ("truncated", "not enough image data")


def _unreadable(name: str, source: bytes, error: Exception) -> SourceError:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - heavy, wanted only here

    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return SourceError(f"expected a picture of 1 to {MOST_PIXELS} pixels, found far more")
    if isinstance(error, UnidentifiedImageError):
        return SourceError(f"expected a {name} picture, found no whole header")
    if any(words in str(error).lower() for words in _CUT_SHORT):
        return SourceError(f"expected more of a {name} picture, found its end", offset=len(source))
    reason = str(error) or type(error).__name__
    return SourceError(f"expected a {name} picture, found one that cannot be read ({reason})")


# --- Scaling -------------------------------------------------------------------------------------


def fit(size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """Return ``size`` brought down into ``room`` in its proportions; a small one stays as it is."""
    scale = max(size[0] / room[0], size[1] / room[1], 1)
    return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))


def _fitted(grey: Image) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    return grey.resize(fit(grey.size, SCREEN), Image.Resampling.BOX)


def _centred(rows: Sequence[str]) -> list[str]:
    width, height = SCREEN
    blank = "." * width
    above = (height - len(rows)) // 2
    below = height - len(rows) - above
    return [blank] * above + [row.center(width, ".") for row in rows] + [blank] * below


# --- Black and white -----------------------------------------------------------------------------

_MIDDLE = 128

#: Pictures with less between their darkest and lightest shade are taken for evenly coloured.
_LEAST_CONTRAST = 32

#: Line art has nearly all of its pixels in two shades of sixteen; photographs spread wider.
_LINE_ART_SHARE = 0.6


def _black_and_white(grey: Image, settings: Settings, *, line_art: bool) -> list[str]:
    """Return rows of ``#`` and ``.``, by threshold or by dithering."""
    if settings["invert"]:
        grey = grey.point([255 - level for level in range(256)])
    threshold: int | None = settings["threshold"]
    dither = settings["dither"]
    if dither == "auto":
        plain = line_art or threshold is not None
        dither = "none" if plain else "floyd-steinberg"
    return _METHODS[dither](grey, threshold)


def is_line_art(histogram: Sequence[int]) -> bool:
    """Say whether a picture with that many pixels of each of 256 shades is better not dithered."""
    bands = sorted(sum(histogram[level : level + 16]) for level in range(0, 256, 16))
    return sum(bands[-2:]) >= _LINE_ART_SHARE * sum(bands)


def otsu(histogram: Sequence[int]) -> int:
    """Return the first shade, of 256, that counts as white: Otsu's threshold.

    It makes the variance between the two sides greatest; of equally good ones it is the middle.
    """
    shades = [level for level, pixels in enumerate(histogram) if pixels]
    if shades[-1] - shades[0] < _LEAST_CONTRAST:
        return _MIDDLE
    total, weight = sum(histogram), sum(map(int.__mul__, histogram, range(256)))
    scores = []
    below = weight_below = 0
    for level, pixels in enumerate(histogram):
        apart = weight_below * total - weight * below
        scores.append(apart * apart / (below * (total - below) or 1))
        below += pixels
        weight_below += pixels * level
    highest = max(scores)
    best = [level for level, score in enumerate(scores) if score == highest]
    return (best[0] + best[-1] + 1) // 2


def _by_threshold(grey: Image, threshold: int | None) -> list[str]:
    limit = otsu(grey.histogram()) if threshold is None else threshold
    return _rows(grey.point([255 * (level >= limit) for level in range(256)]))


def _by_floyd_steinberg(grey: Image, threshold: int | None) -> list[str]:
    # Pillow dithers about the middle: another threshold is a lighter or darker picture.
    shift = _MIDDLE - (_MIDDLE if threshold is None else threshold)
    shifted = grey.point([min(max(level + shift, 0), 255) for level in range(256)])
    return _rows(shifted.convert("1").convert("L"))


_METHODS = {"none": _by_threshold, "floyd-steinberg": _by_floyd_steinberg}


def _rows(two_shades: Image) -> list[str]:
    text = two_shades.tobytes().translate(_SHADE_TO_PIXEL).decode("ascii")
    return [text[at : at + two_shades.width] for at in range(0, len(text), two_shades.width)]


_SHADE_TO_PIXEL = b"#" + b"." * 255


# --- Losses --------------------------------------------------------------------------------------


def _frames_lost(frames: int, kind: str) -> Iterator[Loss]:
    if frames > 1:
        why = f"the {_name(kind)} is one still picture"
        yield Loss(what="further frames", action="left out", why=why)


def _pixels_lost(picture: Image, fitted: Image, kind: str) -> Iterator[Loss]:
    if picture.size != fitted.size:
        yield Loss(
            what=f"size {picture.width}x{picture.height}",
            action=f"scaled to {fitted.width}x{fitted.height}",
            why=f"the {_name(kind)} holds {SCREEN[0]}x{SCREEN[1]} pixels",
        )


def _shades_lost(fitted: Image, rows: Sequence[str]) -> Iterator[Loss]:
    colours = set("".join(rows))
    if len(colours) == 1 and len(set(fitted.tobytes())) > 1:
        only = "black" if colours == {"#"} else "white"
        yield Loss(what="shades", action="lost", why=f"every pixel came out {only}")


def _name(kind: str) -> str:
    return kind.replace("-", " ")


# --- Options -------------------------------------------------------------------------------------


def _one_of(choices: tuple[str, ...], text: str) -> str:
    if text not in choices:
        raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}")
    return text


def _yes(text: str) -> bool:
    return _one_of(("yes", "no"), text) == "yes"


def _shade(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255):
        raise ValueError("expected a shade of 0..255")
    return int(text)


CONVERTER = Converter(
    name="picture",
    summary="PNG, GIF, BMP and JPEG pictures to operator logos and caller icons",
    suffixes=(".png", ".gif", ".bmp", ".jpg", ".jpeg"),
    sniff=_sniff,
    convert=_convert,
    options=(
        Option(
            name="target",
            summary="operator-logo or caller-icon; operator-logo where mcc-mnc is given",
            parse=partial(_one_of, tuple(_PAYLOADS)),
        ),
        Option(
            name="mcc-mnc",
            summary="network that an operator logo is for, such as 262-07",
            parse=parse_network,
        ),
        Option(
            name="form",
            summary="short (one SMS) or spec (with version octet, two SMS), for operator logos",
            parse=partial(_one_of, tuple(FORMS)),
            default="short",
        ),
        Option(
            name="threshold",
            summary="first shade that counts as white, 0..255; found from the picture if not given",
            parse=_shade,
        ),
        Option(
            name="dither",
            summary="none, floyd-steinberg, or auto: floyd-steinberg for photographs",
            parse=partial(_one_of, (*_METHODS, "auto")),
            default="auto",
        ),
        Option(
            name="invert",
            summary="yes or no: exchange black and white",
            parse=_yes,
            default=False,
        ),
    ),
)
