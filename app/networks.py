"""Addresses that are everybody's, and networks of one's own that are named in words (``10.1.0.0/16:8080-8090``)."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PORTS = re.compile(r"(?P<network>.+?)(?::(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?)?")
_HIGHEST_PORT = 65535
# RFC 6052, section 2.1: an IPv4 address for those who have IPv6 alone.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# RFC 4291, section 2.5.5.1: deprecated, and still an IPv4 address to somebody.
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# This machine, and the link that it is on: where clouds keep the keys of the machine.
_TOO_NEAR = tuple(map(ipaddress.ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "::/127", "fe80::/10")))


@dataclass(frozen=True, slots=True)
class Allowance:
    """A network, and the ports in it, first and last, that may be called."""

    network: Network
    first: int = 1
    last: int = _HIGHEST_PORT

    def covers(self, address: Address, port: int) -> bool:
        return self.first <= port <= self.last and address in self.network

    @property
    def reaches_this_machine(self) -> bool:
        return any(self.network.overlaps(near) for near in _TOO_NEAR)


def read(text: str) -> Allowance:
    """An allowance: a network or an address, with a port or a range of them. IPv6 in brackets where ports follow.

    Raises ``ValueError``.
    """
    match = _PORTS.fullmatch(text) if "." in text or text.startswith("[") else None
    named = match["network"] if match else text
    network = ipaddress.ip_network(named.removeprefix("[").replace("]", ""))
    if not match or not match["first"]:
        return Allowance(network)
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not 1 <= first <= last <= _HIGHEST_PORT:
        raise ValueError("ports go from 1 to 65535")
    return Allowance(network, first, last)


def is_everybodys(address: Address) -> bool:
    """Whether it is an address of the public internet, whatever it is dressed as.

    1. IPv4-mapped (RFC 4291), IPv4-compatible and NAT64 (RFC 6052): what is inside counts.
    2. 6to4 (RFC 3056) and Teredo (RFC 4380): what is inside counts, too.
    3. No multicast, nothing reserved, nothing site-local, which Python's ``is_global`` lets pass.
    """
    bare = undressed(address)
    if isinstance(bare, ipaddress.IPv6Address):
        inside = [bare.sixtofour, *(bare.teredo or ())]
        if not all(is_everybodys(one) for one in inside if one):
            return False
        if bare.is_site_local:
            return False
    return bare.is_global and not bare.is_multicast and not bare.is_reserved


def undressed(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_covered(address: Address, port: int, allowances: Iterable[Allowance]) -> bool:
    bare = undressed(address)
    return any(one.covers(bare, port) for one in allowances)
