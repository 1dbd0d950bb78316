"""What a server bills: the usage that it reports, and an estimate where its report never comes.

A response that is lost with its connection was generated, and is billed, all the same; some servers
report no usage at all. A limit of money must not be passed unseen in either case.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Spent
from satellite.conversation.events import BYTES_PER_MS, Event, local, server
from satellite.conversation.events.server import TranscriptUsage, Usage

HEARD_TOKEN_MS = 100
SPOKEN_TOKEN_MS = 50
"""Sound of one token, as the provider counts it: of the user, and of a reply."""
CHARS_PER_TOKEN = 4
FIRST_INPUT = Usage(input_text=1_500)
"""Instructions and functions of a home, before the first response of a session has told."""
REMEMBERED = 64
"""Responses and turns; a server that keeps to the rules has one or two open."""


Value = TypeVar("Value")


class _Received(Struct):
    audio_bytes: int = 0
    text_chars: int = 0


class Billing:
    """Is told every event, and adds one ``Spent`` for each response and each transcript.

    ``transcribes``: the session asks for transcripts.
    """

    def __init__(self, effects: EffectList, *, transcribes: bool) -> None:
        self._effects = effects
        self._transcribes = transcribes
        self._forget()

    def observe(self, event: Event) -> None:  # noqa: C901, PLR0912 - one line for each event
        match event:
            case server.ResponseCreated(response_id):
                self._turn_ms = 0
                if response_id in self._ended:
                    del self._ended[response_id]  # the id is used again, or told late
                else:
                    self._received(response_id)
            case server.AudioDelta(response_id, _, audio):
                self._received(response_id).audio_bytes += len(audio)
            case server.TextDelta(response_id, _, text):
                self._received(response_id).text_chars += len(text)
            case server.ResponseDone():
                self._response_done(event)
            case server.SpeechStarted(item_id, start_ms):
                _remember(self._begun_ms, item_id, start_ms)
            case server.SpeechStopped(item_id, end_ms):
                length_ms = max(0, end_ms - self._begun_ms.pop(item_id, end_ms))
                _remember(self._lengths_ms, item_id, length_ms)
            case server.InputCommitted(item_id):
                self._turn_ms = self._lengths_ms.pop(item_id, 0)
                if self._transcribes:
                    _remember(self._untranscribed_ms, item_id, self._turn_ms)
            case server.InputTranscript(item_id, _, usage):
                self._transcribed(usage, self._untranscribed_ms.pop(item_id, 0))
            case server.TranscriptFailed(item_id):
                self._untranscribed_ms.pop(item_id, None)
            case local.LinkUp() | local.LinkDown():
                self._lost()

    def _forget(self) -> None:
        self._open: OrderedDict[str, _Received] = OrderedDict()
        """What came of each response that has not ended."""
        self._ended: OrderedDict[str, None] = OrderedDict()
        """Ids of responses that were charged; a server may report an end twice."""
        self._last = FIRST_INPUT
        """The input of the latest response of this link, which the next one has again."""
        self._begun_ms: OrderedDict[str, int] = OrderedDict()
        self._lengths_ms: OrderedDict[str, int] = OrderedDict()
        self._untranscribed_ms: OrderedDict[str, int] = OrderedDict()
        """Lengths of turns by item, whose transcripts are still to come."""
        self._turn_ms = 0
        """Length of the turn whose response has not begun; 0 for none."""

    def _received(self, response_id: str) -> _Received:
        if response_id in self._ended:
            return _Received()  # a piece that comes late
        return _remember(self._open, response_id, _Received())

    def _response_done(self, event: server.ResponseDone) -> None:
        received = self._open.pop(event.response_id, _Received())
        if event.response_id in self._ended:
            return
        if event.response_id:
            _remember(self._ended, event.response_id, None)
        usage = event.usage
        if usage is not None and (usage != Usage() or not received.audio_bytes):
            self._last = replace(usage, output_text=0, output_audio=0)
            self._effects.add(Spent(usage))
        elif received.audio_bytes or received.text_chars:
            self._effects.add(Spent(self._estimate(received)))

    def _transcribed(self, usage: TranscriptUsage | None, length_ms: int) -> None:
        if usage is None and length_ms:
            usage = TranscriptUsage(seconds=length_ms / 1000)
        if usage is not None:
            self._effects.add(Spent(usage))

    def _lost(self) -> None:
        """The link has ended: what it has not reported will not be reported any more."""
        if self._turn_ms:
            _remember(self._open, "the answer to the last turn", _Received())
        for received in self._open.values():
            self._effects.add(Spent(self._estimate(received)))
        for length_ms in self._untranscribed_ms.values():
            self._transcribed(None, length_ms)
        self._forget()

    def _estimate(self, received: _Received) -> Usage:
        spoken_ms = received.audio_bytes / BYTES_PER_MS
        return replace(
            self._last,
            input_audio=self._last.input_audio + math.ceil(self._turn_ms / HEARD_TOKEN_MS),
            output_audio=math.ceil(spoken_ms / SPOKEN_TOKEN_MS),
            output_text=math.ceil(received.text_chars / CHARS_PER_TOKEN),
        )


def _remember(known: OrderedDict[str, Value], key: str, value: Value) -> Value:
    """The value of that key, which is the new one if there was none; forgets the oldest."""
    kept = known.setdefault(key, value)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
    return kept
