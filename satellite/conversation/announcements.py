"""Announcements: each is heard, once, in order; spoken by the server, else by this machine.

A server may be away, forbidden by a limit, busy with somebody who never stops speaking, or fail.
"Smoke in the kitchen" must be heard all the same, so the local voice speaks what the server has not
begun in time.
"""

from __future__ import annotations

from math import isfinite

from satellite.conversation.announcement import (
    AT_SERVER,
    MIN_HEARD_MS,
    SERVER_TIMEOUT_S,
    Announcement,
    AnnouncementStage,
)
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, ExpectAudio, OpenMicrophone, ShowSaid
from satellite.conversation.events.local import SayRequested
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.output_items import OutputItems, PlayedItem
from satellite.conversation.responses import PendingResponse, ResponseQueue, ServerResponse
from satellite.conversation.spoken_texts import LEFT_OUT

STALLED_S = 5.0
"""When the server sends no more of an announcement for so long, the next one goes on."""
MAX_TRIES = 5
"""How often an announcement begins again of which nothing was heard, because each time somebody
spoke or the loudspeaker was gone."""
STALE_S = 600.0
"""An announcement that waited so long for a loudspeaker is no news any more."""
MAX_WAITING = 16
MAX_WAITING_CHARS = 8_000
"""More than this at once is a fault of the sender; the oldest are dropped, and that is announced.
The characters are ten minutes of speech: two of the longest announcements."""


