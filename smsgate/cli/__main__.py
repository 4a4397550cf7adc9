"""``python -m smsgate.cli`` and the ``smsenc`` command start here."""

import sys


def main() -> None:
    """Run the command; an interrupt while it is still loading is an interrupt all the same."""
    try:
        from smsgate.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
