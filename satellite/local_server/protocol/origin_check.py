"""Refuses web pages by the headers ``Host`` and ``Origin`` of an upgrade request. Pure.

A web page can open a WebSocket to any address of the machine that shows it, unseen by the person.
The browser sends the page's origin in ``Origin``, and in ``Host`` the name that the page used for
this server, which may be a foreign name that resolves to loopback (DNS rebinding). Programs send no
``Origin``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

_EVERYWHERE = ("", "0.0.0.0", "::")
_WEB = ("http", "https")


def refusal(
    hosts: Sequence[str],
    origins: Sequence[str],
    *,
    listens_at: str,
    names: Collection[str] = (),
    allowed_origins: Collection[str] = (),
) -> str:
    """Why a request is refused, or ``""``. ``hosts`` and ``origins`` are the values of its headers.

    Besides loopback the host may be ``listens_at``, the address that the server was told to listen
    at; if that is any address, also one of ``names``, the names of this machine.
    """
    if len(hosts) != 1 or not _is_own(_name_of(f"//{hosts[0]}"), listens_at, names):
        return (
            "The header Host names another server. Call this one by a loopback name or address, "
            "or by the address that it was told to listen at (--host)."
        )
    for origin in origins:
        if origin not in allowed_origins and not _is_loopback_page(origin):
            return (
                "Web pages may not use this server (the header Origin). `satellite offline "
                "--origin` allows those of one origin, for example --origin https://example.com"
            )
    return ""


def is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def _is_own(name: str, listens_at: str, names: Collection[str]) -> bool:
    if not name:
        return False
    if is_loopback(name) or name == listens_at.lower():
        return True
    if listens_at in _EVERYWHERE:  # an address cannot be rebound, only a name
        return _address(name) is not None or name in names
    return False


def _is_loopback_page(origin: str) -> bool:
    scheme, _, _ = origin.partition("://")
    return scheme.lower() in _WEB and is_loopback(_name_of(origin))


def _name_of(url: str) -> str:
    """The host of a URL in lower case; ``""`` if there is none, or a path, query or user."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return ""
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return ""
    return (parts.hostname or "").removesuffix(".")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
