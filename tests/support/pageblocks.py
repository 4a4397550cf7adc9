"""The code blocks of a page, their commands, and whether these print what the page shows."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ >]*)(?P<fence>`{3,}|~{3,})(?P<words>[^`]*)$")
_NOT_RUN = re.compile(r"^[ >]*<!-- not run: \S.* -->$")
_SERVER = re.compile(r" &\s*(#[^\n]*)?$")
#: What bash says of the beginning of a command.
_UNFINISHED = ("unexpected EOF", "unexpected end of file", "here-document")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of a page; ``line`` is that of its fence."""

    line: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a block; ``shown`` is what the page says that it prints, if it does."""

    line: int
    text: str
    shown: str | None = None

    @property
    def server(self) -> bool:
        return _SERVER.search(self.text) is not None


def blocks(page: str) -> list[Block]:
    """The blocks of a page that run, those in notes and in lists as well."""
    found, lines, at, run = [], page.split("\n"), 0, True
    notes: list[str] = []  # the fences of directives that have not ended
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        if opened and opened["words"].strip().startswith("{"):
            notes.append(opened["fence"])
        elif opened and notes and _ends(lines[at], notes[-1]):
            notes.pop()
        elif opened:
            end = _end(lines, at, opened["fence"])
            if run:
                found.append(_block(at, opened, lines[at + 1 : end]))
            at = end
        if lines[at].strip():
            run = not _NOT_RUN.match(lines[at])
        at += 1
    return found


def _end(lines: list[str], at: int, fence: str) -> int:
    for end in range(at + 1, len(lines)):
        if _ends(lines[end], fence):
            return end
    raise ValueError(f"line {at + 1}: a code block without an end")


def _ends(line: str, fence: str) -> bool:
    text = line.strip(" >")
    return len(text) >= len(fence) and not text.strip(fence[0])


def _block(at: int, opened: re.Match[str], lines: list[str]) -> Block:
    indent = len(opened["indent"])
    text = "".join(f"{line[indent:]}\n" for line in lines)
    return Block(at + 1, (opened["words"].split() or [""])[0], text)


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block for a shell: each ends where bash says that it is complete."""
    console = block.language == "console"
    lines = block.text.splitlines()
    at = 0
    while at < len(lines):
        start = at
        if not console and not lines[at].strip():
            at += 1
            continue
        if console and not lines[at].startswith("$ "):
            raise ValueError(f"line {block.line + at + 1}: expected '$ ' and a command")
        text = lines[at].removeprefix("$ ") if console else lines[at]
        at += 1
        while at < len(lines) and not _complete(text):
            text += "\n" + (lines[at].removeprefix("> ") if console else lines[at])
            at += 1
        shown = at
        while console and at < len(lines) and not lines[at].startswith("$ "):
            at += 1
        output = "\n".join(lines[shown:at]) if console else None
        yield Command(block.line + start + 1, text, output)


def _complete(text: str) -> bool:
    if text.endswith("\\"):
        return False
    read = subprocess.run(
        ["bash", "-n", "-c", text],
        env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return not any(sign in read.stderr for sign in _UNFINISHED)


def matches(shown: str, out: str, err: str, *, more: bool = False) -> bool:
    """Whether ``shown`` is ``out``, or the lines of both in any mixture; ``more`` may follow."""
    want = [*shown.rstrip("\n").split("\n"), *(["..."] if more else [])]
    lines = [text.rstrip("\n").split("\n") if text.strip("\n") else [] for text in (out, err)]
    if want[0] == "" and len(want) == 1:
        want = []
    return _mixed(want, lines[0], []) or _mixed(want, *lines)


def _mixed(want: list[str], out: list[str], err: list[str]) -> bool:
    patterns = [re.compile(".*".join(map(re.escape, line.rstrip().split("...")))) for line in want]

    @functools.cache
    def rest(w: int, o: int, e: int) -> bool:
        if w == len(want):
            return (o, e) == (len(out), len(err))
        after, anything = w + 1, want[w] == "..."
        if anything and rest(after, o, e):
            return True
        if not anything:
            w = after
        fits = patterns[after - 1].fullmatch
        if o < len(out) and (anything or fits(out[o].rstrip())) and rest(w, o + 1, e):
            return True
        return e < len(err) and bool(anything or fits(err[e].rstrip())) and rest(w, o, e + 1)

    return rest(0, 0, 0)
