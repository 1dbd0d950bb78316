"""The server's side: responses piece by piece, results of calls, and complaints."""

from __future__ import annotations

from satellite.conversation.announcements import Announcements
from satellite.conversation.call_context import CallContexts
from satellite.conversation.commands import (
    CancelResponse,
    Command,
    CreateResponse,
    DeleteItem,
    TruncateItem,
)
from satellite.conversation.coverage import TEXT, Coverage
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ExpectAudio, Spent
from satellite.conversation.events import local, server
from satellite.conversation.output_items import OutputItems
from satellite.conversation.responses import PendingResponse, ResponseQueue, ServerResponse
from satellite.conversation.tool_calls import CallBatch, ToolCalls
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_turns import UserTurns

ACTIVE_RESPONSE = "conversation_already_has_active_response"
HARMLESS_CODES = frozenset({"response_cancel_not_active", "input_audio_buffer_commit_empty"})


class ResponseHandlers:
    """Hands each piece of a response to its owner. ``now_s`` is set before each event.

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
        cancels: bool,
    ) -> None:
        self.now_s = 0.0
        self._effects = effects
        self._turns = turns
        self._output_items = output_items
        self._calls = calls
        self._responses = responses
        self._announcements = announcements
        self._call_contexts = call_contexts
        self._unanswered = unanswered
        self._cancels = cancels
        self._coverage = Coverage()

    def reset(self) -> None:
        """The link is gone."""
        self._coverage.reset()

    def typed(self) -> None:
        """The server was told a text of the user."""
        self._coverage.sent(TEXT)

    def start_next(self) -> None:
        """Asks for the next response that is wanted, if it is time for it."""
        if self._responses.start_next(self.now_s, user_first=self._turns.unanswered):
            self._coverage.asked()

    def tick(self) -> None:
        forgotten = self._responses.tick(self.now_s)
        if forgotten is not None:
            for item_id in forgotten.audio_items:
                self._output_items.end(item_id)
            self._calls.response_done(forgotten.calls, completed=False)
            self._answer(forgotten.calls)
            self._announcements.response_over(forgotten.announcement, completed=False)

    # --- a response, piece by piece ---------------------------------------------------------------

    def created(self, event: server.ResponseCreated) -> None:
        """The server says that it begins to answer."""
        if self._responses.restarted(event) is None:
            self._began(event).told = True

    def _began(self, event: server.ResponseCreated) -> ServerResponse:
        """An answer began, asked for or not."""
        for_turn = self._turns.unanswered
        reply = self._responses.created(event, self._turns.count, self.now_s)
        called_off = self._turns.answered(requested=reply.requested)
        covers = not reply.out_of_band and self._coverage.begun(
            for_turn=for_turn, requested=reply.requested
        )
        if covers or (not reply.out_of_band and self._coverage.presumed):
            # The server had every result before it began, so this answer covers them.
            self._responses.drop_answers()
        reply.calls.user_turn = self._call_contexts.turn
        if not reply.out_of_band:
            reply.about = self._call_contexts.responding(covers=covers or reply.asked_for)
        if self._turns.person_speaking:
            # It answers what the user said before interrupting; a cancel sent earlier was lost.
            self._responses.interrupt(cancel=self._cancels)
        elif called_off or (reply.out_of_band and not self._announcements.wants(reply)):
            self._responses.interrupt()
        if not reply.interrupted:
            self._effects.add(ExpectAudio())
        return reply

    def _reply_of(self, response_id: str) -> ServerResponse:
        """The response an event belongs to; some servers never announced it."""
        reply = self._responses.find(response_id)
        if reply is None:
            reply = self._began(server.ResponseCreated(response_id))
        reply.last_event_s = self.now_s
        return reply

    def output_item_added(self, event: server.OutputItemAdded) -> None:
        reply = self._reply_of(event.response_id)
        self._calls.announce(reply.calls, event.item)

    def audio_delta(self, event: server.AudioDelta) -> None:
        reply = self._reply_of(event.response_id)
        if reply.interrupted or reply.ended or not event.audio:
            return
        known = event.item_id in reply.audio_items
        reply.audio_items.add(event.item_id)
        if reply.out_of_band:
            self._announcements.play(reply, event.item_id, event.audio)
        else:
            self._output_items.play(event.item_id, event.audio, remembered=True, about=reply.about)
        if not known and event.item_id in reply.texts:
            self._output_items.transcript(event.item_id, reply.texts[event.item_id], final=True)

    def audio_done(self, event: server.AudioDone) -> None:
        self._reply_of(event.response_id)
        self._output_items.end(event.item_id)

    def text(self, event: server.TextDelta | server.TextDone) -> None:
        reply = self._reply_of(event.response_id)
        final = isinstance(event, server.TextDone)
        before = "" if final else reply.texts.get(event.item_id, "")
        reply.texts[event.item_id] = before + event.text
        self._output_items.transcript(event.item_id, event.text, final=final)

    def output_item_done(self, event: server.OutputItemDone) -> None:
        reply = self._reply_of(event.response_id)
        if reply.interrupted:
            self._calls.refuse(event.item)
            return
        self._output_items.end(event.item.id)
        if event.item.status == "incomplete":
            self._call_contexts.broke_off(event.item.id)
        self._calls.item_done(reply.calls, event.item)

    def call_arguments_done(self, event: server.CallArgumentsDone) -> None:
        reply = self._reply_of(event.response_id)
        if not reply.interrupted:
            self._calls.arguments_done(reply.calls, event)

    def response_done(self, event: server.ResponseDone) -> None:
        reply = self._responses.find(event.response_id)
        if reply is None:
            reply = self._began(server.ResponseCreated(event.response_id, event.metadata))
        if reply.ended:
            return
        if event.usage is not None:
            self._effects.add(Spent(event.usage))
        completed = event.status == "completed" and not reply.interrupted
        for item in event.items if completed else ():
            self._calls.item_done(reply.calls, item)
        self._calls.response_done(reply.calls, completed=completed)
        if not reply.interrupted:
            self._announcements.response_over(reply.announcement, completed=completed)
            self._unanswered.response_over(reply, event)
        if event.status == "cancelled" and not reply.interrupted:
            # The server stopped by itself; some tell so before they report the speech.
            reply.interrupted = True
            self._output_items.flush()
        for item_id in reply.audio_items:
            self._output_items.end(item_id)
            if event.status != "completed":
                self._call_contexts.broke_off(item_id)
        self._responses.done(reply, self.now_s)
        self._answer(reply.calls)

    def server_error(self, event: server.ServerError) -> None:
        if not self._effects.linked:
            return
        cause = self._effects.cause_of(event.cause)
        if event.code == ACTIVE_RESPONSE:
            self._collided(cause or self._effects.cause_of(self._responses.requested_by))
            return
        if isinstance(cause, CreateResponse):
            pending = self._responses.refused(cause, self.now_s, retry=False)
            if pending is not None and pending.number:
                self._announcements.response_over(pending.number, completed=False)
            elif pending is not None:
                self._unanswered.refused(event.code, event.message)
        race = isinstance(cause, (CancelResponse, TruncateItem, DeleteItem))
        level = "debug" if race or event.code in HARMLESS_CODES else "warning"
        about = f" about {type(cause).__name__}" if cause is not None else ""
        self._effects.note(level, f"The server reports {event.code}{about}: {event.message}")

    def _collided(self, cause: Command | None) -> None:
        """A response was wanted, by us or by the server itself, while another is active."""
        active = self._responses.active
        knows = active is not None and not (active.interrupted or active.out_of_band)
        knows = knows and self._coverage.has_all
        if isinstance(cause, CreateResponse):
            self._coverage.refused = active is None
            covered = knows and not cause.input_text
            self._responses.refused(cause, self.now_s, retry=not covered)
        elif self._turns.unwanted:
            self._turns.unwanted = False  # it is the answer that was called off
        elif not (knows and active is not None and active.requested and not active.marked):
            # The server's own answer to a turn collided with a response that was ending. (A
            # response that was taken for ours, without a mark, was the server's own.)
            self._responses.request(PendingResponse())
            self._responses.pause(self.now_s)

    # --- functions ------------------------------------------------------------------------------

    def call_finished(self, event: local.CallFinished) -> None:
        batch = self._calls.finished(event)
        if batch is not None:
            self._coverage.sent(event.call_id)
            self._answer(batch)
            if batch.closed and not batch.running and not batch.answered:
                self._unanswered.stop_waiting()  # it wants nothing said

    def _answer(self, batch: CallBatch) -> None:
        """Have the results spoken about, once, unless the response to a new turn will do it."""
        if batch.settled and not self._turns.person_speaking:
            self._responses.request(PendingResponse())
            self._unanswered.await_result(batch.turn)
            self._effects.add(ExpectAudio())

    def item_added(self, event: server.ItemAdded | server.ItemDone) -> None:
        """The server has an item: of the user, of ours, or of the model."""
        item = event.item
        if item.kind == "function_call_output":
            self._coverage.echoed(item.call_id)
        elif item.role == "user" and not self._turns.is_latest(item.id):
            self._coverage.echoed(TEXT)
