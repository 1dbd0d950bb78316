"""The sections of the settings: every name, its type, its default and what is allowed.

``config/satellite.toml`` explains the same names to the person who sets them; a test holds the
two together. Empty strings mean "choose for me"; what was chosen is filled in by the validators,
so that readers of a ``Settings`` object find final values only.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    field_validator,
    model_validator,
)

from satellite.hosts import is_loopback, is_openai
from satellite.settings.base import Names, Section, from_json
from satellite.settings.text import bare, key_alone

OFFLINE = "offline"
"""The value of ``realtime.url`` that stands for the Realtime server on this machine."""
OPENAI_URL = "wss://api.openai.com/v1/realtime"
AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
SCHEMES = frozenset({"ws", "wss", "http", "https"})
"""The link takes http for ws, for so it is copied from browsers."""
RATES_HZ = (8_000, 96_000)


class KeptBack(NamedTuple):
    """A key that is there and is for another server than the one that is set."""

    place: str
    """Where it stands, as the beginning of a sentence."""
    given_for: str
    """The host it belongs to."""


Dollars = Annotated[float, Field(ge=0)]


_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?")
"""Names as people give them to machines, in any script and with underscores."""


def _is_host(value: str) -> bool:
    """Whether it is a name or an address, also of version 6 with its zone (``fe80::1%eth0``)."""
    try:
        return bool(_HOST.fullmatch(value) or ipaddress.ip_address(value))
    except ValueError:
        return False


def _host_id() -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", socket.gethostname().lower()).strip("-") or "satellite"


class SatelliteSection(Section):
    """Who this satellite is."""

    id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")] = Field(default_factory=_host_id)
    name: Annotated[str, Field(max_length=100)] = ""
    area: Annotated[str, Field(max_length=100)] = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")] = "en"
    instructions: Annotated[str, Field(max_length=20_000)] = ""

    @field_validator("id")
    @classmethod
    def _is_no_shared_topic(cls, value: str) -> str:
        if value == "turns":
            raise ValueError('must not be "turns": all satellites of a broker share that topic')
        return value

    @model_validator(mode="after")
    def _name_it(self) -> Self:
        if not self.name:
            self.choose("name", re.sub(r"[-_]+", " ", self.id).strip().capitalize() or self.id)
        return self


class VadSection(Section):
    """When a turn of the user begins and ends, decided by the server."""

    type: Literal["server_vad", "semantic_vad"] = "server_vad"
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Field(ge=0, le=5_000)] = 300
    silence_duration_ms: Annotated[int, Field(ge=50, le=10_000)] = 500
    eagerness: Literal["auto", "low", "medium", "high"] = "auto"
    idle_timeout_ms: int | None = None

    @field_validator("idle_timeout_ms")
    @classmethod
    def _possible_timeout(cls, value: int | None) -> int | None:
        if value and not 5_000 <= value <= 30_000:
            raise ValueError("must be 0 (never) or from 5000 to 30000")
        return value or None


class RealtimeSection(Section):
    """The server that listens, thinks and speaks."""

    url: str = OPENAI_URL
    # The small current model: reasoning, 128k of context and function calls like the large one
    # at about a third of its price, and none of the retired names. A home needs no more.
    model: Annotated[str, Field(max_length=200)] = "gpt-realtime-2.1-mini"
    api_key: SecretStr = SecretStr("")
    dialect: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "auto"
    voice: Annotated[str, Field(max_length=200)] = "auto"
    output: Literal["audio", "text"] = "audio"
    input_format: Literal["pcm16", "g711_ulaw", "g711_alaw"] = "pcm16"
    output_format: Literal["pcm16", "g711_ulaw", "g711_alaw"] = "pcm16"
    transcription_model: Annotated[str, Field(max_length=200)] = "auto"
    noise_reduction: Literal["off", "near_field", "far_field"] = "far_field"
    interrupt: Literal["client", "server"] = "client"
    vad: VadSection = Field(default_factory=VadSection)
    _kept_back: KeptBack | None = PrivateAttr(default=None)

    @field_validator("api_key")
    @classmethod
    def _is_the_key_alone(cls, value: SecretStr) -> SecretStr:
        return SecretStr(key_alone(value.get_secret_value()))

    @field_validator("url")
    @classmethod
    def _is_websocket(cls, value: str) -> str:
        value = bare(value)
        if value == OFFLINE:
            return value
        try:
            parts = urlsplit(value)
            known = (
                parts.scheme in ("ws", "wss", "http", "https")
                and _is_host(parts.hostname or "")
                and parts.port != 0
            )
        except ValueError:
            known = False
        if not known:
            raise ValueError(
                f'must be "{OFFLINE}" or an address that begins with wss:// '
                "(ws:// for a server at home)"
            )
        return value

    @model_validator(mode="after")
    def _choose_by_server(self) -> Self:
        # One field that a server does not know makes it refuse the whole session, so names of
        # voices and recognisers go only to servers that are known to have them.
        if self.voice == "auto":
            self.choose("voice", "marin" if self.at_openai or self.at_azure else "")
        if self.transcription_model == "auto":
            knows = self.at_openai or self.at_loopback
            self.choose("transcription_model", "gpt-transcribe" if knows else "")
        return self

    @property
    def transcribes(self) -> bool:
        """Whether the server is asked to write down what people say."""
        return self.transcription_model not in ("", "off", "none")

    @property
    def kept_back(self) -> KeptBack | None:
        """A key that is there and is not for this server."""
        return self._kept_back

    def keep_back(self, key: KeptBack | None) -> None:
        """What was found out while the settings were read."""
        self._kept_back = key

    @property
    def host(self) -> str:
        """Host of ``url`` in lower case; ``localhost`` for the server on this machine."""
        return "localhost" if self.url == OFFLINE else (urlsplit(self.url).hostname or "")

    @property
    def offline(self) -> bool:
        """The daemon starts the server itself."""
        return self.url == OFFLINE

    @property
    def at_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def at_openai(self) -> bool:
        return is_openai(self.host)

    @property
    def at_azure(self) -> bool:
        return self.host.endswith(AZURE_HOSTS)


class EchoSection(Section):
    """Keeping the satellite from hearing itself."""

    mode: Literal["auto", "aec", "half-duplex", "off"] = "auto"
    noise_suppression: bool = False
    gain_control: bool = False


Rate = Annotated[int, Field(ge=0)]


class AudioSection(Section):
    """Microphone and loudspeaker. A rate of 0 is the card's own; ``input_channel`` counts from 1,
    0 is what a voice is usually on."""

    input: str = ""
    output: str = ""
    input_channel: Annotated[int, Field(ge=0, le=32)] = 0
    input_rate: Rate = 0
    output_rate: Rate = 0
    chunk_ms: Annotated[int, Field(ge=10, le=200, multiple_of=10)] = 20
    volume: Annotated[int, Field(ge=0, le=100)] = 70
    chimes: bool = True
    echo: EchoSection = Field(default_factory=EchoSection)

    @field_validator("input_rate", "output_rate")
    @classmethod
    def _possible_rate(cls, value: int) -> int:
        low, high = RATES_HZ
        if value and not low <= value <= high:
            raise ValueError(f"must be 0 (the card's own rate) or from {low} to {high} Hz")
        return value


class ListenSection(Section):
    """When the microphone is open."""

    mode: Literal["open", "wake", "push"] = "open"
    wake_words: Names = ("okay nabu",)
    follow_up_s: Annotated[float, Field(ge=0, le=300)] = 8.0

    @model_validator(mode="after")
    def _can_be_woken(self) -> Self:
        if self.mode == "wake" and not self.wake_words:
            raise ValueError('listen.mode is "wake", so listen.wake_words must name at least one')
        return self


class MqttSection(Section):
    """The broker of the home. Port 0 is 1883, or 8883 with TLS."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    username: str = ""
    password: SecretStr = SecretStr("")
    tls: bool = False
    ca_file: Path | None = None
    discovery_prefix: Annotated[str, Field(pattern=r"^[^+#\x00/]+(/[^+#\x00/]+)*$")] = (
        "homeassistant"
    )
    topic_prefix: Annotated[str, Field(pattern=r"^[^+#\x00/]+(/[^+#\x00/]+)*$")] = "satellite"

    @field_validator("host")
    @classmethod
    def _is_a_host_alone(cls, value: str) -> str:
        """``mqtt://box:1883`` is how other programs want it."""
        name, _, port = value.rpartition(":")
        if _is_host(value):
            return value
        name = name.strip("[]")
        if port.isdecimal() and _is_host(name):
            raise ValueError(f"must be a name or an address alone: {name}, and mqtt.port {port}")
        also = (
            " (mqtt.username and mqtt.password are settings of their own)" if "@" in value else ""
        )
        raise ValueError(f"must be a name or an address alone, such as homeassistant.local{also}")

    @field_validator("ca_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("ca_file")
    @classmethod
    def _is_a_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"names no file: {value}")
        return value

    @model_validator(mode="after")
    def _choose_port(self) -> Self:
        if self.port == 0:
            self.choose("port", 8883 if self.tls else 1883)
        return self


class Price(Section):
    """USD for one million tokens of each kind, and for a minute of sound that is written down, as
    providers list them."""

    text_in: Dollars = 0.0
    text_cached: Dollars = 0.0
    text_out: Dollars = 0.0
    audio_in: Dollars = 0.0
    audio_cached: Dollars = 0.0
    audio_out: Dollars = 0.0
    minute: Dollars = 0.0


class SpendingSection(Section):
    """A limit of 0 is none. ``prices`` by model adds to and replaces the built-in table."""

    daily_limit_usd: Dollars = 0.0
    monthly_limit_usd: Dollars = 0.0
    prices: Annotated[dict[str, Price], BeforeValidator(from_json)] = Field(default_factory=dict)
