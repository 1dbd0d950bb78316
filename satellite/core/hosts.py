"""Whether a host is this machine, in the local network, or beyond, as far as its name shows."""

from __future__ import annotations

import ipaddress

_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",  # link-local
        "100.64.0.0/10",  # carrier-grade NAT, which Tailscale gives to its machines
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
    )
)
_AT_HOME = (".local", ".lan", ".home", ".home.arpa", ".internal", ".fritz.box")
"""Ends of names that only a local network resolves (mDNS, RFC 8375, routers)."""
OPENAI_HOST = "api.openai.com"
OPENAI_URL = f"wss://{OPENAI_HOST}/v1/realtime"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback(host: str) -> bool:
    """Whether it is this machine."""
    address = _address(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def is_private(host: str) -> bool:
    """Whether it is this machine or in the local network. A name without a dot counts as local."""
    if is_loopback(host):
        return True
    address = _address(host)
    if address is None:
        return "." not in host or host.endswith(_AT_HOME)
    return any(address in net for net in _PRIVATE)


def is_openai(host: str) -> bool:
    """The server that keys of OpenAI are for, with its regions."""
    return host == OPENAI_HOST or host.endswith(f".{OPENAI_HOST}")


def _address(host: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])  # without the zone of fe80::1%eth0
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
