"""``--quiet`` and ``--verbose``, which the root has and every command."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from smsgate import tracing
from smsgate.cli.output import detail, manner


def _be_quiet(wanted: bool) -> bool:
    """Print data and errors only, from now on."""
    manner.quiet = manner.quiet or wanted
    return _checked(wanted)


def _be_verbose(wanted: bool) -> bool:
    """Print what is done from now on, and when."""
    manner.verbose = manner.verbose or wanted
    if wanted:
        tracing.listen(detail)
    return _checked(wanted)


def _checked(wanted: bool) -> bool:
    if manner.quiet and manner.verbose:
        raise typer.BadParameter("expected --quiet or --verbose, not both")
    return wanted


Quiet = Annotated[
    bool,
    typer.Option(
        "-q", "--quiet", callback=_be_quiet, is_eager=True, help="Print data and errors only."
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v", "--verbose", callback=_be_verbose, is_eager=True, help="Print what is being done."
    ),
]
_OPTIONS = {"quiet": Quiet, "verbose": Verbose}


def with_verbosity(function: Callable[..., None]) -> Callable[..., None]:
    """The function of a command with both options, which it does not see."""

    @functools.wraps(function)
    def run(**typed: object) -> None:
        begun()
        try:
            function(**{name: value for name, value in typed.items() if name not in _OPTIONS})
        except (typer.Exit, SystemExit) as ended:
            detail(f"exit code {_code(ended)}")
            raise

    own = inspect.signature(function).parameters.values()
    kind = inspect.Parameter.KEYWORD_ONLY
    more = [
        inspect.Parameter(name, kind, default=False, annotation=one)
        for name, one in _OPTIONS.items()
    ]
    run.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    run.__annotations__ = function.__annotations__ | _OPTIONS
    return run


def _code(ended: BaseException) -> int:
    """The code of typer's Exit, or of Python's."""
    code = ended.exit_code if isinstance(ended, typer.Exit) else getattr(ended, "code", None)
    return code if isinstance(code, int) else 0


def begun() -> None:
    """Print with --verbose which program this is."""
    if manner.verbose:
        from importlib.metadata import version  # noqa: PLC0415 - slow to load

        python = ".".join(map(str, sys.version_info[:3]))
        detail(f"smsenc {version('smsenc')}, Python {python} on {sys.platform}")
