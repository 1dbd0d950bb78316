"""The command line: what each command says, and with which status it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from satellite import app
from satellite.audio.cards.manager import CardManager
from satellite.audio.portaudio import plugins
from satellite.cli import main
from satellite.cli.parser import parser
from satellite.core.errors import MissingPartError, SettingsError, TransientError
from satellite.demo.broker import Mosquitto, free_port
from satellite.mqtt.client.broker import Broker
from satellite.settings import Settings
from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("no_settings")
SECRET = "sk-geheim-geheim"


def at(broker: Mosquitto) -> list[str]:
    return ["--set", f"mqtt.host={broker.host}", "--set", f"mqtt.port={broker.port}"]


def publish(broker: Mosquitto, topic: str, payload: str) -> None:
    where = ["-h", broker.host, "-p", str(broker.port)]
    subprocess.run(
        ["mosquitto_pub", *where, "-r", "-t", topic, "-m", payload], check=True, timeout=10
    )


class TestHelp:
    @pytest.mark.parametrize(
        "command", ["", "run", "demo", "doctor", "devices", "functions", "offline", "say", "ask"]
    )
    def test_of_each_command_is_free_of_values(
        self, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", SECRET)
        with pytest.raises(SystemExit) as ended:
            main.main([*command.split(), "--help"])
        assert ended.value.code == 0
        told = capsys.readouterr().out
        assert told.startswith(f"usage: satellite {command}".rstrip())
        assert SECRET not in told

    @pytest.mark.parametrize(
        "wrong",
        [
            [],
            ["rum"],
            ["run", "--louder"],
            ["say"],
            ["say", "hello", "--volume", "200"],
            ["say", "hello", "--id", "kitchen/#"],
            ["say", "hello", "--id", ""],
            ["ask"],
            ["ask", "hello", "--id", "kitchen/#"],
            ["offline", "--port", "99999"],
            ["offline", "--port", "-1"],
        ],
    )
    def test_a_wrong_command_line_need_not_be_tried_again(
        self, wrong: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            main.main(wrong)
        assert ended.value.code == 78
        assert "usage: satellite" in capsys.readouterr().err

    def test_module_and_command_are_the_same(self) -> None:
        told = subprocess.run(
            [sys.executable, "-m", "satellite", "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        assert told.startswith("satellite ")

    def test_nobody_pays_for_the_commands_of_others(self) -> None:
        code = "import sys, satellite.cli.main; print(*sys.modules)"
        loaded = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout.split()
        for heavy in ("asyncio", "pydantic", "numpy", "websockets", "paho", "jinja2", "pyaudio"):
            assert heavy not in loaded


class TestRun:
    @pytest.fixture(autouse=True)
    def _no_cards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Cards are looked for once in a process, not once in a test."""
        monkeypatch.setattr(CardManager, "warm_up", lambda _self: None)

    def run(self, monkeypatch: pytest.MonkeyPatch, outcome: object, *argv: str) -> tuple[int, Any]:
        seen: list[Settings] = []

        def run(settings: Settings, _card: object) -> int:
            seen.append(settings)
            if isinstance(outcome, BaseException):
                raise outcome
            assert isinstance(outcome, int)
            return outcome

        monkeypatch.setattr(app, "run", run, raising=False)
        status = main.main(["run", "--set", "realtime.url=offline", *argv])
        return status, seen[0] if seen else None

    def test_gets_the_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SATELLITE_AUDIO__VOLUME", "30")
        argv = ("--set", "audio.chunk_ms=40", "--set", 'listen.wake_words=["alexa"]')
        status, settings = self.run(monkeypatch, 0, *argv)
        assert status == 0
        assert settings.audio.volume == 30
        assert settings.audio.chunk_ms == 40
        assert settings.listen.wake_words == ("alexa",)

    def test_options_may_stand_before_the_command(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "a.toml").write_text("audio.volume = 9")
        monkeypatch.setattr(
            app, "run", lambda settings, _card: settings.audio.volume, raising=False
        )
        config = ["--config", str(tmp_path / "a.toml")]
        offline = ["--set", "realtime.url=offline"]
        assert main.main([*config, *offline, "run"]) == 9
        assert main.main(["run", *config, *offline]) == 9
        assert main.main([*config, "run", *offline]) == 9

    @pytest.mark.parametrize(
        ("outcome", "status", "told"),
        [
            (SettingsError("The key is wrong.", do="Get another."), 78, "wrong. Get another."),
            (MissingPartError("No espeak-ng."), 69, "No espeak-ng."),
            (TransientError("The moon is down."), 1, "The moon is down."),
            (KeyboardInterrupt(), 0, ""),
        ],
    )
    def test_tells_why_it_ended_and_whether_a_restart_helps(
        self,
        outcome: BaseException,
        status: int,
        told: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert self.run(monkeypatch, outcome)[0] == status
        error = capsys.readouterr().err
        assert told in error
        assert "Traceback" not in error

    def test_finds_the_reason_in_a_group(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        group = BaseExceptionGroup(
            "tasks",
            [
                TransientError("third"),
                BaseExceptionGroup("more", [MissingPartError("second"), SettingsError("first")]),
            ],
        )
        assert self.run(monkeypatch, group)[0] == 78
        assert capsys.readouterr().err == "satellite: first\n"

    def test_a_bug_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        group = BaseExceptionGroup("tasks", [SettingsError("wrong"), ZeroDivisionError()])
        with pytest.raises(BaseExceptionGroup):
            self.run(monkeypatch, group)

    @pytest.mark.parametrize(
        ("argv", "told"),
        [
            (["--set", "audio.volume=loud"], "audio.volume on the command line"),
            (["--set", "audio.volum=3"], "did you mean audio.volume?"),
            (["--set", "volume"], "Write it as --set audio.volume=40"),
            (["--set", "realtime.api_key=" + SECRET], "is a secret"),
            (["--config", "/nowhere.toml"], "no settings file /nowhere.toml"),
        ],
    )
    def test_wrong_settings_end_it_at_once(
        self, argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main.main(["run", *argv]) == 78
        error = capsys.readouterr().err
        assert told in error
        assert SECRET not in error

    def test_needs_a_key_for_the_cloud(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main.main(["run"]) == 78
        assert "There is no API key for api.openai.com" in capsys.readouterr().err


class TestSignals:
    """Whatever ends a process goes through ``entry``, from its first moment on."""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_stop_in_the_middle_of_the_start_leaves_nothing_behind(
        self, number: signal.Signals, tmp_path: Path
    ) -> None:
        """Three of 31 starts that were stopped within 0.7 s left ALSA's plugins in ``/tmp``."""
        argv = ["run", "--set", "realtime.url=ws://127.0.0.1:9/", "--set", "mqtt.port=9"]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        environment.pop(plugins.VARIABLE, None)
        process = subprocess.Popen(
            [sys.executable, "-m", "satellite", *argv],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            end_s = time.monotonic() + 30
            while not any(tmp_path.iterdir()):
                assert time.monotonic() < end_s, "it makes no folder for ALSA's plugins any more"
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == 0
        assert said == ""
        assert not any(tmp_path.iterdir())

    def test_all_processes_of_a_service_may_be_asked_for_diagnostics(self) -> None:
        """``systemctl kill -s USR1`` sends the signal to each of them, the local server too."""
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "satellite", "offline", "--port", str(port)],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stderr
            assert f"ws://127.0.0.1:{port}/v1/realtime" in server.stderr.readline()
            server.send_signal(signal.SIGUSR1)
            with pytest.raises(subprocess.TimeoutExpired):
                server.wait(1)
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
        finally:
            server.kill()
            server.communicate()


@pytest.fixture
def readonly(tmp_path: Path, elsewhere: Run) -> Iterator[Mosquitto]:
    """A broker that lets everybody read and nobody command."""
    rules = tmp_path / "acl"
    rules.write_text("topic read #\ntopic write satellite/kitchen/availability\n")
    mosquitto = Mosquitto(extra=f"acl_file {rules}")
    elsewhere(mosquitto.__aenter__())
    yield mosquitto
    elsewhere(mosquitto.__aexit__(None, None, None))


class TestSay:
    def test_reaches_a_satellite_that_is_there(self, broker: Mosquitto) -> None:
        publish(broker, "satellite/kitchen/availability", "online")
        where = ["-h", broker.host, "-p", str(broker.port)]
        topic = ["-t", "satellite/kitchen/say/set"]
        listener = subprocess.Popen(
            # Into a pipe it would tell only at its end that it is subscribed.
            ["stdbuf", "-oL", "mosquitto_sub", *where, "-d", "-C", "1", "-W", "20", *topic],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert listener.stdout
        while "SUBACK" not in listener.stdout.readline():
            pass
        argv = ["say", *at(broker), "--id", "kitchen", "--volume", "30", "--no-chime"]
        assert main.main([*argv, "Dinner", "is", "ready"]) == 0
        lines = listener.communicate(timeout=20)[0].splitlines()
        heard = next(line for line in lines if line.startswith("{"))
        assert json.loads(heard) == {"text": "Dinner is ready", "volume": 30, "chime": False}

    def test_tells_when_nobody_would_hear_it(
        self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main.main(["say", *at(broker), "--id", "attic", "hello"]) == 1
        assert "satellite attic is unknown" in capsys.readouterr().err
        publish(broker, "satellite/attic/availability", "offline")
        assert main.main(["say", *at(broker), "--set", "satellite.id=attic", "hello"]) == 1
        assert "satellite attic is offline" in capsys.readouterr().err

    def test_tells_when_nobody_has_subscribed(
        self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
    ) -> None:
        publish(
            broker, "satellite/kitchen/availability", "online"
        )  # of a broker that lives in the past
        assert main.main(["say", *at(broker), "--id", "kitchen", "hello"]) == 1
        assert "Nobody has subscribed to satellite/kitchen/say/set" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("version", "told"),
        [
            (5, "does not let us publish to satellite/kitchen/say/set (reason code 0x87)"),
            (4, "whether the satellite speaks is not known"),
        ],
    )
    def test_tells_when_the_broker_forbids_it(
        self,
        version: int,
        told: str,
        readonly: Mosquitto,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """It ended with 0, and nobody heard anything."""
        monkeypatch.setattr(Broker, "_version", lambda _self: version)
        publish(readonly, "satellite/kitchen/availability", "online")
        assert main.main(["say", *at(readonly), "--id", "kitchen", "hello"]) == 1
        assert told in capsys.readouterr().err

    def test_an_older_broker_that_lets_it_pass_shows_it(
        self, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Broker, "_version", lambda _self: 4)
        publish(broker, "satellite/kitchen/availability", "online")
        assert main.main(["say", *at(broker), "--id", "kitchen", "hello"]) == 0

    def test_tells_when_there_is_no_broker(self, capsys: pytest.CaptureFixture[str]) -> None:
        port = free_port()
        nowhere = ["--set", "mqtt.host=127.0.0.1", "--set", f"mqtt.port={port}"]
        assert main.main(["say", *nowhere, "hello"]) == 1
        assert f"Nobody listens at 127.0.0.1:{port}" in capsys.readouterr().err


LAMP = {
    "name": None,
    "unique_id": "lamp1",
    "command_topic": "lamp/set",
    "state_topic": "lamp/state",
    "device": {"identifiers": ["lamp1"], "name": "Reading lamp", "suggested_area": "Hall"},
}


class TestFunctions:
    def test_are_those_of_the_retained_devices(
        self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
    ) -> None:
        publish(broker, "homeassistant/switch/lamp1/config", json.dumps(LAMP))
        assert main.main(["functions", "--json", *at(broker)]) == 0
        listed = json.loads(capsys.readouterr().out)
        functions = {function["name"]: function for function in listed["functions"]}
        schema = functions["set_power"]["parameters"]
        assert schema["properties"]["devices"]["items"]["enum"] == ["Reading lamp"]
        assert schema["required"] == ["state"]
        assert functions["set_power"]["description"]
        (device,) = listed["devices"]
        assert (device["name"], device["area"]) == ("Reading lamp", "Hall")
        assert device["functions"] == ["set_power"]
        assert listed["areas"] == ["Hall"]
        assert listed["size"]["names"] == "full"

    def test_respect_the_policy(
        self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
    ) -> None:
        publish(broker, "homeassistant/switch/lamp1/config", json.dumps(LAMP))
        argv = ["functions", "--json", *at(broker), "--set", "home.exclude=area:Hall"]
        assert main.main(argv) == 0
        assert "Reading lamp" not in capsys.readouterr().out

    def test_are_shown_to_people(
        self, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
    ) -> None:
        publish(broker, "homeassistant/switch/lamp1/config", json.dumps(LAMP))
        assert main.main(["functions", *at(broker)]) == 0
        told = capsys.readouterr().out
        assert "Hall" in told
        assert "Reading lamp" in told


class TestOffline:
    def test_serves_until_it_is_asked_to_stop(self) -> None:
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "satellite", "offline", "--port", str(port)],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stderr
            assert f"ws://127.0.0.1:{port}/v1/realtime" in server.stderr.readline()
            with socket.create_connection(("127.0.0.1", port), timeout=10):
                pass
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
        finally:
            server.kill()
            server.communicate()

    def test_tells_when_the_port_is_taken(self, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert main.main(["offline", "--port", str(port)]) == 1
        assert f"Nobody can listen at ws://127.0.0.1:{port}/" in capsys.readouterr().err


def test_each_command_is_the_main_of_the_module_of_its_name() -> None:
    """They are loaded by name, so mypy does not see whether they are there."""
    (commands,) = (
        action.choices for action in parser()._actions if isinstance(action.choices, dict)
    )
    assert {*commands} == {
        *("run", "demo", "doctor", "devices", "functions", "offline", "say", "ask")
    }
    for name in commands:
        assert callable(import_module(f"satellite.cli.{name}").main)
