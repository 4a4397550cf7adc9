"""``python -m converters`` and the ``smsenc`` command start here."""

import sys


def main() -> None:
    """Run the command; an interrupt while it is still loading is an interrupt all the same."""
    try:
        from converters.commands import main as run  # noqa: PLC0415 - what takes time to load

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
