"""What leaves this machine unencrypted. For ``satellite doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from satellite.cli.doctor.findings import Finding, note
from satellite.core.hosts import is_loopback, is_private
from satellite.settings import Settings


def server(settings: Settings) -> Iterator[Finding]:
    """Only beyond the local network: within it a server without TLS is usual."""
    realtime = settings.realtime
    plain = urlsplit(realtime.url).scheme in ("ws", "http")
    if plain and not is_private(realtime.host):
        key = " and the key" if realtime.has_key else ""
        yield note(
            f"everything that is said in the room{key} goes to {realtime.host} unencrypted",
            "let realtime.url begin with wss://, or reach that server through a VPN",
        )


def broker(settings: Settings) -> Iterator[Finding]:
    """A password of the broker, which opens the whole home to whoever reads it."""
    mqtt = settings.mqtt
    if mqtt.password.get_secret_value() and not mqtt.tls and not is_loopback(mqtt.host):
        yield note(
            f"the password goes to {mqtt.host}:{mqtt.port} unencrypted",
            "set mqtt.tls = true where the broker has a port for it (mostly 8883)",
        )
