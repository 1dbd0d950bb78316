"""Settings of the broker connection, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from satellite.mqtt.client.reasons import Where


@dataclass(frozen=True, slots=True)
class Will:
    """A retained message for the end of the connection: the broker publishes it, or the client."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """Address and credentials of the broker. Two clients must not share a ``client_id``."""

    host: str
    port: int
    client_id: str
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: str | None = None
    will: Will | None = None
    keepalive_s: int = 10
    """A broker that sends nothing for twice as long counts as lost."""

    @property
    def where(self) -> Where:
        return Where(self.host, self.port, self.client_id, self.tls)
