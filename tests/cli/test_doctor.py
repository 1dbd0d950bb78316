"""The doctor tells the healthy from the sick, with real parts on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from satellite.audio.backend import AudioDevice
from satellite.audio.cards.held import CardBusyError, Held, Holder
from satellite.audio.file_backend import FileBackend
from satellite.cli import sound_system
from satellite.cli.doctor import cards, checks, plaintext, run
from satellite.cli.doctor.findings import Finding
from satellite.core.errors import MissingPartError
from satellite.demo.broker import Mosquitto, free_port
from satellite.demo.room import Room
from satellite.local_server.server import Options, serve
from satellite.settings import Settings, load_settings
from satellite.settings.base import Secret

pytestmark = pytest.mark.usefixtures("no_settings")
T = TypeVar("T")
SWITCH = {"name": "Pump", "unique_id": "pump1", "command_topic": "pump/set"}
Run = Callable[[Coroutine[Any, Any, T]], T]


def examine(capsys: pytest.CaptureFixture[str], **overrides: dict[str, Any]) -> tuple[int, str]:
    status = run.examine(None, overrides)
    return status, capsys.readouterr().out


def line(told: str, part: str) -> str:
    """The first line about a part, and what follows up to the next part."""
    lines = told.splitlines()
    at = next(i for i, text in enumerate(lines) if text[2:].startswith(part))
    block = [lines[at]]
    for text in lines[at + 1 :]:
        if text[2:3] != " ":
            break
        block.append(text)
    return "\n".join(block)


class TestSettings:
    def test_wrong_ones_end_the_visit(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, told = examine(capsys, audio={"volume": 300})
        assert status == 78
        assert "audio.volume on the command line: must be at most 100" in told
        assert "broker" not in told

    @pytest.mark.parametrize(
        ("language", "pin", "told"),
        [("fr", "1234", True), ("de", "1234", False), ("fr", "", False), ("", "1234", True)],
    )
    def test_a_pin_whose_words_are_not_masked(
        self, tmp_path: Path, language: str, pin: str, told: bool
    ) -> None:
        path = tmp_path / "s.toml"
        path.write_text(f'home.pin = "{pin}"\nsatellite.language = "{language}"')
        settings = load_settings(path, key_needed=False)
        texts = [finding.text for finding in checks.settings(settings, path)]
        assert any("English, German and Chinese" in text for text in texts) is told

    @pytest.mark.parametrize(
        ("language", "missing"),
        [("en", set()), ("de", set()), ("fr", {"English"}), ("eu", {"English", "yes and no"})],
    )
    def test_a_language_of_which_something_is_missing(
        self, tmp_path: Path, language: str, missing: set[str]
    ) -> None:
        path = tmp_path / "s.toml"
        path.write_text(f'satellite.language = "{language}"')
        settings = load_settings(path, key_needed=False)
        texts = " ".join(finding.text for finding in checks.settings(settings, path))
        assert {word for word in ("English", "yes and no") if word in texts} == missing

    @pytest.mark.parametrize(("mode", "told"), [(0o644, True), (0o640, True), (0o600, False)])
    def test_secrets_that_others_can_read(self, tmp_path: Path, mode: int, told: bool) -> None:
        path = tmp_path / "s.toml"
        path.write_text('mqtt.password = "geheim"\nhome.pin = "1234"\nhome.codes.Alarm = "geheim"')
        path.chmod(mode)
        settings = load_settings(path, key_needed=False)
        texts = [finding.text for finding in checks.settings(settings, path)]
        assert any("home.codes and home.pin and mqtt.password" in text for text in texts) is told
        assert "geheim" not in "".join(texts)


def with_mode(mode: str) -> Settings:
    return load_settings(None, {"listen": {"mode": mode}}, key_needed=False)


class TestPackages:
    def test_a_missing_one_is_named_with_its_purpose(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(checks, "PACKAGES", {"no_such_package": "sound card"})
        status, told = examine(capsys, realtime={"url": "offline"})
        assert status == 69
        assert "no_such_package cannot be loaded, which the sound card needs" in told

    def test_the_wake_words_are_those_that_it_will_hear(self) -> None:
        wanted = {"listen": {"mode": "wake", "wake_words": ["Alexa", "okay_nabu"]}}
        settings = load_settings(None, wanted, key_needed=False)
        texts = [finding.text for finding in checks.packages(settings)]
        assert "it wakes on: alexa, okay nabu" in texts

    def test_without_what_hears_the_wake_word_auto_is_open(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("satellite.audio.wake.detector.PACKAGE", "no_such_package")
        told = [one for mode in ("auto", "open") for one in checks.packages(with_mode(mode))]
        (lacking,) = [one for one in told if 'listen.mode "auto" is as "open"' in one.text]
        assert (lacking.verdict, lacking.status) == ("note", 0)
        with pytest.raises(MissingPartError):
            list(checks.packages(with_mode("wake")))

    def test_an_unknown_wake_word_is_a_wrong_setting(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status, told = examine(capsys, listen={"mode": "wake", "wake_words": ["hey computer"]})
        assert status == 78
        assert "hey computer" in line(told, "packages")


class TestBroker:
    def test_with_devices(self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
        where = ["-h", broker.host, "-p", str(broker.port)]
        topic = "homeassistant/switch/pump1/config"
        subprocess.run(
            ["mosquitto_pub", *where, "-r", "-t", topic, "-m", json.dumps(SWITCH)],
            check=True,
            timeout=10,
        )
        mqtt = {"host": broker.host, "port": broker.port}
        told = line(examine(capsys, realtime={"url": "offline"}, mqtt=mqtt)[1], "broker")
        assert "✓ broker" in told
        assert "devices and sensors for the model: 1" in told

    def test_without_any(self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
        mqtt = {"host": broker.host, "port": broker.port}
        told = line(examine(capsys, realtime={"url": "offline"}, mqtt=mqtt)[1], "broker")
        assert "nothing has announced itself below homeassistant/" in told

    def test_that_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        mqtt = {"host": "127.0.0.1", "port": free_port()}
        status, told = examine(capsys, realtime={"url": "offline"}, mqtt=mqtt)
        assert status == 1
        assert "✗ broker" in line(told, "broker")
        assert "Nobody listens at 127.0.0.1" in told

    @pytest.mark.parametrize(
        ("mqtt", "told"),
        [
            ({"host": "192.168.1.2", "password": "geheim"}, True),
            ({"host": "homeassistant.local", "password": "geheim"}, True),
            ({"host": "broker.example.org", "password": "geheim"}, True),
            ({"host": "broker.example.org", "password": "geheim", "tls": True}, False),
            ({"host": "localhost", "password": "geheim"}, False),
            ({"host": "127.0.0.1", "password": "geheim"}, False),
            ({"host": "192.168.1.2"}, False),
        ],
    )
    def test_whose_password_can_be_overheard(
        self, mqtt: dict[str, Any], told: bool, tmp_path: Path
    ) -> None:
        path = tmp_path / "s.toml"
        path.write_text("[mqtt]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in mqtt.items()))
        found = list(plaintext.broker(load_settings(path, key_needed=False)))
        assert bool(found) is told
        assert all(one.verdict == "note" and "mqtt.tls" in one.do for one in found)
        assert "geheim" not in "".join(one.text for one in found)


class TestServer:
    def judge(self, elsewhere: Run[Any], options: Options, key: str) -> list[Finding]:
        server = elsewhere(serve(options=options).start())
        try:
            settings = load_settings(None, {"realtime": {"url": server.url}}, key_needed=False)
            realtime = replace(settings.realtime, api_key=Secret(key))
            realtime.withhold_key(settings.realtime.withheld_key)
            settings = replace(settings, realtime=realtime)
            return list(run._caught(lambda: checks.server(settings)))
        finally:
            elsewhere(server.close())

    def test_that_takes_us(self, elsewhere: Run[Any]) -> None:
        (finding,) = self.judge(elsewhere, Options(key="right"), "right")
        assert finding.verdict == "good"
        assert "ready to talk (ga dialect)" in finding.text

    def test_that_refuses_the_key(self, elsewhere: Run[Any]) -> None:
        (finding,) = self.judge(elsewhere, Options(key="right", need_key=True), "wrong")
        assert (finding.verdict, finding.status) == ("bad", 78)
        assert "OPENAI_API_KEY" in finding.do
        assert "wrong" not in finding.text

    def test_that_does_not_know_the_model(self, elsewhere: Run[Any]) -> None:
        (finding,) = self.judge(elsewhere, Options(models=("another",)), "")
        assert (finding.verdict, finding.status) == ("bad", 78)
        assert "realtime.model" in finding.do

    def test_that_is_not_there(self) -> None:
        url = f"ws://127.0.0.1:{free_port()}/v1/realtime"
        settings = load_settings(None, {"realtime": {"url": url}})
        (finding,) = run._caught(lambda: checks.server(settings))
        assert (finding.verdict, finding.status) == ("bad", 1)

    def test_of_the_cloud_without_a_key(self) -> None:
        settings = load_settings(None, key_needed=False)
        (finding,) = run._caught(lambda: checks.server(settings))
        assert (finding.verdict, finding.status) == ("bad", 78)

    def test_of_another_cloud_with_the_key_of_openai(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-geheim")
        url = {"realtime": {"url": "wss://house.openai.azure.com/openai/v1/realtime"}}
        (finding,) = run._caught(lambda: checks.server(load_settings(None, url, key_needed=False)))
        assert (finding.verdict, finding.status) == ("bad", 78)
        assert "OPENAI_API_KEY is for api.openai.com" in finding.text
        assert "realtime-api-key" in finding.do

    def test_at_home_with_the_key_of_openai(
        self, elsewhere: Run[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-geheim")
        withheld_key, ready = self.judge(elsewhere, Options(), "")
        assert withheld_key.verdict == "note"
        assert "is not sent to 127.0.0.1" in withheld_key.text
        assert ready.verdict == "good"

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("ws://voice.example.org/v1/realtime", True),
            ("http://93.184.216.34", True),
            ("ws://api.openai.com/v1/realtime", True),
            ("wss://voice.example.org/v1/realtime", False),
            ("ws://127.0.0.1:8000", False),
            ("ws://192.168.1.4:8000", False),
            ("ws://100.100.1.2:8000", False),
            ("ws://[fd00::1]:8000", False),
            ("ws://localai.local:8000", False),
            ("offline", False),
        ],
    )
    def test_that_can_be_overheard(self, url: str, told: bool) -> None:
        settings = load_settings(None, {"realtime": {"url": url}}, key_needed=False)
        found = list(plaintext.server(settings))
        assert bool(found) is told
        assert all(one.verdict == "note" and "wss://" in one.do for one in found)

    def test_on_this_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load_settings(None, {"realtime": {"url": "offline", "voice": "espeak"}})
        (finding,) = checks.server(settings)
        assert finding.verdict == "good"
        assert "espeak-ng speaks" in finding.text
        monkeypatch.setenv("PATH", "")
        (finding,) = checks.server(settings)
        assert finding.status == 69
        assert "espeak-ng" in finding.do

    def test_on_this_machine_with_a_voice_that_is_not_there(self) -> None:
        settings = load_settings(None, {"realtime": {"url": "offline", "voice": "en_US-nobody"}})
        (finding,) = checks.server(settings)
        assert finding.status == 78
        assert "en_US-joe-medium" in finding.do


class TestSound:
    def test_names_the_cards_and_what_is_missing(self, elsewhere: Run[Any]) -> None:
        """In a process of its own: PortAudio reads where ALSA is from the environment once."""
        room = Room()
        elsewhere(room.__aenter__())
        try:
            argv = ["doctor", "--set", "audio.input=usb", "--set", "audio.output=Sonos"]
            done = subprocess.run(
                [sys.executable, "-m", "satellite", *argv, "--set", "realtime.url=offline"],
                env={**os.environ, **room.environment},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
        finally:
            elsewhere(room.__aexit__(None, None, None))
        told = line(done.stdout, "sound")
        assert "microphone: usbmic" in told
        assert "No loudspeaker is called “Sonos”" in told
        assert "speaker" in told.partition("Present")[2]
        assert "ALSA lib" not in done.stderr

    def test_knows_a_card_by_the_sound_system_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sound_system, "sound_system", FileBackend)
        found = [finding.text for finding in cards.sound(load_settings(key_needed=False))]
        assert "microphone: silence (24000 Hz)" in found
        assert "loudspeaker: nowhere (24000 Hz)" in found

    @pytest.mark.parametrize(
        ("service", "verdict"),
        [
            ({"ActiveState": "active", "MainPID": "812"}, "note"),
            ({"ActiveState": "active", "MainPID": "640"}, "bad"),
            ({}, "bad"),
        ],
    )
    def test_tells_who_holds_a_card(self, service: dict[str, str], verdict: str) -> None:
        device = AudioDevice(-1, "USB Audio Device: USB Audio (hw:1,0)", inputs=1)
        error = CardBusyError(Held(device, (Holder(812, "pipewire"),)))
        finding = cards.refused("input", error, service)
        assert finding.verdict == verdict
        if verdict == "bad":
            assert "in use by pipewire (process 812)" in finding.text
            assert "pactl set-card-profile CARD off" in finding.do
        else:
            assert "the running service has the card" in finding.text

    @pytest.mark.parametrize(
        ("socket", "service", "told"),
        [
            ("pipewire-0", {"LoadState": "loaded"}, True),
            ("pulse/native", {"LoadState": "loaded"}, True),
            ("pipewire-0", {"LoadState": "not-found"}, False),
            ("pipewire-0", {}, False),
            ("bus", {"LoadState": "loaded"}, False),
        ],
    )
    def test_a_sound_server_that_the_service_does_not_reach(
        self, tmp_path: Path, socket: str, service: dict[str, str], told: bool
    ) -> None:
        (tmp_path / socket).parent.mkdir(exist_ok=True)
        (tmp_path / socket).touch()
        mine = {"XDG_RUNTIME_DIR": str(tmp_path)}
        found = list(cards.of_this_session("default", "input", service, mine))
        assert bool(found) is told
        assert list(cards.of_this_session("default", "input", service, {})) == []
        for finding in found:
            assert finding.verdict == "note"
            assert "“default” is of this user's session" in finding.text
            assert "audio.input" in finding.do
