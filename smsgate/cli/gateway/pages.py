"""The pages of a gateway, put together of their parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.routing import Mount

from smsgate.gateway import exposure
from smsgate.gateway.http import MakePages, Pages
from smsgate.gateway.settings import Settings
from smsgate.web import admin
from smsgate.web.access.guard import ForAdmins, guarded
from smsgate.web.inbox import application as inbox
from smsgate.web.live import Live
from smsgate.web.pages import Section

if TYPE_CHECKING:
    from smsgate.gateway.reports.running import Running
    from smsgate.simulator.service import Simulator

_INBOX = Section("admin.section.inbox", "/inbox/", for_admins=True)
_GATEWAY = Section(admin.SITE.title, "/")


def of(settings: Settings, inside: Simulator | None) -> MakePages:
    """What makes the pages, with log-in; those of a simulator that runs inside are for admins."""

    def made(running: Running, tell: Callable[[str], object]) -> Pages:
        live, site = Live(tell), admin.SITE
        routes = admin.routes(lambda: running, live, tell)
        if inside:
            has_api = exposure.is_local(settings.http)
            phones = inbox.inner(inside.actions, live, tell, _GATEWAY, has_api=has_api)
            routes.append(Mount(_INBOX.path.rstrip("/"), ForAdmins(phones)))
            site = replace(site, sections=(*site.sections, _INBOX))
        found = guarded(routes, site, running.database, settings.http, tell=tell)
        return Pages(found, live.close)

    return made
