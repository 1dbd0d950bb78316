"""The conversation as a state machine: told what happened, it answers with what to do.

Rules that open clients got wrong are kept here and nowhere else: silence at once when the user
speaks, cancel exactly while a response is being generated, one response at a time, a function
once per ``call_id``, nothing of an old link in a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from satellite.conversation import events as ev
from satellite.conversation.calls import Batch, Calls
from satellite.conversation.commands import (
    CancelResponse,
    ClearInput,
    CreateResponse,
    DeleteItem,
    SendUserText,
    TruncateItem,
)
from satellite.conversation.effects import (
    Chime,
    Duck,
    Effect,
    ExpectAudio,
    ShowHeard,
    ShowSaid,
    ShowState,
    Spent,
    State,
)
from satellite.conversation.outbox import Outbox
from satellite.conversation.replies import Replies, Reply, Wish
from satellite.conversation.voice import Voice

DUCK_MS = 800
"""How long a local voice onset may lower the reply; the server's word takes about half of it."""
REPLY_EXPECTED_S = 8.0
"""After a turn of the user the server is expected to answer; later the state is listening again."""

ACTIVE_RESPONSE = "conversation_already_has_active_response"
HARMLESS_CODES = frozenset({"response_cancel_not_active", "input_audio_buffer_commit_empty"})


@dataclass(frozen=True, slots=True)
class Manners:
    """How to behave with this server.

    ``interrupt``: who cancels when the user speaks; ``client`` sends ``response.cancel`` itself.
    ``echoes_metadata``: responses come back with the metadata of their request, as in GA.
    """

    interrupt: Literal["client", "server"] = "client"
    echoes_metadata: bool = True


