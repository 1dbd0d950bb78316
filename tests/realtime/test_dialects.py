"""Addresses, headers, session shapes: what differs between servers."""

from __future__ import annotations

import json
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation import commands
from satellite.core.errors import SettingsError
from satellite.realtime.config import LinkConfig, VadConfig
from satellite.realtime.dialect import Dialect, public_address
from satellite.realtime.dialects import (
    AZURE,
    AZURE_PREVIEW,
    BETA,
    DIALECTS,
    GA,
    GLM,
    INWORLD,
    QWEN,
    SPEACHES,
    XAI,
    cloud_dialect,
    dialect_for,
)

TOOL = commands.Tool("set_power", "Switch", {"type": "object"})


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("wss://api.openai.com/v1/realtime", "ga"),
        ("wss://eu.api.openai.com/v1/realtime", "ga"),
        ("ws://127.0.0.1:9000", "ga"),
        ("wss://house.openai.azure.com", "azure"),
        ("wss://house.openai.azure.com/openai/v1/realtime", "azure"),
        ("https://house.openai.azure.com/openai/realtime?api-version=x", "azure-preview"),
        ("wss://house.openai.azure.com/openai/realtime", "azure-preview"),
        ("wss://api.x.ai/v1/realtime", "xai"),
        ("wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime", "qwen"),
        ("wss://w1.eu.maas.aliyuncs.com", "qwen"),
        ("wss://api.stepfun.ai/v1/realtime", "stepfun"),
        ("wss://open.bigmodel.cn/api/paas/v4/realtime", "glm"),
        ("wss://api.inworld.ai", "inworld"),
        ("wss://evil-api.openai.com.example/v1/realtime", "ga"),
    ],
)
def test_the_address_tells_the_dialect(url: str, name: str) -> None:
    assert dialect_for(LinkConfig(url=url, api_key="k")).name == name


def test_a_host_with_a_famous_name_in_its_own_is_not_taken_for_it() -> None:
    assert cloud_dialect(urlsplit("wss://house.openai.azure.com.example")) is None


@pytest.mark.parametrize(
    ("dialect", "url", "address"),
    [
        (GA, "wss://api.openai.com", "wss://api.openai.com/v1/realtime?model=m"),
        (GA, "https://h/v1/", "wss://h/v1/realtime?model=m"),
        (GA, "ws://h:8080/x/realtime?model=mine", "ws://h:8080/x/realtime?model=mine"),
        (GA, "ws://h/v1/realtime?intent=a%20b", "ws://h/v1/realtime?intent=a+b&model=m"),
        (AZURE, "wss://r.openai.azure.com/", "wss://r.openai.azure.com/openai/v1/realtime?model=m"),
        (
            AZURE_PREVIEW,
            "wss://r.openai.azure.com/openai/realtime?api-version=2024-10-01-preview",
            "wss://r.openai.azure.com/openai/realtime?api-version=2024-10-01-preview&deployment=m",
        ),
        (
            AZURE_PREVIEW,
            "wss://r.openai.azure.com",
            "wss://r.openai.azure.com/openai/realtime?deployment=m&api-version=2025-04-01-preview",
        ),
    ],
)
def test_addresses_are_completed_and_otherwise_left_alone(
    dialect: Dialect, url: str, address: str
) -> None:
    assert dialect.address(LinkConfig(url=url, model="m")) == address


def test_no_model_no_parameter() -> None:
    assert GA.address(LinkConfig(url="ws://h")) == "ws://h/v1/realtime"


@pytest.mark.parametrize("url", ["", "offline", "ftp://h", "ws://", "ws://h:0", "ws://h:99999"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"realtime\.url"):
        GA.address(LinkConfig(url=url))


def test_keys_go_where_each_server_wants_them() -> None:
    token = "eyJ0.eyJz.c2ln"
    key, jwt = LinkConfig(api_key=" k\n"), LinkConfig(api_key=token)
    assert GA.headers(LinkConfig()) == {}
    assert GA.headers(key) == {"Authorization": "Bearer k"}
    assert BETA.headers(key) == {"OpenAI-Beta": "realtime=v1", "Authorization": "Bearer k"}
    assert AZURE.headers(key) == {"api-key": "k"}
    assert AZURE.headers(jwt) == {"Authorization": f"Bearer {token}"}
    assert INWORLD.headers(key) == {"Authorization": "Basic k"}
    assert INWORLD.headers(jwt) == {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("key", ["one two", "a\r\nX: y", "schlüssel", "\x00"])
def test_a_key_that_breaks_the_request_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        GA.headers(LinkConfig(api_key=key))
    assert key not in str(caught.value)


def test_a_cloud_without_a_key_is_refused_and_a_local_server_is_not() -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        dialect_for(LinkConfig(url="wss://house.openai.azure.com"))
    assert dialect_for(LinkConfig(url="ws://localhost:8080")) is GA
    assert dialect_for(LinkConfig(url="ws://localhost:8000", dialect="speaches")) is SPEACHES


def test_addresses_are_shown_without_secrets() -> None:
    assert public_address("wss://user:pw@h:1/v1/realtime?api_key=k#f") == "wss://h:1/v1/realtime"
    assert public_address("ws://[::1") == "(unreadable)"


def test_the_key_is_not_in_the_configs_own_words() -> None:
    assert "sk-1" not in repr(LinkConfig(api_key="sk-1"))


# --- sessions -----------------------------------------------------------------------------------

FULL = LinkConfig(
    voice="v",
    transcription_model="t",
    language="pt_BR",
    noise_reduction="near_field",
    vad=VadConfig("server_vad", 0.5, 300, 600, None, 6000),
    instructions="i",
    tools=(TOOL,),
)


def test_the_ga_shape() -> None:
    assert GA.session(FULL) == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "i",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {"model": "t", "language": "pt"},
                "noise_reduction": {"type": "near_field"},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 600,
                    "idle_timeout_ms": 6000,
                    "create_response": True,
                    "interrupt_response": False,
                },
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "v"},
        },
        "tools": [
            {
                "type": "function",
                "name": "set_power",
                "description": "Switch",
                "parameters": {"type": "object"},
            }
        ],
    }


