"""The address guard: which addresses of others the service calls.

A name is resolved once, each of its addresses is checked, and the call goes to an address that was checked:
a name that answers something else the next time (DNS rebinding) changes nothing. Spellings that readers of
addresses understand differently (octal, short, full-width, with a user name …) are refused as such.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from annotations.exceptions import AddressNotPublicError
from annotations.messages import join_list, message
from annotations.text.parsing import MAX_URL

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>[/?][!$-;=?-Z_a-z~%]*)?",
    re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_DEFAULT_PORTS = {"https": 443, "http": 80}
LOOPBACK_NAME = "localhost"
#: The last parts of names that only a network of one's own resolves.
_LOCAL_ENDINGS = (
    ".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa", ".localdomain",
)  # fmt: skip

#: What is no address of a public host, although it looks like one (RFC 6890 and its successors).
_NOT_PUBLIC_V4 = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        # the services of clouds that tell a machine its secrets, and stand in public ranges
        "168.63.129.16/32", "100.100.100.200/32",
    )
)  # fmt: skip
#: All public hosts are in here. Mapped, compatible and translated forms (NAT64) are not, nor is fc00::/7.
_PUBLIC_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    ip_network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)


@dataclass(frozen=True)
class OutgoingURL:
    """An address whose spelling is allowed; ``host`` is a name, or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """The value of the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def literal(self) -> Address | None:
        """The IP address, where the host is one."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by its spelling."""
        return self.host == LOOPBACK_NAME or (self.literal is not None and self.literal.is_loopback)


def check_url(sent: str) -> OutgoingURL:
    """Return the parts of an address that may be called; raise ``AddressNotPublicError`` by its spelling."""
    match = _URL.fullmatch(sent) if len(sent) <= MAX_URL else None
    if match is None:
        raise AddressNotPublicError(
            message(
                "It takes an address such as https://cms.example.org/hook: https, a host in ASCII letters, "
                "no user name, no password, no fragment, at most {most:,} characters.",
                most=MAX_URL,
            )
        )
    scheme, port = match["scheme"].lower(), int(match["port"] or 0)
    path = match["path"] or "/"
    url = OutgoingURL(
        scheme=scheme,
        host=_check_host(match["host"].lower()),
        port=port or _DEFAULT_PORTS[scheme],
        path=path if path.startswith("/") else f"/{path}",
    )
    if url.port > 65_535:
        raise AddressNotPublicError(message("The port is too large; ports end at 65535."))
    if url.is_loopback:
        if settings.OUTGOING_ALLOW_LOOPBACK:
            return url
        raise _not_public_error(url.host)
    if url.scheme != "https":
        raise AddressNotPublicError(message("Only https is called; send an address that begins with it."))
    if url.literal is not None:
        require_public(url.literal)
    _require_listed(url.host)
    return url


def _check_host(host: str) -> str:
    """Return a host in the one spelling that is taken: a name with a dot, or a canonical IP address."""
    if host == LOOPBACK_NAME:
        return host
    literal = host[1:-1] if host.startswith("[") else host
    try:
        if str(ip_address(literal)) == literal:
            return literal
    except ValueError:
        if _NAME.fullmatch(host) and not host.endswith(_LOCAL_ENDINGS):
            return host
    raise AddressNotPublicError(
        message(
            "The host {host} is not a full public name or a plain IP address; other spellings, and names "
            "of a network of one's own, are not called.",
            host=host,
        )
    )


def _require_listed(host: str) -> None:
    """Raise unless the operator lets this host be called; ``.example.org`` lists all below it."""
    listed = [each.lower() for each in settings.OUTGOING_HOSTS]
    if listed and not any(host == each or (each[:1] == "." and host.endswith(each)) for each in listed):
        raise AddressNotPublicError(
            message(
                "The host {host} is not among those that this service may call: {hosts}. Whoever runs it can "
                "add it to OUTGOING_HOSTS.",
                host=host,
                hosts=join_list(listed),
            )
        )


def require_public(address: Address) -> None:
    """Raise ``AddressNotPublicError`` unless an address is that of a public host."""
    if isinstance(address, IPv4Address):
        is_public = not any(address in each for each in _NOT_PUBLIC_V4)
    else:
        is_public = (
            address.scope_id is None
            and address in _PUBLIC_V6
            and not any(address in each for each in _NOT_PUBLIC_V6)
        )
    if not is_public:
        raise _not_public_error(str(address))


def _not_public_error(host: str) -> AddressNotPublicError:
    return AddressNotPublicError(
        message(
            "{host} is not a public address; the service does not call machines of its own network.",
            host=host,
        )
    )


def public_addresses(url: OutgoingURL, found: Sequence[str]) -> list[Address]:
    """Return the addresses that the host was resolved to; raise if any of them may not be called."""
    addresses = [ip_address(each) for each in dict.fromkeys(found)]
    for address in addresses:
        if not (url.is_loopback and settings.OUTGOING_ALLOW_LOOPBACK and address.is_loopback):
            require_public(address)
    return addresses


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host as the system resolves it, with the zone where one has it."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def resolve_within(seconds: float, url: OutgoingURL) -> list[Address]:
    """Return the checked addresses of a host; raise ``TimeoutError`` if its name takes too long.

    The system has no limit of its own for it, so a thread waits, which is left behind.
    """
    if url.literal is not None:
        return public_addresses(url, [url.host])
    found: list[Sequence[str]] = []
    errors: list[OSError | UnicodeError] = []

    def resolve() -> None:
        try:
            found.append(resolve_host(url.host, url.port))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = threading.Thread(target=resolve, name=f"resolve {url.host}", daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if errors:
        raise OSError(str(errors[0])) from errors[0]
    if not found:
        raise TimeoutError
    return public_addresses(url, found[0])


#: Seconds that a name gets to be resolved when an address is only looked at.
LOOK_SECONDS = 3.0


def require_callable(sent: str) -> None:
    """Raise ``AddressNotPublicError`` if an address may not be called, as far as can be said now.

    A name that cannot be resolved is taken: it may be set up later, and each call checks it again.
    """
    url = check_url(sent)
    try:
        resolve_within(LOOK_SECONDS, url)
    except OSError:
        return
