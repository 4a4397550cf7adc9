"""Options that were given and that no format has, or none with such a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from converters import registry
from converters.api import AnyConverter
from smsenc import OptionError

#: Options that a run over sources of many kinds passes to those converters that have them.
COMMON = frozenset(("max-parts", "strict", "tz"))


def check(given: Mapping[str, str], kind: str | None, sources: Iterable[str] = ()) -> None:
    """Reject, before anything is read, an option that no converter has or a wrong value.

    Options go to the converters that have them; ``kind`` limits the check to that converter. What
    is said of a wrong option or value is what the converters of ``sources`` expect, as far as their
    names tell which these are.
    """
    if not given and kind is None:
        return  # without loading a converter
    rows = (registry.named(kind),) if kind is not None else tuple(registry.converters().values())
    known = _options(rows)
    concerned = {row.name for row in map(registry.of_suffix, sources) if row}
    for name, value in given.items():
        if name in known:
            _check_value(rows, name, value, concerned)
        elif name not in COMMON:
            listed = _options(row for row in rows if row.name in concerned) or known
            raise OptionError(_instead(name, listed), name=f"-O {name}")


def _options(rows: Iterable[AnyConverter]) -> set[str]:
    return {option.name for row in rows for option in row.options}


def _instead(name: str, listed: set[str]) -> str:
    near = get_close_matches(name, listed, n=1)
    if near:
        return f"no such option; did you mean {near[0]}?"
    return f"expected one of {', '.join(sorted(listed))}"


def _check_value(rows: Iterable[AnyConverter], name: str, value: str, concerned: set[str]) -> None:
    """Reject a value that no converter accepts; says what each that has the option expects."""
    refused: dict[str, str] = {}
    for row in rows:
        if name in row.option_names:
            try:
                row.settings({name: value})
            except OptionError as error:
                refused[row.name] = error.message
            else:
                return
    said: dict[str, list[str]] = {}
    for kind, why in refused.items():
        if not concerned & refused.keys() or kind in concerned:
            said.setdefault(why, []).append(kind)
    if len(said) == 1:
        raise OptionError(next(iter(said)), name=name)
    if said:
        several = "; ".join(f"{', '.join(kinds)}: {why}" for why, kinds in said.items())
        raise OptionError(several, name=f"-O {name}")
