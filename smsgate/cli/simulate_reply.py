"""``smsenc simulate reply``: a message from a simulated phone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from converters.shared.words import counted
from smsenc import OptionError, SmsencError
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say
from smsgate.errors import UnfinishedError, reason
from smsgate.masking import cleaned

_TIMEOUT = 10.0  # seconds
_LARGEST = 65_536  # octets of an answer


class Options(OptionGroup):
    """What the phone sends."""

    from_: Annotated[str, typer.Option("--from", metavar="NUMBER", help="The phone.")]
    to_: Annotated[
        str, typer.Option("--to", metavar="NUMBER", help="The sender that it replies to.")
    ]
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="What it says.")] = None
    udh: Annotated[
        str | None, typer.Option(metavar="HEX", help="Instead of a text: a user data header.")
    ] = None
    hex_: Annotated[
        str | None, typer.Option("--data", metavar="HEX", help="Octets for --udh or --app-port.")
    ] = None
    app_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="Port of a program on the receiver.")
    ] = None
    api: Annotated[str, typer.Option(metavar="URL", help="Where the simulator is.")] = (
        "http://127.0.0.1:8025"
    )
    json: Json = False

    def record(self) -> dict[str, object]:
        """The same for the REST API; raises OptionError."""
        if (self.text is None) == (self.hex_ is None):
            raise OptionError("give --text, or --data with --udh or --app-port")
        given = {"text": self.text, "udh": self.udh, "data": self.hex_, "port": self.app_port}
        found: dict[str, object] = {"from": self.from_, "to": self.to_}
        return found | {key: value for key, value in given.items() if value is not None}


@command
def simulate_reply(options: Options) -> Exit:
    """Send a reply from a phone of smsenc simulate.

    \b
    Examples:
      smsenc simulate reply --from 447700900123 --to 12345 --text Yes
      smsenc simulate reply --from 447700900123 --to 12345 --data 424547 \\
        --app-port 9204

    Long texts are sent in parts, in UCS-2 if GSM 7-bit lacks a character. The
    session that last sent a message from the number of --to gets the reply.
    """
    found = _posted(options.api, options.record())
    if options.json:
        say(wording.as_json(found))
    else:
        say(f"{counted(found['parts'], 'part')} sent; {found['waiting']} waiting for a session")
    return Exit.OK


def _posted(api: str, record: dict[str, object]) -> dict[str, Any]:
    parts = urlsplit(api)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OptionError(f"expected http://host:port, found {api!r}", name="--api")
    url = f"{api.rstrip('/')}/api/v1/replies"
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(record).encode(), headers)  # noqa: S310 - see above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - as above
            return _read(answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        raise SmsencError(_refusal(error)) from None
    except urllib.error.URLError as error:
        why = error.reason if isinstance(error.reason, Exception) else error
        raise UnfinishedError(f"no simulator at {api}: {reason(why)}") from None
    except (OSError, HTTPException) as error:
        raise UnfinishedError(f"no simulator at {api}: {reason(error)}") from None


def _read(octets: bytes) -> dict[str, Any]:
    try:
        found = json.loads(octets)
        return {"parts": int(found["parts"]), "waiting": int(found["waiting"])}
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SmsencError("expected a simulator's answer, found something else") from None


def _refusal(error: urllib.error.HTTPError) -> str:
    with error:
        try:
            return cleaned(str(json.loads(error.read(_LARGEST))["error"]["message"]))
        except (ValueError, TypeError, KeyError, RecursionError, OSError):
            return f"the simulator answers HTTP {error.code}"
