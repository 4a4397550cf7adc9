"""How the network behaves: what goes wrong, and what becomes of messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from smsenc import OptionError
from smsgate.simulator import behaviourrecord
from smsgate.simulator.behaviour import MOST, Fate, Fault, IdForm
from smsgate.simulator.openapi import DESCRIPTION
from smsgate.web.forms import Form, form_of
from smsgate.web.inbox.given import done
from smsgate.web.inbox.handling import Handler, Pages, onward

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: The kinds with probabilities; what the fates leave of 100 % is delivered.
_KINDS = {
    "chaos": tuple(Fault),
    "receipts": tuple(one for one in Fate if one is not Fate.DELIVERED),
}
_SECTION = "/inbox"
_API = "/api/v1"


class NetworkPages(Pages):
    """The behaviour as a form."""

    def paths(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each page."""
        yield "GET", "/network", self._show
        yield "POST", "/network", self._change
        yield "POST", "/network/calm", self._calm

    async def _show(self, request: Request) -> Response:
        return self._form(request, self._present())

    def _present(self) -> dict[str, str]:
        return typed(behaviourrecord.record(self._actions.behaviour))

    def _form(self, request: Request, given: Mapping[str, str], problem: str = "") -> Response:
        return self._page(
            request,
            "inbox/network.html",
            400 if problem else 200,
            given=given,
            problem=problem,
            said=done(request),
            faults=_KINDS["chaos"],
            happened=self._actions.faults,
            fates=_KINDS["receipts"],
            forms=tuple(IdForm),
            most=MOST,
        )

    async def _change(self, request: Request) -> Response:
        form = await form_of(request)
        try:
            self._actions.behaviour = behaviourrecord.read(read(form))
        except OptionError as error:
            return self._form(request, {**self._present(), **form.fields}, problem=str(error))
        self._told(request, "network")
        return onward(request, "/network", "network")

    async def _calm(self, request: Request) -> Response:
        await form_of(request)
        self._actions.behaviour = replace(self._actions.behaviour, chaos=())
        self._told(request, "calm")
        return onward(request, "/network", "calm")


class ApiPages(Pages):
    """The API as a list."""

    def paths(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each page."""
        yield "GET", "/api", self._describe

    async def _describe(self, request: Request) -> Response:
        root = request.scope.get("root_path", "").removesuffix(_SECTION)
        paths: dict[str, Any] = DESCRIPTION["paths"]
        rows = [
            (method.upper(), f"{root}{_API}{path}", one["summary"])
            for path, methods in paths.items()
            for method, one in methods.items()
        ]
        description = f"{root}{_API}/openapi.json"
        return self._page(request, "inbox/api.html", rows=rows, description=description)


def typed(record: Mapping[str, Any]) -> dict[str, str]:
    """A behaviour as the fields of the form: probabilities in percent."""
    found = {name: _plain(record[name] or 0) for name in MOST}
    for table, kinds in _KINDS.items():
        shares = record[table]
        found |= {f"{table}-{kind}": _plain(round(shares.get(kind, 0) * 100, 7)) for kind in kinds}
    endings = record["suffixes"].items()
    found["suffixes"] = "\n".join(f"{suffix}={fate}" for suffix, fate in endings)
    return found | {"receipt_id": record["receipt_id"]}


def _plain(number: float) -> str:
    return f"{number:.10g}"


def read(form: Form) -> dict[str, object]:
    """The fields of the form as a behaviour; raises OptionError."""
    found: dict[str, object] = {name: _number(form, name) for name in MOST}
    found["window"] = _whole(form, "window")
    for table, kinds in _KINDS.items():
        percent = {kind.value: _number(form, f"{table}-{kind}") for kind in kinds}
        found[table] = {kind: share / 100 for kind, share in percent.items() if share}
    lines = filter(None, (line.strip() for line in form.get("suffixes").splitlines()))
    found["suffixes"] = dict(_ending(line) for line in lines)
    return found | {"receipt_id": form.get("receipt_id")}


def _ending(line: str) -> tuple[str, str]:
    suffix, _, fate = line.partition("=")
    return suffix.strip(), fate.strip()


def _number(form: Form, name: str) -> float:
    given = form.get(name) or "0"
    try:
        return float(given)
    except ValueError:
        raise OptionError("expected a number", name=name) from None


def _whole(form: Form, name: str) -> int:
    found = _number(form, name)
    if not found.is_integer():
        raise OptionError("expected a whole number", name=name)
    return int(found)
