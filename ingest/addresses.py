"""Which addresses a poller may connect to.

The check stands where the socket is made, after the name was resolved: a redirect or a name that resolves anew
(DNS rebinding) meets it like any other.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import AddrInfoType

NOT_PUBLIC = "is not a public address"

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last four bytes are the IPv4 address that is really reached."""


class NotPublic(OSError):
    """The address belongs to a private, loopback, link-local or otherwise special network."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where it wraps an IPv4 address."""
    ip = ip_address(address.partition("%")[0])
    return all(part.is_global and not (part.is_multicast or part.is_reserved) for part in _reached(ip))


def _reached(ip: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The addresses that a connection to `ip` would reach."""
    if isinstance(ip, IPv4Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip in _NAT64:
        return [IPv4Address(ip.packed[-4:])]
    tunnels = [ip.sixtofour, *(ip.teredo or ())]
    return [ip, *(tunnel for tunnel in tunnels if tunnel)]


def public_socket(info: AddrInfoType) -> socket.socket:
    """A socket for a resolved address. Raises NotPublic."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        raise NotPublic(f"{address[0]} {NOT_PUBLIC}")
    return socket.socket(family, kind, protocol)
