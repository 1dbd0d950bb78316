"""Whatever is wrong is told in words, with its place and what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core.errors import SettingsError
from satellite.settings import Settings, load_settings
from satellite.settings.base import names_of
from satellite.settings.flags import overrides
from tests.settings.refused import Write, refusal

pytestmark = pytest.mark.usefixtures("no_settings")


def test_everything_is_told_at_once_with_its_place(
    write: Write, monkeypatch: pytest.MonkeyPatch
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
        "  - listen.mode on the command line: must be one of 'open', 'auto', 'wake' or 'push' "
        "(it is 'always')." in lines
    )


def test_brackets_without_an_end_are_no_traceback(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "[" * 100_000
    assert "brackets within brackets" in refusal(write(f"home.include = {deep}"))
    assert "home.include on the command line" in refusal(None, overrides([f"home.include={deep}"]))
    monkeypatch.setenv("SATELLITE_HOME__FUNCTIONS", deep)
    assert "SATELLITE_HOME__FUNCTIONS: is not valid JSON" in refusal()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("mqtt://homeassistant.local:1883", "alone, such as homeassistant.local"),
        ("homeassistant.local:1884", "homeassistant.local, and mqtt.port 1884"),
        ("my broker", "alone, such as"),
        ("[::1]:1884", "alone: ::1, and mqtt.port 1884"),
        ("[::1]", "alone, such as"),
        (":1883", "alone, such as"),
        ("box:port", "alone, such as"),
        ("a,b", "alone, such as"),
        ("*", "alone, such as"),
        ("box..local", "alone, such as"),
        ("homeassistant.local\N{ZERO WIDTH SPACE}", "alone, such as"),
        ("me:geheim@box", "mqtt.username and mqtt.password are settings of their own"),
        ("mqtt://me:geheim@box:1883", "mqtt.username and mqtt.password are settings of their own"),
        ("", "must"),
    ],
)
def test_a_broker_is_named_by_its_host_alone(host: str, told: str) -> None:
    message = refusal(None, {"mqtt": {"host": host}})
    assert told in message
    assert "geheim" not in message


@pytest.mark.parametrize(
    "url",
    [
        "wss//me:geheim@box/v1/realtime",
        "wss//box/v1?api-key=geheim",
        "box?model=x&api_key=geheim&x=1",
        "ftp://geheim@box",
        "ws://box, ws://me:geheim@other",
        "https://box:geheim",
    ],
)
def test_a_wrong_address_is_shown_without_what_may_be_secret(url: str) -> None:
    message = refusal(None, {"realtime": {"url": url}})
    assert "must be" in message
    assert ("geheim" in message) == (url == "https://box:geheim")


def test_the_topic_that_all_satellites_share_is_no_id() -> None:
    assert "all satellites of a broker share" in refusal(None, {"satellite": {"id": "turns"}})


@pytest.mark.parametrize(
    "host", ["homeassistant.local", "my_box", "küche.lan.", "192.168.1.4", "::1", "fe80::1%eth0"]
)
def test_names_and_addresses_are_hosts(host: str) -> None:
    settings = load_settings(None, {"mqtt": {"host": host}}, key_needed=False)
    assert settings.mqtt.host == host


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
def test_unknown_names_bring_the_nearest(write: Write, text: str, nearest: str) -> None:
    assert f"did you mean {nearest}?" in refusal(write(text))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("SATELLITE_AUDIO_VOLUME", "did you mean SATELLITE_AUDIO__VOLUME?"),
        ("SATELLITE_AUDIO__VOLUM", "did you mean audio.volume?"),
        ("SATELLITE_MQTT_BROKER_NAME", "SATELLITE_SECTION__NAME"),
    ],
)
def test_misspelt_variables_bring_the_nearest(
    name: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "3")
    message = refusal()
    assert name in message
    assert advice in message


def test_variables_of_container_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
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
        (f"mqtt.ca_file = '/{'x' * 300}.pem'", "names no file: /xxx"),
        ("listen = { mode = 'wake', wake_words = [] }", "must name at least one"),
        ("home.pin = 'abcd'", "4 to 12 digits"),
        ("home.pin = '471'", "three digits, which earlier versions took"),
        ("home.include = 3", "must be a list"),
        ("home.functions = 'x'", "not valid JSON"),
        ("[[home.functions]]\nname = 'x'\ntopic = 't'", "home.functions[1].description"),
        ("[[home.functions]]\nname='x'\ntopic=''\ndescription='d'", "without + and #"),
        (
            f"[[home.functions]]\nname='x'\ntopic='{'t' * 501}'\ndescription='d'",
            "must have at most 500 characters",
        ),
        (
            "[[home.functions]]\nname='x'\ntopic='t'\ndescription='d'\nanswer_topic='a/#'",
            "without + and #",
        ),
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
def test_impossible_values_are_told_with_what_is_possible(
    write: Write, text: str, told: str
) -> None:
    message = refusal(write(text))
    assert told in message
    assert "satellite.toml" in message


def test_one_setting_as_a_whole_and_in_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SATELLITE_REALTIME__VAD", '{"type": "semantic_vad"}')
    monkeypatch.setenv("SATELLITE_REALTIME__VAD__TYPE", "server_vad")
    assert "once as a whole and once in parts" in refusal()


def test_files_that_cannot_be_read_are_named(write: Write, tmp_path: Path) -> None:
    assert "no settings file" in refusal(tmp_path / "nothing.toml")
    assert "not valid TOML" in refusal(write("[audio\nvolume = 3"))
    assert "at line 1" in refusal(write("volume = loud"))
    assert "cannot be read" in refusal(tmp_path)
    (tmp_path / "satellite.toml").write_bytes(b"\xff\xfd")
    assert "not UTF-8 text in line 1" in refusal(tmp_path / "satellite.toml")


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(list(Settings.__struct_fields__)) | st.text(max_size=6),
        st.dictionaries(
            st.sampled_from([name.split(".")[1] for name in names_of(Settings)])
            | st.text(max_size=6),
            VALUES,
            max_size=3,
        )
        | PLAIN,
        max_size=3,
    )
)
def test_whatever_is_given_is_taken_or_refused_in_words(tree: dict[str, Any]) -> None:
    told = "nothing"
    try:
        load_settings(None, tree, key_needed=False)
    except SettingsError as error:
        told = str(error)
    assert told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('headers = {"X-A" = "geheim\\u000aX-B: 1"}', "one line of plain characters for X-A"),
        ('headers = {"X A" = "geheim"}', "must not hold 'X A'"),
        ('headers = {"Sec-WebSocket-Key" = "geheim"}', "no header that can be added"),
        ('proxy = "proxy.lan:3128"', "must be an address such as"),
        ('proxy = "http://me:geheim@proxy.lan/path"', "must be an address such as"),
        ('api_key_command = "pass \'show"', "is no command line"),
        ('api_key_command = "pass"\napi_key_file = "/k"', "exclude each other"),
        ('organization = "two words"', "an id without blanks"),
        ('ca_file = "/nowhere.pem"', "names no file"),
        ("max_output_tokens = 5000", "or at most 4096"),
        ("speed = 2", "must be at most 1.5"),
        ('tool_choice = "a tool"', "letters, digits"),
    ],
)
def test_what_leads_to_the_server_is_checked_and_secrets_are_not_shown(
    line: str, told: str, write: Write
) -> None:
    message = refusal(write(f"[realtime]\n{line}"))
    assert told in message
    assert "geheim" not in message
