"""Options of converters as they are typed: ``-O name=value`` and flags that stand for one."""

from __future__ import annotations

from collections.abc import Iterable


def options(
    typed: Iterable[str], *, max_parts: int | None, strict: bool, tz: str | None
) -> dict[str, str]:
    """Options of converters, those with a flag of their own among them."""
    from smsenc import OptionError

    given: dict[str, str] = {}
    for key, value in map(_pair, typed):
        if given.setdefault(key, value) != value:
            raise OptionError("expected the option once, found it again", name=f"-O {key}")
    flags = {"max-parts": max_parts, "strict": "yes" if strict else None, "tz": tz}
    return given | {key: str(value) for key, value in flags.items() if value is not None}


def _pair(option: str) -> tuple[str, str]:
    from smsenc import OptionError

    key, equals, value = option.partition("=")
    if not equals or not key:
        raise OptionError(f"expected KEY=VALUE, found {option!r}", name="-O")
    return key, value
