"""How to speak to a server: the differences between providers as fields of one class.

Two real shapes (GA and beta) and a handful of differences cover all of them; ``dialects`` holds
the known ones. Everything here is pure: plain values in, addresses, headers and messages out.
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
from satellite.realtime.session import Shape, beta_session, ga_session, mixed_session

HOUR_S = 3600


def _plain(value: object) -> object:
    """What an encoder asks when it meets a mapping that is no ``dict``."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


_encode_json = msgspec.json.Encoder(enc_hook=_plain).encode


class Dialect(Struct, frozen=True):
    """How one kind of server wants to be spoken to. The defaults are OpenAI's GA interface."""

    name: str
    hosts: tuple[str, ...] = ()
    """Where a cloud that asks for a key speaks it; with a leading dot, any host below."""
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
    voice: str = ""
    """What ``realtime.voice = "auto"`` means at ``hosts``; empty for the server's own choice."""
    transcription_model: str = ""
    """What ``realtime.transcription_model = "auto"`` means at ``hosts``; empty for none."""
    nested_tools: bool = False
    omit: frozenset[str] = frozenset()
    """Session fields that the server refuses, by their last name, wherever they stand."""
    unsupported: tuple[type[commands.Command], ...] = ()
    """Commands that the server has no ear for; they are not sent."""
    echoes_metadata: bool = False
    """A response's ``metadata`` comes back in its events, so own responses can be told."""
    update_repeats: tuple[str, ...] = ()
    """Top-level session fields that each later update has to repeat."""
    session_cap_s: int = HOUR_S
    """How long a connection may live when the server does not say."""
    created_timeout_s: float = 20.0
    """Patience for the first event; a local server may load its models first."""
    updated_timeout_s: float = 4.0
    """Patience for the answer to a session update. Some servers never confirm, but all refuse at
    once: who says nothing for so long goes on."""

    @property
    def flat(self) -> bool:
        return self.shape != "ga"

    @property
    def other(self) -> Dialect:
        """The same server, spoken to in the other of the two real shapes."""
        shape: Shape = "beta" if self.shape == "ga" else "ga"
        name = shape if self.name in ("ga", "beta") else self.name
        return structs.replace(self, name=name, shape=shape)

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
                do=f"Copy it again. {KEY_PLACES}.",
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
            session = mixed_session(config, self.pcm_in_hz, self.pcm_out_hz)
        session["tools"] = tools_object(config.tools, nested=self.nested_tools)
        return _without(session, self.omit)

    def later_update(self, config: LinkConfig, *changed: str) -> dict[str, Any]:
        """The ``session`` of an update that changes only the named top-level fields.

        The voice is never among them: it cannot change once something was said.
        """
        whole = self.session(config)
        kept = {*changed, *self.update_repeats, "type"}
        return {name: value for name, value in whole.items() if name in kept}

    def encode(self, command: commands.Command) -> str | None:
        """The message for a command; ``None`` when this server has no such thing."""
        if isinstance(command, self.unsupported):
            return None
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


# --- addresses ---

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def split_address(url: str) -> SplitResult:
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


def public_address(url: str) -> str:
    """An address as it may be logged: without user, password and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable)"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))
