"""Shows the state of the satellite to Home Assistant and the service manager, and to the gate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from satellite.audio.capture.gate import Gate
from satellite.conversation import effects as fx
from satellite.conversation.events import local
from satellite.core.sd_notify import Notifier

if TYPE_CHECKING:
    from satellite.app.home_process import HomeProcess

log = logging.getLogger(__name__)

BUSY = frozenset({fx.State.HEARING, fx.State.THINKING, fx.State.SPEAKING})

STATUS = {
    fx.State.STARTING: "starting",
    fx.State.LISTENING: "listening",
    fx.State.HEARING: "somebody speaks",
    fx.State.THINKING: "thinking",
    fx.State.SPEAKING: "speaking",
    fx.State.MUTED: "muted",
    fx.State.WAITING: "no server; trying again",
    fx.State.ERROR: "a part is broken",
}

PAUSED = (
    "It rests: what it heard went on and on without anything to do, as when another machine answers"
    " it. It listens again after a wake word, the listen button, or a minute of silence."
)


ServerShown = Literal["cloud", "local", "none"]


class StatusReporter:
    """Passes on what the conversation and the parts report of themselves.

    ``hide`` takes secrets out of a text.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        gate: Gate,
        clock: Callable[[], float],
        listen_mode: local.ListenMode = "open",
        hide: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._home: HomeProcess | None = None
        self._notifier = notifier
        self._gate = gate
        self._clock = clock
        self._hide = hide
        self._listen_mode = listen_mode
        self._state = fx.State.STARTING
        self._streaming = False
        self._server: ServerShown = "none"
        self._last_server: ServerShown = "none"
        """The latest one that was there."""
        self._problems: dict[str, str] = {}

    @property
    def busy(self) -> bool:
        """Somebody speaks or thinks."""
        return self._state in BUSY

    def attach(self, home: HomeProcess) -> None:
        """Shows everything so far on the broker too; the home process starts after the voice."""
        self._home = home
        home.show("state", self._state)
        home.show("streaming", self._streaming)
        home.show("problem", self._problem)
        home.show("server", self._server)
        self._show_listening()

    def state(self, state: fx.State) -> None:
        self._state = state
        self._show_status()
        self._gate.conversation(
            busy=self.busy, hearing=state is fx.State.HEARING, now_s=self._clock()
        )
        if self._home is not None:
            self._home.show("state", state)

    def streaming(self, on: bool) -> None:
        """Whether the microphone's sound leaves the room."""
        self._streaming = on
        if self._home is not None:
            self._home.show("streaming", on)

    def show_server(self, server: ServerShown) -> None:
        """Which server has the conversation."""
        before, self._server = self._server, server
        if server != before and self._home is not None:
            self._home.show("server", server)
        if server != "none":
            if self._last_server not in ("none", server):
                self.event(f"went_{server}", {})
            self._last_server = server

    def problem(self, source: str, reason: str) -> None:
        """What is wrong with a part, as a sentence for a person; empty when it works again."""
        self._problems.pop(source, None)
        if reason:
            self._problems[source] = self._hide(reason)
        self._show_status()
        if self._home is not None:
            self._home.show("problem", self._problem)

    @property
    def _problem(self) -> str:
        return " ".join(self._problems.values())

    def _show_status(self) -> None:
        self._notifier.status(f"{STATUS[self._state]}. {self._problem}".rstrip(". "))

    def heard(self, heard: fx.ShowHeard) -> None:
        if self._home is not None:
            self._home.tell("heard", {"text": heard.text, "item_id": heard.item_id})

    def said(self, said: fx.ShowSaid) -> None:
        if self._home is not None:
            facts = {
                "text": said.text,
                "item_id": said.item_id,
                "heard_ms": said.heard_ms,
                "interrupted": said.interrupted,
            }
            self._home.tell("said", facts)

    def reply(self, reply: fx.ShowReply) -> None:
        """What became of a typed question so far."""
        if self._home is not None:
            facts = {
                "question": reply.question,
                "text": reply.text,
                "status": reply.status,
                "reason": self._hide(reply.reason),
            }
            self._home.tell("reply", facts)

    def call(self, call: fx.ShowCall) -> None:
        """A call that the server made itself, of a tool of an MCP server."""
        if self._home is not None:
            facts = {
                "name": call.name,
                "arguments": self._without_secrets(call.arguments),
                "result": self._without_secrets(call.result),
                "ms": round(call.took_ms, 1),
            }
            self._home.tell("call", facts)

    def event(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Something has happened that is no state."""
        if self._home is not None:
            self._home.tell("event", {"type": kind, **facts})

    def speaking(self, on: bool, text: str) -> None:
        """What the loudspeaker says while it does, for the other satellites of the broker."""
        if self._home is not None:
            self._home.speaking(on, text)

    def pause_listening(self, on: bool) -> None:
        """Listens to nobody for a while; the gate ends that by itself for whoever asks for it."""
        self._gate.resting = on
        self.problem("pause", PAUSED if on else "")

    def require_wake_word(self, on: bool) -> None:
        """In mode ``auto``: whether the microphone opens for the wake word only."""
        self._gate.mode = "wake" if on else "open"
        self._show_listening()

    def _show_listening(self) -> None:
        if self._home is not None:
            needed = self._gate.mode == "wake"
            facts = {"mode": self._listen_mode, "wake_word_needed": needed}
            self._home.show("listening", facts)

    def open_microphone(self) -> None:
        """Somebody is expected to answer an announcement."""
        if self._gate.resting:
            self.pause_listening(False)
        self._gate.open(self._clock())

    def follow_up(self, follow_up: fx.FollowUp) -> None:
        """Whether the talk goes on, so that nobody need say the wake word again."""
        self._gate.follow_up = follow_up.how
        if follow_up.how == "end" and self._gate.mode != "open":
            log.info("Nobody talks to it any more, as it seems.")

    def _without_secrets(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return self._hide(value)
        if isinstance(value, list):
            return [self._without_secrets(one) for one in value]
        if isinstance(value, dict):
            return {self._hide(name): self._without_secrets(one) for name, one in value.items()}
        return value
