"""Turns the settings into the plain values that each room takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import asdict

if TYPE_CHECKING:
    from satellite.conversation.commands import Tool
    from satellite.conversation.profile import ConversationProfile
    from satellite.core.logs import Level
    from satellite.home.messages import Configure
    from satellite.mqtt.client.config import BrokerConfig, Will
    from satellite.realtime.config import LinkConfig
    from satellite.realtime.dialect import Dialect
    from satellite.realtime.mcp import McpServer
    from satellite.settings import Settings
    from satellite.tools.policy.rules import Rules


def home_rules(settings: Settings) -> Rules:
    """What the model may see and do, from the section ``home``."""
    from satellite.tools.policy.rules import CameraRule, OwnFunctionRule, Rules

    home = settings.home
    return Rules(
        include=home.include,
        exclude=home.exclude,
        read_only=home.read_only,
        entity_categories=home.entity_categories,
        aliases=home.aliases,
        areas=home.areas,
        confirm=home.confirm,
        confirm_timeout_s=home.confirm_timeout_s,
        confirm_typed=home.confirm_typed,
        yes_words=home.yes_words,
        language=settings.satellite.language,
        answer_timeout_s=home.answer_timeout_s,
        rate_limit_per_minute=home.rate_limit_per_minute,
        pin=home.pin.get_secret_value(),
        codes={name: code.get_secret_value() for name, code in home.codes.items()},
        own_functions=tuple(OwnFunctionRule(**asdict(own)) for own in home.functions),
        cameras=tuple(CameraRule(**asdict(camera)) for camera in home.cameras),
    )


def broker_config(settings: Settings, *, client_id: str, will: Will | None = None) -> BrokerConfig:
    """How to get to the broker, from the section ``mqtt``."""
    from satellite.mqtt.client.config import BrokerConfig

    mqtt = settings.mqtt
    return BrokerConfig(
        host=mqtt.host,
        port=mqtt.port,
        client_id=client_id,
        username=mqtt.username,
        password=mqtt.password.get_secret_value(),
        tls=mqtt.tls,
        ca_file=None if mqtt.ca_file is None else str(mqtt.ca_file),
        will=will,
    )


def home_process_config(settings: Settings) -> Configure:
    """All that the home process needs. It logs at the level of this process."""
    import logging

    from satellite import __version__
    from satellite.home.messages import Configure
    from satellite.mqtt.client.config import Will
    from satellite.mqtt.own_entities.discovery import Identity
    from satellite.mqtt.own_entities.topics import Topics
    from satellite.settings import secrets_of

    me, mqtt = settings.satellite, settings.mqtt
    level = logging.getLevelName(logging.getLogger().getEffectiveLevel()).lower()
    topics = Topics(me.id, mqtt.topic_prefix, mqtt.discovery_prefix)
    will = Will(topics.availability, b"offline")
    return Configure(
        satellite_id=me.id,
        topic_prefix=mqtt.topic_prefix,
        discovery_prefix=mqtt.discovery_prefix,
        identity=Identity(me.name, __version__, me.area),
        language=me.language,
        rules=home_rules(settings),
        broker=broker_config(settings, client_id=f"satellite-{me.id}", will=will),
        log_level=cast("Level", level),
        secrets=tuple(secrets_of(settings)),
    )


def link_config(settings: Settings, *, url: str = "", instructions: str = "") -> LinkConfig:
    """The server and the session, from the section ``realtime``.

    ``url`` replaces that of the settings: the local server's, once it is known.
    """
    from satellite.realtime.config import (
        LinkConfig,
        ResponseConfig,
        TruncationConfig,
        VadConfig,
    )

    realtime, vad = settings.realtime, settings.realtime.vad
    return LinkConfig(
        url=url or realtime.url,
        model=realtime.model,
        api_key=realtime.api_key.get_secret_value(),
        **({} if url or realtime.offline else _access(settings)),
        dialect=realtime.dialect,
        voice="" if local_voice(settings) else realtime.voice,
        output=realtime.output,
        input_format=realtime.input_format,
        output_format=realtime.output_format,
        transcription_model=realtime.transcription_model,
        language=settings.satellite.language,
        noise_reduction=realtime.noise_reduction,
        vad=VadConfig(
            type=vad.type,
            threshold=vad.threshold,
            prefix_padding_ms=vad.prefix_padding_ms,
            silence_duration_ms=vad.silence_duration_ms,
            eagerness=vad.eagerness,
            idle_timeout_ms=vad.idle_timeout_ms,
        ),
        interrupt=realtime.interrupt,
        responses=ResponseConfig(
            max_output_tokens=realtime.max_output_tokens or 0,
            reasoning_effort=realtime.reasoning_effort,
            speed=realtime.speed,
            truncation=TruncationConfig(**asdict(realtime.truncation)),
            tool_choice=realtime.tool_choice,
            parallel_tool_calls=realtime.parallel_tool_calls,
        ),
        vocabulary=session_vocabulary(settings),
        instructions=instructions,
        mcp=() if realtime.offline else mcp_servers(settings),
        images=not realtime.offline,
    )


def mcp_servers(settings: Settings) -> tuple[McpServer, ...]:
    """The servers whose tools the Realtime server may call, from the tables ``realtime.mcp``."""
    from satellite.realtime.mcp import McpServer

    return tuple(
        McpServer(
            label=one.label,
            url=one.url,
            connector=one.connector,
            description=one.description,
            authorization=one.authorization.get_secret_value(),
            allowed_tools=one.allowed_tools,
            asks=one.approval == "always",
            without_approval=one.without_approval,
        )
        for one in settings.realtime.mcp
    )


def _access(settings: Settings) -> dict[str, Any]:
    """How to get to and into the server of the settings; it is for that server alone."""
    realtime = settings.realtime
    command: tuple[str, ...] = ()
    if realtime.api_key_command:
        import shlex

        command = tuple(shlex.split(realtime.api_key_command))
    return {
        "key_command": command,
        "key_file": realtime.api_key_file,
        "organization": realtime.organization,
        "project": realtime.project,
        "headers": {name: value.get_secret_value() for name, value in realtime.headers.items()},
        "proxy": realtime.proxy.get_secret_value(),
        "ca_file": "" if realtime.ca_file is None else str(realtime.ca_file),
    }


def local_link_config(settings: Settings, url: str, instructions: str) -> LinkConfig:
    """The local server in place of that of the settings: no key and no voice of a cloud."""
    from msgspec.structs import replace

    config = link_config(settings, url=url, instructions=instructions)
    transcription = "gpt-transcribe" if settings.realtime.transcribes else ""
    return replace(
        config,
        model="local",
        mcp=(),
        images=False,
        api_key="",
        dialect="auto",
        voice="",
        transcription_model=transcription,
    )


def conversation_profile(settings: Settings, dialect: Dialect) -> ConversationProfile:
    """How the conversation treats this server."""
    from satellite.conversation.profile import ConversationProfile

    realtime = settings.realtime
    return ConversationProfile(
        realtime.interrupt,
        detects_turns=realtime.vad.type != "none",
        fresh_after_s=realtime.fresh_after_s,
        echoes_metadata=dialect.echoes_metadata,
        transcribes=realtime.transcribes,
        output=realtime.output,
        language=settings.satellite.language,
        offers_silence=offers_silence(settings),
        confirm_timeout_s=settings.home.confirm_timeout_s,
    )


def offers_silence(settings: Settings) -> bool:
    """Whether the model may answer with silence: it hears everything, and may tell what is meant
    for it. The local server knows nothing but sentences for it."""
    return settings.listen.mode in ("open", "auto") and not settings.realtime.offline


def session_tools(settings: Settings, home: tuple[Tool, ...] = ()) -> tuple[Tool, ...]:
    """What the model may call: the conversation's own function, then those of the home."""
    if not offers_silence(settings):
        return home
    from satellite.conversation.silent_turns import STAY_SILENT

    return (STAY_SILENT, *home)


