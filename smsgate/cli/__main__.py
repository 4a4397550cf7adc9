"""``python -m smsgate.cli`` and the ``smsenc`` script start here."""

import sys


def main() -> None:
    """Run the command. Ctrl-C while it is still loading also ends it with exit code 130."""
    try:
        from smsgate.cli.app import main as run  # noqa: PLC0415 - see above

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
