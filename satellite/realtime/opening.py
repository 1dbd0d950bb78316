"""Opens the WebSocket to the server, and describes why that fails.

The transport is decided here: no compression (base64 of audio does not shrink), no redirects, short
time-outs for a network that is silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidProxy,
    InvalidProxyStatus,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from satellite.core.errors import SettingsError
from satellite.core.hosts import is_loopback
from satellite.realtime.config import LinkConfig
from satellite.realtime.dialect import Dialect, public_address
from satellite.realtime.errors import LinkFailure, Severity, from_close
from satellite.realtime.fields import MAX_MESSAGE_BYTES, printable
from satellite.realtime.refused_upgrade import from_response

LOOK_UP_TIMEOUT_S = 10.0
OPEN_TIMEOUT_S = 10.0
NEXT_ADDRESS_S = 0.25
"""A host's next address is tried beside the first after this time (RFC 8305): in many a home IPv6
is announced and leads nowhere."""
NO_PROXY = frozenset({"none", "off"})
"""What a person may write for no proxy, whatever the environment says."""
PING_INTERVAL_S = 5.0
PING_TIMEOUT_S = 10.0
"""A dead network is noticed within the sum of both, also when nobody speaks."""
CLOSE_TIMEOUT_S = 1.0
"""Servers often leave a close frame unanswered."""
UNACKNOWLEDGED_MS = 10_000
"""The kernel closes a connection whose data stays unacknowledged for so long."""
UNSENT_BYTES = 16_384
"""The kernel buffers no more than this: old audio has to queue where it can be dropped, and a
command must not wait behind seconds of it."""


class LinkError(Exception):
    """A connection could not be made ready, or has ended."""

    def __init__(self, failure: LinkFailure) -> None:
        self.failure = failure
        super().__init__(failure.reason)


class _Connect(connect):
    """Follows no redirect, which would send the API key to an address that nobody configured."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@cache
def _tls(ca_file: str) -> ssl.SSLContext:
    """One context for all connections, because loading the certificates takes time on a Pi.

    Raises ``SettingsError`` for a file without certificates.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise SettingsError(
            f"realtime.ca_file holds no certificate that can be used: {ca_file}.",
            do="It has to hold the certificate of an authority in PEM form (-----BEGIN …).",
        ) from error


@cache
def _library_log() -> logging.Logger:
    """A logger without the library's debug lines, which hold every frame and the API key."""
    log = logging.getLogger(f"{__name__}.socket")
    log.setLevel(logging.WARNING)
    return log


async def look_up(config: LinkConfig, dialect: Dialect) -> None:
    """Waits until the server's name resolves; the library resolves it once more.

    A look-up without an answer holds a thread for as long as the system likes, and nothing can stop
    it. So it is a step of its own, during which no other try begins. Raises ``LinkError``.
    """
    parts = urlsplit(dialect.address(config))
    host = parts.hostname or ""
    if is_loopback(host) or _proxy(config, dialect.address(config)):
        return  # a proxy resolves names itself
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    try:
        async with asyncio.timeout(LOOK_UP_TIMEOUT_S):
            await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        what = "its name is not looked up in time; is the network there?"
        raise LinkError(LinkFailure(Severity.TRANSIENT, what)) from None
    except (OSError, UnicodeError) as error:
        raise LinkError(LinkFailure(Severity.TRANSIENT, _unreachable(error))) from error


def _proxy(config: LinkConfig, address: str) -> str | None:
    """The proxy for this address: that of the settings, else that of the environment."""
    if config.proxy:
        return None if config.proxy in NO_PROXY else config.proxy
    if is_loopback(urlsplit(address).hostname or ""):
        return None
    try:
        return get_proxy(parse_uri(address))
    except InvalidURI:
        return None  # told when it is connected to


async def open_socket(config: LinkConfig, dialect: Dialect) -> ClientConnection:
    """Connects and upgrades; returns a socket whose session is not configured yet.

    Raises ``LinkError`` when the server is away or refuses; ``SettingsError`` when the address or
    the key cannot be used at all.
    """
    address = dialect.address(config)
    options: dict[str, Any] = {}
    proxy = options["proxy"] = _proxy(config, address)
    if address.startswith("wss:"):
        options["ssl"] = _tls(config.ca_file)
    if proxy is None:
        options["happy_eyeballs_delay"] = NEXT_ADDRESS_S
    elif proxy.startswith("https:"):
        options["proxy_ssl"] = _tls(config.ca_file)
    try:
        connection = await _Connect(
            address,
            additional_headers=dialect.headers(config),
            compression=None,
            logger=_library_log(),
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            write_limit=(UNSENT_BYTES, UNSENT_BYTES // 4),
            **options,
        )
    except InvalidStatus as refusal:
        raise LinkError(from_response(refusal.response)) from refusal
    except (InvalidURI, InvalidProxy, ImportError) as unusable:
        # The library's message may hold passwords of the address or the proxy.
        what = "realtime.url" if isinstance(unusable, InvalidURI) else "the proxy"
        raise SettingsError(
            f"{public_address(address)} cannot be reached: {what} is not usable.",
            do="Check realtime.url, and realtime.proxy or https_proxy, all_proxy and no_proxy in "
            "the environment (http://proxy.lan:3128; SOCKS needs the Python package python-socks).",
        ) from unusable
    except (OSError, EOFError, WebSocketException, ValueError, LookupError) as error:
        raise LinkError(LinkFailure(Severity.TRANSIENT, _unreachable(error))) from error
    _tune(connection)
    return connection


# --- what went wrong, in words ------------------------------------------------------------------


def from_closed(closed: ConnectionClosed) -> LinkFailure:
    """Why a connection ended, by its close frames."""
    if closed.rcvd is not None:
        return from_close(closed.rcvd.code, closed.rcvd.reason)
    if closed.sent is not None and "keepalive" in closed.sent.reason:
        return LinkFailure(Severity.TRANSIENT, "the server does not answer any more")
    if closed.sent is not None and closed.sent.code != 1000:
        return from_close(closed.sent.code, closed.sent.reason)
    cause = closed.__cause__
    return from_close(1006, _system_words(cause) if isinstance(cause, OSError) else "")


def _unreachable(error: BaseException) -> str:
    """Why there is no connection, for a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not accepted ({error.verify_message}); is the clock right, and "
            "does nothing stand between, such as the sign-in page of a network?"
        )
    if isinstance(error, socket.gaierror | UnicodeError):
        words = _system_words(error) if isinstance(error, OSError) else str(error)
        return f"its name cannot be looked up ({words}); is the network there?"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return _system_words(error)
    if isinstance(error, InvalidProxyStatus):
        status = error.response.status_code
        return f"the proxy refuses it (HTTP {status}); check realtime.proxy or https_proxy"
    return f"no WebSocket there ({printable(str(error), 200)})"


def _system_words(error: OSError) -> str:
    return printable(error.strerror or str(error), 200) or type(error).__name__


def _tune(connection: ClientConnection) -> None:
    """Has the kernel notice a dead network early and buffer little audio."""
    raw = connection.transport.get_extra_info("socket")
    for option, value in (
        ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS),
        ("TCP_NOTSENT_LOWAT", UNSENT_BYTES),
    ):
        number = getattr(socket, option, None)
        if raw is not None and number is not None:
            with contextlib.suppress(OSError):  # a Unix socket or another system: do without
                raw.setsockopt(socket.IPPROTO_TCP, number, value)
