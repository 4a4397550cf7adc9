"""A gateway in one file, made while it runs, and a gateway from such a file."""
