"""What the connection has to know. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from satellite.mqtt.client.reasons import Where


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the satellite dies; and it itself on leaving."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """Where the broker is and how to get in. Two clients must not share a ``client_id``."""

    host: str
    port: int
    client_id: str
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: str | None = None
    will: Will | None = None
    keepalive_s: int = 10
    """A broker that says nothing for twice as long is gone."""

    @property
    def where(self) -> Where:
        return Where(self.host, self.port, self.client_id, self.tls)
