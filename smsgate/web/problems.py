"""What a request is answered with that cannot be done."""

from __future__ import annotations

from smsgate.web.texts import text


class ProblemError(Exception):
    """One line for people, from the catalogue, and HTTP's ``status``.

    ``said`` is a line that is not in the catalogue: an error of the library.
    """

    def __init__(
        self, key: str = "", *, status: int = 400, said: str = "", **given: object
    ) -> None:
        super().__init__(said or text(key, **given))
        self.status = status
