"""Regular expressions take time in proportion to the length of a line, whatever is in it.

Every pattern of the three packages is found twice: in the source (each call of ``re``), and in the
modules (each compiled object, also in tables and closures). Each is tried, with the methods that
the code calls, on lines made from its own parts, at growing lengths.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FunctionType, ModuleType
from typing import Any

import pytest

import converters
import smsenc
import smsgate
from smsgate.campaign.rows import numbers
from smsgate.campaign.tables import dateformats

#: Lengths in characters: a pattern that is not linear shows it at one of them before it takes long.
LENGTHS = (20, 30, 40, 50, 60, 80, 100, 500, 4_000, 16_000)
#: A quadratic pattern takes far longer than this for 4,000 characters.
QUICK = 0.002  # seconds
#: From 4,000 to 16,000 characters a linear pattern takes 4 times as long, a quadratic one 16 times.
MOST_GROWTH = 9
FUNCTIONS = ("match", "search", "fullmatch", "sub", "split", "findall", "finditer", "subn")
#: For a pattern whose calls cannot be found.
ANY_METHOD = frozenset(("match", "search", "fullmatch", "sub"))


@dataclass(frozen=True)
class Found:
    """A pattern, where it is, and how it is called."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


#: Calls whose pattern is known only at run time, by module and function, and the patterns that
#: they get. ``match`` is what is called on them.
MADE_LATER: dict[str, Callable[[], list[str | bytes]]] = {
    "converters.shared.beginnings begins": lambda: [
        rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*BEGIN\s*:\s*VCARD[^\w\n]{0,40}$"
    ],
    "smsenc.messagefile.parameters _matching": list,  # ``held`` finds them in closures
    "converters.tunes.midi.names _pattern": list,  # ``held`` finds them in tables
    "converters.tunes.rtttl.irregular _PATTERNS": list,  # as above
    "smsenc.graphemes _cluster": list,  # \X of the library regex, which is one character
    "smsgate.campaign.rows.numbers _dialling": lambda: [
        one
        for region in ("GB", "US", "DE", "BR", "AR", "MX")
        for one in (
            numbers._metadata(region).international_prefix,
            numbers._metadata(region).national_prefix_for_parsing,
        )
        if one
    ],
    "smsgate.campaign.tables.dateformats read": lambda: [
        "".join(map(dateformats._pattern, dateformats._compiled("d mmmm yyyy hh:mm:ss") or ()))
    ],
    "smsgate.gateway.configurationkeys _text": list,  # ``held`` finds them in closures
    "smsgate.gateway.configurationkeys _listed": list,  # as above
    "smsgate.campaign.rows.numbers _checked": lambda: [
        "".join(numbers._source(one)) for one in ("1", "44", "49", "54", "55")
    ],
}


# Where the patterns are ---------------------------------------------------------------------------


def modules() -> list[ModuleType]:
    return [
        importlib.import_module(info.name)
        for package in (smsenc, converters, smsgate)
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not info.name.endswith(("__main__", "migrations.env"))
    ]


