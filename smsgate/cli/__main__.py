"""``python -m smsgate.cli`` and the ``smsenc`` script start here."""

import gc

from smsgate.cli import main as command
from smsgate.cli import stopping

#: New objects after which the interpreter looks for garbage. Loading a command makes many that
#: stay; with the usual 700 the search takes a twentieth of a short command.
_OBJECTS = 20_000


def main() -> None:
    """Run the command as a process of its own, which nothing interrupts when it has ended."""
    gc.set_threshold(_OBJECTS)
    try:
        command()
    finally:
        stopping.over()
        gc.freeze()  # else the interpreter looks for garbage when it ends: a tenth of that time


if __name__ == "__main__":
    main()
