"""The differences between Realtime servers, as fields of one class.

Two shapes (GA and beta), their mixture and a handful of differences cover all known servers, which
``dialects`` lists. Everything here is pure: plain values in, addresses, headers and messages out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
from msgspec import Struct, structs

from satellite.conversation import commands
from satellite.core.errors import SettingsError
from satellite.realtime.config import KEY_PLACES, LinkConfig
from satellite.realtime.encode import command_object, tools_object
from satellite.realtime.mcp import mcp_objects
from satellite.realtime.session import (
    BETA_NAMES,
    Shape,
    beta_session,
    ga_session,
    mixed_session,
)

HOUR_S = 3600
BETA_FIELDS = frozenset({"max_output_tokens", "speed", "tool_choice"})
"""Those of ``RESPONSE_FIELDS`` that the beta interface had."""


def _plain(value: object) -> object:
    """Lets the encoder take any mapping. Raises ``TypeError`` for anything else."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


_encode_json = msgspec.json.Encoder(enc_hook=_plain).encode


class Dialect(Struct, frozen=True):
    """How one kind of server is spoken to. The defaults are OpenAI's GA interface."""

    name: str
    hosts: tuple[str, ...] = ()
    """Where a cloud that asks for a key speaks it; with a leading dot, any host below."""
    shape: Shape = "ga"
    path: str = "/v1/realtime"
    """Used when the address has none."""
    model_query: str = "model"
    """The query parameter that names the model."""
    query: tuple[tuple[str, str], ...] = ()
    """Further parameters, unless the address has them already."""
    key_header: Literal["bearer", "api-key", "basic"] = "bearer"
    beta_header: bool = False
    pcm_in_hz: int = 24_000
    pcm_out_hz: int = 24_000
    pcm_in_name: str = "pcm16"
    pcm_out_name: str = "pcm16"
    voice: str = ""
    """What ``realtime.voice = "auto"`` means at ``hosts``; empty for the server's own choice."""
    transcription_model: str = ""
    """What ``realtime.transcription_model = "auto"`` means at ``hosts``; empty for none."""
    nested_tools: bool = False
    mcp: bool = False
    """The server takes MCP servers among the session's tools."""
    images: bool = False
    """The server takes pictures among the items of the user."""
    response_fields: frozenset[str] = frozenset()
    """Those of ``RESPONSE_FIELDS`` that the server is known to take."""
    omit: frozenset[str] = frozenset()
    """Names of session fields that the server refuses, at any depth."""
    unsupported: tuple[type[commands.Command], ...] = ()
    """Commands that the server does not know; they are not sent."""
    echoes_metadata: bool = False
    """A response's events repeat the ``metadata`` of its request, which tells own responses."""
    update_repeats: tuple[str, ...] = ()
    """Top-level session fields that each later update has to repeat."""
    session_cap_s: int = HOUR_S
    """How long a connection may live, unless the server says less."""
    created_timeout_s: float = 20.0
    """Time-out of the first event; a local server may load its models first."""
    updated_timeout_s: float = 4.0
    """Time-out of the answer to a session update. Some servers never confirm, but all refuse at
    once, so after it the session is taken for configured."""

    @property
    def other(self) -> Dialect:
        """The same dialect in the other of the shapes GA and beta."""
        shape: Shape = "beta" if self.shape == "ga" else "ga"
        name = shape if self.name in ("ga", "beta") else self.name
        fields = self.response_fields & BETA_FIELDS
        ga = shape == "ga"
        return structs.replace(
            self,
            name=name,
            shape=shape,
            response_fields=fields,
            mcp=self.mcp and ga,
            images=self.images and ga,
        )

    def is_at(self, host: str) -> bool:
        """Whether the cloud behind ``host`` (in lower case) speaks this dialect."""
        return any(host.endswith(one) if one[0] == "." else host == one for one in self.hosts)

    def address(self, config: LinkConfig) -> str:
        """The URL to connect to.

        Raises ``SettingsError`` when ``config.url`` is no WebSocket address.
        """
        parts = split_address(config.url)
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
        """The headers of the upgrade request.

        Raises ``SettingsError`` for a key that no request can carry.
        """
        headers = {"OpenAI-Beta": "realtime=v1"} if self.beta_header else {}
        if config.organization:
            headers["OpenAI-Organization"] = config.organization
        if config.project:
            headers["OpenAI-Project"] = config.project
        headers |= self._key_header(config.api_key.strip())
        own = {name.lower() for name in config.headers}
        kept = {name: value for name, value in headers.items() if name.lower() not in own}
        return kept | dict(config.headers)

    def _key_header(self, key: str) -> dict[str, str]:
        if not key:
            return {}
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise SettingsError(
                "The API key contains blanks or characters that no key has.",
                do=f"Copy it again. {KEY_PLACES}.",
            )
        signed = key.count(".") == 2 and key.startswith("ey")
        token = signed or key.startswith("ek_")  # a signed token or a client secret, not a key
        if self.key_header == "api-key" and not token:
            return {"api-key": key}
        scheme = "Basic" if self.key_header == "basic" and not token else "Bearer"
        return {"Authorization": f"{scheme} {key}"}

    def session(self, config: LinkConfig) -> dict[str, Any]:
        """The ``session`` object of the first update: the whole configuration."""
        if self.shape == "ga":
            session = ga_session(config, self.pcm_in_hz, self.pcm_out_hz, self.response_fields)
        elif self.shape == "beta":
            session = beta_session(
                config, self.pcm_in_name, self.pcm_out_name, self.response_fields
            )
        else:
            session = mixed_session(config, self.pcm_in_hz, self.pcm_out_hz, self.response_fields)
        pictures = self.takes_pictures(config)
        tools = [tool for tool in config.tools if pictures or not tool.shows_pictures]
        session["tools"] = tools_object(tools, nested=self.nested_tools)
        if self.mcp:
            session["tools"] += mcp_objects(config.mcp)
        return _without(session, self.omit)

    def takes_pictures(self, config: LinkConfig) -> bool:
        """Whether the model of this session can be shown a picture."""
        return self.images and config.images

    def later_update(self, config: LinkConfig, *changed: str) -> dict[str, Any]:
        """The ``session`` object of an update that changes only the named top-level fields.

        ``transcription`` is named like that in all shapes. The voice is never among the fields: it
        cannot change once something was said.
        """
        whole = self.session(config)
        if "transcription" in changed and self.shape == "ga":
            hearing = whole["audio"]["input"]
            whole["audio"] = {"input": {"transcription": hearing.get("transcription")}}
            changed = (*changed, "audio")
        elif "transcription" in changed:
            changed = (*changed, "input_audio_transcription")
        kept = {*changed, *self.update_repeats, "type"}
        return {name: value for name, value in whole.items() if name in kept}

    def encode(self, command: commands.Command) -> str | None:
        """The message for a command; None when this server does not know it."""
        if isinstance(command, self.unsupported):
            return None
        if isinstance(command, commands.AddPicture) and not self.images:
            return None
        event = command_object(command)
        if isinstance(command, commands.AddPastMessage) and self.shape == "beta":
            for part in event["item"]["content"]:
                part["type"] = part["type"].replace("output_text", "text")
        if (
            isinstance(command, commands.CreateResponse)
            and command.out_of_band
            and "max_output_tokens" in self.response_fields
        ):
            # The session's limit is for replies; an announcement is as long as its text.
            name = "max_output_tokens"
            name = BETA_NAMES[name] if self.shape == "beta" else name
            event["response"][name] = "inf"
        return _as_text(event, command.event_id)

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
    """The object without the fields of those names at any depth, except inside tools."""
    if not names:
        return value
    return {
        name: _without(member, names) if isinstance(member, dict) else member
        for name, member in value.items()
        if name not in names
    }


# --- addresses ---

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def split_address(url: str) -> SplitResult:
    """The parts of a WebSocket address. Raises ``SettingsError`` when it is none."""
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


def public_address(url: str) -> str:
    """The address without user, password and query, as it may be logged."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable)"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))
