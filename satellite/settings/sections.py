"""The sections of the settings: every name, its type, its default and what is allowed.

``config/satellite.toml`` explains the same names to the person who sets them; a test holds the
two together. Empty strings mean "choose for me"; what was chosen is filled in by ``complete``, so
that readers of a ``Settings`` object find final values only.
"""

import re
import socket
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple
from urllib.parse import urlsplit

from msgspec import Meta, field

from satellite.conversation.prices import Dollars, Price
from satellite.core.hosts import OPENAI_URL, is_loopback, is_openai
from satellite.realtime.config import OFF
from satellite.realtime.dialect import Dialect
from satellite.realtime.dialects import KEY_HEADERS, cloud_dialect
from satellite.settings.base import Check, FromText, Names, Secret, Section, from_json
from satellite.settings.checks import (
    DIALECT,
    FUNCTION,
    HEADER_TEXT,
    ID,
    LANGUAGE,
    OFFLINE,
    PREFIX_OF_TOPICS,
    command_line,
    empty_is_none,
    host_alone,
    key_only,
    no_shared_topic,
    none_or_file,
    plain_headers,
    possible_length,
    possible_rate,
    possible_timeout,
    proxy_address,
    spoken_words,
    websocket,
)
from satellite.settings.home import HomeSection
from satellite.settings.mcp import McpServerSection, no_label_twice


class WithheldKey(NamedTuple):
    """A key that is for another server than the one that is set."""

    place: str
    """Where it stands, as the beginning of a sentence."""
    given_for: str
    """The host it belongs to."""


def _host_id() -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", socket.gethostname().lower()).strip("-") or "satellite"


class SatelliteSection(Section, frozen=True):
    """Who this satellite is."""

    id: Annotated[str, ID, Check(no_shared_topic)] = field(default_factory=_host_id)
    name: Annotated[str, Meta(max_length=100)] = ""
    area: Annotated[str, Meta(max_length=100)] = ""
    language: Annotated[str, LANGUAGE] = "en"
    instructions: Annotated[str, Meta(max_length=20_000)] = ""
    vocabulary: Annotated[Names, Check(spoken_words)] = ()

    def complete(self) -> None:
        if not self.name:
            self.choose("name", re.sub(r"[-_]+", " ", self.id).strip().capitalize() or self.id)


class VadSection(Section, frozen=True):
    """When a turn of the user begins and ends, decided by the server."""

    type: Literal["server_vad", "semantic_vad", "none"] = "server_vad"
    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Meta(ge=0, le=5_000)] = 300
    silence_duration_ms: Annotated[int, Meta(ge=50, le=10_000)] = 500
    eagerness: Literal["auto", "low", "medium", "high"] = "auto"
    idle_timeout_ms: Annotated[int | None, Check(possible_timeout)] = None


REPLY_TOKENS = 2048
"""The longest reply. A minute of speech is 1,200 tokens of sound and some 250 of text (more in
languages that tokenizers cut small); the rest is for reasoning and calls in the same response."""


class TruncationSection(Section, frozen=True):
    """What the server drops of a conversation that grew too long for the model."""

    type: Literal["auto", "disabled", "retention_ratio"] = "auto"
    retention_ratio: Annotated[float, Meta(ge=0, le=1)] = 0.8
    post_instructions: Annotated[int, Meta(ge=0, le=128_000)] = 0


class RealtimeSection(Section, frozen=True):
    """The server that listens, thinks and speaks."""

    url: Annotated[str, Check(websocket)] = OPENAI_URL
    # The small current model: reasoning, 128k of context and function calls like the large one
    # at about a third of its price, and none of the retired names. A home needs no more.
    model: Annotated[str, Meta(max_length=200)] = "gpt-realtime-2.1-mini"
    api_key: Annotated[Secret, Check(key_only)] = Secret("")
    api_key_command: Annotated[str, Check(command_line)] = ""
    api_key_file: str = ""
    organization: Annotated[str, HEADER_TEXT] = ""
    project: Annotated[str, HEADER_TEXT] = ""
    headers: Annotated[dict[str, Secret], FromText(from_json), Check(plain_headers)] = field(
        default_factory=dict
    )
    proxy: Annotated[Secret, Check(proxy_address)] = Secret("")
    ca_file: Annotated[Path | None, FromText(empty_is_none), Check(none_or_file)] = None
    dialect: Annotated[str, DIALECT] = "auto"
    voice: Annotated[str, Meta(max_length=200)] = "auto"
    output: Literal["audio", "text"] = "audio"
    input_format: Literal["pcm16", "g711_ulaw", "g711_alaw"] = "pcm16"
    output_format: Literal["pcm16", "g711_ulaw", "g711_alaw"] = "pcm16"
    transcription_model: Annotated[str, Meta(max_length=200)] = "auto"
    noise_reduction: Literal["off", "near_field", "far_field"] = "far_field"
    interrupt: Literal["client", "server"] = "client"
    fresh_after_s: Annotated[float, Meta(ge=0, le=86_400)] = 300.0
    max_output_tokens: Annotated[int | None, Check(possible_length)] = None
    reasoning_effort: Literal["", "minimal", "low", "medium", "high", "xhigh"] = ""
    speed: Annotated[float, Meta(ge=0.25, le=1.5)] = 1.0
    tool_choice: Annotated[str, FUNCTION] = "auto"
    parallel_tool_calls: bool = True
    truncation: TruncationSection = field(default_factory=TruncationSection)
    vad: VadSection = field(default_factory=VadSection)
    mcp: Annotated[tuple[McpServerSection, ...], FromText(from_json), Check(no_label_twice)] = ()
    withheld_key: ClassVar[WithheldKey | None] = None
    """A key that is not for this server, found while the settings were read."""

    def complete(self) -> None:
        if self.api_key_command and self.api_key_file:
            raise ValueError(
                "realtime.api_key_command and realtime.api_key_file exclude each other"
            )
        # A server refuses the whole session for one unknown value, so names of voices and
        # recognisers go only to servers that are known to have them.
        cloud = self.cloud
        if self.voice == "auto":
            self.choose("voice", cloud.voice if cloud else "")
        if self.transcription_model == "auto":
            elsewhere = "gpt-transcribe" if self.at_loopback else ""
            known = cloud.transcription_model if cloud else elsewhere
            self.choose("transcription_model", known)
        if self.max_output_tokens is None:
            self.choose("max_output_tokens", REPLY_TOKENS if cloud or self.at_loopback else 0)

    def withhold_key(self, key: WithheldKey | None) -> None:
        self.__dict__["withheld_key"] = key

    @property
    def has_key(self) -> bool:
        """Whether there is a key, a place that it comes from, or a header in its place."""
        fetched = self.api_key_command or self.api_key_file
        sent = any(name.lower() in KEY_HEADERS for name in self.headers)
        return bool(self.api_key.get_secret_value() or fetched or sent)

    @property
    def transcribes(self) -> bool:
        """Whether the server is asked to write down what people say."""
        return self.transcription_model not in OFF

    @property
    def host(self) -> str:
        """Host of ``url`` in lower case; ``localhost`` for the server on this machine."""
        return "localhost" if self.url == OFFLINE else (urlsplit(self.url).hostname or "")

    @property
    def offline(self) -> bool:
        """Whether the daemon starts the server itself."""
        return self.url == OFFLINE

    @property
    def at_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def at_openai(self) -> bool:
        return is_openai(self.host)

    @property
    def cloud(self) -> Dialect | None:
        """The known cloud at ``url``, which asks for a key."""
        return cloud_dialect(urlsplit(self.url))


