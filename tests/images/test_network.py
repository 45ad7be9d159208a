"""Which names, ports and addresses a download may go to."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.errors import ImageError
from shoplens.images.network import Network, is_public, parse_target, pinned_addresses

INNER = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",  # noqa: S104  an address to refuse, nobody listens
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "",
    "2130706433",
    "shop.example",
]
OUTER = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTER)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@given(address=st.ip_addresses())
def test_no_private_address_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    inner = address.is_private or address.is_loopback or address.is_link_local
    assert not (inner and is_public(str(address)))


@pytest.mark.parametrize(
    ("pattern", "host", "allowed"),
    [
        ("cdn.example.com", "cdn.example.com", True),
        ("CDN.example.com", "cdn.EXAMPLE.com", True),
        ("cdn.example.com", "cdn.example.com.", True),
        ("cdn.example.com", "evil-cdn.example.com", False),
        ("cdn.example.com", "cdn.example.com.evil.net", False),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*", "anything.net", True),
        ("münchen.de", "münchen.de", False),
        ("xn--mnchen-3ya.de", "münchen.de", True),
    ],
)
def test_a_host_is_allowed_by_its_name_or_by_a_star(pattern: str, host: str, allowed: bool) -> None:  # noqa: FBT001
    url = f"https://{host}/a.jpg"
    if allowed:
        assert parse_target(url, [pattern], [443]).port == 443
    else:
        with pytest.raises(ImageError, match="is not allowed"):
            parse_target(url, [pattern], [443])


def test_with_no_allowed_hosts_the_reason_names_the_setting() -> None:
    with pytest.raises(ImageError, match=r"allowed: none.*images\.allowed_hosts"):
        parse_target("https://cdn.example.com/a.jpg", [], [443])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.com/x", "not an http or https URL"),
        ("file:///etc/passwd", "not an http or https URL"),
        ("data:image/png;base64,AAAA", "not an http or https URL"),
        ("//a.com/x", "not an http or https URL"),
        ("https:///x", "not an http or https URL"),
        ("https://user:pass@a.com/x", "a user name in it"),
        ("https://a.com:22/x", "port 22 of 'a.com' is not allowed; wanted 80 or 443"),
        ("http://a.com:99999/x", "port 99999"),
        ("http://a.com:x/", "not a URL"),
        ("http://a\x00b/", "not a URL"),
        ("http://[::1/", "not a URL"),
    ],
)
def test_a_url_that_cannot_be_asked_for_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        parse_target(url, ["*"], [80, 443])


@given(text=st.text(max_size=60))
def test_any_text_is_a_target_or_an_image_error(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a.com/{text}"):
        try:
            assert parse_target(url, ["*"], [80, 443]).host
        except ImageError:
            continue


def test_one_inner_address_among_public_ones_spoils_the_name() -> None:
    network = Network(resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    target = parse_target("https://a.com/x", ["*"], [443])
    with pytest.raises(ImageError, match=r"'a\.com' has the address 10\.0\.0\.1"):
        pinned_addresses(target, network)


def test_a_name_without_addresses_is_refused() -> None:
    network = Network(resolve=lambda _host, _port: [])
    with pytest.raises(ImageError, match="has no address"):
        pinned_addresses(parse_target("https://a.com/x", ["*"], [443]), network)
