"""``smsenc completion``: what completes the command in a shell."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from smsgate.cli.commandline import OptionGroup, command, one_of
from smsgate.cli.exits import Exit
from smsgate.cli.output import say


class Shell(StrEnum):
    """Shells whose users get completion."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_FOLDER = Path(__file__).parent / "completions"
#: The script of each, which ``tools/completion`` makes.
PLACES = {
    Shell.BASH: _FOLDER / "smsenc.bash",
    Shell.ZSH: _FOLDER / "_smsenc",
    Shell.FISH: _FOLDER / "smsenc.fish",
}


class Options(OptionGroup):
    """Whose completion."""

    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]


@command
def completion(options: Options) -> Exit:
    """Print what completes smsenc in a shell.

    \b
    Examples:
      smsenc completion bash > ~/.local/share/bash-completion/completions/smsenc
      smsenc completion zsh > ~/.zfunc/_smsenc
      smsenc completion fish > ~/.config/fish/completions/smsenc.fish

    It completes commands, options, their values and names of files, without
    starting smsenc. For zsh, ~/.zshrc needs: fpath+=(~/.zfunc); autoload -U
    compinit; compinit.
    """
    shell = one_of(Shell, options.shell, "SHELL")
    say(PLACES[shell].read_text("utf-8").rstrip("\n"))
    return Exit.OK
