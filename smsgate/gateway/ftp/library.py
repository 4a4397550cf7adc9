"""pyftpdlib, silenced. Before Python 3.12 it uses deprecated modules of the standard library."""

from __future__ import annotations

import logging
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.exceptions import FilesystemError, _RetryError
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import DTPHandler, TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer
    from pyftpdlib.utils import strerror

__all__ = [
    "AbstractedFS",
    "DTPHandler",
    "FTPServer",
    "FilesystemError",
    "IOLoop",
    "RetryError",
    "TLS_DTPHandler",
    "TLS_FTPHandler",
    "strerror",
]

RetryError = _RetryError

# Its lines hold commands as they came, and what it prints by itself goes to the terminal.
logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())
logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL + 1)
