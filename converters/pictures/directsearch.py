"""Direct binary search (Analoui and Allebach, 1992): black and white that looks like the grey.

The search begins with a black and white picture. It inverts each pixel, or swaps it with a
neighbour, and keeps the change if that brings the blurred picture nearer to the blurred grey one;
the blur models the eye. Only the twice blurred error is stored, so that a trial costs one look-up
and a change one addition of the blur.

With a single blur the result would look worse from other distances, so there are three, from sharp
to soft. Their squared errors are added, and so are the blurs applied twice.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache, lru_cache

_WHITE = 255
#: The value of the frame around the picture, which no pixel has and which has no error.
_OUTSIDE = 1
#: Later passes change next to nothing.
_PASSES = 4

#: The blurs: the share of each in the error, and its weights along a row or column.
_EYES = ((2, (1, 2, 1)), (1, (1, 4, 6, 4, 1)), (3, (1, 1, 1, 1, 1)))
#: Pixels that a blur over five pixels, applied twice, reaches to each side.
_REACH = 4
#: The weight of the pixel itself; with whole numbers, sums are the same on all machines.
_CENTRE = 1000
#: The gain, in blurred error, below which a pixel is not changed.
_ENOUGH = _WHITE * _CENTRE // 2


def improved(shades: bytes, pixels: bytes, width: int) -> bytes:
    """Return ``pixels`` (0 or 255) brought nearer to ``shades``, each pixel an octet, by rows."""
    wide = width + 2 * _REACH
    found = _framed(pixels, width, 0)
    target = _framed(shades, width, 0)
    error = _blurred([p - shade for p, shade in zip(found, target, strict=True)], wide)
    found = _framed(pixels, width, _OUTSIDE)
    inside = [at for at, pixel in enumerate(found) if pixel != _OUTSIDE]
    moves = _moves(wide)
    for _pass in range(_PASSES):
        if not _changed(found, error, inside, moves):
            break
    return bytes(found[at] for at in inside)


def _framed(pixels: bytes, width: int, frame: int) -> list[int]:
    """The pixels by rows, in a frame as wide as the blur reaches."""
    side = bytes((frame,)) * _REACH
    edge = bytes((frame,)) * (width + 2 * _REACH) * _REACH
    rows = (pixels[n : n + width] for n in range(0, len(pixels), width))
    return list(edge + b"".join(side + row + side for row in rows) + edge)


def _changed(  # noqa: C901 - the hot loop: a call for each pixel would double the time
    found: list[int], error: list[int], inside: list[int], moves: _Moves
) -> bool:
    """Change the picture and its error in one pass; return whether anything was changed."""
    changes = 0
    swaps, hopeless = moves.swaps, moves.hopeless
    for at in inside:
        here = error[at]
        if found[at]:
            if here <= _ENOUGH:
                continue
            found[at], change = 0, moves.to_black
        else:
            if here >= hopeless:
                continue
            best, other, change = max(-here - _ENOUGH, 0), 0, moves.to_white
            for step, cost, swap in swaps:
                if found[at + step] == _WHITE:
                    gain = error[at + step] - here - cost
                    if gain > best:
                        best, other, change = gain, step, swap
            if not best:
                continue
            if other:
                found[at + other] = 0
            found[at] = _WHITE
        changes += 1
        for step, weight in change:
            error[at + step] += weight
    return changes > 0


# --- The eye -------------------------------------------------------------------------------------

_Change = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Moves:
    """What changing a pixel adds to the error around it, as (step, weight), for rows of one width.

    ``swaps`` are the steps from a black pixel to those it may be swapped with, what such a swap
    costs before it gains, and its change. With an error of ``hopeless`` or more a black pixel
    cannot gain, because a white neighbour with more than ``_ENOUGH`` turns black by itself.
    """

    to_white: _Change
    to_black: _Change
    swaps: tuple[tuple[int, int, _Change], ...]
    hopeless: int


@lru_cache(maxsize=16)
def _moves(wide: int) -> _Moves:
    span = range(-_REACH, _REACH + 1)
    eye = {right + down * wide: _eye()[down][right] for down in span for right in span}
    steps = [down * wide + right for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    swaps = tuple((step, _WHITE * (_CENTRE - eye[step]), _swap(eye, step)) for step in steps)
    return _Moves(
        to_white=tuple((step, _WHITE * weight) for step, weight in eye.items()),
        to_black=tuple((step, -_WHITE * weight) for step, weight in eye.items()),
        swaps=swaps,
        hopeless=_ENOUGH - min(cost for _step, cost, _change in swaps),
    )


def _swap(eye: dict[int, int], step: int) -> _Change:
    """The change if a pixel becomes white and the one a step away becomes black."""
    sums = dict(eye)
    for at, weight in eye.items():
        sums[at + step] = sums.get(at + step, 0) - weight
    return tuple((at, _WHITE * weight) for at, weight in sums.items() if weight)


@cache
def _eye() -> dict[int, dict[int, int]]:
    """The sum of all blurs, each applied twice, by [down][right] from the pixel itself."""
    span = range(-_REACH, _REACH + 1)
    rows = [(share, {step: _twice(blur, step) for step in span}) for share, blur in _EYES]
    centre = sum(share * row[0] ** 2 for share, row in rows)
    return {
        down: {
            right: round(_CENTRE / centre * sum(n * row[down] * row[right] for n, row in rows))
            for right in span
        }
        for down in span
    }


def _twice(blur: tuple[int, ...], step: int) -> float:
    """The weight of a pixel that many steps away, for a blur applied twice along a row."""
    pairs = zip(blur, blur[abs(step) :], strict=False)
    return sum(a * b for a, b in pairs) / sum(blur) ** 2


#: Bits of a digit, and its code for struct: a blurred sum is below 510 x 20,000.
_BITS, _DIGIT = 32, "I"


def _blurred(error: list[int], wide: int) -> list[int]:
    """The blurred error of a framed picture; the values in the frame have no meaning.

    One long number has a pixel in every 32 bits, another has a row of the blur. Their product is
    the sums of all pixels at once. The smallest error is added to all, so that none is negative.
    """
    rows = [_long(list(row.values())) for row in _eye().values()]
    pixels = _long([value + _WHITE for value in error])
    product = sum(pixels * row << _BITS * wide * down for down, row in enumerate(rows))
    product >>= _BITS * _REACH * (wide + 1)  # from the first corner of the blur to its middle
    kept = product & (1 << _BITS * len(error)) - 1
    sums = struct.unpack(f"<{len(error)}{_DIGIT}", kept.to_bytes(_BITS // 8 * len(error), "little"))
    shift = _WHITE * sum(weight for row in _eye().values() for weight in row.values())
    return [total - shift for total in sums]


def _long(digits: list[int]) -> int:
    return int.from_bytes(struct.pack(f"<{len(digits)}{_DIGIT}", *digits), "little")
