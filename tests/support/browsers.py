"""Debian's Chromium, driven by Playwright, for pages on this machine.

    with opened() as browser, Tab(browser, "http://127.0.0.1:8025") as tab:
        tab.page.goto(tab.url("/inbox/"))
        tab.accessible()

A tab fails at its end if a script raised an error, the policy for content was broken, or anything
was asked of another host.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Rules of WCAG 2.2 AA and of good practice (https://www.deque.com/axe/axe-core-documentation).
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Milliseconds for what a page is waited for.
PATIENCE = 60_000


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser without a screen; skips the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS])
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A tab of its own profile; ``dark`` and ``width`` are what its user prefers and has."""

    def __init__(
        self,
        browser: Browser,
        root: str,
        *,
        dark: bool = False,
        width: int = 1200,
        scripts: bool = True,
    ) -> None:
        self.root = root
        self.problems: list[str] = []
        self._context = browser.new_context(
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        self._context.set_default_timeout(PATIENCE)
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._said)
        self.page.on("request", self._asked)

    def _said(self, message: object) -> None:
        # A refused request is shown by the page, and is no error of a script.
        text = str(message.text)  # type: ignore[attr-defined]
        if message.type == "error" and "Failed to load resource" not in text:  # type: ignore[attr-defined]
            self.problems.append(f"console: {text}")

    def _asked(self, request: object) -> None:
        url = str(request.url)  # type: ignore[attr-defined]
        if not url.startswith((self.root, "blob:", "data:")):
            self.problems.append(f"asked {url}")

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.root}{path}"

    def accessible(self) -> None:
        """Fails with what axe finds on the page as it is now."""
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": _TAGS}})
        assert not found.response["violations"], found.generate_report()

    def screen(self, path: Path) -> None:
        """Keep a picture of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, caret="initial")  # hiding it needs a style

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._context.close()
        if not kind:
            assert self.problems == []
