"""What a server can do to a satellite: the cases of the table in ``docs/reliability.md``."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from websockets.datastructures import Headers
from websockets.http11 import Response

from satellite.conversation.user_turns import REPLY_EXPECTED_S
from tests.fakes.realtime_server import FakeRealtimeServer, tone

REPLY_MS = 400
SOON_S = 4.2
"""Within this time comes a sound for an answer that is known to stay away, and a session that
follows at once. One that has lived so long is followed at once as well."""
LATE_S = REPLY_EXPECTED_S + 2.0
"""Within this time comes the sound for an answer of which nothing is known."""
Play = Callable[[FakeRealtimeServer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """How every connection is received: an upgrade that is refused, an error, a close, silence."""

    name: str
    upgrade: Response | None = None
    error: dict[str, str] | None = None
    close: int = 0
    silent: bool = False

    def begin(self, server: FakeRealtimeServer) -> None:
        server.upgrade, server.refusal = self.upgrade, self.error or {}
        server.closes, server.silent = self.close, self.silent

    @staticmethod
    def end(server: FakeRealtimeServer) -> None:
        server.upgrade, server.refusal, server.closes, server.silent = None, {}, 0, False


@dataclass(frozen=True, slots=True)
class InSession:
    """What the server does in a session in which all was well."""

    name: str
    play: Play
    watched_s: float = SOON_S
    """How long it is watched at least."""


def error(code: str, kind: str = "invalid_request_error") -> dict[str, str]:
    return {"type": kind, "code": code, "message": "No."}


def _upgrade(
    status: int, code: str = "", *, page: bool = False, more: dict[str, str] | None = None
) -> AtTheDoor:
    kind = "text/html" if page else "application/json"
    body = json.dumps({"error": error(code)}) if code else "<html></html>" if page else ""
    headers = Headers({"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})})
    named = "".join(
        [f", `{code}`" if code else "", ", a page" if page else ""]
        + [f", `{key}: {value}`" for key, value in (more or {}).items()]
    )
    answer = Response(status, HTTPStatus(status).phrase, headers, body.encode())
    return AtTheDoor(f"HTTP {status}{named}", upgrade=answer)


REFUSALS: Final = (
    _upgrade(200, page=True),
    _upgrade(302, more={"Location": "http://portal.example/sign-in"}),
    _upgrade(400),
    _upgrade(401),
    _upgrade(403),
    _upgrade(404, "model_not_found"),
    _upgrade(407, page=True),
    _upgrade(408),
    _upgrade(429, "rate_limit_exceeded", more={"Retry-After": "7"}),
    _upgrade(429, "insufficient_quota"),
    _upgrade(500),
    _upgrade(502, page=True),
    _upgrade(503, more={"Retry-After": "7"}),
    AtTheDoor("accepts and is silent", silent=True),
    AtTheDoor("error `invalid_api_key`, close 3000", error=error("invalid_api_key")),
    AtTheDoor("error `model_not_found`, close 3000", error=error("model_not_found")),
    *(AtTheDoor(f"close {code} at once", close=code) for code in (1008, 1013, 3000, 4004)),
)


def _closed(code: int) -> InSession:
    async def play(server: FakeRealtimeServer) -> None:
        await server.part(code, "")

    return InSession(f"close {code}", play)


async def _cut(server: FakeRealtimeServer) -> None:
    await server.hang_up()


CLOSES: Final = (
    *map(_closed, (1000, 1001)),
    InSession("a cut without a close frame (1006)", _cut),
    *map(_closed, (1008, 1011, 1012, 1013, 3000, 4004)),
)


def _told(code: str, kind: str = "invalid_request_error", watched_s: float = SOON_S) -> InSession:
    async def play(server: FakeRealtimeServer) -> None:
        await server.send("error", error=error(code, kind))

    return InSession(f"error `{code}`", play, watched_s)


ERRORS: Final = (
    _told("conversation_already_has_active_response", watched_s=LATE_S),
    _told("something_new"),
    _told("rate_limit_exceeded", "rate_limit_error"),
    _told("server_error", "server_error"),
    _told("insufficient_quota", "insufficient_quota"),
    _told("invalid_api_key"),
    _told("model_not_found"),
    _told("session_expired"),
)
"""To a session, without a close."""


class _Answers:
    """Answers to one question each, whose ids are all different."""

    def __init__(self) -> None:
        self.count = 0

    async def asked(self, server: FakeRealtimeServer) -> tuple[str, str]:
        self.count += 1
        await server.hears(f"u{self.count}")
        return f"r{self.count}", f"i{self.count}"

    def ends(
        self,
        name: str,
        status: str,
        *,
        audio: bool = False,
        watched_s: float = SOON_S,
        **details: object,
    ) -> InSession:
        async def play(server: FakeRealtimeServer) -> None:
            response, item = await self.asked(server)
            await server.begin(response, item)
            if audio:
                await server.audio(response, item, tone(REPLY_MS))
            more = {"status_details": {"type": status, **details}} if details else {}
            await server.end(response, item, status, **more)

        return InSession(name, play, watched_s)

    def failed(self, code: str) -> InSession:
        return self.ends(f"`failed`, `{code}`", "failed", error=error(code, code))

    def called(self, name: str, function: str, arguments: str) -> InSession:
        """The model gets the result, and then says something about it."""

        async def play(server: FakeRealtimeServer) -> None:
            response, item = await self.asked(server)
            await server.call(response, function, arguments)
            await server.until(lambda: server.asked_for > 0, 5.0)
            await server.begin(f"{response}b", f"{item}b")
            await server.audio(f"{response}b", f"{item}b", tone(REPLY_MS))
            await server.end(f"{response}b", f"{item}b")

        return InSession(name, play)

    async def written(self, server: FakeRealtimeServer) -> None:
        response, item = await self.asked(server)
        reply: dict[str, Any] = {"id": response, "object": "realtime.response", "output": []}
        await server.send("response.created", response={**reply, "status": "in_progress"})
        place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        await server.send("response.output_text.done", **place, text="I cannot help with that.")
        await server.send("response.done", response={**reply, "status": "completed"})

    async def not_transcribed(self, server: FakeRealtimeServer) -> None:
        response, item = await self.asked(server)
        failure = error("audio_unintelligible", "transcription_error")
        await server.send(
            "conversation.item.input_audio_transcription.failed",
            item_id=f"u{self.count}",
            content_index=0,
            error=failure,
        )
        await server.begin(response, item)
        await server.audio(response, item, tone(REPLY_MS))
        await server.end(response, item)


_ANSWERS = _Answers()
ANSWERS: Final = (
    _ANSWERS.ends("`completed`, with sound", "completed", audio=True),
    InSession("`completed`, text only", _ANSWERS.written),
    _ANSWERS.ends("`completed`, empty", "completed"),
    _ANSWERS.ends("`incomplete`, `max_output_tokens`", "incomplete", reason="max_output_tokens"),
    _ANSWERS.ends(
        "`incomplete`, `max_output_tokens`, after some sound",
        "incomplete",
        audio=True,
        reason="max_output_tokens",
    ),
    _ANSWERS.ends("`incomplete`, `content_filter`", "incomplete", reason="content_filter"),
    _ANSWERS.failed("server_error"),
    _ANSWERS.failed("rate_limit_exceeded"),
    _ANSWERS.failed("insufficient_quota"),
    _ANSWERS.ends(
        "`cancelled` by the server", "cancelled", watched_s=LATE_S, reason="turn_detected"
    ),
    InSession("the transcript failed, a reply", _ANSWERS.not_transcribed),
    _ANSWERS.called("a call of an unknown function, a reply", "brew_coffee", "{}"),
    _ANSWERS.called("a call with broken arguments, a reply", "set_power", '{"devices": ["la'),
)
"""Each to a question; in this order, in one session."""

CHAINS: Final = (
    (*ANSWERS, ERRORS[0]),
    CLOSES[:-2],
    (*ERRORS[1:4], ERRORS[-1], CLOSES[-1]),
    (CLOSES[-2],),
    *((one,) for one in ERRORS[4:7]),
)
"""What one process goes through. The last of a chain may leave it without a session."""
