"""What the link has to know, in plain values; the application builds it from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from satellite.conversation.commands import Tool
from satellite.core.hosts import OPENAI_URL
from satellite.realtime.mcp import McpServer

AudioCoding = Literal["pcm16", "g711_ulaw", "g711_alaw"]

KEY_PLACES = (
    "A key of OpenAI stands in OPENAI_API_KEY or in the credential file openai-api-key, that of "
    "any other server in SATELLITE_REALTIME__API_KEY or in the credential file realtime-api-key"
)
"""For messages about a key that is missing or wrong."""
OFF = frozenset({"", "off", "none"})
"""What a person may write for "not at all"."""
AUTO = frozenset({"", "auto"})
"""Values of ``dialect`` with which the address tells it."""


class VadConfig(Struct, frozen=True):
    """How the server detects turns; None leaves a value to the server.

    ``type`` is ``server_vad``, ``semantic_vad`` or ``none`` (the server never ends a turn by
    itself). ``eagerness`` belongs to ``semantic_vad``, all other fields to ``server_vad``; fields
    that do not fit the type are not sent. ``silence_duration_ms`` has a value because servers'
    defaults differ (200 to 800 ms).
    """

    type: str = "server_vad"
    threshold: float | None = None
    """0.0 to 1.0: how sure the detector has to be of speech."""
    prefix_padding_ms: int | None = None
    """Audio before the detected start that is part of the turn."""
    silence_duration_ms: int | None = 500
    """Silence that ends the turn."""
    eagerness: str | None = None
    """``low``, ``medium``, ``high`` or ``auto``."""
    idle_timeout_ms: int | None = None
    """5000 to 30000: after so much silence the model speaks by itself, which costs tokens."""


class TruncationConfig(Struct, frozen=True):
    """What the server drops of a conversation that grew too long for the model."""

    type: str = "auto"
    """``auto`` (the oldest items), ``disabled`` (an error instead) or ``retention_ratio``."""
    retention_ratio: float = 0.8
    """For ``retention_ratio``: the part that is kept, 0 to 1. Less means that the rest stays the
    same, and cached, for longer."""
    post_instructions: int = 0
    """For ``retention_ratio``: drop from so many tokens after instructions and tools on; 0 for the
    model's own limit."""


class ResponseConfig(Struct, frozen=True):
    """How responses are made. The defaults leave everything to the server, and are not sent."""

    max_output_tokens: int = 0
    """1 to 4096, all that a response generates: words, sound, calls and reasoning. 0 for the
    model's own limit."""
    reasoning_effort: str = ""
    """``minimal`` to ``xhigh``, for models that reason; empty for the server's own."""
    speed: float = 1.0
    """0.25 to 1.5: how fast the model speaks."""
    truncation: TruncationConfig = TruncationConfig()
    tool_choice: str = "auto"
    """``auto``, ``none``, ``required``, or the name of the function that has to be called."""
    parallel_tool_calls: bool = True
    """Several calls in one response, by models that reason."""


class LinkConfig(Struct, frozen=True):
    """One server, one model, one kind of session."""

    url: str = OPENAI_URL
    """``wss://`` or ``ws://`` (``https``/``http`` are understood); an address without a path
    gets that of its dialect. Its query is kept."""
    model: str = ""
    """Model id, or the deployment's name on Azure. Empty for servers with only one."""
    api_key: str = ""
    """Empty for servers without keys. Never logged."""
    key_command: tuple[str, ...] = ()
    """A program and its arguments that prints the key for each session, instead of ``api_key``."""
    key_file: str = ""
    """A file that holds the key and is read for each session, instead of ``api_key``."""
    organization: str = ""
    project: str = ""
    """Ids at OpenAI, for keys that belong to several."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of the upgrade request; they may be secrets, and replace ours."""
    proxy: str = ""
    """Its address, ``none`` for none; empty for the one of the environment. Never logged."""
    ca_file: str = ""
    """Certificates of the authorities that are trusted, instead of those of the system."""
    dialect: str = "auto"
    """A name of ``dialects.DIALECTS``, or ``auto``: the address tells."""
    voice: str = ""
    """A voice's name, or the id of a custom voice (``voice_…``); empty for the server's own."""
    output: str = "audio"
    """``audio`` (with its transcript) or ``text``."""
    input_format: AudioCoding = "pcm16"
    """How the microphone goes over the wire."""
    output_format: AudioCoding = "pcm16"
    """How replies come over the wire."""
    transcription_model: str = ""
    """The model that transcribes the user's speech, billed apart; empty for none."""
    vocabulary: tuple[str, ...] = ()
    """Words and names that are likely to be said, for the transcripts of models that take some;
    ``Link.update_session`` changes them."""
    language: str = ""
    """The language for transcripts, like ``en`` or ``pt-BR``; empty for any."""
    noise_reduction: str = ""
    """``near_field``, ``far_field``; empty or ``off`` for none."""
    vad: VadConfig = VadConfig()
    interrupt: str = "client"
    """Who stops a reply when the user speaks: ``client`` (the satellite) or ``server``."""
    responses: ResponseConfig = ResponseConfig()
    instructions: str = ""
    tools: tuple[Tool, ...] = ()
    """The functions of the first session; ``Link.update_session`` changes them."""
    mcp: tuple[McpServer, ...] = ()
    """Servers whose tools the Realtime server may call itself, where its dialect knows them."""
    images: bool = True
    """Whether the model can see, where the dialect knows pictures."""

    def __repr__(self) -> str:
        """Without the key, so that no traceback and no log line can show it."""
        return f"LinkConfig({self.url!r}, {self.model!r}, {self.dialect!r})"