class Announcements:
    """The announcements that were asked for and are not over."""

    def __init__(
        self,
        effects: EffectList,
        *,
        output_items: OutputItems,
        responses: ResponseQueue,
        local_speech: LocalSpeech,
    ) -> None:
        self._effects = effects
        self._output_items = output_items
        self._responses = responses
        self._local_speech = local_speech
        self._all: list[Announcement] = []
        self._count = 0
        self._dropped = 0
        self._listen_requested = False
        self._no_loudspeaker = False

    # --- requests -------------------------------------------------------------------------------

    def add(self, event: SayRequested) -> None:
        """Takes a request; one without text is ignored."""
        if not event.text:
            return
        self._append(event)
        self._drop_oldest()
        self._effects.add(ExpectAudio())

    def _append(self, request: SayRequested) -> None:
        self._count += 1
        now_s = self._effects.now_s
        self._all.append(Announcement(self._count, request, now_s, now_s + SERVER_TIMEOUT_S))

    def _drop_oldest(self) -> None:
        waiting = [one for one in self._all if one.stage is AnnouncementStage.WAITING]
        chars = sum(len(one.text) for one in waiting)
        while len(waiting) > MAX_WAITING or (chars > MAX_WAITING_CHARS and len(waiting) > 1):
            oldest = waiting.pop(0)
            chars -= len(oldest.text)
            self._dropped += 1
            self._give_up(oldest, "too many wait at once")

    # --- the next one ---------------------------------------------------------------------------

    def start_next(self, *, by_server: bool, loudspeaker: bool) -> None:
        """Has the next announcement spoken. To be called after each event.

        ``by_server``: a server is there and may be asked; ``loudspeaker``: there is one.
        """
        if not loudspeaker:
            self._no_loudspeaker = True
            return
        if self._no_loudspeaker:
            self._no_loudspeaker = False
            self._loudspeaker_returned()
        self._end_stalled_response()
        now_s = self._effects.now_s
        for one in list(self._all):
            if one.stage is AnnouncementStage.SERVER and self._stalled(one):
                self._supplied(one, cut=True)
            if one.stage is AnnouncementStage.WAITING and not self._begin(one, by_server=by_server):
                continue
            if one.stage is AnnouncementStage.ASKED and now_s >= one.due_s:
                self._responses.withdraw(one.number)
                self._speak_locally(one)
            if one.stage in AT_SERVER:
                return
            if one.stage is AnnouncementStage.LOCAL and by_server and not self._next_is_due(one):
                return
        self._announce_dropped()

    def _loudspeaker_returned(self) -> None:
        now_s = self._effects.now_s
        for one in [one for one in self._all if one.stage is AnnouncementStage.WAITING]:
            one.due_s = max(one.due_s, now_s + SERVER_TIMEOUT_S)
            if now_s - one.requested_s > STALE_S:
                self._give_up(one, "there was no loudspeaker")

    def _begin(self, one: Announcement, *, by_server: bool) -> bool:
        """Asks the server or the local voice; False when there is neither."""
        if not one.local_failed and (not by_server or self._effects.now_s >= one.due_s):
            self._speak_locally(one)
        elif by_server:
            one.stage = AnnouncementStage.ASKED
            self._responses.request(PendingResponse(one.text, one.number))
        else:
            self._effects.add(Chime("error"))
            self._give_up(one, "there is neither a server nor a local voice")
            return False
        return True

    def _end_stalled_response(self) -> None:
        """An answer of which no more comes must not keep the loudspeaker from an announcement."""
        active = self._blocking_response()
        if active is not None and self._effects.now_s >= active.last_event_s + STALLED_S:
            for item_id in active.audio_items:
                self._output_items.end(item_id)

    def _blocking_response(self) -> ServerResponse | None:
        waits = any(one.items and one.stage is not AnnouncementStage.SERVER for one in self._all)
        return self._responses.active if waits else None

    def _speak_locally(self, one: Announcement) -> None:
        one.stage = AnnouncementStage.LOCAL
        one.items = {self._local_speech.speak(one.text, volume=one.request.volume)}

    def _stalled(self, one: Announcement) -> bool:
        return not self._is_last(one) and self._effects.now_s >= one.last_audio_s + STALLED_S

    def _is_last(self, one: Announcement) -> bool:
        return self._all[-1] is one

    def _next_is_due(self, one: Announcement) -> bool:
        behind = self._all[self._all.index(one) + 1 :]
        return bool(behind) and self._effects.now_s >= behind[0].due_s

    def _announce_dropped(self) -> None:
        if self._dropped and all(one.stage is AnnouncementStage.SUPPLIED for one in self._all):
            text = self._local_speech.sentences.say(LEFT_OUT, count=str(self._dropped))
            self._dropped = 0
            self._append(SayRequested(text))
            self._speak_locally(self._all[-1])

    def deadlines(self) -> list[float]:
        if self._no_loudspeaker:
            return []
        now_s = self._effects.now_s
        times: list[float] = []
        for one in self._all:
            if (
                one.stage in (AnnouncementStage.WAITING, AnnouncementStage.ASKED)
                and one.due_s > now_s
            ):
                times.append(one.due_s)
            if one.stage is AnnouncementStage.SERVER and not self._is_last(one):
                times.append(one.last_audio_s + STALLED_S)
        active = self._blocking_response()
        if active is not None and active.last_event_s + STALLED_S > now_s:
            times.append(active.last_event_s + STALLED_S)
        return [time for time in times if isfinite(time)]

    # --- spoken by the server -------------------------------------------------------------------

    def wants(self, response: ServerResponse) -> bool:
        """Whether the response speaks an announcement that is still the server's to speak."""
        one = self._find(response.announcement)
        return one is not None and one.stage in AT_SERVER

    def play(self, response: ServerResponse, item_id: str, audio: bytes) -> None:
        """Queues the server's audio (PCM16 mono 24 kHz), unless it is not wanted any more."""
        one = self._find(response.announcement)
        if one is None or one.stage not in AT_SERVER:
            return
        one.stage = AnnouncementStage.SERVER
        self._chime_before(one)
        one.items.add(item_id)
        one.last_audio_s = self._effects.now_s
        self._output_items.play(item_id, audio, remembered=False, volume=one.request.volume)

    def response_over(self, number: int, *, completed: bool) -> None:
        """The server has ended the announcement, or does not begin it."""
        one = self._find(number)
        if one is None:
            return
        if one.stage is AnnouncementStage.ASKED:
            self._speak_locally(one)
        elif one.stage is AnnouncementStage.SERVER:
            self._supplied(one, cut=not completed)

    def link_lost(self) -> None:
        """Requests to the server are void; the audio that it has sent is played to its end."""
        for one in list(self._all):
            if one.stage is AnnouncementStage.ASKED:
                one.stage = AnnouncementStage.WAITING
            elif one.stage is AnnouncementStage.SERVER:
                self._supplied(one, cut=True)

    # --- spoken by this machine -----------------------------------------------------------------

    def before_local_audio(self, item_id: str) -> None:
        """To be called before a piece of the local voice is played."""
        if (one := self._spoken_locally(item_id)) is not None:
            self._chime_before(one)

    def local_speech_ended(self, item_id: str, *, spoken: bool) -> None:
        """The local voice has ended an item; ``spoken``: it gave audio."""
        if (one := self._spoken_locally(item_id)) is None:
            return
        if spoken:
            one.stage = AnnouncementStage.SUPPLIED
        else:
            one.local_voice_failed()

    def _spoken_locally(self, item_id: str) -> Announcement | None:
        found = (
            one
            for one in self._all
            if one.stage is AnnouncementStage.LOCAL and item_id in one.items
        )
        return next(found, None)

    # --- at the loudspeaker ---------------------------------------------------------------------

    def played(self, item: PlayedItem) -> bool:
        """An item is over at the loudspeaker; returns whether it was of an announcement."""
        mine = [one for one in self._all if item.item_id in one.items]
        for one in mine:
            one.played(item)
            if one.stage is AnnouncementStage.SUPPLIED and not one.items:
                self._finished(one)
        return bool(mine)

    def interrupted(self) -> None:
        """Somebody speaks: what is being spoken is dropped, and repeated if nothing was heard."""
        for one in self._all:
            if one.stage in AT_SERVER:
                self._responses.withdraw(one.number)
            silent = not any(map(self._output_items.received_ms, one.items))
            if one.stage is AnnouncementStage.ASKED or (
                one.stage is AnnouncementStage.LOCAL and silent
            ):
                self._retry(one)
            elif one.stage in (AnnouncementStage.SERVER, AnnouncementStage.LOCAL):
                one.stage, one.cut = AnnouncementStage.SUPPLIED, True

    def stopped(self) -> None:
        """Somebody wants silence, also from announcements that wait."""
        self.interrupted()
        for one in list(self._all):
            if one.stage is not AnnouncementStage.SUPPLIED:
                self._give_up(one, "it was stopped")
        self._all.clear()
        self._dropped = 0

    def take_listen_request(self) -> bool:
        """Opens the microphone if an announcement that was heard wants an answer; returns whether.

        To be called when the state was shown.
        """
        requested, self._listen_requested = self._listen_requested, False
        if requested:
            self._effects.add(OpenMicrophone())
        return requested

    # --- inside ---------------------------------------------------------------------------------

    def _find(self, number: int) -> Announcement | None:
        return next((one for one in self._all if one.number == number), None)

    def _chime_before(self, one: Announcement) -> None:
        if one.request.chime and not one.chimed:
            one.chimed = True
            self._effects.add(Chime("done", one.request.volume))

    def _supplied(self, one: Announcement, *, cut: bool) -> None:
        """The server sends no more of it."""
        for item_id in one.items:
            self._output_items.end(item_id)
        one.stage, one.cut = AnnouncementStage.SUPPLIED, cut
        received_ms = sum(map(self._output_items.received_ms, one.items))
        if cut and received_ms + one.heard_ms < MIN_HEARD_MS:
            one.retry(due_s=self._effects.now_s)
        elif not one.items:
            self._finished(one)

    def _finished(self, one: Announcement) -> None:
        """The loudspeaker is done with it."""
        if one.was_understood:
            self._all.remove(one)
            self._listen_requested = self._listen_requested or one.request.listen
        elif one.tries < MAX_TRIES:
            self._retry(one)
        else:
            self._give_up(one, "nobody could hear it")

    def _retry(self, one: Announcement) -> None:
        one.retry(due_s=self._effects.now_s + SERVER_TIMEOUT_S)

    def _give_up(self, one: Announcement, why: str) -> None:
        self._all.remove(one)
        self._effects.note("warning", f"An announcement was not heard ({why}): {one.text!r}")
        self._effects.add(ShowSaid(f"announcement-{one.number}", one.text, 0, interrupted=True))
