"""How good and how fast pictures become black and white: ``python benchmarks/onebit.py``.

The photographs are the JPEG files of the corpus ($SMSENC_SHARED/corpus, or ../shared/corpus beside
the checkout), less those that were seen to be drawings; near copies count once. The error of a
picture is its mean square distance, after a Gaussian blur, from the scaled grey one; shown as a
share of the error of Pillow's convert("1"), for blurs the search was tuned with and for others.
Line art is drawn here, and some is of the corpus; each has a threshold set by hand. Texts of odd
sizes were held back from tuning but for one limit.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from statistics import mean

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from converters.pictures import dither, files
from converters.pictures.bitmap import Bitmap
from converters.pictures.convert import CONVERTER
from converters.pictures.logos import encode_caller_icon
from smsenc import Payload, Port, SmsencError, split

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("SMSENC_SHARED") or ROOT.parent / "shared") / "corpus" / "images"
SIZES = ((72, 28), (72, 14))
#: Standard deviations in pixels, the last three never used in tuning.
BLURS = (0.7, 1.0, 1.5, 0.85, 1.25, 2.0)
#: Drawings among the JPEG files, by a part of their names.
DRAWINGS = (
    *(
        "pctools_JpegImage",
        "image_logo",
        "image_objects",
        "image_wizard",
        "pil_sample",
        "s_rgb.jpg",
    ),
    *("secret-messages", "mail_ical", "blobs_sample", "splashscreen", "imagetransform_source"),
)
#: Line art of the corpus and its threshold, set by hand.
LINE_ART = {
    "ImageMagick__x11_congrats.gif": 128,
    "muspy__images_score.png": 128,
    "construct___static_construct-logo1.png": 128,
    "construct___static_construct-logo2.png": 128,
    "Pillow__images_text_mono.gif": 128,
    "Pillow__images_bitmap_font_8_raqm.png": 128,
    "Pillow__images_drawing_wmf_ref_144.png": 166,
    "Epox__etc_stlport_powered_red.gif": 187,
    "vCards_____LOUIS_VUITTON.png": 150,
    "vCards______UCloud.png": 178,
    "vCards______X.png": 128,
    "vCards_______DHL.png": 132,
    "vCards_______PayPal.png": 118,
    "vCards_______UltraMobile.png": 166,
    "vCards_____xbox.png": 167,
}
ROUNDS = 7


def photographs():
    seen = set()
    for path in sorted(CORPUS.glob("*.[jJ][pP]*")):
        try:
            grey = files.read(path.read_bytes()).frames[0].convert("L")
        except SmsencError:
            continue
        mark = grey.resize((8, 8)).point([n // 16 for n in range(256)]).tobytes()
        if min(grey.size) < 64 or mark in seen or any(d in path.name for d in DRAWINGS):
            continue
        seen.add(mark)
        yield grey, grey.histogram()


def drawings():
    """(kind, grey picture of any size, threshold by hand, settings)."""
    for height in (10, 14, 20, 28):
        for word in ("TERNWAVE", "Call me", "Ode 42"):
            yield "framed words", framed(word, height), 128
    yield from texts()
    for width in (1, 2, 3):
        yield "diagonals", diagonals(width), 128
    for ink, paper in (("navy", "yellow"), ("red", "white"), ("green", "white"), ("white", "blue")):
        picture = flat(ink, paper)
        shades = [
            Image.new("RGB", (1, 1), shade).convert("L").getpixel((0, 0)) for shade in (ink, paper)
        ]
        yield "flat colours", picture.convert("L"), (sum(shades) + 1) // 2
    for name, threshold in LINE_ART.items():
        if (CORPUS / name).is_file():
            yield (
                "of the corpus",
                files.read((CORPUS / name).read_bytes()).frames[0].convert("L"),
                threshold,
            )


def texts():
    for size in (9, 11, 12, 14):
        for word in ("Ternwave", "gjpqy 0123", "Kraków €5"):
            yield "small text", text(word, size, 0, 255), 128
            yield "inverted", ImageOps.invert(text(word, size, 0, 255)), 128
            yield "grey logo", text(word, size, 64, 192), 128
            yield "grey on white", text(word, size, 96, 255), 176
    for size in (8, 10, 13, 15):
        for word in ("Mill & Sons", "Zażółć", "555-0199 !"):
            yield "odd text", text(word, size, 0, 255), 128
            yield "odd logo", text(word, size, 230, 40), 135


def framed(word, height):
    image = Image.new("L", (144 * 4, 56 * 4), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((8, 8, 567, 215), outline=0, width=12)
    pen.text((40, 60), word, fill=0, font=ImageFont.load_default(height * 4))
    pen.ellipse((470, 120, 540, 190), fill=0)
    return image


def text(word, size, ink, paper):
    """Anti-aliased letters, as large as they will be shown."""
    image = Image.new("L", (72, 14), paper)
    ImageDraw.Draw(image).text((2, 0), word, fill=ink, font=ImageFont.load_default(size))
    return image


def diagonals(width):
    image = Image.new("L", (72 * 8, 28 * 8), 255)
    pen = ImageDraw.Draw(image)
    for n in range(-200, 700, 90):
        pen.line((n, 0, n + 180, 224), fill=0, width=width * 8)
    return image


def flat(ink, paper):
    image = Image.new("RGB", (288, 112), paper)
    pen = ImageDraw.Draw(image)
    pen.polygon(((20, 100), (70, 10), (120, 100)), fill=ink)
    pen.rectangle((150, 20, 270, 90), outline=ink, width=10)
    return image


def error(grey, image, blur):
    blurred = ImageFilter.GaussianBlur(blur)
    a, b = (picture.filter(blurred).tobytes() for picture in (grey, image.convert("L")))
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)


def methods():
    yield from dither.METHODS
    yield "auto"
    if imagemagick():
        yield from IMAGEMAGICK


def imagemagick():
    program = shutil.which("magick") or shutil.which("convert")
    if not program:
        return None
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return program if "ImageMagick" in said.stdout else None


#: -monochrome chooses its own black and white; the other keeps the shades.
IMAGEMAGICK = {
    "IM -monochrome": ["-monochrome"],
    "IM -remap": ["-dither", "FloydSteinberg", "-remap", "pattern:gray50"],
}


def by_imagemagick(grey, method):
    file = BytesIO()
    grey.save(file, "PNG")
    command = [imagemagick(), "png:-", *IMAGEMAGICK[method], "png:-"]
    done = subprocess.run(command, input=file.getvalue(), capture_output=True, check=True)
    return Image.open(BytesIO(done.stdout))


def drawn(method, grey, histogram):
    if method in IMAGEMAGICK:
        return by_imagemagick(grey, method)
    return dither.black_and_white(grey, method, None, histogram)


def quality():
    photos = list(photographs())
    print(f"{len(photos)} photographs; error as a share of Pillow's convert('1'): mean / worst")
    print(" " * 24, *(f"blur {blur:<9}" for blur in BLURS))
    shares = {
        method: [photo_errors(photos, size, method) for size in SIZES] for method in methods()
    }
    for size, *rows in zip(SIZES, *shares.values(), strict=True):
        for method, found in zip(shares, rows, strict=True):
            columns = (f"{mean(column):6.3f} /{max(column):6.3f}" for column in found)
            print(f"{size[0]}x{size[1]} {method:17}", *columns)
    columns = [column for found in shares["auto"] for column in found]
    better = all(max(column) <= 1.01 and mean(column) < 1 for column in columns)
    print(f"auto is better on average and never worse by 1 %: {better}")
    return line_art() and better


def photo_errors(photos, size, method):
    """For each blur the shares of all photographs."""
    pairs = []
    for photo, histogram in photos:
        grey = photo.resize(size, Image.Resampling.BOX)
        pairs.append((grey, drawn(method, grey, histogram), grey.convert("1")))
    return [
        [error(g, ours, blur) / error(g, peer, blur) for g, ours, peer in pairs] for blur in BLURS
    ]


def line_art():
    kept = defaultdict(list)
    for kind, drawing, threshold in drawings():
        for size in SIZES:
            ready = drawing.size == (72, 14)
            grey = drawing if ready else drawing.resize(size, Image.Resampling.BOX)
            ours = drawn("auto", grey, drawing.histogram()).convert("L").tobytes()
            hand = grey.point([255 * (n >= threshold) for n in range(256)]).tobytes()
            kept[kind].append(mean(a == b for a, b in zip(ours, hand, strict=True)))
    print("line art, pixels as set by hand: mean / worst")
    for kind, found in kept.items():
        print(f"  {kind:16} {len(found):3}  {mean(found):7.2%} / {min(found):7.2%}")
    return min(map(min, kept.values())) >= 0.98


def best(work, times):
    found = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times)
    return min(found) * 1e6


def ready(bitmap):
    return split(Payload.to_port(Port.CALLER_ICON, encode_caller_icon(bitmap)), reference=1)


def speed():
    logo = (ROOT / "samples" / "logo.png").read_bytes()
    bitmap = files.from_image(Image.open(BytesIO(logo)))
    ours = best(lambda: ready(bitmap), 1000)
    try:
        peer = best(gammu(bitmap), 1000)
        print(
            f"ready 72x14 to parts: {ours:.1f} us, python-gammu {peer:.1f} us: {peer / ours:.1f} x"
        )
    except ImportError:
        print(f"ready 72x14 to parts: {ours:.1f} us; python-gammu is not installed, left out")
    for name, source, times in (("logo.png", logo, 200), ("640x480 photograph", photo_png(), 10)):
        settings = CONVERTER.settings({})

        def whole(source=source, settings=settings):
            (item,) = CONVERTER.convert(source, settings)
            return split(item.payload, reference=1)

        def pillow(source=source):
            image = Image.open(BytesIO(source))
            return image.convert("L").resize((72, 14), Image.Resampling.BOX).convert("1").tobytes()

        ours, peer = best(whole, times), best(pillow, times)
        print(f"{name} to parts: {ours:.0f} us, Pillow alone {peer:.0f} us: {ours / peer:.2f} x")


def photo_png():
    image = Image.open(ROOT / "samples" / "photo.jpg").resize((640, 480))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def gammu(bitmap: Bitmap):
    import gammu as library

    xpm = [f"{bitmap.width} {bitmap.height} 2 1", "# c Black", ". c None", *bitmap.rows]
    logo = {"Type": "CallerGroupLogo", "XPM": [row.encode() for row in xpm]}
    info = {"Class": 1, "Entries": [{"ID": "NokiaCallerLogo", "Bitmap": [logo]}]}
    return lambda: library.EncodeSMS(info)


def main():
    good = not CORPUS.is_dir() or quality()
    if not CORPUS.is_dir():
        print(f"the corpus is not there: {CORPUS}")
    speed()
    return not good


if __name__ == "__main__":
    sys.exit(main())
