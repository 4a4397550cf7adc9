"""``python -m converters`` is the ``smsenc`` command."""

from converters.cli import main

main()
