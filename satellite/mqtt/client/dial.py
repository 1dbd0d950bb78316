"""Opens the socket to the broker and sends CONNECT.

Looking up the name, the handshakes of TCP and TLS and the import of paho block, so they run in a
thread. It is a daemon thread: the end of the process must not wait for a slow name server.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from satellite.mqtt.client import reasons
from satellite.mqtt.client.config import BrokerConfig

if TYPE_CHECKING:
    from paho.mqtt.client import Client

V5 = 5
V311 = 4

HANDSHAKE_S = 5.0
"""For TCP, for the TLS handshake and for the broker's answer, each."""
LARGEST_PACKET_BYTES = 1 << 20
"""A broker of MQTT 5 does not deliver larger messages. A camera's picture may have half of it."""
UNSEEN_LIMIT_MS = 10_000
"""The connection is lost when sent data is not acknowledged for so long."""
UNANSWERED_MESSAGES = 1_000
"""Own messages with QoS 1 that may wait for their PUBACK."""


async def dial(config: BrokerConfig, protocol: int) -> Client:
    """A connected client. Raises OSError, ValueError or BrokerError."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Client] = loop.create_future()

    def deliver(client: Client | None, error: Exception | None) -> None:
        if answer.done():  # cancelled meanwhile
            if client is not None:
                drop(client)
        elif client is not None:
            answer.set_result(client)
        elif error is not None:
            answer.set_exception(error)

    def work() -> None:
        client, problem = None, None
        try:
            client = _connect(config, protocol)
        except Exception as error:  # noqa: BLE001  raised again where it is awaited
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(deliver, client, problem)

    threading.Thread(target=work, name="mqtt dial", daemon=True).start()
    return await answer


def drop(client: Client) -> None:
    """Closes the socket without DISCONNECT; the broker then publishes the will."""
    sock = client.socket()
    if sock is not None:
        sock.close()


def _connect(config: BrokerConfig, protocol: int) -> Client:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=config.client_id,
        protocol=MQTTProtocolVersion(protocol),
        reconnect_on_failure=False,
    )
    client.connect_timeout = HANDSHAKE_S
    client.max_queued_messages_set(UNANSWERED_MESSAGES)
    if config.username:
        client.username_pw_set(config.username, config.password or None)
    if config.tls:
        _set_tls(client, config)
    if config.will is not None:
        client.will_set(config.will.topic, config.will.payload, qos=1, retain=True)
    properties = None
    if protocol == V5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
        properties.MaximumPacketSize = LARGEST_PACKET_BYTES
    client.connect(config.host, config.port, config.keepalive_s, properties=properties)
    _tune(client.socket())
    return client


def _set_tls(client: Client, config: BrokerConfig) -> None:
    ca_file = config.ca_file
    try:
        client.tls_set(ca_certs=ca_file)
    except OSError as error:
        raise reasons.bad_ca_file(config.where, ca_file or "of this machine", error) from error


def _tune(sock: Any) -> None:  # noqa: ANN401  plain or TLS; paho's type for it knows no options
    """Commands do not wait for acknowledgements (no Nagle), and a dead broker is noticed."""
    for option, value in ((socket.TCP_NODELAY, 1), (socket.TCP_USER_TIMEOUT, UNSEEN_LIMIT_MS)):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
