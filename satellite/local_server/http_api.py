"""The server's requests besides WebSocket upgrades: programs ask for client secrets by POST.

websockets reads upgrades only, which are GET. A connection that begins with POST is read by h11,
answered and closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from satellite.local_server.admission import SessionAdmission
from satellite.local_server.protocol.admission import PATHS, is_good_key, read_handshake
from satellite.local_server.protocol.client_secrets import ClientSecrets
from satellite.local_server.protocol.schema import RequestRefused

if TYPE_CHECKING:
    import h11

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Holds the largest tools and instructions that a session may have."""
MAX_AT_ONCE = 8
"""Connections that are read at the same time; others are told to come again (503)."""
_POST = b"POST "
_STATUSES = {"invalid_api_key": 401, "model_not_found": 404, "rate_limit_exceeded": 429}
"""HTTP statuses of refusals; any other is 400."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A complete request. ``headers`` have names in lower case, and may have one several times."""

    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def all_of(self, name: str) -> list[str]:
        return [value for one, value in self.headers if one == name]

    def joined(self, name: str) -> str | None:
        values = self.all_of(name)
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class HttpReply:
    status: int
    content: dict[str, Any]


class HttpApi:
    """Answers POST requests. ``key`` and ``need_key`` are those of the server's options."""

    def __init__(
        self,
        admission: SessionAdmission,
        client_secrets: ClientSecrets,
        *,
        key: str | None,
        need_key: bool,
    ) -> None:
        self.reading = 0
        self.connections: set[ServerConnection] = set()
        self.closed = False
        self._admission = admission
        self._key = key
        self._need_key = need_key
        made_at = {
            "client_secrets": client_secrets.create,
            "sessions": client_secrets.create_beta,
            "transcription_sessions": client_secrets.create_beta_transcription,
        }
        self._makers = {f"{path}/{name}": make for path in PATHS for name, make in made_at.items()}

    def answer(self, request: HttpRequest) -> HttpReply:
        why = self._admission.foreign(request.all_of("host"), request.all_of("origin"))
        if why:
            return error_reply(403, "forbidden", why)
        make = self._makers.get(request.target.partition("?")[0].rstrip("/"))
        if make is None:
            text = f"Unknown request URL: POST {request.target}. This is a Realtime server."
            return error_reply(404, "unknown_url", text)
        client = read_handshake(
            request.target, request.joined("authorization"), request.joined("api-key"), None, ""
        )
        if not is_good_key(client.keys, expected_key=self._key, need_key=self._need_key):
            return error_reply(401, "invalid_api_key", "Incorrect API key provided.")
        try:
            return HttpReply(200, make(_json(request.body)))
        except RequestRefused as why_not:
            status = _STATUSES.get(why_not.code, 400)
            return error_reply(status, why_not.code, why_not.message, why_not.param)

    def abort_unanswered(self) -> None:
        """Ends what has connected and not said what it wants; it would hold up the server's end."""
        self.closed = True
        for connection in self.connections:
            if connection.state is State.CONNECTING:
                connection.transport.abort()

    def connection_class(self) -> type[ServerConnection]:
        """What websockets makes of each TCP connection."""
        api = self

        class ApiConnection(ServerConnection):
            """Hands over to ``HttpExchange`` what begins with POST."""

            _first: bytes | None = b""
            _exchange: HttpExchange | None = None

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                api.connections.add(self)
                if api.closed:
                    self.transport.abort()

            def data_received(self, data: bytes) -> None:
                if self._first is not None:
                    data = self._first + data
                    if len(data) < len(_POST) and _POST.startswith(data):
                        self._first = data
                        return
                    self._first = None
                    if data.startswith(_POST):
                        self._exchange = HttpExchange(api, self.transport.write)
                if self._exchange is None:
                    super().data_received(data)
                elif self._exchange.receive(data):
                    self.transport.close()

            def connection_lost(self, exc: Exception | None) -> None:
                api.connections.discard(self)
                if self._exchange is not None:
                    self._exchange.close()
                super().connection_lost(exc)

        return ApiConnection


class HttpExchange:
    """One request and its reply."""

    def __init__(self, api: HttpApi, write: Callable[[bytes], None]) -> None:
        import h11  # only who uses the server has it installed

        self._h11 = h11
        self._api = api
        self._write = write
        self._wire = h11.Connection(h11.SERVER)
        self._head: h11.Request | None = None
        self._body = b""
        self._replied = False
        api.reading += 1

    def receive(self, data: bytes) -> bool:
        """Takes bytes of the client; true when the connection is to be closed."""
        if not self._replied:
            try:
                self._wire.receive_data(data)
                reply = self._read()
            except self._h11.RemoteProtocolError as error:
                reply = error_reply(error.error_status_hint, "invalid_request", str(error))
            if reply is not None:
                self._reply(reply)
        return self._replied

    def close(self) -> None:
        self._api.reading -= 1

    def _read(self) -> HttpReply | None:
        if self._api.reading > MAX_AT_ONCE:
            return error_reply(503, "overloaded", "Too many requests at once; try again.")
        while True:
            event = self._wire.next_event()
            if isinstance(event, self._h11.Request):
                self._head = event
            elif isinstance(event, self._h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY_BYTES:
                    text = f"The request is larger than {MAX_BODY_BYTES} bytes."
                    return error_reply(413, "request_too_large", text)
            elif isinstance(event, self._h11.EndOfMessage):
                return self._api.answer(self._request())
            else:
                break
        if self._wire.they_are_waiting_for_100_continue:
            go_on = self._h11.InformationalResponse(status_code=100, headers=[])
            self._write(self._wire.send(go_on) or b"")
        return None

    def _request(self) -> HttpRequest:
        assert self._head is not None
        headers = [
            (name.decode("ascii"), value.decode("latin-1")) for name, value in self._head.headers
        ]
        return HttpRequest(self._head.target.decode("ascii"), headers, self._body)

    def _reply(self, reply: HttpReply) -> None:
        self._replied = True
        body = msgspec.json.encode(reply.content)
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        head = self._h11.Response(
            status_code=reply.status, reason=HTTPStatus(reply.status).phrase, headers=headers
        )
        for event in (head, self._h11.Data(data=body), self._h11.EndOfMessage()):
            self._write(self._wire.send(event) or b"")


def error_reply(status: int, code: str, message: str, param: str | None = None) -> HttpReply:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return HttpReply(status, {"error": error})


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, RecursionError) as error:
        raise RequestRefused("invalid_json", f"The request is not valid JSON: {error}") from error
