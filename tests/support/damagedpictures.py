"""Picture files with damaged metadata, or cut off early."""

import struct
import zlib
from io import BytesIO

from PIL import Image


def saved(image, name, **options):
    file = BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def chunk(kind, data, checksum=None):
    """A chunk of a PNG, with a right checksum unless one is given."""
    total = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", total)


def with_chunk(png, octets):
    """The PNG with a chunk after its header."""
    return png[:33] + octets + png[33:]


def with_segment(jpeg, marker, data, length=None):
    """The JPEG with a segment after SOI."""
    octets = len(data) + 2 if length is None else length
    return jpeg[:2] + bytes((0xFF, marker)) + octets.to_bytes(2, "big") + data + jpeg[2:]


def with_riff(webp, kind, data, length=None):
    """The WebP with a chunk at its end; the lengths of the file and of the chunk may be wrong."""
    octets = len(data) if length is None else length
    body = webp[8:] + kind + octets.to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def exif(orientation, prefix=b"Exif\0\0"):
    """EXIF data with nothing but an orientation."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return prefix + b"MM\0*\0\0\0\x08" + b"\0\1" + entry + bytes(4)


def sixteen_bits(pixels, clear=None):
    """A PNG of grey in 16 bits from rows of numbers, with the shade that is transparent."""
    rows = b"".join(b"\0" + b"".join(struct.pack(">H", n) for n in row) for row in pixels)
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 16, 0, 0, 0, 0)
    shade = b"" if clear is None else chunk(b"tRNS", struct.pack(">H", clear))
    image = chunk(b"IHDR", header) + shade + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + image + chunk(b"IEND", b"")


def claiming(width, height, colour=2):
    """A PNG that says it has such a size, and has hardly any pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    image = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9)))
    return b"\x89PNG\r\n\x1a\n" + image + chunk(b"IEND", b"")


def black_square(mode="L", size=(72, 14)):
    """A black square on white."""
    image = Image.new("L", size, 255)
    image.paste(0, (10, 2, 22, 12))
    return image.convert(mode)
