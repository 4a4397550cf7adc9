"""Make a process that runs on POSIX one that has only what Windows has, as far as that goes.

``pretend`` is called before any module of ours is imported, and after those of others are: they
have chosen for this system. Afterwards POSIX's modules cannot be imported, the names of ``os`` and
``signal`` that Windows lacks are gone, folders cannot be opened, a descriptor that only reads
cannot be flushed, a file that is open cannot be renamed or removed, nothing is renamed onto what is
there, text mode would change line ends, and an event loop handles no signals.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import functools
import importlib
import json
import multiprocessing.connection  # noqa: F401 - as all modules named here, before the change
import os
import pathlib
import shutil
import signal
import sqlite3  # noqa: F401
import ssl
import stat
import subprocess  # noqa: F401
import sys
import tempfile
import types

MODULES = (
    *("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "readline", "posix"),
    *("curses", "nis", "spwd", "crypt", "ossaudiodev"),
)
OS = (
    *("O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC", "O_SYNC", "O_DSYNC", "O_PATH"),
    *("fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "getgroups", "setuid", "setgid"),
    *("fchmod", "fchown", "chown", "lchown", "mkfifo", "mknod", "statvfs", "fstatvfs", "uname"),
    *("sync", "fdatasync", "pread", "pwrite", "preadv", "pwritev", "sendfile", "killpg", "setsid"),
    *("getpgid", "getpgrp", "sched_getaffinity", "sched_yield", "nice", "sysconf", "confstr"),
    *("WNOHANG", "wait3", "wait4", "chroot", "ttyname", "ctermid", "openpty", "posix_fallocate"),
    *("posix_fadvise", "lockf", "set_blocking", "get_blocking", "getloadavg", "fchdir"),
)
SIGNALS = (
    *("SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGQUIT"),
    *("SIGTSTP", "SIGCONT", "SIGSTOP", "SIGWINCH", "SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"),
    *("pthread_sigmask", "sigwait", "alarm", "setitimer", "pause", "pthread_kill"),
)
OTHERS = ("PIL.Image", "phonenumbers", "vobject", "icalendar", "mido", "regex", "typer", "ftplib")
SERVERS = (
    *("sqlalchemy", "alembic.command", "argon2", "pyftpdlib.servers", "OpenSSL"),
    *(
        "pyftpdlib.handlers",
        "watchdog.observers",
        "starlette.applications",
        "uvicorn",
        "httpx",
    ),
    *("jinja2", "python_multipart", "prometheus_client", "openpyxl", "asyncpg", "keyring"),
)


def pretend(*, servers: bool = False) -> None:
    """From now on; ``servers`` loads what the extras bring before."""
    for name in OTHERS + (SERVERS if servers else ()):
        importlib.import_module(name)
    asyncio.new_event_loop().close()  # Python 3.14 chooses its kind with the first one
    _change_files()
    _lose()
    sys.modules["msvcrt"] = _msvcrt()
    signal.SIGBREAK = signal.Signals(21)
    pathlib.WindowsPath = pathlib.PosixPath
    if local := sys.modules.get("pathlib._local"):
        local.WindowsPath = pathlib.PosixPath
    ssl.enum_certificates = lambda _store: []
    shutil._use_fd_functions = False
    if unsafe := getattr(shutil, "_rmtree_unsafe", None):
        shutil._rmtree_impl = unsafe  # of Python 3.14
    # A file without a name is one that is removed while it is open.
    tempfile.TemporaryFile = functools.partial(tempfile.NamedTemporaryFile, delete=False)
    asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = _not_implemented
    asyncio.unix_events._UnixSelectorEventLoop.remove_signal_handler = _not_implemented
    os.name, sys.platform = "nt", "win32"


def _not_implemented(*_: object) -> None:
    raise NotImplementedError


def _lose() -> None:
    for module, names in ((os, OS), (signal, SIGNALS)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    for name in MODULES:
        sys.modules[name] = None  # an import fails


def _msvcrt() -> types.ModuleType:
    """The one function that is used: a lock on the octet at the place in the file."""
    found = types.ModuleType("msvcrt")
    found.LK_NBLCK = 2

    def locking(descriptor: int, mode: int, octets: int) -> None:
        assert (mode, octets, os.lseek(descriptor, 0, os.SEEK_CUR) < 1 << 31) == (2, 1, True)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PermissionError(errno.EACCES, "Permission denied") from None

    found.locking = locking
    return found


def _is_open(*paths: object) -> bool:
    """Whether this process has one of the files open."""
    names = {os.path.realpath(os.fspath(path)) for path in paths}
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{descriptor}") in names:
                return True
        except OSError:
            continue
    return False


def _used(*paths: object) -> None:
    if _is_open(*paths):
        raise PermissionError(errno.EACCES, "used by another process", str(paths[0]))


def _change_files() -> None:
    """Have ``os`` refuse what Windows refuses."""
    _change_opening()
    replaced, renamed, removed, linked = os.replace, os.rename, os.unlink, os.link

    def replace(source: object, target: object, **named: object) -> None:
        _used(source, target)
        replaced(source, target, **named)

    def rename(source: object, target: object, **named: object) -> None:
        _used(source)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "already exists", str(source), None, str(target))
        renamed(source, target, **named)

    def unlink(path: object, **named: object) -> None:
        _used(path)
        removed(path, **named)

    def link(source: object, target: object, *, follow_symlinks: bool = True) -> None:
        if not follow_symlinks:
            raise NotImplementedError
        linked(source, target)

    os.replace, os.rename, os.link = replace, rename, link
    os.unlink = os.remove = unlink


def _change_opening() -> None:
    opened, flushed = os.open, os.fsync

    def open_(path: object, flags: int, *more: object, **named: object) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, flags, *more, **named)

    def fsync(descriptor: int) -> None:
        only_reads = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if only_reads or stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, "Bad file descriptor")
        flushed(descriptor)

    os.open, os.fsync = open_, fsync


def run_all() -> None:
    """Run the commands on standard input, lists of JSON; print the exit code and output of each."""
    pretend()
    from command import smsenc

    for arguments in json.load(sys.stdin):
        done = smsenc(*arguments, env=dict(os.environ))
        sys.stdout.write(json.dumps((done.returncode, done.stdout, done.stderr)) + "\n")


if __name__ == "__main__":
    run_all()
