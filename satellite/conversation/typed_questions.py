"""What becomes of a typed question, told as it comes: the words of the answer, and how it ended.

A question is open until nothing is left that could still answer it. So whoever waits for the end of
it is told one, whatever happens: an answer, a refusal, somebody who speaks, a link that is lost.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import ShowReply
from satellite.conversation.events import Event, local, server
from satellite.conversation.responses import ResponseQueue, ServerResponse

EVERY_S = 0.1
"""How often at most the words so far are told; a server sends dozens of pieces in a second."""

ReplyStatus = Literal["answering", "answered", "not_answered"]


def question_id(text: str) -> str:
    """Names a question without repeating it: what was typed may be nobody else's business."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


class TypedQuestions:
    """The question that was typed last. ``observe`` is told every event after its handlers."""

    def __init__(self, effects: EffectList, responses: ResponseQueue) -> None:
        self._effects = effects
        self._responses = responses
        self._question = ""
        """The id of the open question; empty when there is none."""
        self._answers: list[ServerResponse] = []
        self._told = ""
        self._told_s = 0.0
        self._why = ""

    def asked(self, text: str) -> None:
        self._end("another question was asked")
        self._question = question_id(text)
        self._answers, self._told, self._why = [], "", ""

    def refused(self, text: str, why: str) -> None:
        """The question is not asked at all."""
        self.asked(text)
        self._end(why)

    def observe(self, event: Event, *, pending: bool) -> None:
        """``pending``: an answer is being given, asked for or waited for."""
        if not self._question:
            return
        match event:
            case server.TextDelta() | server.TextDone():
                self._collect(event.response_id)
            case server.ResponseDone():
                self._note_end(event)
            case local.LinkDown() if not self._effects.linked:
                self._why = "the connection to the server was lost"
            case _:
                pass
        if not pending:
            self._end(self._why or "no answer came")

    def _collect(self, response_id: str) -> None:
        response = self._responses.find(response_id)
        if response is None or response.out_of_band or response.interrupted:
            return
        if response not in self._answers:
            self._answers.append(response)
        if self._effects.now_s >= self._told_s + EVERY_S and self._text != self._told:
            self._tell("answering")

    def _note_end(self, event: server.ResponseDone) -> None:
        response = self._responses.find(event.response_id)
        if response is None or response.out_of_band:
            return
        if event.status == "completed" and not response.interrupted:
            self._why = ""
            if response not in self._answers:
                self._answers.append(response)  # it may have done something without a word
        elif response.interrupted or event.status == "cancelled":
            self._why = "it was interrupted"
        else:
            self._why = event.message or event.reason or event.status

    @property
    def _text(self) -> str:
        parts = ("".join(response.texts.values()).strip() for response in self._answers)
        return "\n".join(part for part in parts if part)

    def _end(self, why: str) -> None:
        if not self._question:
            return
        last = self._answers[-1] if self._answers else None
        answered = last is not None and last.ended and not last.interrupted and not self._why
        self._tell("answered" if answered else "not_answered", "" if answered else why)
        self._question = ""

    def _tell(self, status: ReplyStatus, reason: str = "") -> None:
        self._told, self._told_s = self._text, self._effects.now_s
        self._effects.add(ShowReply(self._question, self._told, status, reason))
