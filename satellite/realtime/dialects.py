"""The servers that a satellite can talk to, as data.

A provider is a ``Dialect``: where it lives, how it wants the key, the shape of its session and
what it lacks. Two real shapes (GA and beta) and a handful of differences cover all of them; the
facts behind each entry are in ``docs/`` of the project and in the providers' own pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from satellite.conversation import commands
from satellite.errors import SettingsError
from satellite.realtime.config import LinkConfig
from satellite.realtime.encode import command_object, tools_object
from satellite.realtime.session import Shape, beta_session, ga_session, half_session

HOUR_S = 3600


def _plain(value: object) -> object:
    """What an encoder asks when it meets a mapping that is no ``dict``."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


_encode_json = msgspec.json.Encoder(enc_hook=_plain).encode


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server wants to be spoken to. The defaults are OpenAI's GA interface."""

    name: str
    shape: Shape = "ga"
    path: str = "/v1/realtime"
    """Used when the address has none."""
    model_query: str = "model"
    """The query parameter that names the model."""
    query: tuple[tuple[str, str], ...] = ()
    """Further parameters, unless the address already has them."""
    key_header: Literal["bearer", "api-key", "basic"] = "bearer"
    beta_header: bool = False
    pcm_in_hz: int = 24_000
    pcm_out_hz: int = 24_000
    pcm_in_name: str = "pcm16"
    pcm_out_name: str = "pcm16"
    nested_tools: bool = False
    omit: frozenset[str] = frozenset()
    """Session fields that the server refuses, by their last name, wherever they stand."""
    lacks: tuple[type[commands.Command], ...] = ()
    """Commands that the server has no ear for; they are not sent."""
    update_repeats: tuple[str, ...] = ()
    """Top-level session fields that each later update has to repeat."""
    session_cap_s: int = HOUR_S
    """How long a connection may live when the server does not say."""
    created_timeout_s: float = 20.0
    """Patience for the first event; a local server may load its models first."""

    @property
    def flat(self) -> bool:
        return self.shape != "ga"

    def address(self, config: LinkConfig) -> str:
        """The URL to connect to.

        Raises ``SettingsError`` when ``config.url`` is no WebSocket address.
        """
        parts = _split(config.url)
        path = parts.path.rstrip("/")
        if not path:
            path = self.path
        elif path.endswith("/v1"):
            path += "/realtime"
        query = parse_qsl(parts.query, keep_blank_values=True)
        names = {name for name, _ in query}
        if config.model and self.model_query not in names and "call_id" not in names:
            query.append((self.model_query, config.model))
        query += [(name, value) for name, value in self.query if name not in names]
        return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query), ""))

    def headers(self, config: LinkConfig) -> dict[str, str]:
        """What the upgrade request has to carry.

        Raises ``SettingsError`` for a key that cannot be one (it would break the request).
        """
        headers = {"OpenAI-Beta": "realtime=v1"} if self.beta_header else {}
        key = config.api_key.strip()
        if not key:
            return headers
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise SettingsError(
                "The API key contains blanks or characters that no key has.",
                do="Copy it again into realtime.api_key, OPENAI_API_KEY or the credential file.",
            )
        token = key.count(".") == 2 and key.startswith("ey")  # a signed token, not a key
        if self.key_header == "api-key" and not token:
            return headers | {"api-key": key}
        scheme = "Basic" if self.key_header == "basic" and not token else "Bearer"
        return headers | {"Authorization": f"{scheme} {key}"}

    def session(self, config: LinkConfig) -> dict[str, Any]:
        """The ``session`` of the first update: everything that the connection is to be."""
        if self.shape == "ga":
            session = ga_session(config, self.pcm_in_hz, self.pcm_out_hz)
        elif self.shape == "beta":
            session = beta_session(config, self.pcm_in_name, self.pcm_out_name)
        else:
            session = half_session(config, self.pcm_in_hz, self.pcm_out_hz)
        session["tools"] = tools_object(config.tools, nested=self.nested_tools)
        return _without(session, self.omit)

    def later_update(self, config: LinkConfig, *changed: str) -> dict[str, Any]:
        """The ``session`` of an update that changes only the named top-level fields.

        The voice is never among them: it cannot change once something was said.
        """
        whole = self.session(config)
        kept = {*changed, *self.update_repeats, "type"}
        return {name: value for name, value in whole.items() if name in kept}

    def encode(self, command: commands.Command, config: LinkConfig) -> str | None:
        """The message for a command; ``None`` when this server has no such thing.

        ``config`` is the session's, for servers whose updates have to repeat a part of it.
        """
        if isinstance(command, self.lacks):
            return None
        if isinstance(command, commands.UpdateTools):
            update = self.later_update(replace(config, tools=command.tools), "tools")
            return self.encode_update(update, command.event_id)
        return _as_text(command_object(command), command.event_id)

    def encode_update(self, session: Mapping[str, Any], event_id: str = "") -> str:
        """The ``session.update`` that carries a session object."""
        return _as_text({"type": "session.update", "session": session}, event_id)


def _as_text(event: dict[str, Any], event_id: str) -> str:
    if event_id:
        event["event_id"] = event_id
    try:
        return _encode_json(event).decode()
    except UnicodeEncodeError:  # half a surrogate pair, from a device's name or a state
        return json.dumps(event, default=_plain)