def session_vocabulary(settings: Settings, home: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Words that people may say: those of the settings, then the names of the home."""
    words = (*settings.satellite.vocabulary, *home)
    return tuple({word.casefold(): word for word in reversed(words)}.values())[::-1]


def local_voice(settings: Settings) -> str:
    """The voice with which the daemon starts the local server; empty for the server's own choice.

    Voices of the Realtime API are named in the session instead.
    """
    realtime = settings.realtime
    if not realtime.offline:
        return ""
    from satellite.local_server.protocol.shapes.values import VOICES

    return "" if realtime.voice in VOICES else realtime.voice


def server_acts(settings: Settings) -> bool:
    """Whether the server may run tools without asking, so that nothing of it is seen here."""
    return any(one.approval == "never" or one.without_approval for one in settings.realtime.mcp)


TAIL_MARGIN_MS = 300
TAIL_MIN_MS = 800
SEMANTIC_PAUSE_MS = {"low": 8_000, "medium": 4_000, "auto": 4_000, "high": 2_000}
"""The longest pause that each eagerness waits for, as the provider documents it."""


def tail_ms(settings: Settings) -> int:
    """How much silence lets the server notice that nobody speaks any more, in milliseconds."""
    vad = settings.realtime.vad
    if vad.type == "none":
        return 0
    semantic = vad.type == "semantic_vad"
    pause_ms = SEMANTIC_PAUSE_MS[vad.eagerness] if semantic else vad.silence_duration_ms
    return max(pause_ms + TAIL_MARGIN_MS, TAIL_MIN_MS)
