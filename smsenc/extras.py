"""Libraries that only some installations have: what to say where one is missing."""


def needed(what: str, extra: str) -> str:
    """A line that says which extra ``what`` needs, and how to install it.

    The quotation marks are double, because a shell of Windows knows no others.
    """
    return f'{what} needs the extra {extra}: pip install "smsenc[{extra}]"'
