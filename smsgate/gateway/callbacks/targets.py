"""Which URL an account's callbacks go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from smsgate.gateway.callbacks import urls
from smsgate.gateway.callbacks.calls import Target
from smsgate.gateway.settings import AccountSettings, Settings
from smsgate.gateway.states import CallbackKind


class Subject(NamedTuple):
    """What a URL is told: the callbacks of a kind of an account."""

    api_id: str
    kind: CallbackKind


Targets = Mapping[Subject, Target]


def of(settings: Settings) -> Targets:
    """The URLs of all accounts."""
    given = settings.accounts.items()
    return MappingProxyType({key: one for api_id, it in given for key, one in _of(api_id, it)})


def _of(api_id: str, account: AccountSettings) -> Iterator[tuple[Subject, Target]]:
    both = (
        (CallbackKind.STATUS, account.callback),
        (CallbackKind.REPLY, account.reply_callback),
    )
    for kind, url in both:
        if url:
            log_in = account.callback_user, account.callback_password
            target = Target(urls.parse(url), account.callback_method, *log_in)
            yield Subject(api_id, kind), target
