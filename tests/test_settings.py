"""Settings as a person gives them: by file, credentials, environment and flags, right and wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.errors import EXIT_CONFIG, SettingsError
from satellite.settings import Settings, load, load_settings, secrets_of, sources
from satellite.settings.explain import names_of, variable

pytestmark = pytest.mark.usefixtures("no_settings")
EXPLAINED = Path(__file__).parent.parent / "config" / "satellite.toml"

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "satellite.toml"
        path.write_text(text)
        return path

    return to_file


def refusal(config: Path | None = None, overrides: dict[str, Any] | None = None) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(config, overrides)
    assert refused.value.exit_status == EXIT_CONFIG
    return str(refused.value)


class TestOrder:
    def test_nothing_given_gives_the_defaults(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("socket.gethostname", lambda: "Küche Pi.lan")
        settings = load_settings(key_needed=False)
        assert settings == Settings()
        assert settings.satellite.id == "k-che-pi-lan"
        assert settings.satellite.name == "K che pi lan"
        assert settings.realtime.url == "wss://api.openai.com/v1/realtime"
        assert settings.mqtt.port == 1883

    def test_later_sources_win_and_leave_the_rest(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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

    def test_the_default_file_is_read_when_it_is_there(self) -> None:
        load.DEFAULT_CONFIG.parent.mkdir()
        load.DEFAULT_CONFIG.write_text("audio.volume = 5")
        assert load_settings(key_needed=False).audio.volume == 5

    def test_our_own_variable_beats_that_of_openai(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "general")
        monkeypatch.setenv("SATELLITE_REALTIME__API_KEY", "ours")
        assert load_settings().realtime.api_key.get_secret_value() == "ours"

    def test_everything_can_come_from_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {
            "OPENAI_API_KEY": "sk-test",
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
    def test_each_setting_has_its_variable(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A value that no setting takes is refused by the very setting that the name says."""
        monkeypatch.setenv(variable(name), '{"\x01": [')
        told = ""
        try:
            assert load_settings(key_needed=False) != Settings()
        except SettingsError as error:
            told = str(error)
        assert not told or (told.startswith(f"The settings are wrong: {name}"))
        assert not told or f"in the environment variable {variable(name)}" in told


class TestChoices:
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
    def test_names_go_only_to_servers_that_know_them(
        self, url: str, voice: str, recogniser: str
    ) -> None:
        realtime = load_settings(None, {"realtime": {"url": url}}, key_needed=False).realtime
        assert (realtime.voice, realtime.transcription_model) == (voice, recogniser)

    def test_what_a_person_chose_stays(self) -> None:
        given_names = {"voice": "cedar", "transcription_model": "whisper-1", "url": "offline"}
        realtime = load_settings(None, {"realtime": given_names}).realtime
        assert (realtime.voice, realtime.transcription_model) == ("cedar", "whisper-1")

    @pytest.mark.parametrize(
        ("mqtt", "port"),
        [({}, 1883), ({"tls": True}, 8883), ({"tls": True, "port": 1}, 1), ({"port": "0"}, 1883)],
    )
    def test_port_follows_tls(self, mqtt: dict[str, Any], port: int) -> None:
        assert load_settings(None, {"mqtt": mqtt}, key_needed=False).mqtt.port == port


class TestKey:
    @pytest.mark.parametrize(
        "url", ["wss://api.openai.com/v1/realtime", "wss://x.openai.azure.com/openai/v1/realtime"]
    )
    def test_a_cloud_without_a_key_is_an_error_with_advice(self, url: str) -> None:
        message = refusal(None, {"realtime": {"url": url}})
        assert "no API key" in message
        assert "OPENAI_API_KEY" in message
        assert '"offline"' in message

    @pytest.mark.parametrize(
        "url", ["offline", "ws://localhost:1/", "ws://[::1]:1", "ws://box.lan"]
    )
    def test_servers_at_home_need_none(self, url: str) -> None:
        assert load_settings(None, {"realtime": {"url": url}}).realtime.url == url

    def test_an_empty_variable_is_no_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", " ")
        assert "no API key" in refusal()


