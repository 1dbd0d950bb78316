"""The server's side: responses piece by piece, results of calls, and errors."""

from __future__ import annotations

from msgspec.structs import replace

from satellite.conversation.announcements import Announcements
from satellite.conversation.call_context import CallContexts
from satellite.conversation.commands import (
    AddPastCall,
    AddPastMessage,
    AddPastOutput,
    CancelResponse,
    Command,
    CreateResponse,
    DeleteItem,
    TruncateItem,
)
from satellite.conversation.coverage import TEXT, Coverage
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ExpectAudio
from satellite.conversation.events import local, server
from satellite.conversation.mcp_calls import McpCalls
from satellite.conversation.memory import PAST
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import PendingResponse, ResponseQueue, ServerResponse
from satellite.conversation.silent_turns import STAY_SILENT, SilentTurns
from satellite.conversation.tool_calls import PICTURE, CallBatch, ToolCalls
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_turns import UserTurns

ACTIVE_RESPONSE = "conversation_already_has_active_response"
PAST_ITEMS = (AddPastMessage, AddPastCall, AddPastOutput)
"""A server that takes none of them has forgotten the conversation, and that is all."""
HARMLESS_CODES = frozenset({"response_cancel_not_active", "input_audio_buffer_commit_empty"})


class ResponseHandlers:
    """Hands each piece of a response to the part that owns it.

    ``cancels``: the satellite stops a response itself when the user speaks; else the server does.
    """

    def __init__(
        self,
        effects: EffectList,
        *,
        turns: UserTurns,
        output_items: OutputItems,
        calls: ToolCalls,
        responses: ResponseQueue,
        announcements: Announcements,
        call_contexts: CallContexts,
        unanswered: UnansweredTurns,
        silent_turns: SilentTurns,
        mcp_calls: McpCalls,
        cancels: bool,
    ) -> None:
        self._effects = effects
        self._turns = turns
        self._output_items = output_items
        self._calls = calls
        self._responses = responses
        self._announcements = announcements
        self._call_contexts = call_contexts
        self._unanswered = unanswered
        self._silent_turns = silent_turns
        self._mcp_calls = mcp_calls
        self._cancels = cancels
        self._coverage = Coverage()

    def reset(self) -> None:
        """The link is gone."""
        self._coverage.reset()

    def typed(self) -> None:
        """A text of the user was sent."""
        self._coverage.sent(TEXT)

    def request_next(self) -> None:
        """Requests the next response that is wanted, if it is time for it."""
        if self._responses.request_next(user_first=self._turns.unanswered):
            self._coverage.asked()

    def answer_mcp_calls(self) -> None:
        """Requests a response about tools of MCP servers that have ended."""
        turn = self._mcp_calls.take_ended()
        if turn is not None and not self._turns.person_speaking:
            self._responses.request(PendingResponse())
            self._unanswered.await_result(turn)
            self._effects.add(ExpectAudio())

    def tick(self) -> None:
        self._mcp_calls.tick()
        forgotten = self._responses.tick()
        if forgotten is not None:
            for item_id in forgotten.audio_items:
                self._output_items.end(item_id)
            self._calls.response_done(forgotten.calls, completed=False)
            self._answer(forgotten.calls)
            self._announcements.response_over(forgotten.announcement, completed=False)

    # --- a response, piece by piece ---------------------------------------------------------------

    def created(self, event: server.ResponseCreated) -> None:
        if self._responses.already_begun(event) is None:
            self._began(event).announced = True

    def _began(self, event: server.ResponseCreated) -> ServerResponse:
        """A response began, asked for or not."""
        for_turn = self._turns.unanswered
        response = self._responses.created(event, self._turns.count)
        unwanted = self._turns.answered(requested=response.requested)
        covers = not response.out_of_band and self._coverage.begun(
            for_turn=for_turn, requested=response.requested
        )
        if covers or (not response.out_of_band and self._coverage.presumed):
            # The server had every result before it began, so this answer covers them.
            self._responses.drop_answers()
        response.calls.user_turn = self._call_contexts.turn
        if not response.out_of_band:
            response.about = self._call_contexts.responding(covers=covers or response.asked_for)
        if self._turns.person_speaking:
            # It answers an earlier turn; a cancel that was sent before it began was lost.
            self._responses.interrupt(cancel=self._cancels)
        elif unwanted or (response.out_of_band and not self._announcements.wants(response)):
            self._responses.interrupt()
        if not response.interrupted:
            self._effects.add(ExpectAudio())
        return response

    def _response_of(self, response_id: str) -> ServerResponse:
        """The response of an event; some servers send no ``response.created`` for it."""
        response = self._responses.find(response_id)
        if response is None:
            response = self._began(server.ResponseCreated(response_id))
        response.last_event_s = self._effects.now_s
        return response

    def output_item_added(self, event: server.OutputItemAdded) -> None:
        response = self._response_of(event.response_id)
        self._calls.announce(response.calls, event.item)
        self._mcp_calls.item(
            event.item, turn=response.turn, done=False, response_id=event.response_id
        )
        kind, name = event.item.kind, event.item.name
        if kind in ("mcp_call", "mcp_approval_request") and not response.interrupted:
            response.calls.called = True
            self._silent_turns.answered()
        if kind == "message" or (kind == "function_call" and name != STAY_SILENT.name):
            self._silent_turns.decided()

    def audio_delta(self, event: server.AudioDelta) -> None:
        response = self._response_of(event.response_id)
        if response.interrupted or response.ended or not event.audio:
            return
        if self._stays_silent(response):
            response.unplayed.add(event.item_id)
            return
        known = event.item_id in response.audio_items
        response.audio_items.add(event.item_id)
        if response.out_of_band:
            self._announcements.play(response, event.item_id, event.audio)
        else:
            self._silent_turns.answered()
            self._output_items.play(
                event.item_id, event.audio, remembered=True, about=response.about
            )
        if not known and event.item_id in response.texts:
            self._output_items.transcript(event.item_id, response.texts[event.item_id], final=True)

    def audio_done(self, event: server.AudioDone) -> None:
        self._response_of(event.response_id)
        self._output_items.end(event.item_id)

    def text(self, event: server.TextDelta | server.TextDone) -> None:
        response = self._response_of(event.response_id)
        final = isinstance(event, server.TextDone)
        before = "" if final else response.texts.get(event.item_id, "")
        response.texts[event.item_id] = before + event.text
        self._output_items.transcript(event.item_id, event.text, final=final)

    def output_item_done(self, event: server.OutputItemDone) -> None:
        response = self._response_of(event.response_id)
        if response.interrupted:
            self._mcp_calls.refuse(event.item)
        self._mcp_calls.item(
            event.item, turn=response.turn, done=True, response_id=event.response_id
        )
        if response.interrupted:
            self._calls.refuse(response.calls, event.item)
            return
        self._output_items.end(event.item.id)
        if event.item.status == "incomplete":
            self._call_contexts.broke_off(event.item.id)
        self._calls.item_done(response.calls, event.item)
        if response.calls.called:
            self._silent_turns.answered()

    def call_arguments_done(self, event: server.CallArgumentsDone) -> None:
        response = self._response_of(event.response_id)
        if not response.interrupted:
            self._calls.arguments_done(response.calls, event)

    def response_done(self, event: server.ResponseDone) -> None:
        response = self._responses.find(event.response_id)
        if response is None:
            response = self._began(server.ResponseCreated(event.response_id, event.metadata))
        if response.ended:
            return
        completed = event.status == "completed" and not response.interrupted
        for item in event.items if completed else ():
            self._calls.item_done(response.calls, item)
        self._calls.response_done(response.calls, completed=completed)
        if event.status == "cancelled":
            self._mcp_calls.response_cancelled(event.response_id)
        silent = self._judge_silence(response, event.status)
        if not response.interrupted:
            self._announcements.response_over(response.announcement, completed=completed)
            if silent:
                self._unanswered.stayed_silent()
            else:
                self._unanswered.response_over(response, event)
        if event.status == "cancelled" and not response.interrupted:
            # The server stopped by itself; some say so before they report the speech.
            response.interrupted = True
            self._output_items.flush()
        for item_id in response.audio_items:
            self._output_items.end(item_id)
            if event.status != "completed":
                self._call_contexts.broke_off(item_id)
        self._responses.done(response)
        self._answer(response.calls)

    def _stays_silent(self, response: ServerResponse) -> bool:
        """Whether the server has said that the turn was not meant for the satellite, and may be
        right: then nothing that it says besides is played."""
        calls = response.calls
        said = bool(calls.called or response.audio_items or response.out_of_band)
        return bool(calls.silent) and not said and self._silent_turns.plausible

    def _judge_silence(self, response: ServerResponse, status: server.ResponseStatus) -> bool:
        """Removes what a response has left that stayed silent; returns whether it was right to."""
        if response.calls.called and not response.out_of_band:
            self._silent_turns.answered()
        if not response.calls.silent:
            return False
        silent = self._stays_silent(response) and status != "failed"
        self._silent_turns.forget_calls(response.calls.silent)
        for item_id in response.unplayed:
            self._effects.send(DeleteItem(item_id))
        if silent:
            for item_id in self._silent_turns.forget(interrupted=response.interrupted):
                self._call_contexts.taken_back(item_id)
        elif not response.interrupted:
            self._silent_turns.doubted()
            self._effects.note("info", "The server stays silent, which does not count here.")
        return silent

    def server_error(self, event: server.ServerError) -> None:
        if not self._effects.linked:
            return
        cause = self._effects.cause_of(event.cause)
        if event.code == ACTIVE_RESPONSE:
            self._collided(cause or self._effects.cause_of(self._responses.requested_by))
            return
        if isinstance(cause, CreateResponse):
            pending = self._responses.refused(cause, retry=False)
            if pending is not None and pending.number:
                self._announcements.response_over(pending.number, completed=False)
            elif pending is not None:
                self._unanswered.request_refused(event.code, event.message)
        race = isinstance(cause, (CancelResponse, TruncateItem, DeleteItem, *PAST_ITEMS))
        level = "debug" if race or event.code in HARMLESS_CODES else "warning"
        about = f" about {type(cause).__name__}" if cause is not None else ""
        self._effects.note(level, f"The server reports {event.code}{about}: {event.message}")

    def _collided(self, cause: Command | None) -> None:
        """Another response is active: the requested one, or the server's own, did not begin."""
        active = self._responses.active
        knows = active is not None and not (active.interrupted or active.out_of_band)
        knows = knows and self._coverage.has_all
        if isinstance(cause, CreateResponse):
            self._coverage.refused = active is None
            covered = knows and not cause.input_text
            self._responses.refused(cause, retry=not covered)
        elif self._turns.unwanted:
            self._turns.unwanted = False  # this was the unwanted answer
        elif not (knows and active is not None and active.requested and not active.marked):
            # The server's own answer to a turn collided with a response that was ending. (A
            # response that was taken for ours, without a mark, was the server's own.)
            self._responses.request(PendingResponse())
            self._responses.pause()

    # --- functions ------------------------------------------------------------------------------

    def call_finished(self, event: local.CallFinished) -> None:
        name = self._calls.name_of(event.call_id)
        self._silent_turns.call_finished(name, event.output)
        if self._mcp_calls.finished(event):
            self._silent_turns.call_finished("", event.output)
            return
        if name == "confirm" and self._mcp_calls.confirmed(event.output):
            event = replace(event, respond=False)  # the result of the tool is what is answered
        batch = self._calls.finished(event)
        if batch is not None:
            self._coverage.sent(event.call_id)
            self._answer(batch)
            if batch.closed and not batch.running and not batch.answered:
                self._unanswered.stop_waiting()  # the function wants no reply

    def _answer(self, batch: CallBatch) -> None:
        """Requests one response about all results, unless that to a new turn will cover them."""
        if batch.settled and not self._turns.person_speaking:
            self._responses.request(PendingResponse())
            self._unanswered.await_result(batch.turn)
            self._effects.add(ExpectAudio())

    def item_added(self, event: server.ItemAdded | server.ItemDone) -> None:
        """The server has an item of the user, of the satellite or of the model."""
        item = event.item
        if item.id.startswith((PAST, PICTURE)):
            return
        if item.kind.startswith("mcp_"):
            done = isinstance(event, server.ItemDone)
            self._mcp_calls.item(item, turn=self._turns.count, done=done)
        elif item.kind == "function_call_output":
            self._coverage.echoed(item.call_id)
        elif item.role == "user" and not self._turns.is_latest(item.id):
            self._coverage.echoed(TEXT)
