"""Which URLs and addresses are called: nothing inside the operator's network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import OptionError
from smsgate import masking
from smsgate.gateway.callbacks import urls
from smsgate.gateway.callbacks.addresses import is_allowed
from smsgate.gateway.callbacks.resolving import UnusableError, checked

PRIVATE = (
    *("127.0.0.1", "127.255.255.254", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1"),
    *("239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "203.0.113.7"),
    *("::", "::1", "fe80::1", "fe80::1%1", "fec0::1", "fc00::1", "fd12::1", "ff02::1"),
    *("2001:db8::1", "2001::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1"),
    *("64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "100::1"),
)
PUBLIC = (
    *("8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"),
    *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize("address", ["", "x", "127.1", "0x7f000001", "2130706433", "8.8.8.8 "])
def test_what_is_no_address_is_refused(address):
    assert not is_allowed(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_in_ipv6(address):
    number = int(address)
    forms = (
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x64FF9B << 96 | number),
        IPv6Address(0x2002 << 112 | number << 80),
    )
    assert {is_allowed(str(one)) for one in forms} == {is_allowed(str(address))}


@given(st.ip_addresses())
def test_what_is_allowed_is_global_and_not_multicast(address):
    if is_allowed(str(address)):
        mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        if mapped is None and str(address).startswith("64:ff9b::"):
            mapped = IPv4Address(int(address) & 0xFFFF_FFFF)
        meant = mapped or address
        assert meant.is_global
        assert not any((meant.is_multicast, meant.is_loopback, meant.is_link_local))


@given(st.sampled_from(PRIVATE))
def test_networks_that_are_allowed_open_nothing_else(address):
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    inside = address in {
        "10.1.2.3",
        "fd12::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    }
    assert is_allowed(address, networks) is inside


def test_one_address_of_a_host_that_is_inside_refuses_the_host():
    with pytest.raises(UnusableError, match=r"^h: its address is not public") as error:
        checked("h", ["8.8.8.8", "10.0.0.1"], ())
    assert "10.0" not in str(error.value)
    with pytest.raises(UnusableError, match="no address"):
        checked("h", [], ())
    assert checked("h", ["8.8.8.8", "1.1.1.1"], ()) == ["8.8.8.8", "1.1.1.1"]


# URLs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://a.example", "http://a.example"),
        ("https://a.example:443/x?y=%20z", "https://a.example"),
        ("http://a_b:8080?x=1", "http://a_b:8080"),
        ("https://[2001:db8::1]:1/", "https://[2001:db8::1]:1"),
        ("http://127.1/", "http://127.1"),
    ],
)
def test_a_url_is_shown_by_its_beginning(text, origin):
    assert urls.parse(text).origin == origin


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.example", "ftp://a/", "file:///etc/passwd", "gopher://a/", "HTTP://a/", "http:/a"),
        *("http://", "http:///x", "http://a:0/", "http://a:65536/", "http://a:/", "http://a:x/"),
        *("http://a b/", "http://a/ x", "http://a/\r\nX: y", "http://a/\t", "http://a/\0"),
        *(
            "http://a\\@b/",
            "http://a/\\x",
            "http://ä/",
            "http://a/ä",
            "http://a/#x",
            "http://a#@b/",
        ),
        *("http://-a/", "http://.a/", "http://[::1/", "http://[::1]x/", f"http://a/{'x' * 2000}"),
        *("http://u@a/", "http://u:pw@a/", "http://:geheim3@a/", "http://a@b@c/"),
    ],
)
def test_another_form_is_refused(text):
    with pytest.raises(OptionError) as error:
        urls.parse(text)
    assert "geheim" not in str(error.value)


def test_a_password_in_a_url_is_masked_from_then_on():
    with pytest.raises(OptionError, match="expected no user or password"):
        urls.parse("https://me:geheim42@example.com/")
    assert masking.cleaned("geheim42") == "***"


PIECES = st.text("aB0-._:/@?#[]%&=\\ \r\n\tä\x00", max_size=12)


@given(st.builds("{}://{}{}{}".format, st.sampled_from(["http", "https"]), PIECES, PIECES, PIECES))
def test_who_calls_reads_a_url_as_who_checked_it(text):
    try:
        found = urls.parse(text)
    except OptionError:
        return
    try:
        read = httpx.URL(text)
    except httpx.InvalidURL:
        return  # it is not called
    assert (read.scheme, read.userinfo) == (found.scheme, b"")
    assert read.host == found.host.lower()
    assert (read.port or {"http": 80, "https": 443}[read.scheme]) == found.port