class TestSecrets:
    def test_are_never_shown(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-geheim")
        monkeypatch.setenv("SATELLITE_MQTT__PASSWORD", "pw-geheim")
        monkeypatch.setenv("SATELLITE_HOME__CODES", '{"Alarm": "code-geheim"}')
        monkeypatch.setenv("SATELLITE_HOME__PIN", "987654")
        settings = load_settings()
        for text in (repr(settings), str(settings), settings.model_dump_json()):
            assert "geheim" not in text
            assert "987654" not in text
        assert {"sk-geheim", "pw-geheim", "code-geheim", "987654"} == set(secrets_of(settings)) - {
            ""
        }

    def test_are_not_told_when_they_are_wrong(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SATELLITE_HOME__CODES", '{"Alarm": ["geheim"]}')
        message = refusal(write('home.pin = "geheim1"\n[realtime]\napi_key = ["geheim"]'))
        assert "home.pin" in message
        assert "realtime.api_key" in message
        assert "home.codes" in message
        assert "geheim" not in message

    @pytest.mark.parametrize(
        "flags",
        [
            {"realtime": {"api_key": "geheim"}},
            {"mqtt": {"password": "geheim"}},
            {"home": {"codes": {"Alarm": "geheim"}}},
        ],
    )
    def test_are_not_taken_from_the_command_line(self, flags: dict[str, Any]) -> None:
        message = refusal(None, flags)
        assert "secret" in message
        assert "geheim" not in message

    def test_credentials_that_are_empty_are_absent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The unit gives an empty one where the person has none."""
        (tmp_path / "openai-api-key").write_text("\n")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        assert "no API key" in refusal()

    def test_a_person_sees_what_the_service_sees(self) -> None:
        sources.DEFAULT_CREDENTIALS.mkdir(parents=True)
        (sources.DEFAULT_CREDENTIALS / "openai-api-key").write_text("sk-installed\n")
        assert load_settings().realtime.api_key.get_secret_value() == "sk-installed"

    def test_a_bad_credential_names_its_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "home-pin").write_text("12")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        message = refusal(None, {"realtime": {"url": "offline"}})
        assert f"in the credential file {tmp_path}/home-pin" in message
        (tmp_path / "home-pin").unlink()
        (tmp_path / "home-pin").mkdir()
        assert str(tmp_path / "home-pin") in refusal()


class TestWrong:
    def test_everything_is_told_at_once_with_its_place(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SATELLITE_MQTT__PORT", "many")
        config = write(
            """
            [realtime]
            vad.threshold = 2
            [audio]
            volume = 140
            inptu = "mic"
            """
        )
        message = refusal(config, {"listen": {"mode": "always"}})
        assert "wrong in 5 places" in message
        lines = message.splitlines()[1:]
        assert f"  - realtime.vad.threshold in {config}: must be at most 1 (it is 2)." in lines
        assert f"  - audio.volume in {config}: must be at most 100 (it is 140)." in lines
        assert f"  - audio.inptu in {config} is not a setting; did you mean audio.input?" in lines
        assert (
            "  - mqtt.port in the environment variable SATELLITE_MQTT__PORT: "
            "must be a whole number (it is 'many')." in lines
        )
        assert (
            "  - listen.mode on the command line: must be one of 'open', 'wake' or 'push' "
            "(it is 'always')." in lines
        )

    @pytest.mark.parametrize(
        ("text", "nearest"),
        [
            ("mqtt.hosst = 'x'", "mqtt.host"),
            ("realtime.volume = 3", "audio.volume"),
            ("audioo.volume = 3", "audio.volume"),
            ("realtime.vad.silence_ms = 3", "realtime.vad.silence_duration_ms"),
            ("openai_api_key = 'x'", "realtime.api_key"),
        ],
    )
    def test_unknown_names_bring_the_nearest(self, write: Write, text: str, nearest: str) -> None:
        assert f"did you mean {nearest}?" in refusal(write(text))

    @pytest.mark.parametrize(
        ("name", "advice"),
        [
            ("SATELLITE_AUDIO_VOLUME", "did you mean SATELLITE_AUDIO__VOLUME?"),
            ("SATELLITE_AUDIO__VOLUM", "did you mean audio.volume?"),
            ("SATELLITE_MQTT_BROKER_NAME", "SATELLITE_SECTION__NAME"),
        ],
    )
    def test_misspelt_variables(
        self, name: str, advice: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, "3")
        message = refusal()
        assert name in message
        assert advice in message

    def test_variables_of_container_systems_are_left_alone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SATELLITE_SERVICE_HOST", "10.0.0.1")
        monkeypatch.setenv("SATELLITE_PORT_80_TCP", "tcp://10.0.0.1:80")
        assert load_settings(key_needed=False) == Settings()

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("audio.volume = 1.5", "must be a whole number"),
            ("audio.chimes = 'maybe'", "must be true or false"),
            ("audio.input = 3", "must be text in quotation marks"),
            ("audio = 3", "must be a table"),
            ("audio.echo = 'aec'", "must be a table"),
            ("audio.input_rate = 4000", "from 8000 to 96000 Hz"),
            ("audio.chunk_ms = 25", "multiple of 10"),
            ("realtime.url = 'gopher://x'", "begins with wss://"),
            ("realtime.url = 'ws://[x'", "begins with wss://"),
            ("realtime.vad.idle_timeout_ms = 4000", "0 (never) or from 5000 to 30000"),
            ("satellite.id = 'a/b'", "letters, digits"),
            ("satellite.language = 'english!'", "language code"),
            ("mqtt.topic_prefix = 'a/#'", "without + and #"),
            ("mqtt.ca_file = '/nowhere.pem'", "names no file: /nowhere.pem"),
            ("listen = { mode = 'wake', wake_words = [] }", "must name at least one"),
            ("home.pin = 'abcd'", "3 to 12 digits"),
            ("home.include = 3", "must be a list"),
            ("home.functions = 'x'", "not valid JSON"),
            ("[[home.functions]]\nname = 'x'\ntopic = 't'", "home.functions[1].description"),
            (
                "[[home.functions]]\nname='x'\ntopic='t'\ndescription='d'\nparameters.type='array'",
                'of type "object"',
            ),
            (
                "[[home.functions]]\nname='x'\ntopic='t'\ndescription='d'\n"
                "[[home.functions]]\nname='x'\ntopic='t'\ndescription='d'",
                "same name twice: x",
            ),
            ("spending.prices.m.text_in = -1", "must be at least 0"),
            ("spending.daily_limit_usd = nan", "must be at least 0"),
        ],
    )
    def test_impossible_values(self, write: Write, text: str, told: str) -> None:
        message = refusal(write(text))
        assert told in message
        assert "satellite.toml" in message

    def test_one_setting_as_a_whole_and_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SATELLITE_REALTIME__VAD", '{"type": "semantic_vad"}')
        monkeypatch.setenv("SATELLITE_REALTIME__VAD__TYPE", "server_vad")
        assert "once as a whole and once in parts" in refusal()

    def test_files_that_cannot_be_read(self, write: Write, tmp_path: Path) -> None:
        assert "no settings file" in refusal(tmp_path / "nothing.toml")
        assert "not valid TOML" in refusal(write("[audio\nvolume = 3"))
        assert "at line 1" in refusal(write("volume = loud"))
        assert "cannot be read" in refusal(tmp_path)
        (tmp_path / "satellite.toml").write_bytes(b"\xff\xfe")
        assert "not valid TOML" in refusal(tmp_path / "satellite.toml")

    _plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    _values = st.recursive(
        _plain,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )

    @given(
        st.dictionaries(
            st.sampled_from(list(Settings.model_fields)) | st.text(max_size=6),
            st.dictionaries(
                st.sampled_from([name.split(".")[1] for name in names_of(Settings)])
                | st.text(max_size=6),
                _values,
                max_size=3,
            )
            | _plain,
            max_size=3,
        )
    )
    def test_whatever_is_given_is_taken_or_refused_in_words(self, tree: dict[str, Any]) -> None:
        told = "nothing"
        try:
            load_settings(None, tree, key_needed=False)
        except SettingsError as error:
            told = str(error)
        assert told


class TestExplained:
    """``config/satellite.toml`` is what people read."""

    text = EXPLAINED.read_text()

    def test_as_it_comes_it_changes_nothing(self) -> None:
        assert load_settings(EXPLAINED, key_needed=False) == Settings()

    def test_it_names_every_setting_with_its_default(self, tmp_path: Path) -> None:
        spelt_out = re.sub(r"(?m)^#(?=[a-z_\[])", "", self.text)
        path = tmp_path / "all.toml"
        path.write_text(spelt_out)
        tree = tomllib.loads(spelt_out)
        for name in names_of(Settings):
            node: Any = tree
            for part in name.split("."):
                assert part in node or name == "home.functions", f"{name} is not explained"
                node = node.get(part, {})
        who = {"satellite": {"id": "vm", "name": "Vm"}}
        assert load_settings(path, who, key_needed=False) == load_settings(
            None, who, key_needed=False
        )

    def test_its_examples_are_right(self, tmp_path: Path) -> None:
        path = tmp_path / "examples.toml"
        tables = re.sub(r"(?m)^#(?=\[)", "", self.text)
        examples = re.findall(r"(?m)^#     (.+)$", tables)
        own = "\n".join(examples[[e.startswith("[[") for e in examples].index(True) :])
        function = own.partition('"my-model"')[0]
        names = [line for line in examples if line.startswith('"')]
        path.write_text(
            function
            + "\n[home.aliases]\n"
            + names[0]
            + "\n[home.areas]\n"
            + "\n".join(names[1:3])
            + "\n[home.codes]\n"
            + names[3]
            + "\n[spending.prices]\n"
            + names[4]
        )
        settings = load_settings(path, key_needed=False)
        assert settings.home.functions[0].name == "water_plants"
        assert settings.home.functions[0].qos == 1
        assert settings.home.aliases["Kitchen ceiling"] == ("big light", "main lamp")
        assert settings.home.areas["Upstairs"] == ("Bedroom", "Bathroom")
        assert settings.home.codes["House alarm"].get_secret_value() == "4711"
        assert settings.spending.prices["my-model"].audio_out == 20

    def test_no_line_looks_like_a_secret(self) -> None:
        assert "sk-" not in self.text
