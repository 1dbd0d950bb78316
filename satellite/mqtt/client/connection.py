"""One connection to the broker, from its handshake to its end.

paho-mqtt does the protocol; the asyncio loop watches its socket. (aiomqtt does the same, but
publishes only from a coroutine and delivers messages through a queue; here both have to happen at
once, in the loop's thread.) A connection is not used again after it ended: paho would send
unacknowledged messages after a reconnect, and a command must not come minutes late.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from satellite.core.timer import Timer
from satellite.mqtt.client import reasons
from satellite.mqtt.client.config import BrokerConfig
from satellite.mqtt.client.dial import HANDSHAKE_S, V5, dial
from satellite.mqtt.client.inbox import TURN_S, Inbox, Reports
from satellite.mqtt.client.reasons import BrokerError
from satellite.mqtt.client.subscriptions import SubscriptionPacket

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

UNSENT_LIMIT_BYTES = 1 << 20
"""What may wait while the broker does not read; beyond it, publishing is refused."""

_TORN = (ValueError, LookupError, struct.error, TypeError, AssertionError)
"""What paho raises when a broker sends what is not MQTT."""


class BrokerConnection:
    """``await open()``, use it, ``await ended``; ``leave()`` disconnects.

    ``ended`` gets the BrokerError when the connection is lost, or the exception that the handling
    of a message raised.
    """

    def __init__(self, config: BrokerConfig, reports: Reports, protocol: int = V5) -> None:
        self._loop = asyncio.get_running_loop()
        self.protocol = protocol
        self.ended: asyncio.Future[BrokerError] = self._loop.create_future()
        self._config = config
        self._reports = reports
        self._client: Client | None = None
        self._socket: Any = None
        self._accepted = asyncio.Event()
        self._up = False
        self._writing = False
        self._unsent_bytes = 0
        self._clock = Timer(self._tick)
        self._inbox = Inbox(
            self._loop,
            reports,
            is_open=lambda: self._up,
            on_failed=self._end,
            on_empty=self._read_on,
        )
        self._reading = True
        self._expiry: tuple[int, Properties | None] = (0, None)
        self._batch: SubscriptionPacket | None = None
        self._batch_mid: int | None = None
        self._refused: list[str] = []

    # --- opening and closing ----------------------------------------------------------------

    async def open(self) -> None:
        """Returns when the broker has accepted the connection. Raises BrokerError."""
        try:
            self._watch(await dial(self._config, self.protocol))
        except OSError as error:
            raise reasons.unreachable(self._config.where, error) from error
        except ValueError as error:
            raise BrokerError(f"{self._config.where} is none: {error}.", slow=True) from error
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                await self._accepted.wait()
        except TimeoutError:
            self._end(reasons.silent(self._config.where))
        except BaseException:
            self._detach()
            raise
        if self.ended.done():
            raise self.ended.result()
        self._up = True

    def leave(self) -> None:
        """Publishes the will and disconnects, as far as the socket takes it now."""
        client, will = self._client, self._config.will
        if client is not None and self._up:
            if will is not None:
                client.publish(will.topic, will.payload, 0, retain=True)
            client.disconnect()
        self._detach()

    def _watch(self, client: Client) -> None:
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        client.on_publish = self._on_publish
        client.on_socket_close = lambda *_: self._forget_socket()
        self._client = client
        self._socket = client.socket()
        if self._socket is None:  # lost while the greeting was written
            self._end(reasons.silent(self._config.where))
            return
        self._loop.add_reader(self._socket.fileno(), self._read)
        self._flush()
        self._tick()

    def _end(self, error: Exception) -> None:
        if not self.ended.done():
            if isinstance(error, BrokerError):
                self.ended.set_result(error)
            else:
                self.ended.set_exception(error)
        self._accepted.set()
        self._detach()

    def _detach(self) -> None:
        self._up = False
        self._clock.stop()
        sock = self._socket
        self._forget_socket()
        if sock is not None:
            sock.close()

    def _forget_socket(self) -> None:
        """The loop must forget a socket before it is closed: its number is used again."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
            self._socket = None

    # --- sending ----------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool, expiry_s: int) -> bool:
        """Hands the message to the kernel at once; returns False when that is impossible."""
        client = self._client
        if client is None or not self._up or self._unsent_bytes > UNSENT_LIMIT_BYTES:
            return False
        if self._writing:
            self._unsent_bytes += len(topic) + len(payload)
        properties = self._expires(expiry_s) if expiry_s and self.protocol == V5 else None
        sent = client.publish(topic, payload, qos, retain, properties)
        self._flush()
        return int(sent.rc) == 0

    def send(self, batch: SubscriptionPacket) -> None:
        """Subscribes or unsubscribes; ``Reports.answered`` follows."""
        client = self._client
        if client is None or not self._up:
            return
        self._batch, self._refused = batch, []
        if batch.subscribe:
            self._batch_mid = client.subscribe([(topic, 0) for topic in batch.topics])[1]
            if batch.wide:
                # The answer to this one comes after all the retained messages of the filter.
                self._batch_mid = client.unsubscribe(f"{self._config.client_id}/barrier")[1]
        else:
            self._batch_mid = client.unsubscribe(list(batch.topics))[1]
        self._flush()

    def _expires(self, expiry_s: int) -> Properties | None:
        """Properties by which the broker drops a message after ``expiry_s``."""
        if self._expiry[0] != expiry_s:
            from paho.mqtt.packettypes import PacketTypes
            from paho.mqtt.properties import Properties

            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
            properties.MessageExpiryInterval = expiry_s
            self._expiry = (expiry_s, properties)
        return self._expiry[1]

    def _flush(self) -> None:
        """Writes what paho still holds; the loop calls again while the socket is full."""
        client = self._client
        if client is None or self._socket is None:
            return
        if client.want_write():
            client.loop_write()
        if self._socket is None:  # writing found the connection gone
            return
        waiting = client.want_write()
        if not waiting:
            self._unsent_bytes = 0
        if waiting is not self._writing:
            self._writing = waiting
            if waiting:
                self._loop.add_writer(self._socket.fileno(), self._flush)
            else:
                self._loop.remove_writer(self._socket.fileno())

    # --- receiving --------------------------------------------------------------------------

    def _read(self) -> None:
        """Reads from the socket into the inbox, for up to ``TURN_S``."""
        until = perf_counter() + TURN_S
        while self._client is not None and self._socket is not None:
            before = self._inbox.received
            try:
                self._client.loop_read()
            except _TORN as error:
                self._end(BrokerError(f"{self._config.where} does not speak MQTT: {error}."))
                return
            in_tls = self._waits_in_tls()
            if self._inbox.received == before and not in_tls:
                break
            if self._inbox.full or perf_counter() > until:
                if in_tls:
                    self._loop.call_soon(self._read)  # the socket itself will not wake the loop
                break
        if self._socket is not None:
            # Brokers wait for the acknowledgement of a small message before they send the next,
            # and the kernel takes 40 ms for it unless asked again after each reading.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            if self._inbox.full:
                self._loop.remove_reader(self._socket.fileno())
                self._reading = False
        self._flush()
        self._inbox.hand_out()

    def _waits_in_tls(self) -> bool:
        """Whether TLS holds data that it has read from the socket already."""
        pending = getattr(self._socket, "pending", None)
        return pending is not None and pending() > 0

    def _read_on(self) -> None:
        """The inbox is empty: read from the socket again."""
        if not self._reading and self._socket is not None:
            self._loop.add_reader(self._socket.fileno(), self._read)
            self._reading = True
            self._loop.call_soon(self._read)  # data in TLS does not wake the loop

    def _tick(self) -> None:
        """Lets paho ping the broker and notice that it does not answer."""
        if self._client is None or self._socket is None:
            return
        self._clock.set_in(self._config.keepalive_s / 4)
        self._client.loop_misc()
        self._flush()

    # --- what paho calls --------------------------------------------------------------------

    def _on_connect(
        self, _c: object, _u: object, _f: object, reason: ReasonCode, *_: object
    ) -> None:
        if not reason.is_failure:
            self._accepted.set()
        else:
            self._end(reasons.refused(self._config.where, reason.value, str(reason)))

    def _on_disconnect(
        self, _c: object, _u: object, _f: object, reason: ReasonCode, *_: object
    ) -> None:
        where = self._config.where
        if self._accepted.is_set():
            self._end(reasons.lost(where, reason.value, str(reason)))
        else:
            self._end(reasons.silent(where))

    def _on_message(self, _c: object, _u: object, message: MQTTMessage) -> None:
        self._inbox.received += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # a broker must not forward such a topic
        self._inbox.add(topic, bytes(message.payload), bool(message.retain))

    def _on_subscribe(
        self, _c: object, _u: object, mid: int, codes: Sequence[ReasonCode], *_: object
    ) -> None:
        if self._batch is not None and self._batch.subscribe:
            answers = zip(self._batch.topics, codes, strict=False)
            self._refused += [topic for topic, code in answers if code.is_failure]
        self._answered(mid)

    def _on_unsubscribe(self, _c: object, _u: object, mid: int, *_: object) -> None:
        self._answered(mid)

    def _answered(self, mid: int) -> None:
        if self._batch is not None and mid == self._batch_mid:
            self._batch = None
            self._inbox.add_answer(self._refused)

    def _on_publish(self, _c: object, _u: object, _m: int, reason: ReasonCode, *_: object) -> None:
        self._loop.call_soon(self._reports.acknowledged, reason.value)
