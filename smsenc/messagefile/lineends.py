"""Ends of lines in octets of which more may come."""


def complete(octets: bytes) -> int:
    """How many octets that are still being written are complete lines."""
    # A carriage return at the very end may be the first half of a line end.
    return max(octets.rfind(b"\n"), octets.rfind(b"\r", 0, max(len(octets) - 1, 0))) + 1