def calls_of_re(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """The function around each call of ``re``, the name that it is assigned to, and the call."""

    def walk(node: ast.AST, function: str, target: str) -> Iterator[tuple[str, str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else function
            named = _target(child) or target
            if isinstance(child, ast.stmt) and not _target(child):
                named = ""
            if isinstance(child, ast.Call) and _is_of_re(child.func):
                yield inside, named, child
            yield from walk(child, inside, named)

    yield from walk(tree, "", "")


def _target(node: ast.AST) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in ("re", "regex")
        and function.attr in ("compile", *FUNCTIONS)
    )


def methods_called(trees: list[ast.AST]) -> dict[str, frozenset[str]]:
    """The methods that are called on each name, in any module."""
    found: dict[str, set[str]] = {}
    passed: set[str] = set()
    for node in itertools.chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
            found.setdefault(_name(node.value), set()).add(node.attr)
        if isinstance(node, ast.Call):
            passed |= {_name(one) for one in node.args}
    return {name: frozenset(found.get(name, ())) for name in found if name not in passed}


def _private(
    here: dict[str, frozenset[str]], everywhere: dict[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Names with an underscore are those of one module; other modules may have the same ones."""
    return {name: here.get(name, ANY_METHOD) for name in {*here, *everywhere} if name[:1] == "_"}


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def written() -> tuple[list[Found], set[str]]:
    """The patterns of all calls of ``re``; the places of those that only a run can tell."""
    sources = [(module, _tree(module)) for module in modules()]
    everywhere = methods_called([tree for _module, tree in sources])
    found, later = [], set()
    for module, tree in sources:
        called = everywhere | _private(methods_called([tree]), everywhere)
        for function, target, call in calls_of_re(tree):
            place = f"{module.__name__} {target or function}"
            pattern = _evaluated(call, module)
            if pattern is None:
                later.add(f"{module.__name__} {function or target}")
                continue
            direct = _name(call.func)
            methods = called.get(target, ANY_METHOD) if direct == "compile" else {direct}
            found.append(Found(place, pattern, frozenset(methods)))
    return found, later


def _tree(module: ModuleType) -> ast.AST:
    with open(str(module.__file__), encoding="utf-8") as file:
        return ast.parse(file.read())


def _evaluated(call: ast.Call, module: ModuleType) -> re.Pattern[Any] | None:
    """The pattern of a call, whose names are looked up in its module."""
    flags = [one for one in call.args[1:] if _name(call.func) == "compile"]
    flags += [word.value for word in call.keywords if word.arg == "flags"]
    flags += [one for one in call.args[2:] if _name(call.func) != "compile"]
    try:
        values = [
            eval(compile(ast.Expression(one), "<pattern>", "eval"), dict(vars(module)))  # noqa: S307
            for one in (call.args[0], *(one for one in flags if "re." in ast.unparse(one)))
        ]
    except NameError:
        return None
    try:
        return re.compile(*values)
    except re.error:  # of the library regex
        return None


def held(called: dict[str, frozenset[str]]) -> list[Found]:
    """The compiled patterns that the modules hold, in attributes, tables and closures."""
    found: dict[re.Pattern[Any], Found] = {}
    seen: set[int] = set()

    def collect(place: str, name: str, value: object) -> None:
        if id(value) in seen or isinstance(value, (str, bytes, int, ModuleType)):
            return
        seen.add(id(value))
        if isinstance(value, re.Pattern):
            found[value] = Found(place, value, called.get(name, ANY_METHOD))
        for inner, one in _inside(name, value):
            collect(place, inner, one)

    for module in modules():
        for name, value in vars(module).items():
            collect(f"{module.__name__} {name}", name, value)
    return list(found.values())


def _inside(name: str, value: object) -> list[tuple[str, object]]:
    """The objects in another one, each with the name by which code calls it."""
    if isinstance(value, FunctionType):
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        return [(free, cell.cell_contents) for free, cell in cells if _filled(cell)]
    if isinstance(value, type):
        ours = value.__module__.split(".")[0] in ("smsenc", "converters", "smsgate")
        return list(vars(value).items()) if ours else []
    values: list[object] = []
    if isinstance(value, (tuple, list, set, frozenset)):
        values = list(value)
    elif isinstance(value, Mapping):
        values = list(value.values())
    elif isinstance(value, functools.partial):
        values = [value.func, *value.args, *value.keywords.values()]
    elif dataclasses.is_dataclass(value):
        values = [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    return [(name, one) for one in values]


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


@functools.cache
def patterns() -> tuple[Found, ...]:
    """All patterns, each once."""
    found, later = written()
    made = [
        Found(place, re.compile(one), frozenset(("match",)))
        for place in sorted(later & set(MADE_LATER))
        for one in MADE_LATER[place]()
    ]
    known = {one.pattern for one in found}
    called = methods_called([_tree(module) for module in modules()])
    closures = [one for one in held(called) if one.pattern not in known]
    return tuple({(one.pattern, one.methods): one for one in (*found, *closures, *made)}.values())


# Lines made from a pattern ------------------------------------------------------------------------


def sample(tree: Any) -> str:
    """A short text that a parsed pattern matches, as far as one can tell."""
    return "".join(_sample(operation, value) for operation, value in tree)


def _sample(operation: Any, value: Any) -> str:
    made = {
        code.LITERAL: chr,
        code.NOT_LITERAL: lambda one: "a" if one != ord("a") else "b",
        code.IN: lambda one: (_characters(one) or ["a"])[0],
        code.ANY: lambda _one: "a",
        code.BRANCH: lambda one: sample(one[1][0]),
        code.SUBPATTERN: lambda one: sample(one[-1]),
        code.ATOMIC_GROUP: sample,
        **dict.fromkeys(_REPEATS, lambda one: sample(one[2]) * max(one[0], 1)),
    }
    return made[operation](value) if operation in made else ""


_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
_CATEGORIES = {
    code.CATEGORY_DIGIT: "7",
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_WORD: "w",
    code.CATEGORY_NOT_DIGIT: "x",
    code.CATEGORY_NOT_SPACE: "x",
    code.CATEGORY_NOT_WORD: "-",
}


def _characters(items: Any) -> list[str]:
    """Characters of a set: one for each of its items."""
    if items[0][0] is code.NEGATE:
        excluded = re.compile(f"[{''.join(re.escape(c) for c in _characters(items[1:]))}]")
        return [one for one in "a0 \t.\x80" if not excluded.match(one)][:3]
    found = []
    for operation, value in items:
        if operation is code.LITERAL:
            found.append(chr(value))
        elif operation is code.RANGE:
            found.append(chr(value[0]))
        elif operation is code.CATEGORY:
            found.append(_CATEGORIES[value])
    return found


def parts(tree: Any) -> Iterator[tuple[str, str]]:
    """Beginnings of a match and what may follow them many times."""
    before = ""
    for operation, value in tree:
        for pump in _pumps(operation, value):
            yield before, pump
        for inner in _inner(operation, value):
            for prefix, pump in parts(inner):
                yield before + prefix, pump
        before += _sample(operation, value)
    yield "", before


def _pumps(operation: Any, value: Any) -> list[str]:
    if operation is code.LITERAL:
        return [chr(value)]
    if operation is code.IN:
        return _characters(value)[:8]
    if operation in _REPEATS:
        return [sample(value[2]), *(_pumps(*value[2][0]) if len(value[2]) == 1 else [])]
    return ["a"] if operation in (code.ANY, code.NOT_LITERAL) else []


def _inner(operation: Any, value: Any) -> list[Any]:
    if operation in _REPEATS:
        return [value[2]]
    if operation is code.SUBPATTERN:
        return [value[-1]]
    if operation is code.BRANCH:
        return list(value[1])
    if operation in (code.ASSERT, code.ASSERT_NOT):
        return [value[1]]
    return [value] if operation is code.ATOMIC_GROUP else []


_MOST_LINES = 150


def shapes(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """Beginning, repeated part and end of lines, most of which do not match at their end."""
    text = pattern.pattern
    text = text if isinstance(text, str) else text.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE)
    pairs = list(dict.fromkeys(parts(tree)))
    pumps = list(dict.fromkeys(pump for _before, pump in pairs if pump))
    # Two neighbours in turn, and each part from the beginning of the line on.
    mixed = [one + other for one, other in itertools.pairwise(pumps)]
    pairs += [("", pump) for pump in (*pumps, *mixed)]
    pairs += [(sample(tree), pump) for pump in pumps[:6]]
    ends = ("", "\x01", "\n=:\x01")
    made = [(before, pump, end) for before, pump in dict.fromkeys(pairs) if pump for end in ends]
    return made[: _MOST_LINES * len(ends)]


def line(shape: tuple[str, str, str], size: int, like: str | bytes) -> Any:
    before, pump, end = shape
    text = before + pump * (size // len(pump)) + end
    return text if isinstance(like, str) else text.encode("latin-1", "replace")


# Time ---------------------------------------------------------------------------------------------


def seconds(call: Callable[[Any], object], text: Any, times: int = 1) -> float:
    """The shortest time of several calls, of the processor: other processes do not count."""
    took = []
    for _ in range(times):
        begun = time.thread_time()
        call(text)
        took.append(time.thread_time() - begun)
        if took[-1] < QUICK / 4:
            break
    return min(took)


def caller(pattern: re.Pattern[Any], method: str) -> Callable[[Any], object]:
    if method in ("sub", "subn"):
        empty = "" if isinstance(pattern.pattern, str) else b""
        return functools.partial(getattr(pattern, method), empty)
    if method == "finditer":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    return getattr(pattern, method)  # type: ignore[no-any-return]


def too_slow(pattern: re.Pattern[Any], method: str, shape: tuple[str, str, str]) -> str:
    """Why a pattern is too slow for a kind of line; empty if it is linear."""
    call = caller(pattern, method)
    lines = [line(shape, size, pattern.pattern) for size in LENGTHS]
    for text in lines[:-1]:
        if seconds(call, text, 3) > QUICK * 10:
            return f"{method}: over {QUICK * 10} s for {len(text)} characters {text[:40]!r}"
    short = seconds(call, lines[-2], 3)
    if short < QUICK:
        return ""
    growth = seconds(call, lines[-1], 3) / seconds(call, lines[-2], 5)
    if growth < MOST_GROWTH:
        return ""
    return f"{method}: {growth:.0f} times as long for four times the length of {lines[0][:40]!r}"


def problem(found: Found) -> str:
    """The first kind of line that takes too long; empty if there is none."""
    tries = itertools.product(shapes(found.pattern), sorted(found.methods))
    return next(
        filter(None, (too_slow(found.pattern, method, shape) for shape, method in tries)), ""
    )


# Tests --------------------------------------------------------------------------------------------


def test_no_call_of_re_is_missed() -> None:
    _found, later = written()
    assert later == set(MADE_LATER)
    assert len(patterns()) > 90


@pytest.mark.parametrize("found", patterns(), ids=lambda one: one.place)
def test_a_pattern_takes_time_in_proportion_to_the_line(found: Found) -> None:
    assert problem(found) == ""


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        # Each was here once, and a line of 40,000 characters took seconds.
        (r"ERR:\s*([0-9]{3})(?:,\s*(.*?))?(?:\s+To:.*)?$", "search"),
        (r"[ ;]*(?:ext[.=]?|x) *[0-9 -]+$", "search"),
        (r"\s*\([^()0-9]*\)\s*", "findall"),
        (r"(?P<name>[a-z]+)=?(?P<value>[^=]*)", "fullmatch"),
        # Other forms.
        (r"\s+$", "search"),
        (r"(a|b|ab)*c", "match"),
        (r"(?:[0-9]+,?)+;", "match"),
        (r".*=.*;", "match"),
        (rb"[ \t]*\r\n", "sub"),
    ],
)
def test_a_pattern_that_is_not_linear_is_found(pattern: str | bytes, method: str) -> None:
    assert problem(Found("here", re.compile(pattern), frozenset((method,))))


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s+$", "fullmatch"),
        (r"[ \t]*+\n", "match"),
        (r"(?:ab)+", "sub"),
        (r"(?<!\s)\s+$", "search"),
    ],
)
def test_a_linear_pattern_passes(pattern: str, method: str) -> None:
    assert problem(Found("here", re.compile(pattern), frozenset((method,)))) == ""
