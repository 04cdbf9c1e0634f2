"""A small writer of MaxMind databases (format 2.0): an IPv6 tree with records of 24 bits, and IPv4 under ``::/96``."""

import ipaddress
import struct

_EMPTY = None


def write(path, networks, *, kind="Test-City"):
    """Write ``{network: record}`` to ``path``, and return it."""
    nodes, data = [[_EMPTY, _EMPTY]], b""
    for network, record in networks.items():
        leaf = ("data", len(data))
        data += _encode(record)
        _plant(nodes, ipaddress.ip_network(network), leaf)
    tree = b"".join(_pointer(side, len(nodes)).to_bytes(3, "big") for node in nodes for side in node)
    metadata = {
        "binary_format_major_version": _Short(2),
        "binary_format_minor_version": _Short(0),
        "build_epoch": _Long(1_790_000_000),
        "database_type": kind,
        "description": {"en": "for tests"},
        "ip_version": _Short(6),
        "languages": ["en"],
        "node_count": len(nodes),
        "record_size": _Short(24),
    }
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encode(metadata))
    return path


def city(country, name="", latitude=None, longitude=None):
    """A record as GeoIP2 has it."""
    record = {"country": {"iso_code": "XX", "names": {"en": country, "de": f"{country} (de)"}}}
    if name:
        record["city"] = {"names": {"en": name}}
    if latitude is not None:
        record["location"] = {"latitude": float(latitude), "longitude": float(longitude), "accuracy_radius": _Short(5)}
    return record


class _Short(int):
    """uint16."""


class _Long(int):
    """uint64."""


def _plant(nodes, network, leaf):
    bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    at = 0
    for bit in (path := ("0" * 96 if network.version == 4 else "") + bits)[:-1]:
        if nodes[at][int(bit)] is _EMPTY:
            nodes.append([_EMPTY, _EMPTY])
            nodes[at][int(bit)] = len(nodes) - 1
        at = nodes[at][int(bit)]
    nodes[at][int(path[-1])] = leaf


def _pointer(side, count):
    if side is _EMPTY:
        return count
    return count + 16 + side[1] if isinstance(side, tuple) else side


def _encode(value):
    if isinstance(value, dict):
        return _head(7, len(value)) + b"".join(_encode(key) + _encode(held) for key, held in value.items())
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(_encode(one) for one in value)
    kind, held = _scalar(value)
    return _head(kind, len(held)) + held


def _scalar(value):
    if isinstance(value, str):
        return 2, value.encode()
    if isinstance(value, float):
        return 3, struct.pack(">d", value)
    kind, size = (5, 2) if isinstance(value, _Short) else (9, 8) if isinstance(value, _Long) else (6, 4)
    return kind, int(value).to_bytes(size, "big")


def _head(kind, size):
    short, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return (bytes([kind << 5 | short]) if kind < 8 else bytes([short, kind - 7])) + more
