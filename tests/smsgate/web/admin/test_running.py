"""The pages of a gateway that runs, with a message centre: what is paused there, waits."""

from __future__ import annotations

import asyncio
import ftplib
import io
import re

import httpx
from gatewaypages import LoggedIn
from simulators import run
from starlette.middleware import Middleware

from smsgate.gateway.service import Gateway
from smsgate.gateway.settings import (
    FtpSettings,
    HttpSettings,
    Limits,
    Receipts,
    RouteSettings,
    Settings,
)
from smsgate.simulator import service as simulator
from smsgate.smppclient import Smsc
from smsgate.web.admin import SITE, routes
from smsgate.web.application import application
from smsgate.web.live import Live

SECONDS = 60


def upload(place, account, name, octets):
    with ftplib.FTP() as client:  # noqa: S321 - on loopback
        client.connect(*place, timeout=SECONDS)
        client.login(account.ftp_user, account.ftp_password)
        client.storbinary(f"STOR {name}.tmp", io.BytesIO(octets))
        client.rename(f"{name}.tmp", name)


def pages_of(gateway, told):
    made = routes(gateway.shown, Live(), told.append)
    return application(SITE, made, [Middleware(LoggedIn)], told.append)


def settings(folder, centre):
    host, port = centre.smpp
    smsc = Smsc(host=host, port=port, user="gateway", first_wait=0.05)
    return Settings(
        data=folder / "data",
        ftp=FtpSettings(port=0),
        http=HttpSettings(port=0),
        limits=Limits(settle=0.2),
        routes=(RouteSettings(name="centre", smsc=smsc, receipts=Receipts.ALWAYS),),
    )


async def shows(client, path, pattern):
    """Look at a page until it shows that."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            if found := re.search(pattern, answer.text):
                return found
            await asyncio.sleep(0.05)


async def journey(folder):
    told = []
    wanted = simulator.Settings(port=0, http_port=None, folder=folder / "centre")
    async with (
        simulator.Simulator(wanted) as centre,
        Gateway(settings(folder, centre)) as gateway,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(pages_of(gateway, told)), base_url="http://127.0.0.1"
        ) as client,
    ):
        account = gateway.account
        await shows(client, "/routes", "Connected</dt><dd>yes")
        token = {"csrf": "token"}
        assert (await client.post("/routes/centre/pause", data=token)).status_code == 303
        lines = f"api_id:{account.api_id}\nuser:{account.user}\npassword:{account.password}\n"
        octets = f"{lines}queue:1\ntext:Hello\nto:447700900123\nto:0831\n".encode()
        await asyncio.to_thread(upload, gateway.ftp, account, "a.txt", octets)
        await shows(client, "/queue", 'id="count-1">1<')
        await shows(client, "/files", 'class="n">1</td><td class="n">1</td>')
        uid = (await shows(client, "/messages", "/messages/([0-9a-f]{32})"))[1]
        page = await client.get(f"/messages/{uid}")
        assert "Hello" in page.text
        assert "003 delivered to gateway" not in page.text
        log = await client.get("/files/1")
        assert f"ID: {uid} To: 447700900123" in log.text
        assert "ERR: 105" in log.text
        assert (await client.post("/routes/centre/resume", data=token)).status_code == 303
        await shows(client, f"/messages/{uid}", "004 received by recipient")
        assert account.password not in (await client.get(f"/accounts/{account.api_id}")).text
    return told


def test_what_is_paused_on_a_page_waits_until_it_is_resumed_there(tmp_path):
    told = run(journey(tmp_path), 2 * SECONDS)
    assert told == ["ann: centre is paused", "ann: centre is open"]