class Conversation:
    """One owner's view of one conversation over all its links.

    ``handle`` never raises for anything a server or a user can do, and takes no time.
    """

    def __init__(self, manners: Manners | None = None) -> None:
        self._manners = manners or Manners()
        self._out = Outbox()
        self._voice = Voice(self._out)
        self._calls = Calls(self._out)
        self._replies = Replies(self._out, echoes_metadata=self._manners.echoes_metadata)
        self._tried = False
        self._troubles: dict[str, str] = {}
        self._complete = False
        self._muted = False
        self._user_speaking = False
        self._speaking_item = ""
        self._stop_next = False
        self._ducked_until_s: float | None = None
        self._reply_expected_until_s: float | None = None
        self._turn = 0
        self._shown: State | None = None
        self._unacknowledged: set[str] = set()
        self._now_s = 0.0
        self._handlers: dict[type, Callable[[Any], object]] = {
            ev.LinkUp: self._link_up,
            ev.LinkDown: self._link_down,
            ev.SpeechStarted: self._speech_started,
            ev.SpeechStopped: self._speech_stopped,
            ev.InputCommitted: self._input_committed,
            ev.ItemAdded: self._item_added,
            ev.InputTranscript: self._input_transcript,
            ev.ResponseCreated: self._begin,
            ev.OutputItemAdded: self._output_item_added,
            ev.OutputItemDone: self._output_item_done,
            ev.AudioDelta: self._audio_delta,
            ev.AudioDone: self._audio_done,
            ev.TextDelta: self._text,
            ev.TextDone: self._text,
            ev.CallArgumentsDone: self._call_arguments_done,
            ev.ResponseDone: self._response_done,
            ev.ServerError: self._server_error,
            ev.PlaybackFinished: self._voice.on_finished,
            ev.Flushed: self._voice.on_flushed,
            ev.VoiceOnset: self._voice_onset,
            ev.StopPressed: self._stop_pressed,
            ev.MuteSet: self._mute_set,
            ev.AskRequested: self._ask_requested,
            ev.SayRequested: self._say_requested,
            ev.CallFinished: self._call_finished,
            ev.Trouble: self._trouble,
            ev.Tick: self._tick,
        }

    # --- the whole surface ----------------------------------------------------------------------

    @property
    def turn(self) -> int:
        """How many turns the user has taken; a confirmation must come in a later one."""
        return self._turn

    @property
    def quiet(self) -> bool:
        """Nobody speaks, thinks or waits for a result."""
        return self._shown not in (State.HEARING, State.THINKING, State.SPEAKING)

    @property
    def deadline_s(self) -> float | None:
        """When ``handle`` wants a ``Tick`` at the latest, on the clock of ``now_s``."""
        times = self._replies.deadlines()
        times += [t for t in (self._ducked_until_s, self._reply_expected_until_s) if t is not None]
        return min(times, default=None)

    def handle(self, event: ev.Event, now_s: float) -> list[Effect]:
        """What to do about ``event``; ``now_s`` is any monotonic clock, in seconds."""
        self._now_s = now_s
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        self._replies.pump(now_s, user_speaking=self._user_speaking)
        self._show_state()
        return self._out.take()

    # --- the link -------------------------------------------------------------------------------

    def _link_up(self, event: ev.LinkUp) -> None:
        self._forget_link()
        self._out.epoch = event.epoch
        self._out.linked = True
        self._tried = True

    def _link_down(self, event: ev.LinkDown) -> None:
        self._tried = True
        if not self._out.linked or event.epoch != self._out.epoch:
            return
        if self._replies.busy or self._calls.running:
            self._out.add(Chime("error"))
        self._out.linked = False
        self._forget_link()

    @property
    def _client_interrupts(self) -> bool:
        return self._manners.interrupt == "client"

    def _forget_link(self) -> None:
        self._out.forget()
        self._replies.reset()
        self._calls.reset()
        self._voice.end_all()
        self._unacknowledged.clear()
        self._user_speaking = False
        self._stop_next = False
        self._reply_expected_until_s = None
        self._unduck()

    # --- the user -------------------------------------------------------------------------------

    def _speech_started(self, event: ev.SpeechStarted) -> None:
        if self._muted:
            return
        self._user_speaking = True
        self._speaking_item = event.item_id
        self._reply_expected_until_s = None
        self._stop_next = False
        self._barge_in(cancel=self._client_interrupts)

    def _barge_in(self, *, cancel: bool) -> None:
        """Somebody wants the word: silence, then whatever makes the server stop and forget.

        Answers that were still wanted are dropped, the response to the new turn covers them.
        """
        self._voice.flush()
        self._unduck()
        self._replies.interrupt(cancel=cancel)
        self._replies.drop_answers()

    def _speech_stopped(self, _: ev.SpeechStopped) -> None:
        if self._user_speaking:
            self._user_speaking = False
            self._expect_reply()

    def _input_committed(self, event: ev.InputCommitted) -> None:
        self._turn += 1
        if event.item_id in (self._speaking_item, ""):
            self._user_speaking = False
        if not self._user_speaking:
            self._expect_reply()

    def _expect_reply(self) -> None:
        self._reply_expected_until_s = self._now_s + REPLY_EXPECTED_S
        self._out.add(ExpectAudio())

    def _input_transcript(self, event: ev.InputTranscript) -> None:
        if event.text:
            self._out.add(ShowHeard(event.item_id, event.text))

    def _voice_onset(self, _: ev.VoiceOnset) -> None:
        if self._voice.sounding and not self._muted:
            if self._ducked_until_s is None:
                self._out.add(Duck(on=True))
            self._ducked_until_s = self._now_s + DUCK_MS / 1000

    def _unduck(self) -> None:
        if self._ducked_until_s is not None:
            self._ducked_until_s = None
            self._out.add(Duck(on=False))

    def _stop_pressed(self, _: ev.StopPressed) -> None:
        self._voice.flush()
        self._unduck()
        self._replies.interrupt()
        self._replies.drop_all()
        self._calls.hush()
        self._stop_next = self._reply_expected_until_s is not None
        self._reply_expected_until_s = None

    def _mute_set(self, event: ev.MuteSet) -> None:
        if event.muted and not self._muted:
            self._user_speaking = False
            self._reply_expected_until_s = None
            if self._out.linked:
                self._out.send(ClearInput())
        self._muted = event.muted

    def _ask_requested(self, event: ev.AskRequested) -> None:
        if not self._out.linked:
            self._out.note("warning", "There is no server to ask; the question was dropped.")
            return
        self._barge_in(cancel=True)
        self._turn += 1
        self._out.send(SendUserText(event.text))
        self._replies.wish(Wish())
        self._out.add(ExpectAudio())

    def _say_requested(self, event: ev.SayRequested) -> None:
        if not self._out.linked:
            self._out.note("warning", "There is no server to speak; the announcement was dropped.")
        elif event.text:
            self._replies.wish(Wish(say=event.text))
            self._out.add(ExpectAudio())

    # --- the answer -----------------------------------------------------------------------------

    def _begin(self, event: ev.ResponseCreated) -> Reply:
        reply = self._replies.created(event, self._turn, self._now_s)
        self._reply_expected_until_s = None
        if not self._unacknowledged and not reply.out_of_band:
            # The server had every result before it began, so this answer covers them.
            self._replies.drop_answers()
        self._unacknowledged.clear()
        if self._user_speaking:
            # It answers what the user said before interrupting; a cancel sent earlier was lost.
            self._replies.interrupt(cancel=self._client_interrupts)
        elif self._stop_next:
            self._replies.interrupt()
        self._stop_next = False
        if not reply.interrupted:
            self._out.add(ExpectAudio())
        return reply

    def _reply_of(self, response_id: str) -> Reply:
        """The response an event belongs to; some servers never announced it."""
        reply = self._replies.find(response_id)
        if reply is None:
            reply = self._begin(ev.ResponseCreated(response_id))
        reply.last_event_s = self._now_s
        return reply

    def _output_item_added(self, event: ev.OutputItemAdded) -> None:
        reply = self._reply_of(event.response_id)
        self._calls.announce(reply.calls, event.item)

    def _audio_delta(self, event: ev.AudioDelta) -> None:
        reply = self._reply_of(event.response_id)
        if reply.interrupted or not event.audio:
            return
        known = event.item_id in reply.audio_items
        reply.audio_items.add(event.item_id)
        self._voice.play(event.item_id, event.audio, remembered=not reply.out_of_band)
        if not known and event.item_id in reply.texts:
            self._voice.transcript(event.item_id, reply.texts[event.item_id], final=True)

    def _audio_done(self, event: ev.AudioDone) -> None:
        self._reply_of(event.response_id)
        self._voice.end(event.item_id)

    def _text(self, event: ev.TextDelta | ev.TextDone) -> None:
        reply = self._reply_of(event.response_id)
        final = isinstance(event, ev.TextDone)
        before = "" if final else reply.texts.get(event.item_id, "")
        reply.texts[event.item_id] = before + event.text
        self._voice.transcript(event.item_id, event.text, final=final)

    def _output_item_done(self, event: ev.OutputItemDone) -> None:
        reply = self._reply_of(event.response_id)
        if reply.interrupted:
            self._calls.refuse(event.item)
            return
        self._voice.end(event.item.id)
        self._calls.item_done(reply.calls, event.item)

    def _call_arguments_done(self, event: ev.CallArgumentsDone) -> None:
        reply = self._reply_of(event.response_id)
        if not reply.interrupted:
            self._calls.arguments_done(reply.calls, event)

    def _response_done(self, event: ev.ResponseDone) -> None:
        reply = self._replies.find(event.response_id)
        if reply is None:
            reply = self._begin(ev.ResponseCreated(event.response_id, event.metadata))
        if reply.ended:
            return
        if event.usage is not None:
            self._out.add(Spent(event.usage))
        completed = event.status == "completed" and not reply.interrupted
        for item in event.items if completed else ():
            self._calls.item_done(reply.calls, item)
        self._calls.response_done(reply.calls, completed=completed)
        if event.status == "cancelled" and not reply.interrupted:
            # The server stopped by itself; some tell so before they report the speech.
            reply.interrupted = True
            self._voice.flush()
        for item_id in reply.audio_items:
            self._voice.end(item_id)
        if event.status == "failed":
            self._failed(event)
        self._show_written(reply)
        self._replies.done(reply, self._now_s)
        self._answer(reply.calls)

    def _failed(self, event: ev.ResponseDone) -> None:
        self._out.note("warning", f"The server failed to answer ({event.reason}): {event.message}")
        self._out.add(Chime("error"))

    def _show_written(self, reply: Reply) -> None:
        """Text that was never spoken (text output) is said to those who read."""
        for item_id, text in reply.texts.items():
            if item_id not in reply.audio_items and text and not reply.interrupted:
                self._out.add(ShowSaid(item_id, text, 0, interrupted=False))

    def _server_error(self, event: ev.ServerError) -> None:
        if not self._out.linked:
            return
        cause = self._out.cause_of(event.cause)
        if event.code == ACTIVE_RESPONSE:
            if isinstance(cause, CreateResponse):
                self._replies.refused(cause, self._now_s, retry=True)
            else:
                # The server's own answer to a turn collided with a response that was ending.
                self._replies.wish(Wish())
                self._replies.pause(self._now_s)
            return
        if isinstance(cause, CreateResponse):
            self._replies.refused(cause, self._now_s, retry=False)
            self._out.add(Chime("error"))
        race = isinstance(cause, (CancelResponse, TruncateItem, DeleteItem))
        level = "debug" if race or event.code in HARMLESS_CODES else "warning"
        about = f" about {type(cause).__name__}" if cause is not None else ""
        self._out.note(level, f"The server reports {event.code}{about}: {event.message}")

    # --- functions ------------------------------------------------------------------------------

    def _call_finished(self, event: ev.CallFinished) -> None:
        batch = self._calls.finished(event)
        if batch is not None:
            self._unacknowledged.add(event.call_id)
            self._answer(batch)

    def _answer(self, batch: Batch) -> None:
        """Have the results spoken about, once, unless the response to a new turn will do it."""
        if batch.settled and not self._user_speaking:
            self._replies.wish(Wish())
            self._out.add(ExpectAudio())

    def _item_added(self, event: ev.ItemAdded) -> None:
        if event.item.kind == "function_call_output":
            self._unacknowledged.discard(event.item.call_id)

    def _trouble(self, event: ev.Trouble) -> None:
        if event.reason:
            if self._complete and event.source not in self._troubles:
                self._out.add(Chime("error"))
            self._troubles[event.source] = event.reason
        else:
            self._troubles.pop(event.source, None)

    # --- time and state -------------------------------------------------------------------------

    def _tick(self, _: ev.Tick) -> None:
        if self._ducked_until_s is not None and self._now_s >= self._ducked_until_s:
            self._unduck()
        expected = self._reply_expected_until_s
        if expected is not None and self._now_s >= expected:
            self._reply_expected_until_s = None
        forgotten = self._replies.tick(self._now_s)
        if forgotten is not None:
            self._calls.response_done(forgotten.calls, completed=False)
            self._answer(forgotten.calls)

    def _show_state(self) -> None:
        state = self._state()
        if state is not self._shown:
            self._shown = state
            self._out.add(ShowState(state))

    def _state(self) -> State:
        if self._voice.sounding:
            return State.SPEAKING
        if not self._out.linked:
            return State.WAITING if self._tried else State.STARTING
        if self._user_speaking:
            return State.HEARING
        expected = self._reply_expected_until_s is not None
        if expected or self._replies.busy or self._calls.running:
            return State.THINKING
        if self._troubles:
            return State.ERROR if self._complete else State.STARTING
        self._complete = True
        return State.MUTED if self._muted else State.LISTENING
