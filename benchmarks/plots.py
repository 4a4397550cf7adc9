"""Charts as SVG: panels below each other over one axis of time, or bars; dark text on white."""

from dataclasses import dataclass
from html import escape
from math import floor, log10

_WIDTH, _HEIGHT = 860, 150  # of a panel's plot
_LEFT, _RIGHT, _TOP, _GAP, _BOTTOM = 90, 150, 60, 52, 50
_COLOURS = ("#1f5fa8", "#c2410c", "#2e7d32", "#6a1b9a")
_TEXT = "#1a1a1a"


@dataclass(frozen=True)
class Panel:
    """A plot with one unit; ``lines`` are values by name, one for each time."""

    title: str
    unit: str
    lines: dict[str, list[float]]


def chart(title, minutes, panels):
    """The SVG of panels over times in minutes."""
    height = _TOP + len(panels) * (_HEIGHT + _GAP) + _BOTTOM - _GAP
    width = _LEFT + _WIDTH + _RIGHT
    inside = [_words(_LEFT, 28, title, size=18, weight="bold")]
    for at, panel in enumerate(panels):
        top = _TOP + at * (_HEIGHT + _GAP)
        inside += _panel(panel, minutes, top, is_last=at == len(panels) - 1)
    return _svg(title, width, height, inside)


def _panel(panel, minutes, top, *, is_last):
    most = max((max(line) for line in panel.lines.values()), default=0) or 1
    step = _step(most)
    ceiling = step * -(-most // step)
    end = max(minutes) or 1

    def place(minute, value):
        x = _LEFT + _WIDTH * minute / end
        return f"{x:.1f},{top + _HEIGHT * (1 - value / ceiling):.1f}"

    yield _words(_LEFT, top - 10, f"{panel.title}, {panel.unit}", size=13, weight="bold")
    for n in range(round(ceiling / step) + 1):
        y = top + _HEIGHT * (1 - n * step / ceiling)
        yield f'<path d="M{_LEFT},{y:.1f}h{_WIDTH}" stroke="#d5d5d5"/>'
        yield _words(_LEFT - 8, y + 4, f"{n * step:,g}", anchor="end")
    across = _step(end)
    for n in range(int(end / across) + 1):
        x = _LEFT + _WIDTH * n * across / end
        yield f'<path d="M{x:.1f},{top}v{_HEIGHT}" stroke="#ececec"/>'
        if is_last:
            yield _words(x, top + _HEIGHT + 18, f"{n * across:g}", anchor="middle")
    if is_last:
        yield _words(_LEFT + _WIDTH / 2, top + _HEIGHT + 38, "minutes", anchor="middle")
    for at, (name, line) in enumerate(panel.lines.items()):
        colour = _COLOURS[at % len(_COLOURS)]
        points = " ".join(map(place, minutes, line))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        x, y = _LEFT + _WIDTH + 12, top + 14 + 20 * at
        yield f'<path d="M{x},{y}h18" stroke="{colour}" stroke-width="3"/>'
        yield _words(x + 24, y + 4, name)


def _step(most):
    """A round step, of which there are about four."""
    raw = most / 4
    power = 10 ** floor(log10(raw))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= raw)


def _words(x, y, text, *, size=12, weight="normal", anchor="start"):  # noqa: PLR0913 - of SVG
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{_TEXT}">{escape(text)}</text>'
    )


# Bars ---------------------------------------------------------------------------------------------

_ROW, _NAMES, _SPAN = 22, 470, 500


@dataclass(frozen=True)
class Bar:
    """How many times as fast something is as what ``name`` says."""

    name: str
    value: float


def bars(title, rows):
    """The SVG of bars on a logarithmic axis, from the line of 1 to the left or right."""
    values = [row.value for row in rows] or [1]
    low, high = min(0.5, *values), max(2, *values)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    width = _NAMES + _SPAN + _RIGHT

    def across(value):
        return _NAMES + _SPAN * (log10(value) - log10(low)) / (log10(high) - log10(low))

    inside = [_words(20, 28, title, size=18, weight="bold")]
    for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100):
        if low <= tick <= high:
            x, shade = across(tick), "#808080" if tick == 1 else "#dddddd"
            end = height - _BOTTOM
            inside.append(f'<path d="M{x:.1f},{_TOP - 8}V{end}" stroke="{shade}"/>')
            inside.append(_words(x, end + 18, f"{tick:g}", anchor="middle"))
    for n, row in enumerate(rows):
        y, (left, right) = _TOP + n * _ROW, sorted((across(1), across(row.value)))
        colour = _COLOURS[0] if row.value >= 1 else _COLOURS[1]
        inside.append(_words(_NAMES - 40, y + 12, row.name, anchor="end"))
        inside.append(
            f'<rect x="{left:.1f}" y="{y + 1}" width="{right - left:.1f}" height="14" '
            f'fill="{colour}"/>'
        )
        inside.append(_words(right + 6, y + 12, f"{row.value:.2f}"))
    return _svg(title, width, height, inside)


def _svg(title, width, height, inside):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="DejaVu Sans, Arial, sans-serif">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(inside)
        + "\n</svg>\n"
    )
