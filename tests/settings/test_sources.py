"""Settings by file, credentials, environment and flags: all of them, and which of them wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from satellite.core.errors import SettingsError
from satellite.settings import Settings, load, load_settings
from satellite.settings.base import names_of
from satellite.settings.explain import variable
from tests.settings.refused import Write

pytestmark = pytest.mark.usefixtures("no_settings")


def test_nothing_given_gives_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Küche Pi.lan")
    settings = load_settings(key_needed=False)
    assert settings == Settings()
    assert settings.satellite.id == "k-che-pi-lan"
    assert settings.satellite.name == "K che pi lan"
    assert settings.realtime.url == "wss://api.openai.com/v1/realtime"
    assert settings.mqtt.port == 1883


def test_later_sources_win_and_leave_the_rest(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write(
        """
        [satellite]
        id = "file"
        name = "from the file"
        area = "from the file"
        [realtime]
        api_key = "file"
        [mqtt]
        password = "file"
        [home]
        exclude = ["from the file"]
        """
    )
    (tmp_path / "openai-api-key").write_text("credential\n")
    (tmp_path / "mqtt-password").write_text("credential\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "environment")
    monkeypatch.setenv("SATELLITE_SATELLITE__NAME", "from the environment")
    monkeypatch.setenv("SATELLITE_SATELLITE__ID", "environment")
    settings = load_settings(config, {"satellite": {"id": "flag"}})
    assert settings.satellite.id == "flag"
    assert settings.satellite.name == "from the environment"
    assert settings.satellite.area == "from the file"
    assert settings.realtime.api_key.get_secret_value() == "environment"
    assert settings.mqtt.password.get_secret_value() == "credential"
    assert settings.home.exclude == ("from the file",)


def test_the_default_file_is_read_when_it_is_there() -> None:
    load.DEFAULT_CONFIG.parent.mkdir()
    load.DEFAULT_CONFIG.write_text("audio.volume = 5")
    assert load_settings(key_needed=False).audio.volume == 5


def test_our_own_variable_beats_that_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "general")
    monkeypatch.setenv("SATELLITE_REALTIME__API_KEY", "ours")
    assert load_settings().realtime.api_key.get_secret_value() == "ours"


def test_everything_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SATELLITE_REALTIME__API_KEY": "sk-test",
        "SATELLITE_REALTIME__URL": "ws://127.0.0.1:9000/v1/realtime",
        "SATELLITE_REALTIME__VAD__TYPE": "semantic_vad",
        "SATELLITE_REALTIME__VAD__IDLE_TIMEOUT_MS": "0",
        "SATELLITE_AUDIO__INPUT": "USB mic",
        "SATELLITE_AUDIO__ECHO__GAIN_CONTROL": "true",
        "SATELLITE_LISTEN__WAKE_WORDS": "alexa, hey jarvis",
        "SATELLITE_MQTT__PORT": "2883",
        "SATELLITE_MQTT__CA_FILE": "",
        "SATELLITE_HOME__INCLUDE": '["area:Hall, upstairs", "*lamp"]',
        "SATELLITE_HOME__ALIASES": '{"Lamp": ["big light"]}',
        "SATELLITE_HOME__FUNCTIONS": '[{"name": "x", "description": "d", "topic": "a/b"}]',
        "SATELLITE_SPENDING__PRICES": '{"m": {"text_in": 1}}',
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.realtime.at_loopback
    assert settings.realtime.vad.type == "semantic_vad"
    assert settings.realtime.vad.idle_timeout_ms is None
    assert settings.audio.input == "USB mic"
    assert settings.audio.echo.gain_control is True
    assert settings.listen.wake_words == ("alexa", "hey jarvis")
    assert settings.mqtt.port == 2883
    assert settings.mqtt.ca_file is None
    assert settings.home.include == ("area:Hall, upstairs", "*lamp")
    assert settings.home.aliases == {"Lamp": ("big light",)}
    assert settings.home.functions[0].topic == "a/b"
    assert settings.home.functions[0].parameters["type"] == "object"
    assert settings.spending.prices["m"].text_in == 1


@pytest.mark.parametrize("name", names_of(Settings))
def test_each_setting_has_its_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that no setting takes is refused by the very setting that the name says."""
    monkeypatch.setenv(variable(name), '{"\x01": [')
    told = ""
    try:
        assert load_settings(key_needed=False) != Settings()
    except SettingsError as error:
        told = str(error)
    assert not told or (told.startswith(f"The settings are wrong: {name}"))
    assert not told or f"in the environment variable {variable(name)}" in told


@pytest.mark.parametrize(
    ("url", "voice", "recogniser"),
    [
        ("wss://api.openai.com/v1/realtime", "marin", "gpt-transcribe"),
        ("wss://eu.api.openai.com/v1/realtime", "marin", "gpt-transcribe"),
        ("wss://us.openai.azure.com/openai/v1/realtime", "marin", ""),
        ("offline", "", "gpt-transcribe"),
        ("ws://127.0.0.1:8765", "", "gpt-transcribe"),
        ("ws://speaches.lan:8000/v1/realtime", "", ""),
        ("wss://api.openai.com.example.org/", "", ""),
    ],
)
def test_names_go_only_to_servers_that_know_them(url: str, voice: str, recogniser: str) -> None:
    realtime = load_settings(None, {"realtime": {"url": url}}, key_needed=False).realtime
    assert (realtime.voice, realtime.transcription_model) == (voice, recogniser)


def test_what_a_person_chose_stays() -> None:
    given_names = {"voice": "cedar", "transcription_model": "whisper-1", "url": "offline"}
    realtime = load_settings(None, {"realtime": given_names}).realtime
    assert (realtime.voice, realtime.transcription_model) == ("cedar", "whisper-1")


@pytest.mark.parametrize(
    ("mqtt", "port"),
    [({}, 1883), ({"tls": True}, 8883), ({"tls": True, "port": 1}, 1), ({"port": "0"}, 1883)],
)
def test_port_follows_tls(mqtt: dict[str, Any], port: int) -> None:
    assert load_settings(None, {"mqtt": mqtt}, key_needed=False).mqtt.port == port
