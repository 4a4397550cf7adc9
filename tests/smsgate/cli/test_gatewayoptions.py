"""The gateway's parameters as flags."""

from __future__ import annotations

import typing

from smsenc.messagefile.options import OPTIONS
from smsenc.messagefile.packing import Pack
from smsgate.cli import gatewayoptions
from smsgate.cli.gatewayoptions import GatewayOptions


def test_the_flags_are_those_of_the_table():
    shown = [typing.get_args(one.annotation) for one in GatewayOptions.parameters()]
    assert [(flag.default, flag.metavar, flag.help) for _, flag in shown] == [
        (option.name, option.metavar, option.help) for option in OPTIONS
    ]
    assert [kind for kind, _ in shown] == [
        bool if option.metavar is None else str | None for option in OPTIONS
    ]


def test_only_what_was_typed_is_collected():
    nothing = {one.name: one.default for one in GatewayOptions.parameters()}
    typed = GatewayOptions.collect(nothing | {"from_": "Bank", "ack_": True}).typed
    assert {name: value for name, value in typed.items() if value} == {"from": "Bank", "ack": True}


def test_packing_names_every_way():
    _, flag = typing.get_args(gatewayoptions.Pack)
    assert all(way.value in flag.help for way in Pack)
