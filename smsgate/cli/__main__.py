"""``python -m smsgate.cli`` and the ``smsenc`` script start here."""

from smsgate.cli import main as command
from smsgate.cli import stopping


def main() -> None:
    """Run the command as a process of its own, which nothing interrupts when it has ended."""
    try:
        command()
    finally:
        stopping.over()


if __name__ == "__main__":
    main()
