"""Files and functions stay small: limits on their length and on their complexity."""

from __future__ import annotations

import ast
import statistics
from dataclasses import dataclass
from pathlib import Path

import pytest

import converters
import smsenc
import smsgate

LONGEST_FILE = 350
LONGEST_FUNCTION = 45
MEDIAN_FUNCTION = 7
P90_FUNCTION = 16  # nine functions in ten are no longer
MOST_COMPLEX = 12

_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.comprehension,
    ast.match_case,
)


@dataclass(frozen=True)
class Function:
    """A function by its file and name."""

    name: str
    lines: int
    complexity: int


def complexity(tree: ast.AST) -> int:
    """Ways through a function: one, and one more at each branch and each operand of and/or."""
    ways = 1
    for node in ast.walk(tree):
        ways += isinstance(node, _BRANCHES)
        if isinstance(node, ast.comprehension):
            ways += len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            ways += len(node.values) - 1
    return ways


def functions(name: str, source: str) -> list[Function]:
    """The functions of a file; those inside another count as part of it as well."""
    return [
        Function(f"{name} {node.name}", node.end_lineno - node.lineno + 1, complexity(node))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def _sources() -> dict[str, str]:
    """All but the steps that ``tools/migration`` has made: they are lists."""
    found = {}
    for package in (smsenc, converters, smsgate):
        folder = Path(package.__file__).parent
        for path in sorted(set(folder.rglob("*.py")) - set(folder.rglob("version_[0-9]*.py"))):
            found[str(path.relative_to(folder.parent))] = path.read_text(encoding="utf-8")
    return found


SOURCES = _sources()
FUNCTIONS = [one for name, source in SOURCES.items() for one in functions(name, source)]


def test_files_are_short():
    long = {name for name, source in SOURCES.items() if source.count("\n") > LONGEST_FILE}
    assert sorted(long) == []


def test_functions_are_short():
    long = {one.name for one in FUNCTIONS if one.lines > LONGEST_FUNCTION}
    assert sorted(long) == []


def test_functions_are_simple():
    found = {one.name for one in FUNCTIONS if one.complexity > MOST_COMPLEX}
    assert sorted(found) == []


def test_most_functions_are_very_short():
    lengths = sorted(one.lines for one in FUNCTIONS)
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert lengths[len(lengths) * 9 // 10] <= P90_FUNCTION


@pytest.mark.parametrize(
    ("source", "ways"),
    [
        ("def f(): pass", 1),
        ("def f():\n for a in b:\n  if c and d or e: g()", 5),
        ("def f(): return [a for a in b if c if d]", 4),
        ("def f(): return a if b else c", 2),
        ("def f():\n try: a()\n except B: pass\n except C: pass", 3),
        ("def f():\n match a:\n  case 1: pass\n  case _: pass", 3),
    ],
)
def test_branches_are_counted(source, ways):
    assert [one.complexity for one in functions("f.py", source)] == [ways]


def test_lines_are_counted():
    (found,) = functions("f.py", "\n\ndef f():\n    a()\n    b()\n")
    assert (found.name, found.lines) == ("f.py f", 3)
