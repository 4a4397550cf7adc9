"""How good and how fast pictures become black and white: ``python benchmarks/onebit.py``.

The photographs are the JPEG files of the corpus ($SMSENC_SHARED/corpus, or ../shared/corpus beside
the checkout), less those that were seen to be drawings; near copies count once. The error of a
picture is its mean square distance, after a small Gaussian blur, from the scaled grey one; shown
as a share of the error of Pillow's convert("1"). Line art is drawn here: words, frames and circles,
smoothed and scaled, against a threshold of 128 set by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from statistics import mean

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from converters import onebit, picturefile
from converters.bitmap import Bitmap
from converters.image import CONVERTER
from converters.smartlogo import encode_caller_icon
from smsenc import Payload, Port, SmsencError, split

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("SMSENC_SHARED") or ROOT.parent / "shared") / "corpus" / "images"
SIZES = ((72, 28), (72, 14))
BLUR = 1
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
ROUNDS = 7


def photographs():
    seen = set()
    for path in sorted(CORPUS.glob("*.[jJ][pP]*")):
        try:
            grey = picturefile.read(path.read_bytes()).frames[0]
        except SmsencError:
            continue
        mark = grey.resize((8, 8)).point([n // 16 for n in range(256)]).tobytes()
        if min(grey.size) < 64 or mark in seen or any(d in path.name for d in DRAWINGS):
            continue
        seen.add(mark)
        yield path.name, grey


def drawings():
    for height in (10, 14, 20, 28):
        for word in ("TERNWAVE", "Call me", "Ode 42"):
            image = Image.new("L", (144 * 4, 56 * 4), "white")
            pen = ImageDraw.Draw(image)
            pen.rectangle((8, 8, 567, 215), outline=0, width=12)
            pen.text((40, 60), word, fill=0, font=ImageFont.load_default(height * 4))
            pen.ellipse((470, 120, 540, 190), fill=0)
            yield image


def error(grey, image):
    blur = ImageFilter.GaussianBlur(BLUR)
    a, b = (picture.filter(blur).tobytes() for picture in (grey, image.convert("L")))
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)


def methods():
    yield from onebit.METHODS
    yield "auto"
    if imagemagick():
        yield "ImageMagick"


def imagemagick():
    program = shutil.which("magick") or shutil.which("convert")
    if not program:
        return None
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return program if "ImageMagick" in said.stdout else None


def by_imagemagick(grey):
    file = BytesIO()
    grey.save(file, "PNG")
    command = [imagemagick(), "png:-", "-monochrome", "png:-"]
    done = subprocess.run(command, input=file.getvalue(), capture_output=True, check=True)
    return Image.open(BytesIO(done.stdout))


def drawn(method, grey, histogram):
    if method == "ImageMagick":
        return by_imagemagick(grey)
    return onebit.black_and_white(grey, method, None, histogram)


def quality():
    photos = list(photographs())
    print(f"{len(photos)} photographs; error as a share of Pillow's convert('1'): mean, worst")
    worst_auto, mean_auto = 0.0, []
    for size in SIZES:
        for method in methods():
            shares = []
            for _name, photo in photos:
                grey = photo.resize(size, Image.Resampling.BOX)
                peer = error(grey, grey.convert("1"))
                shares.append(error(grey, drawn(method, grey, photo.histogram())) / peer)
            print(f"  {size[0]}x{size[1]} {method:16} {mean(shares):8.3f} {max(shares):8.3f}")
            if method == "auto":
                worst_auto, mean_auto = max(worst_auto, *shares), mean_auto + shares
    kept = []
    for drawing in drawings():
        for size in SIZES:
            grey = drawing.resize(size, Image.Resampling.BOX)
            image = drawn("auto", grey, drawing.histogram())
            ours = image.convert("L").tobytes()
            hand = grey.point([255 * (n >= 128) for n in range(256)]).tobytes()
            kept.append(mean(a == b for a, b in zip(ours, hand, strict=True)))
    print(f"line art: {mean(kept):.1%} of the pixels as set by hand, {min(kept):.1%} at worst")
    return worst_auto <= 1.01 and mean(mean_auto) < 1 and min(kept) >= 0.98


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
    bitmap = picturefile.from_image(Image.open(BytesIO(logo)))
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
