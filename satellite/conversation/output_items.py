"""The items that the satellite speaks: what was received, what was heard, what the model keeps.

The server generates faster than the loudspeaker plays and does not know what was heard, so the
model would keep words in its history that nobody heard. Everything is counted per item, because one
response may hold several (a spoken preamble and the answer).
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from satellite.conversation.call_context import NO_CALLS, CallContexts, CoveredCalls, OutputSpeech
from satellite.conversation.commands import DeleteItem, TruncateItem
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import EndItem, Flush, Play, ShowSaid
from satellite.conversation.events import BYTES_PER_MS
from satellite.conversation.events.local import Flushed, PlaybackFinished


class OutputItem(Struct):
    """One spoken item as far as it was received."""

    item_id: str
    epoch: int
    remembered: bool
    """The server has it in the conversation's history. False for out-of-band speech."""
    spoken: OutputSpeech
    local: bool = False
    """Made by this machine, so it does not end with the link."""
    received_bytes: int = 0
    text: str = ""
    ended: bool = False

    @property
    def received_ms(self) -> int:
        """Whole milliseconds received: the server accepts no longer truncation."""
        return self.received_bytes // BYTES_PER_MS


class PlayedItem(Struct, frozen=True):
    """An item that has left the loudspeaker; ``whole``: it was heard to its end."""

    item_id: str
    heard_ms: int
    whole: bool
    text: str = ""
    received_ms: int = 0
    remembered: bool = False
    """The server has it in the conversation's history."""


class OutputItems:
    """The items whose audio has come and which the loudspeaker has not reported as over."""

    def __init__(self, effects: EffectList, call_contexts: CallContexts) -> None:
        self._effects = effects
        self._call_contexts = call_contexts
        self._speeches: dict[str, OutputItem] = {}
        self._flushing: deque[dict[str, OutputItem]] = deque()

    @property
    def sounding(self) -> bool:
        """Something is queued or playing that a flush would silence."""
        return bool(self._speeches)

    @property
    def words(self) -> str:
        """The text of all that is queued or playing, as far as it is known."""
        return " ".join(speech.text.strip() for speech in self._speeches.values()).strip()

    def play(
        self,
        item_id: str,
        audio: bytes,
        *,
        remembered: bool,
        local: bool = False,
        volume: int | None = None,
        about: CoveredCalls = NO_CALLS,
    ) -> None:
        """Queues a piece of audio (PCM16 mono 24 kHz) of an item.

        ``remembered``: the item is part of the server's history; ``local``: this machine made it;
        ``volume`` (0 to 100) is its own, None the usual one; ``about`` are the results of calls
        that it may tell of.
        """
        speech = self._speeches.get(item_id)
        if speech is None:
            spoken = self._call_contexts.speaking(item_id, about)
            speech = OutputItem(item_id, self._effects.epoch, remembered, spoken, local)
            self._speeches[item_id] = speech
        speech.ended = False  # some servers give every item the same id
        speech.received_bytes += len(audio)
        self._effects.add(Play(item_id, audio, volume))

    def received_ms(self, item_id: str) -> int:
        """Milliseconds received of an item that is queued or playing, else 0."""
        speech = self._speeches.get(item_id)
        return speech.received_ms if speech is not None else 0

    def is_answer(self, item_id: str) -> bool:
        """Whether the item is queued or playing and part of the conversation's history."""
        speech = self._speeches.get(item_id)
        return speech is not None and speech.remembered

    def transcript(self, item_id: str, text: str, *, final: bool) -> None:
        """Text of an item that is being spoken; a ``final`` one replaces all pieces."""
        speech = self._speeches.get(item_id)
        if speech is not None:
            speech.text = text if final else speech.text + text

    def end(self, item_id: str) -> None:
        speech = self._speeches.get(item_id)
        if speech is not None and not speech.ended:
            speech.ended = True
            self._effects.add(EndItem(item_id))

    def end_all(self) -> None:
        """No more audio will come from the server."""
        for item_id, speech in list(self._speeches.items()):
            if not speech.local:
                self.end(item_id)

    def flush(self) -> None:
        """Silences the loudspeaker, which answers with ``Flushed``."""
        if self._speeches:
            # Set aside, so that items which begin before the answer are not cut with these.
            self._flushing.append(self._speeches)
            self._speeches = {}
            self._effects.add(Flush())

    def flushed(self, flushed: Flushed) -> list[PlayedItem]:
        """The loudspeaker is silent. An item that it does not list never reached it."""
        if not self._flushing:
            return []
        heard_ms = {item.item_id: item.heard_ms for item in flushed.items}
        speeches = self._flushing.popleft().values()
        return [self._truncate(one, heard_ms.get(one.item_id, 0)) for one in speeches]

    def playback_finished(self, finished: PlaybackFinished) -> list[PlayedItem]:
        """An item was played to its end, perhaps at the moment of a flush."""
        gone: list[PlayedItem] = []
        for speeches in (self._speeches, *self._flushing):
            if finished.item_id in self._speeches and not self._speeches[finished.item_id].ended:
                continue  # the id was used again meanwhile
            speech = speeches.pop(finished.item_id, None)
            if speech is not None:
                heard_ms = min(round(finished.heard_ms), speech.received_ms)
                self._show(speech, heard_ms, interrupted=False)
                gone.append(_played(speech, heard_ms, whole=True))
        return gone

    def _truncate(self, speech: OutputItem, reported_ms: float) -> PlayedItem:
        """Cuts the model's history to what was heard.

        Never beyond what was received and never at 0 ms, both of which servers refuse: an item of
        which nothing was heard is deleted. When everything was heard nothing is sent: a needless
        truncation is an error and makes models repeat themselves.
        """
        heard_ms = min(int(reported_ms), speech.received_ms)
        all_heard = speech.ended and heard_ms >= speech.received_ms
        ours = self._effects.linked and speech.epoch == self._effects.epoch and speech.remembered
        if ours and speech.item_id and not all_heard:
            if heard_ms > 0:
                self._effects.send(TruncateItem(speech.item_id, heard_ms))
            else:
                self._effects.send(DeleteItem(speech.item_id))
        self._show(speech, heard_ms, interrupted=not all_heard)
        return _played(speech, heard_ms, whole=all_heard)

    def _show(self, speech: OutputItem, heard_ms: int, *, interrupted: bool) -> None:
        text = speech.text.strip()
        speech.spoken.stop(text, heard_ms, speech.received_ms, ended=speech.ended)
        self._effects.add(ShowSaid(speech.item_id, text, heard_ms, interrupted))


def _played(speech: OutputItem, heard_ms: int, *, whole: bool) -> PlayedItem:
    return PlayedItem(
        speech.item_id,
        heard_ms,
        whole=whole,
        text=speech.text,
        received_ms=speech.received_ms,
        remembered=speech.remembered,
    )