class EchoSection(Section, frozen=True):
    """Keeping the satellite from hearing itself."""

    mode: Literal["auto", "aec", "half-duplex", "off"] = "auto"
    noise_suppression: bool = False
    gain_control: bool = False


Rate = Annotated[int, Meta(ge=0), Check(possible_rate)]


class AudioSection(Section, frozen=True):
    """Microphone and loudspeaker. A rate of 0 is the card's own; ``input_channel`` counts from 1,
    and 0 leaves it to the card: its first."""

    input: str = ""
    output: str = ""
    input_channel: Annotated[int, Meta(ge=0, le=32)] = 0
    input_rate: Rate = 0
    output_rate: Rate = 0
    chunk_ms: Annotated[int, Meta(ge=10, le=200, multiple_of=10)] = 20
    volume: Annotated[int, Meta(ge=0, le=100)] = 70
    chimes: bool = True
    echo: EchoSection = field(default_factory=EchoSection)


class ListenSection(Section, frozen=True):
    """When the microphone is open."""

    # A television costs 0.13 USD an evening with it, and 4.36 when always open (docs/cost.md), and
    # whoever is alone in a quiet room needs no word.
    mode: Literal["open", "auto", "wake", "push"] = "auto"
    wake_words: Names = ("hey mycroft", "alexa")
    follow_up_s: Annotated[float, Meta(ge=0, le=300)] = 8.0

    def complete(self) -> None:
        if self.mode == "wake" and not self.wake_words:
            raise ValueError('listen.mode is "wake", so listen.wake_words must name at least one')


class MqttSection(Section, frozen=True):
    """The broker of the home. Port 0 is 1883, or 8883 with TLS."""

    host: Annotated[str, Meta(min_length=1), Check(host_alone)] = "localhost"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    username: str = ""
    password: Secret = Secret("")
    tls: bool = False
    ca_file: Annotated[Path | None, FromText(empty_is_none), Check(none_or_file)] = None
    discovery_prefix: Annotated[str, PREFIX_OF_TOPICS] = "homeassistant"
    topic_prefix: Annotated[str, PREFIX_OF_TOPICS] = "satellite"

    def complete(self) -> None:
        if self.port == 0:
            self.choose("port", 8883 if self.tls else 1883)


class SpendingSection(Section, frozen=True):
    """A limit of 0 is none. ``prices`` by model adds to and replaces the built-in table."""

    # More than a household needs in a day, also on the large model (docs/cost.md).
    daily_limit_usd: Dollars = 2.0
    monthly_limit_usd: Dollars = 0.0
    warn_at: Annotated[float, Meta(gt=0, le=1)] = 0.8
    cheaper_model: Annotated[str, Meta(max_length=200)] = "auto"
    prices: Annotated[dict[str, Price], FromText(from_json)] = field(default_factory=dict)


class Settings(Section, frozen=True):
    """Everything that a person can set. Made by ``load_settings``; plain ``Settings()`` reads
    nothing and holds the defaults."""

    satellite: SatelliteSection = field(default_factory=SatelliteSection)
    realtime: RealtimeSection = field(default_factory=RealtimeSection)
    audio: AudioSection = field(default_factory=AudioSection)
    listen: ListenSection = field(default_factory=ListenSection)
    mqtt: MqttSection = field(default_factory=MqttSection)
    home: HomeSection = field(default_factory=HomeSection)
    spending: SpendingSection = field(default_factory=SpendingSection)
