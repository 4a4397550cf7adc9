"""The keys of gateway.toml that are about callbacks."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from smsgate import masking
from smsgate.gateway.callbacks import targets
from smsgate.gateway.callbacks.targets import Subject
from smsgate.gateway.configuration import ConfigurationError, load
from smsgate.gateway.settings import CallbackSettings, Method
from smsgate.gateway.states import CallbackKind

ACCOUNT = '[[account]]\napi-id = "7"\ncallback = "https://a.example/x?token=geheim5"\n'


def read(folder, text, **environ):
    path = folder / "gateway.toml"
    path.write_text(text, "utf-8")
    return load(path, folder, environ)


def fault(folder, text, **environ):
    with pytest.raises(ConfigurationError) as error:
        read(folder, text, **environ)
    (found,) = error.value.faults
    return str(found).removeprefix(f"{folder / 'gateway.toml'}:")


def test_an_account_has_a_url_for_each_kind(tmp_path):
    (tmp_path / "url.toml").write_text('user = "me"\npassword = "geheim6"\n')
    (tmp_path / "url.toml").chmod(0o600)
    found = read(
        tmp_path,
        '[callback]\nallow-private = ["10.0.0.0/8", "fd00::/8"]\nat-once = 5\n'
        f'{ACCOUNT}reply-callback = "http://b.example:8080/"\ncallback-method = "get"\n'
        'callback-password-file = "url.toml"\n',
    )
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert found.callback == CallbackSettings(allow_private=networks, at_once=5)
    given = targets.of(found)
    assert [one.url.origin for one in given.values()] == [
        "https://a.example",
        "http://b.example:8080",
    ]
    status = given[Subject("7", CallbackKind.STATUS)]
    assert (status.method, status.user, status.password) == (Method.GET, "me", "geheim6")
    assert "geheim" not in repr(found)
    assert "geheim6" not in repr(given)
    assert masking.cleaned("geheim6") == "***"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('callback = "ftp://a/geheim5"', "3: [account] callback: expected http://host/path"),
        ('callback = "http://u:geheim5@a/"', "3: [account] callback: expected no user or password"),
        ('callback = "http://a/#geheim5"', "3: [account] callback: expected a URL without #"),
        ('callback-method = "put"', "3: [account] callback-method: expected one of post, get"),
        ('callback-user = "a:b"', "3: [account] callback-user: expected 1 to 100 characters"),
        ('callback-password-env = "GONE"', "3: [account] callback-password-env: no password: set"),
        ('callback-password-env = "HERE"', "1: [account]: set callback-user too"),
        ('callback-password = "geheim5"', "3: [account] callback-password: no password is read"),
        (
            '[callback]\nallow-private = "10.0.0.0/8"',
            "4: [callback] allow-private: expected a",
        ),
        ('[callback]\nallow-private = ["10.0.0.1/8"]', "4: [callback] allow-private: expected a"),
        ("[callback]\ntimeout = 0", "4: [callback] timeout: expected a number from 0.1 to 300"),
    ],
)
def test_what_is_said_of_a_fault(tmp_path, line, expected):
    found = fault(tmp_path, f'[[account]]\napi-id = "7"\n{line}\n', HERE="geheim5")
    assert found.startswith(expected)
    assert "geheim5" not in found


def test_one_place_of_a_password_is_enough(tmp_path):
    more = 'callback-user = "me"\ncallback-password-file = "x"\ncallback-password-env = "X"\n'
    found = fault(tmp_path, ACCOUNT + more)
    assert found.endswith("use either callback-password-file or callback-password-env")
