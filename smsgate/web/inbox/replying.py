"""Messages from phones, as somebody types them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from smsenc import SmsencError
from smsgate.simulator import replies
from smsgate.web.forms import Form, form_of
from smsgate.web.inbox.given import done, message_of
from smsgate.web.inbox.handling import Handler, Pages, may, onward
from smsgate.web.pages import page
from smsgate.web.problems import ProblemError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_NAMES = ("from", "to", "text", "coding", "system_id", "message")
_CODINGS = ("auto", "gsm7", "ucs2")


class ReplyPages(Pages):
    """The form of a reply; ``message`` in it is the id of the message that is replied to."""

    def paths(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each page."""
        yield "GET", "/reply", self._show
        yield "POST", "/reply", self._send
        yield "POST", "/reply/cost", self._cost

    async def _show(self, request: Request) -> Response:
        if not may(request):
            raise ProblemError("problems.forbidden", status=403)
        id_ = request.query_params.get("message", "")
        given: dict[str, str] = {"message": id_}
        if id_:
            message = message_of(self._store, id_)
            segments = self._store.segments(message.id)
            given |= {"from": message.recipient, "to": message.sender}
            given |= {"system_id": segments[0].system_id} if segments else {}
        return self._form(request, given, said=done(request))

    def _form(self, request: Request, given: Mapping[str, str], **more: str) -> Response:
        values = {**dict.fromkeys(_NAMES, ""), "coding": "auto", **given}
        status = 400 if more.get("problem") else 200
        shown = {"problem": "", "said": "", **more, **_costs(values)}
        return self._page(
            request, "inbox/reply.html", status, given=values, codings=_CODINGS, **shown
        )

    async def _send(self, request: Request) -> Response:
        form = await form_of(request)
        given = {name: _as_typed(form, name) for name in _NAMES}
        wanted = {key: value for key, value in given.items() if value or key != "system_id"}
        try:
            sent = self._actions.reply(wanted)
        except SmsencError as error:
            return self._form(request, given, problem=str(error))
        self._told(request, "replied", n=sent.parts)
        path = f"/reply?message={given['message']}" if given["message"] else "/reply"
        return onward(request, path, "replied", n=sent.parts, waiting=sent.waiting)

    async def _cost(self, request: Request) -> Response:
        form = await form_of(request)
        given = {name: _as_typed(form, name) for name in ("text", "coding")}
        return page(request, "inbox/parts/cost.html", **_costs(given))


def _as_typed(form: Form, name: str) -> str:
    """A field; a text keeps its spaces, and has the line ends of phones."""
    if name != "text":
        return form.get(name)
    return form.fields.get(name, "").replace("\r\n", "\n")


def _costs(given: Mapping[str, str]) -> dict[str, Any]:
    """What a text needs, or why it cannot be sent."""
    try:
        return {"cost": replies.cost(given), "unsendable": ""}
    except SmsencError as error:
        return {"cost": None, "unsendable": str(error)}
