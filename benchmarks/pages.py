"""The gateway's pages under load: how long they take, and what they take from the gateway.

Run with the project's Python: ``.venv/bin/python benchmarks/pages.py --streams 200 --rate 500``.
One process has the gateway, a simulated message centre and the pages in one loop, as ``smsenc
gateway run`` has them, but without a log-in. A client uploads a file each second; others keep
event streams open, and ask for one page after another. The same load runs without any of them
first. In the end a large file shows how fast the gateway is when nothing holds the client back.
"""

import argparse
import asyncio
import ftplib
import gc
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from gatewaypages import HEADER, LoggedIn
from gateways import HOST, put, select
from starlette.middleware import Middleware

from smsgate import httpserver
from smsgate.gateway.service import Gateway
from smsgate.gateway.settings import FtpSettings, HttpSettings, Receipts, RouteSettings, Settings
from smsgate.simulator import service as simulator
from smsgate.smppclient import Smsc
from smsgate.web.admin import SITE, routes
from smsgate.web.application import application
from smsgate.web.live import Live

_WARM = 5  # seconds of load before anything is measured
_PATIENCE = 600


# The gateway --------------------------------------------------------------------------------------


async def serve(folder):
    """Run all of it until standard input ends; one line says where."""
    sys.setswitchinterval(0.0005)  # as smsenc gateway run has it
    gc.set_threshold(20_000, *gc.get_threshold()[1:])
    async with AsyncExitStack() as ends:
        wanted = simulator.Settings(port=0, http_port=None, folder=folder / "simulator")
        centre = await ends.enter_async_context(simulator.Simulator(wanted))
        host, port = centre.smpp
        smsc = Smsc(host=host, port=port, user="gateway", window=50)
        settings = Settings(
            data=folder,
            ftp=FtpSettings(port=0),
            http=HttpSettings(port=0),
            routes=(RouteSettings(name="simulator", smsc=smsc, receipts=Receipts.ALWAYS),),
        )
        gateway = await ends.enter_async_context(Gateway(settings))
        live = Live()
        app = application(SITE, routes(gateway.shown, live), [Middleware(LoggedIn)])
        sock = httpserver.listening(HOST, 0, "--port", ends)
        httpserver.serve(app, sock, ends)
        ends.callback(live.close)
        ready = {"ftp": gateway.ftp, "http": httpserver.place(sock)}
        print(json.dumps(ready | {"account": gateway.account._asdict()}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def serving(folder):
    """The process, and what it says."""
    words = (sys.executable, __file__, "--serve", folder)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(list(map(str, words)), **pipes) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(60)


# The load -----------------------------------------------------------------------------------------


class Client:
    """Uploads files."""

    def __init__(self, ready):
        self._account = ready["account"]
        self._ftp = ftplib.FTP()  # noqa: S321 - on loopback
        self._ftp.connect(*ready["ftp"], timeout=_PATIENCE)
        self._ftp.login(self._account["ftp_user"], self._account["ftp_password"])
        self._names, self.count = itertools.count(), 0

    def upload(self, count):
        """One file with so many recipients."""
        account = self._account
        lines = [f"{key}:{account[key]}" for key in ("api_id", "user", "password")]
        lines += ["text:A message that says little", "queue:2"]
        lines += [f"to:4477{number:08}" for number in range(self.count, self.count + count)]
        put(self._ftp, f"f{next(self._names)}.txt", "\n".join([*lines, ""]).encode())
        self.count += count

    @contextmanager
    def each_second(self, rate):
        """A file each second, as long as it is open."""
        over = threading.Event()

        def run():
            due = time.monotonic()
            while not over.is_set():
                self.upload(rate)
                due += 1.0
                over.wait(max(0.0, due - time.monotonic()))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def sent(folder):
    """How many messages the message centre has accepted."""
    return select(folder / "gateway.db", "SELECT count(*) FROM event WHERE status = 3")[0][0]


async def until(condition, step=0.2):
    """Wait for something; fails after a long time."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(step)


# Those who look -----------------------------------------------------------------------------------


def pages_of(ready, uid):
    account = ready["account"]["api_id"]
    return [
        *("/", "/accounts", f"/accounts/{account}", f"/accounts/{account}/ledger", "/queue"),
        *(f"/queue/2/{account}", "/routes", "/messages", f"/messages/{uid}", "/files"),
        *("/messages?number=447700000001", "/messages?state=failed", "/files/1", "/numbers"),
        *("/replies", "/callbacks"),
    ]


def streams_of(ready, uid):
    account = ready["account"]["api_id"]
    return [
        "/live",
        "/queue/live",
        "/routes/live",
        f"/accounts/{account}/live",
        f"/messages/{uid}/live",
    ]


class Watching:
    """Streams that stay open; ``parts`` counts what came over them."""

    def __init__(self, http, paths, count):
        self._http, self.parts, self.open = http, 0, 0
        people = itertools.cycle(("admin", "reader", "owner"))
        wanted = zip(range(count), itertools.cycle(paths), strict=False)
        looks = [self._watch(path, f"{next(people)}-{n}") for n, path in wanted]
        self._tasks = [asyncio.create_task(one) for one in looks]

    async def _watch(self, path, name):
        async with self._http.stream("GET", path, headers={HEADER: name}) as answer:
            assert answer.status_code == 200, (path, answer.status_code)
            self.open += 1
            async for line in answer.aiter_lines():
                self.parts += line.startswith("event:")

    async def close(self):
        for one in self._tasks:
            one.cancel()
        found = await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in found:
            if not isinstance(one, asyncio.CancelledError):
                raise one


async def look(http, paths, end):
    """Ask for one page after another; milliseconds by path."""
    found = {path: [] for path in paths}
    people = itertools.cycle(("admin", "reader", "owner"))
    wanted = itertools.cycle(paths)
    while time.monotonic() < end:
        path, begun = next(wanted), time.perf_counter()
        answer = await http.get(path, headers={HEADER: next(people)})
        found[path].append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, (path, answer.status_code)
    return found


# What is measured ---------------------------------------------------------------------------------


async def steady(folder, client, given, work=None):
    """Messages a second under the steady load while ``work`` runs, and what that returns."""
    with client.each_second(given.rate):
        await asyncio.sleep(_WARM)
        before, begun = sent(folder), time.monotonic()
        found = await (work(begun + given.seconds) if work else asyncio.sleep(given.seconds))
        rate = (sent(folder) - before) / (time.monotonic() - begun)
    await until(lambda: sent(folder) == client.count)
    return rate, found


async def fastest(folder, client, given):
    """Messages a second of one large file, from its upload to the last answer."""
    before, begun = sent(folder), time.monotonic()
    await asyncio.to_thread(client.upload, given.large)
    await until(lambda: sent(folder) == client.count)
    return (sent(folder) - before) / (time.monotonic() - begun)


async def measure(given, folder, ready):
    client = Client(ready)
    client.upload(10)
    await until(lambda: sent(folder) == client.count)
    uid = select(folder / "gateway.db", "SELECT uid FROM message LIMIT 1")[0][0]
    rows = {}
    rate, _ = await steady(folder, client, given)
    rows["nobody looks"] = (rate, await fastest(folder, client, given))
    limits = httpx.Limits(max_connections=None)
    base = "http://{}:{}".format(*ready["http"])
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=_PATIENCE) as http:
        alone = await look(http, pages_of(ready, uid), time.monotonic() + given.seconds)
        watching = Watching(http, streams_of(ready, uid), given.streams)
        await until(lambda: watching.open == given.streams)

        async def looking(end):
            return await look(http, pages_of(ready, uid), end)

        rate, found = await steady(folder, client, given, looking)
        parts = watching.parts
        rows[f"{given.streams} streams"] = (rate, await fastest(folder, client, given))
        await watching.close()
    report(given, rows, alone, found, parts)


def report(given, rows, alone, found, parts):
    print(f"\nmessages a second ({given.rate} are uploaded; a file of {given.large})")
    for name, (rate, most) in rows.items():
        print(f"  {name:14} {rate:8.0f} {most:8.0f}")
    print(f"\nmilliseconds of a page, {parts} parts came over the streams: p50, p99, most")
    for name, times in (("no load", alone), ("under load", found)):
        print(f"  {name:44} {cells([one for some in times.values() for one in some])}")
    for path, times in found.items():
        print(f"    {path[:42]:42} {cells(times)}")


def cells(times):
    times = sorted(times)
    rank = max(0, -(-99 * len(times) // 100) - 1)
    found = (statistics.median(times), times[rank], times[-1])
    return f"{len(times):6} pages " + " ".join(f"{one:8.1f}" for one in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--large", type=int, default=20_000)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve))
        return
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as ready:
        asyncio.run(measure(given, Path(folder), ready))


if __name__ == "__main__":
    main()
