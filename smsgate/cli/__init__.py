"""The ``smsenc`` command: one module per command, loaded when the command is called."""

import sys


def main() -> None:
    """Run the command. Ctrl-C while it is still loading also ends it with exit code 130."""
    from smsgate.cli import stopping  # noqa: PLC0415 - see above

    try:
        stopping.prepare()
        from smsgate.cli.app import main as run  # noqa: PLC0415 - see above

        run()
    except KeyboardInterrupt:
        sys.exit(130)
