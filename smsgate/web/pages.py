"""Pages from templates: everything that is not marked as safe is escaped, in every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from smsgate.web import assets
from smsgate.web.texts import LANGUAGE, text

if TYPE_CHECKING:
    from starlette.requests import Request


class Section(NamedTuple):
    """A link of the navigation: the key of its text, its path, and whether all may go there."""

    text: str
    path: str
    for_admins: bool = False


class LogOut(NamedTuple):
    """Where a user logs out, and the token of that form, as ``request.state.log_out``."""

    path: str
    csrf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all pages of an application share; ``title`` is a key of the catalogue.

    ``above`` is the first page of the application that this one is a part of.
    """

    title: str
    above: Section | None = None
    sections: tuple[Section, ...] = ()
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    #: What templates may use beside what a handler gives.
    shared: Mapping[str, object] = field(default_factory=dict)


def page(request: Request, template: str, /, status: int = 200, **given: object) -> HTMLResponse:
    """A page, or for a request by htmx any part of one."""
    return HTMLResponse(fragment(request, template, **given), status)


def fragment(request: Request, template: str, /, **given: object) -> str:
    """A template as text."""
    root = request.scope.get("root_path", "")
    site: Site = request.scope["state"]["site"]
    context = {
        **site.shared,
        "site": site,
        "here": request.url.path.removeprefix(root),
        "csrf": getattr(request.state, "csrf", ""),
        "who": getattr(request.state, "who", None),
        "log_out": getattr(request.state, "log_out", None),
        "url": lambda path: f"{root}{path}",
        "asset": lambda name: f"{root}{assets.address(name)}",
    }
    return _environment().get_template(template).render(context | given)


def problem(request: Request, line: str, status: int) -> HTMLResponse:
    """A page that says what did not work, or that part of one."""
    template = "parts/problem.html" if by_script(request) else "problem.html"
    return page(request, template, status, line=line)


def by_script(request: Request) -> bool:
    """Whether htmx made a request, which wants a part of a page."""
    return request.headers.get("HX-Request") == "true"


def redirect(request: Request, path: str) -> RedirectResponse:
    """Go on with another page of the application, with GET."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("smsgate.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"t": text, "language": LANGUAGE}
    made.filters |= {"number": _number, "instant": _instant}
    return made


def _number(value: float) -> str:
    """A number with a thin space between thousands."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _instant(seconds: float) -> str:
    """UNIX seconds as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
