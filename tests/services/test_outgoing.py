"""The address guard: what is called, to which address the call goes, and when it ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import pytest

from annotations.exceptions import AddressNotPublicError
from annotations.services.outgoing import addresses, calls
from annotations.services.outgoing.addresses import check_url, require_callable, require_public
from annotations.services.outgoing.calls import OutgoingError

FORBIDDEN = [
    "http://cms.example.org/",
    "ftp://cms.example.org/",
    "file:///etc/passwd",
    "gopher://cms.example.org/",
    "//cms.example.org/",
    "https:cms.example.org",
    "https:///hook",
    "https://",
    "https://:443/",
    "javascript:alert(1)",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://a.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://router.lan/",
    "https://intranet/",
    "https://nas.home.arpa/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.0.0.1./",
    "https://127.000.000.001/",
    "https://0177.0.0.1/",
    "https://0x7f.0.0.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://00.0.0.0/",
    "https://10.0.0.1/",
    "https://10.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.0.1/",
    "https://192.168.1/",
    "https://169.254.169.254/",
    "https://169.254.169.254:80/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://192.0.0.8/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://239.255.255.255/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://1.2.3.4.5/",
    "https://1.2.3.256/",
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:0:7f00:1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001::1]/",
    "https://[2001:0:7f00:1::]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[100::1]/",
    "https://[2a00:1450:4001:0:0:0:0:1]/",
    "https://[2606:4700::1111",
    "https://2606:4700::1111/",
    "https://user@cms.example.org/",
    "https://user:pass@cms.example.org/",
    "https://cms.example.org@127.0.0.1/",
    "https://cms.example.org%2f@127.0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://cms%2eexample.org/",
    "https://cms.example.org\\@127.0.0.1/",
    "https:\\\\127.0.0.1/",
    "https://cms.example.org:/",
    "https://cms.example.org:0/",
    "https://cms.example.org:65536/",
    "https://cms.example.org:443:443/",
    "https://cms.example.org:+443/",
    "https://cms.example.org./",
    "https://cms..example.org/",
    "https://-cms.example.org/",
    "https://cms.example.org/#a",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://ⓛocalhost/",
    "https://müller.example/",
    "https://cms.exаmple.org/",
    "https://example.0x7f/",
    "https://example.1/",
]
SPACED = [
    " https://cms.example.org/", "https://cms.example.org/ ", "https://cms.example.org/\n",
    "https://cms.exa\tmple.org/", "https://cms.example.org\r\nHost: a/", "https://cms.example.org/a b",
    "https://cms.example.org/\x00", "", "https://cms.example.org/" + "a" * 2_000,
]  # fmt: skip


@pytest.mark.parametrize("url", [*FORBIDDEN, *SPACED])
def test_what_is_not_public_or_oddly_written_is_refused(url: str) -> None:
    with pytest.raises(AddressNotPublicError) as caught:
        check_url(url)
    assert caught.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://cms.example.org", ("cms.example.org", 443, "/", "cms.example.org")),
        ("HTTPS://CMS.Example.org/Hook?a=%20", ("cms.example.org", 443, "/Hook?a=%20", "cms.example.org")),
        ("https://cms.example.org?a=@:b", ("cms.example.org", 443, "/?a=@:b", "cms.example.org")),
        ("https://xn--ml-kva.example:8443/", ("xn--ml-kva.example", 8443, "/", "xn--ml-kva.example:8443")),
        ("https://93.184.215.14/", ("93.184.215.14", 443, "/", "93.184.215.14")),
        ("https://[2606:4700::1111]:444/", ("2606:4700::1111", 444, "/", "[2606:4700::1111]:444")),
    ],
)  # fmt: skip
def test_what_is_public_is_taken(url: str, parts: tuple[str, int, str, str]) -> None:
    found = check_url(url)
    assert (found.host, found.port, found.path, found.netloc) == parts


def test_the_operator_lists_the_hosts(settings: Any) -> None:
    settings.OUTGOING_HOSTS = ["cms.example.org", ".press.example"]
    for url in ("https://cms.example.org/", "https://a.b.press.example/"):
        check_url(url)
    for url in (
        "https://example.org/",
        "https://press.example/",
        "https://acms.example.org/",
        "https://93.184.215.14/",
    ):
        with pytest.raises(AddressNotPublicError):
            check_url(url)


def test_loopback_is_for_development(settings: Any) -> None:
    settings.OUTGOING_ALLOW_LOOPBACK = True
    for url in ("http://127.0.0.1:8000/", "http://localhost/", "https://[::1]/"):
        check_url(url)
    for url in ("http://cms.example.org/", "http://10.0.0.1/", "http://0.0.0.0/", "http://127.1/"):
        with pytest.raises(AddressNotPublicError):
            check_url(url)


class Names:
    """A resolver that answers something else each time; the last answer stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections were made to; each of them fails."""
    places: list[tuple[str, int]] = []

    def connect(place: tuple[str, int], _timeout: float) -> socket.socket:
        places.append(place)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    return places


def test_a_name_is_resolved_once_and_called_at_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, connected: list[tuple[str, int]]
) -> None:
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    monkeypatch.setattr(addresses, "resolve_host", names)
    with pytest.raises(OutgoingError, match="refused"):
        calls.post("https://cms.example.org/", b"", {})
    assert (connected, names.asked) == ([("93.184.215.14", 443)], 1)
    with pytest.raises(AddressNotPublicError):
        calls.post("https://cms.example.org/", b"", {})
    assert len(connected) == 1


@pytest.mark.parametrize(
    "found", [["93.184.215.14", "10.0.0.1"], ["::ffff:127.0.0.1"], ["fe80::1%eth0"], ["64:ff9b::a00:1"]]
)
def test_one_address_that_is_not_public_is_enough(
    found: list[str], monkeypatch: pytest.MonkeyPatch, connected: list[tuple[str, int]]
) -> None:
    monkeypatch.setattr(addresses, "resolve_host", Names(found))
    with pytest.raises(AddressNotPublicError):
        calls.post("https://cms.example.org/", b"", {})
    with pytest.raises(AddressNotPublicError):
        require_callable("https://cms.example.org/")
    assert connected == []


def test_the_next_checked_address_is_tried(
    monkeypatch: pytest.MonkeyPatch, connected: list[tuple[str, int]]
) -> None:
    monkeypatch.setattr(addresses, "resolve_host", Names(["2606:4700::1111", "93.184.215.14"]))
    with pytest.raises(OutgoingError):
        calls.post("https://cms.example.org:8443/", b"", {})
    assert connected == [("2606:4700::1111", 8443), ("93.184.215.14", 8443)]


def test_a_name_that_nobody_knows_yet_may_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(addresses, "resolve_host", unknown)
    require_callable("https://cms.example.org/")
    with pytest.raises(OutgoingError, match="not known"):
        calls.post("https://cms.example.org/", b"", {})


def test_a_name_that_takes_too_long_ends_with_the_time_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(addresses, "resolve_host", lambda *_: over.wait(600) and ["93.184.215.14"])
    monkeypatch.setattr(calls, "CALL_SECONDS", 0.05)
    with pytest.raises(OutgoingError, match=r"0\.05 seconds"):
        calls.post("https://cms.example.org/", b"", {})
    over.set()


def test_every_block_that_is_not_public_is_refused_at_both_ends() -> None:
    for network in (*addresses._NOT_PUBLIC_V4, *addresses._NOT_PUBLIC_V6):
        for address in (network[0], network[-1]):
            with pytest.raises(AddressNotPublicError):
                require_public(address)
    for public in (
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.0",
        "100.128.0.0",
        "198.20.0.0",
        "2a00::1",
        "2606:4700::1",
    ):
        require_public(ip_address(public))
