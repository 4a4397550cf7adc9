"""Runs the command again and again, each time ending the process at a later step.

``python stopping.py CASES ARGUMENT...`` is run as a process of its own. For N = 1, 2, 3 … it makes
a copy of the folder ``CASES/start`` as ``CASES/N``, and there runs ``smsenc ARGUMENT...`` in a
fork that ends without any clean-up before its N-th step; then it runs the same again, whole. It
writes a JSON object for each N, and ends after the first N that was not reached. ``{}`` in an
argument is replaced by N.

A step is a change of a name in a folder, or one that makes a change in a database permanent.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

ENDED = 99  # exit code of a process that was ended at a step
_CHANGES = ("rename", "replace", "link", "unlink", "mkdir", "rmdir")
_NO_CHANGES = ("SELECT", "PRAGMA", "BEGIN")


class Steps:
    """Counts steps, and ends the process at the one numbered ``last``."""

    def __init__(self, last):
        self.last = last
        self.count = 0

    def before(self, name):
        self.count += 1
        if self.count == self.last:
            os.write(1, f"{name}\n".encode(errors="backslashreplace"))
            os._exit(ENDED)

    def install(self):
        for name in _CHANGES:
            setattr(os, name, self._counted(name, getattr(os, name)))
        steps = self

        class Connection(sqlite3.Connection):
            def execute(self, statement, *values):
                if not self.in_transaction and statement.split()[0] not in _NO_CHANGES:
                    steps.before(" ".join(statement.split()[:3]))
                return super().execute(statement, *values)

            def __exit__(self, *error):
                steps.before("COMMIT")
                return super().__exit__(*error)

        sqlite3.connect = functools.partial(sqlite3.connect, factory=Connection)

    def _counted(self, name, change):
        def counted(path, *more, **keywords):
            self.before(f"{name} {os.fsdecode(os.path.basename(path))}")
            return change(path, *more, **keywords)

        return counted


def run(folder, arguments, last=0):
    """Exit code and output of the command in a fork; it ends before step ``last``, if not 0."""
    log = folder.parent / f"{folder.name}.log"
    child = os.fork()
    if not child:
        os.chdir(folder)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.argv = ["smsenc", *arguments]
        if last:
            Steps(last).install()
        from smsgate.cli import main

        try:
            main()
        except SystemExit as ended:
            os._exit(int(ended.code or 0))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), log.read_text(errors="replace")


def _copy(cases, name):
    shutil.copytree(cases / "start", cases / name, symlinks=True)
    (cases.parent / "remote" / name).mkdir()
    return cases / name


def main(cases, *arguments):
    cases = Path(cases)
    # All modules are loaded here, once; nothing is counted.
    run(_copy(cases, "warm"), [one.replace("{}", "warm") for one in arguments])
    from smsgate.cli import watch  # noqa: F401

    for last in range(1, 100_000):
        folder = _copy(cases, str(last))
        given = [one.replace("{}", str(last)) for one in arguments]
        code, step = run(folder, given, last)
        if code != ENDED:
            return
        then, output = run(folder, given)
        row = {"n": last, "step": step.strip(), "code": then, "output": output}
        os.write(1, f"{json.dumps(row)}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