def _without(value: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """The object without the fields of those names at any depth (tools are left alone)."""
    if not names:
        return value
    return {
        name: _without(member, names) if isinstance(member, dict) else member
        for name, member in value.items()
        if name not in names
    }


_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def _split(url: str) -> SplitResult:
    """The parts of an address; raises ``SettingsError`` when it is none."""
    try:
        parts = urlsplit(url.strip())
        valid = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(
            f"realtime.url is no WebSocket address: {public_address(url)!r}.",
            do="It looks like wss://host/v1/realtime, or is the word offline.",
        )
    return parts._replace(scheme=_SCHEMES[parts.scheme])


# --- the known servers --------------------------------------------------------------------------

GA = Dialect("ga")
BETA = Dialect("beta", shape="beta", beta_header=True)
AZURE = Dialect(
    "azure", path="/openai/v1/realtime", key_header="api-key", session_cap_s=HOUR_S // 2
)
AZURE_PREVIEW = Dialect(
    "azure-preview",
    shape="beta",
    path="/openai/realtime",
    model_query="deployment",
    query=(("api-version", "2025-04-01-preview"),),
    key_header="api-key",
    session_cap_s=HOUR_S // 2,
)
LOCALAI = replace(GA, name="localai", session_cap_s=24 * HOUR_S, created_timeout_s=300.0)
SPEACHES = Dialect(
    "speaches",
    shape="beta",
    omit=frozenset({"input_audio_format", "output_audio_format", "prefix_padding_ms"}),
    lacks=(commands.CancelResponse, commands.TruncateItem),
    session_cap_s=HOUR_S // 2,
    created_timeout_s=60.0,
)
HUGGING_FACE = replace(GA, name="huggingface", session_cap_s=24 * HOUR_S, created_timeout_s=120.0)
XAI = Dialect(
    "xai",
    shape="half",
    lacks=(commands.TruncateItem,),
    session_cap_s=HOUR_S // 2,
)
QWEN = Dialect(
    "qwen",
    shape="beta",
    path="/api-ws/v1/realtime",
    pcm_in_hz=16_000,
    pcm_in_name="pcm",
    pcm_out_name="pcm",
    nested_tools=True,
    omit=frozenset({"input_audio_noise_reduction"}),
    lacks=(commands.TruncateItem,),
    session_cap_s=2 * HOUR_S,
)
STEPFUN = Dialect("stepfun", shape="beta", session_cap_s=HOUR_S // 2)
GLM = Dialect(
    "glm",
    shape="beta",
    path="/api/paas/v4/realtime",
    pcm_in_name="pcm24",
    pcm_out_name="pcm",
    lacks=(commands.TruncateItem,),
    update_repeats=("turn_detection",),
)
INWORLD = Dialect("inworld", path="/api/v1/realtime/session", key_header="basic")

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        GA,
        BETA,
        AZURE,
        AZURE_PREVIEW,
        LOCALAI,
        SPEACHES,
        HUGGING_FACE,
        XAI,
        QWEN,
        STEPFUN,
        GLM,
        INWORLD,
    )
}

_HOSTS: tuple[tuple[str, Dialect], ...] = (
    ("api.openai.com", GA),
    (".openai.azure.com", AZURE),
    (".cognitiveservices.azure.com", AZURE),
    (".services.ai.azure.com", AZURE),
    ("api.x.ai", XAI),
    ("dashscope.aliyuncs.com", QWEN),
    ("dashscope-intl.aliyuncs.com", QWEN),
    (".maas.aliyuncs.com", QWEN),
    ("api.stepfun.com", STEPFUN),
    ("api.stepfun.ai", STEPFUN),
    ("open.bigmodel.cn", GLM),
    ("api.inworld.ai", INWORLD),
)


def detect(url: str) -> tuple[Dialect, bool]:
    """The dialect that an address speaks, and whether its owner is a known cloud.

    Any address that is not known is taken for GA: every new server begins with that.
    """
    parts = _split(url)
    host = (parts.hostname or "").lower()
    for pattern, dialect in _HOSTS:
        if host == pattern or (pattern.startswith(".") and host.endswith(pattern)):
            preview = "api-version=" in parts.query or parts.path.rstrip("/").endswith(
                "/openai/realtime"
            )
            return (AZURE_PREVIEW if dialect is AZURE and preview else dialect), True
    return GA, False


def dialect_for(config: LinkConfig) -> Dialect:
    """The dialect that the settings name, or the one that the address implies.

    Raises ``SettingsError`` for an unknown name, for an address that is none, and for a known
    cloud without a key: it would only refuse.
    """
    detected, cloud = detect(config.url)
    if config.dialect in {"", "auto"}:
        dialect = detected
    elif config.dialect in DIALECTS:
        dialect = DIALECTS[config.dialect]
    else:
        raise SettingsError(
            f"There is no Realtime dialect {config.dialect!r}.",
            do=f"Set realtime.dialect to auto or one of: {', '.join(DIALECTS)}.",
        )
    if cloud and not config.api_key.strip():
        raise SettingsError(
            f"{public_address(config.url)} needs an API key and none is set.",
            do="Set OPENAI_API_KEY or realtime.api_key, or install the key as the service's "
            'credential; with realtime.url = "offline" no key is needed.',
        )
    return dialect


def public_address(url: str) -> str:
    """An address as it may be logged: without user, password and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable)"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))
