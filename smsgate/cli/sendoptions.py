"""Options of ``smsenc send``: what is sent, and to which message centre."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from smsenc import OptionError
from smsenc.smpp.mapping import Carry, CodingProfile, Gsm7
from smsgate import masking
from smsgate.cli.commandline import Json, OptionGroup, number, one_of
from smsgate.outbox import secretfile
from smsgate.runs.submits import Route
from smsgate.smppclient import Smsc, parse

_KEYS = ("user", "password")
_PREFIX = "SMSENC_SMPP_"


class SendOptions(OptionGroup):
    """What is sent, and how the message centre wants it."""

    source: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help="Files, folders, an outbox, or - for input."),
    ]
    smsc: Annotated[
        str, typer.Option(metavar="smpp://USER@HOST:PORT", help="Message centre; smpps:// is TLS.")
    ] = ""
    as_: Annotated[
        str | None, typer.Option("--as", metavar="KIND", help="Converter; see smsenc formats.")
    ] = None
    window: Annotated[
        int, number(1, 1000, metavar="N", text="Parts that wait for an answer, {}.")
    ] = 10
    rate: Annotated[
        float | None, number(1, 100_000, metavar="PARTS", text="Most parts a second, {}.")
    ] = None
    gsm7: Annotated[
        str, typer.Option(metavar="NAME", help="GSM 7-bit: unpacked; packed; latin1_1; latin1_3.")
    ] = Gsm7.UNPACKED.value
    carry: Annotated[
        str, typer.Option(metavar="NAME", help="Places of parts: udhi; sar; payload.")
    ] = Carry.UDHI.value
    receipts: Annotated[bool, typer.Option("--receipts", help="Ask for receipts.")] = False
    resend: Annotated[
        bool, typer.Option("--resend", help="Send again what was refused, or is unknown.")
    ] = False
    reference: Annotated[
        int, number(1, 255, metavar="N", text="First concatenation reference, {}.")
    ] = 1
    ca_file: Annotated[
        str | None,
        typer.Option(metavar="PEM", help="Authorities to trust, not the system's."),
    ] = None
    json: Json = False

    def route(self) -> Route:
        """How messages are written for the message centre."""
        coding = CodingProfile(gsm7=one_of(Gsm7, self.gsm7, "--gsm7"))
        carry = one_of(Carry, self.carry, "--carry")
        return Route(coding=coding, carry=carry, receipts=self.receipts)

    def centre(self) -> Smsc:
        """The message centre with its log-in; raises OptionError."""
        if not self.smsc:
            raise OptionError("expected smpp://user@host:port", name="--smsc")
        host, port, user, tls = parse(self.smsc)
        user, password = log_in(user, os.environ)
        return Smsc(
            host=host,
            port=port,
            user=user,
            password=password,
            tls=tls,
            ca_file=Path(self.ca_file) if self.ca_file else None,
            window=self.window,
            rate=self.rate,
        )


def log_in(user: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """SMSENC_SMPP_USER and SMSENC_SMPP_PASSWORD, or the file that SMSENC_SMPP_CREDENTIALS names.

    The user of the address counts first. A message centre may want no password.
    """
    password = environment.get(f"{_PREFIX}PASSWORD", "")
    masking.remember(password)
    found = user or environment.get(f"{_PREFIX}USER", "")
    path = environment.get(f"{_PREFIX}CREDENTIALS", "")
    if path and not password:
        given = secretfile.read(Path(path), _KEYS)
        return found or given["user"], given["password"]
    return found, password