def test_the_beta_shape() -> None:
    session = BETA.session(FULL)
    assert "type" not in session
    assert session["modalities"] == ["audio", "text"]
    assert session["input_audio_format"] == session["output_audio_format"] == "pcm16"
    assert session["voice"] == "v"
    assert session["input_audio_transcription"] == {"model": "t", "language": "pt"}
    assert session["input_audio_noise_reduction"] == {"type": "near_field"}
    assert session["turn_detection"]["interrupt_response"] is False
    assert BETA.session(LinkConfig(output="text"))["modalities"] == ["text"]


def test_who_interrupts() -> None:
    for interrupt, value in (("client", False), ("server", True)):
        detection = GA.session(LinkConfig(interrupt=interrupt))["audio"]["input"]["turn_detection"]
        assert detection["interrupt_response"] is value
        assert detection["create_response"] is True


def test_each_kind_of_turn_detection_gets_its_own_fields() -> None:
    vad = VadConfig("semantic_vad", 0.5, 300, 600, "low", 6000)
    detection = GA.session(LinkConfig(vad=vad))["audio"]["input"]["turn_detection"]
    assert set(detection) == {"type", "eagerness", "create_response", "interrupt_response"}
    none = GA.session(LinkConfig(vad=VadConfig("none")))["audio"]["input"]
    assert none["turn_detection"] is None


@pytest.mark.parametrize("off", ["", "off", "none"])
def test_off_is_not_sent(off: str) -> None:
    heard = GA.session(LinkConfig(noise_reduction=off, transcription_model=off))["audio"]["input"]
    assert set(heard) == {"format", "turn_detection"}


def test_the_language_is_sent_where_recognisers_know_it() -> None:
    for language, sent in (("en", "en"), ("EN-us", "en"), ("yue", None), ("", None)):
        config = LinkConfig(transcription_model="t", language=language)
        assert GA.session(config)["audio"]["input"]["transcription"].get("language") == sent


def test_differences_of_providers() -> None:
    assert QWEN.session(FULL)["tools"][0]["function"]["name"] == "set_power"
    assert QWEN.session(FULL)["input_audio_format"] == "pcm"
    assert "input_audio_noise_reduction" not in QWEN.session(FULL)
    assert QWEN.pcm_in_hz == 16_000
    speaches = SPEACHES.session(FULL)
    assert "input_audio_format" not in speaches
    assert "prefix_padding_ms" not in speaches["turn_detection"]
    xai = XAI.session(FULL)
    assert xai["voice"] == "v"
    assert xai["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert set(GLM.later_update(FULL, "tools")) == {"tools", "turn_detection"}


def test_what_a_server_lacks_is_not_sent() -> None:
    assert SPEACHES.encode(commands.CancelResponse()) is None
    assert XAI.encode(commands.TruncateItem("i", 5)) is None
    assert XAI.encode(commands.CancelResponse()) is not None


ALL_COMMANDS: list[commands.Command] = [
    commands.CreateResponse("e", "words", out_of_band=True, input_text="t", metadata={"a": "b"}),
    commands.CancelResponse("r", "e"),
    commands.TruncateItem("i", 5, "e"),
    commands.DeleteItem("i", "e"),
    commands.SendUserText("t", event_id="e"),
    commands.SendCallOutput("c", "o", "e"),
    commands.ClearInput("e"),
]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_every_dialect_writes_every_command_and_session(dialect: Dialect) -> None:
    update = json.loads(dialect.encode_update(dialect.session(FULL), "e"))
    assert (update["type"], update["event_id"]) == ("session.update", "e")
    for command in ALL_COMMANDS:
        message = dialect.encode(command)
        if message is not None:
            event = json.loads(message)
            assert event["event_id"] == "e"
            assert event["type"].count(".") >= 1


def test_tools_may_be_any_mapping() -> None:
    tool = commands.Tool("t", "d", MappingProxyType({"properties": MappingProxyType({"a": {}})}))
    update = GA.later_update(LinkConfig(tools=(tool,)), "tools")
    event = json.loads(GA.encode_update(update))
    assert event["session"]["tools"][0]["parameters"] == {"properties": {"a": {}}}


@given(st.text(st.characters(exclude_categories=[])), st.text())
def test_any_words_make_valid_json(words: str, call_id: str) -> None:
    """Also half a surrogate pair, which a device's state may hold."""
    message = GA.encode(commands.SendCallOutput(call_id, words)) or ""
    assert json.loads(message)["item"]["output"] == words
    message.encode("utf-8")
