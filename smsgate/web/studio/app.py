"""The application of the studio: addresses and handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from smsenc import SmsencError
from smsenc.messagefile.numbers import international
from smsgate.masking import cleaned
from smsgate.simulator.guard import Guard
from smsgate.web.application import application
from smsgate.web.forms import Form, form_of
from smsgate.web.pages import Site, by_script, page
from smsgate.web.problems import ProblemError
from smsgate.web.studio import asked as asking
from smsgate.web.studio import files, sending, shown
from smsgate.web.studio.asked import Asked, Origin, Source
from smsgate.web.studio.files import File, Result
from smsgate.web.studio.key import Keyed
from smsgate.web.studio.made import Made, make
from smsgate.web.studio.store import Store
from smsgate.web.studio.variants import variants
from smsgate.web.studio.work import Work
from smsgate.web.visits import Visits

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request

    from smsgate.smppclient import Smsc

#: Octets of a form with a source: it is in memory several times while it is read.
LARGEST = 32 << 20
_SOURCES, _OCTETS_OF_SOURCES = 50, 128 << 20
_RESULTS, _OCTETS_OF_RESULTS = 400, 32 << 20


class Studio:
    """The pages, and what they keep: sources, and messages made of them.

    ``smsc`` is the message centre that they send to, if any. With a ``key``, they are for those who
    begin at ``/?key=``.
    """

    def __init__(self, smsc: Smsc | None = None, key: str = "") -> None:
        self._smsc = smsc
        self._key = key
        self._sources: Store[Source] = Store(_SOURCES, _OCTETS_OF_SOURCES)
        self._results: Store[Result] = Store(_RESULTS, _OCTETS_OF_RESULTS)
        self._work = Work()

    def app(self, host: str, tell: Callable[[str], object] = lambda _: None) -> Starlette:
        """The application for a server on ``host``; ``tell`` gets a line for each error of ours."""
        site = Site(
            title="studio.title",
            styles=("studio.css",),
            scripts=("studio.js",),
            shared={"smsc": str(self._smsc) if self._smsc else ""},
        )
        routes = [
            Route("/", self._first, methods=["GET"]),
            Route("/", self._show, methods=["POST"]),
            Route("/made/{key}/variants", self._variants, methods=["GET"]),
            Route("/made/{key}/{path}", self._file, methods=["GET"]),
            Route("/made/{key}/send", self._send, methods=["POST"]),
        ]
        keyed = [Middleware(Keyed, key=self._key)] if self._key else []
        middleware = [Middleware(Guard, host=host), *keyed, Middleware(Visits)]
        return application(site, routes, middleware, tell)

    async def _first(self, request: Request) -> Response:
        return page(request, "studio/index.html", 200, **shown.everything(None, b"", "", None))

    async def _show(self, request: Request) -> Response:
        form = await form_of(request, largest=LARGEST, files=1)
        asked, octets = self._asked(form)
        is_empty = asked.origin is Origin.TEXT and not octets.strip()
        made = None if is_empty else await self._work(make, asked, octets)
        key, kept = self._keep(made, octets)
        context = await self._work(shown.everything, made, octets, key, kept)
        if by_script(request):
            changed = form.get(asking.SHOWN) != context["shown"]
            return page(request, "studio/answer.html", 200, **context, changed=changed)
        status = 422 if made and made.error else 200
        return page(request, "studio/index.html", status, **context)

    def _asked(self, form: Form) -> tuple[Asked, bytes]:
        """What a form asks for, and the octets of its source."""
        origin, kept = asking.origin_of(form), form.get("kept")
        source = asking.typed(form, origin)
        if form.files and source:
            kept = self._sources.put(source, len(source.octets))
        found = self._sources.get(kept)
        source = source or found
        if source is None:
            raise ProblemError("studio.gone" if kept else "studio.nothing")
        try:
            key = kept if found and origin is not Origin.TEXT else ""
            return asking.asked(form, origin, source.name, key), source.octets
        except SmsencError as error:
            raise ProblemError(said=cleaned(str(error))) from None

    def _keep(self, made: Made | None, octets: bytes) -> tuple[str, Result | None]:
        """Keep a message for its downloads; returns its key."""
        if made is None or made.payload is None:
            return "", None
        typed = b"" if made.asked.origin is Origin.FILE else octets
        kept = Result(asked=made.asked, payload=made.payload, number=made.number, typed=typed)
        return self._results.put(kept, kept.octets), kept

    # --- What is kept ----------------------------------------------------------------------------

    def _result(self, request: Request) -> Result:
        found = self._results.get(request.path_params["key"])
        if found is None:
            raise ProblemError("studio.gone", status=404)
        return found

    def _source(self, result: Result) -> bytes:
        """The octets that a message was made of."""
        if result.asked.origin is not Origin.FILE:
            return result.typed
        found = self._sources.get(result.asked.kept)
        if found is None:
            raise ProblemError("studio.gone", status=404)
        return found.octets

    async def _file(self, request: Request) -> Response:
        result, path = self._result(request), request.path_params["path"]
        if path == files.SHEET:
            found = await self._work(files.sheet, result, self._source(result))
        else:
            found = await self._work(files.file, result, path)
        return _answer(found, is_shown=path in files.SHOWN)

    async def _variants(self, request: Request) -> Response:
        result = self._result(request)
        made = await self._work(variants, result.asked, self._source(result))
        rows = [(one.label, one.made, self._keep(one.made, result.typed)[0]) for one in made]
        name = "parts/variants.html" if by_script(request) else "variants.html"
        return page(request, f"studio/{name}", rows=[shown.variant(*row) for row in rows])

    # --- Sending ---------------------------------------------------------------------------------

    async def _send(self, request: Request) -> Response:
        form = await form_of(request)
        result = self._result(request)
        if self._smsc is None:
            raise ProblemError("problems.missing", status=404)
        try:
            number = international(form.get("to"))
        except SmsencError as error:
            raise ProblemError(said=cleaned(str(error.at(name="number")))) from None
        sent = await sending.send(result, number, self._smsc)
        name = "parts/sent.html" if by_script(request) else "sent.html"
        return page(request, f"studio/{name}", sent=sent, number=number)


def _answer(found: File, *, is_shown: bool) -> Response:
    """A file, which browsers save unless it is one that they show on the page."""
    how = "inline" if is_shown else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="{found.name}"'}
    return Response(found.octets, media_type=found.kind, headers=headers)
