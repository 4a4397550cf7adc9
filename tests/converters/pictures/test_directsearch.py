import random

import pytest

from converters.pictures import directsearch


def noise(width, height, levels):
    chosen = random.Random(f"{width}x{height}")
    return bytes(chosen.choice(levels) for _ in range(width * height))


def blurred_by_hand(error, wide):
    """What the long multiplication is to give, pixel by pixel."""
    return [
        sum(
            weight * error[at + right + down * wide]
            for down, row in directsearch._eye().items()
            for right, weight in row.items()
        )
        for at in range(4 * wide + 4, len(error) - 4 * wide - 4)
    ]


def test_long_numbers_blur_as_sums_do():
    error = [value - 255 for value in noise(20, 18, range(511 - 255))]
    middle = slice(4 * 20 + 4, -4 * 20 - 4)
    assert directsearch._blurred(error, 20)[middle] == blurred_by_hand(error, 20)


def seen_error(shades, pixels, width):
    """The sum over all pixels of the error times its blur: what the search brings down."""
    wide = width + 8
    framed = [directsearch._framed(octets, width, 0) for octets in (pixels, shades)]
    error = [a - b for a, b in zip(*framed, strict=True)]
    blurred = directsearch._blurred(error, wide)
    return sum(a * b for a, b in zip(error, blurred, strict=True))


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (72, 14)])
def test_the_error_that_is_seen_goes_down(size):
    shades = noise(*size, range(60, 200))
    start = noise(*size, (0, 255))
    found = directsearch.improved(shades, start, size[0])
    assert set(found) <= {0, 255}
    assert len(found) == len(start)
    assert seen_error(shades, found, size[0]) <= seen_error(shades, start, size[0])


def test_a_picture_of_two_shades_stays():
    pixels = noise(72, 14, (0, 255))
    assert directsearch.improved(pixels, pixels, 72) == pixels


def test_a_plain_grey_keeps_its_shade():
    found = directsearch.improved(bytes([64] * 1008), bytes(1008), 72)
    assert abs(sum(found) / len(found) - 64) < 8
