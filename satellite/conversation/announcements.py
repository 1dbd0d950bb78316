"""Announcements: each is heard, once, in order; by the server where it can, else by this machine.

A server may be away, forbidden by a limit, busy with somebody who seems to speak for ever, or
simply fail. Whoever had "Smoke in the kitchen" announced does not hear of that, so what the server
has not begun to speak in time is spoken by the local voice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, ExpectAudio, OpenMicrophone, ShowSaid
from satellite.conversation.events.local import SayRequested
from satellite.conversation.local_speech import LocalSpeech
from satellite.conversation.output_items import OutputItems, PlayedItem
from satellite.conversation.responses import PendingResponse, ResponseQueue, ServerResponse

SERVER_TIMEOUT_S = 6.0
"""So long the server may take to begin. Together with a slow synthesiser's first sentence less than
the ten seconds after which an announcement is late."""
STALLED_S = 5.0
"""An announcement of which the server sends nothing more for so long lets the next one go on."""
MIN_HEARD_MS = 300
"""Of an announcement that was cut off, less than this is no word: nothing of it was understood."""
MAX_TRIES = 5
"""So often an announcement is begun again that nobody heard a sound of, because each time somebody
spoke or the loudspeaker was gone."""
STALE_S = 600.0
"""An announcement that waited so long for a loudspeaker is not news any more."""
MAX_WAITING = 16
MAX_WAITING_CHARS = 8_000
"""More than this at once is a fault of the sender; the oldest are left out, and that is said. The
characters are ten minutes of speech: two of the longest announcements."""


class _Stage(Enum):
    WAITING = auto()
    ASKED = auto()
    """The server was asked, or is about to be, and has sent no sound."""
    SERVER = auto()
    LOCAL = auto()
    SUPPLIED = auto()
    """All its sound has come."""


@dataclass(slots=True)
class _Announcement:
    number: int
    text: str
    volume: int | None
    chime: bool
    listen: bool
    asked_s: float
    due_s: float
    stage: _Stage = _Stage.WAITING
    items: set[str] = field(default_factory=set)
    """What the loudspeaker has of it."""
    heard_ms: int = 0
    cut: bool = False
    """The server did not send it to its end."""
    chimed: bool = False
    last_sound_s: float = 0.0
    tries: int = 0
    local_failed: bool = False
    """The local voice cannot speak it."""


class Announcements:
    """Those that were asked for and are not over. ``now_s`` is set before each event."""

    def __init__(
        self,
        effects: EffectList,
        *,
        output_items: OutputItems,
        responses: ResponseQueue,
        local_speech: LocalSpeech,
    ) -> None:
        self.now_s = 0.0
        self._effects = effects
        self._output_items = output_items
        self._responses = responses
        self._local_speech = local_speech
        self._all: list[_Announcement] = []
        self._count = 0
        self._dropped = 0
        self._listen_requested = False
        self._held = False
        """There is no loudspeaker."""

    # --- asked for ------------------------------------------------------------------------------

    def add(self, event: SayRequested) -> None:
        if not event.text:
            return
        self._append(event.text, event.volume, chime=event.chime, listen=event.listen)
        self._bound()
        self._effects.add(ExpectAudio())

    def _append(self, text: str, volume: int | None, *, chime: bool, listen: bool) -> None:
        self._count += 1
        now_s, due_s = self.now_s, self.now_s + SERVER_TIMEOUT_S
        self._all.append(_Announcement(self._count, text, volume, chime, listen, now_s, due_s))

    def _bound(self) -> None:
        waiting = [one for one in self._all if one.stage is _Stage.WAITING]
        chars = sum(len(one.text) for one in waiting)
        while len(waiting) > MAX_WAITING or (chars > MAX_WAITING_CHARS and len(waiting) > 1):
            oldest = waiting.pop(0)
            chars -= len(oldest.text)
            self._dropped += 1
            self._give_up(oldest, "too many wait at once")

    # --- the next one ---------------------------------------------------------------------------

    def start_next(self, *, server: bool, loudspeaker: bool) -> None:
        """Have spoken what is next. ``server``: one is there and may be asked; ``loudspeaker``:
        somebody could hear it."""
        if not loudspeaker:
            self._held = True
            return
        if self._held:
            self._held = False
            self._resume()
        self._end_stalled_response()
        for one in list(self._all):
            if one.stage is _Stage.SERVER and self._stalled(one):
                self._supplied(one, cut=True)
            if one.stage is _Stage.WAITING and not self._begin(one, server=server):
                continue
            if one.stage is _Stage.ASKED and self.now_s >= one.due_s:
                self._responses.withdraw(one.number)
                self._speak_locally(one)
            if one.stage in (_Stage.ASKED, _Stage.SERVER):
                return
            if one.stage is _Stage.LOCAL and server and not self._late_behind(one):
                return
        self._announce_dropped()

    def _resume(self) -> None:
        """The loudspeaker is back."""
        for one in [one for one in self._all if one.stage is _Stage.WAITING]:
            one.due_s = max(one.due_s, self.now_s + SERVER_TIMEOUT_S)
            if self.now_s - one.asked_s > STALE_S:
                self._give_up(one, "there was no loudspeaker")

    def _begin(self, one: _Announcement, *, server: bool) -> bool:
        """Whoever may speak it is asked; returns whether it is still on its way."""
        if not one.local_failed and (not server or self.now_s >= one.due_s):
            self._speak_locally(one)
        elif server:
            one.stage = _Stage.ASKED
            self._responses.request(PendingResponse(one.text, one.number))
        else:
            self._effects.add(Chime("error"))
            self._give_up(one, "there is neither a server nor a local voice")
            return False
        return True

    def _end_stalled_response(self) -> None:
        """An answer of which no more comes keeps the loudspeaker from what waits behind it."""
        active = self._blocking_response()
        if active is not None and self.now_s >= active.last_event_s + STALLED_S:
            for item_id in active.audio_items:
                self._output_items.end(item_id)

    def _blocking_response(self) -> ServerResponse | None:
        waits = any(one.items and one.stage is not _Stage.SERVER for one in self._all)
        return self._responses.active if waits else None

    def _speak_locally(self, one: _Announcement) -> None:
        one.stage = _Stage.LOCAL
        one.items = {self._local_speech.speak(one.text, self.now_s, volume=one.volume)}

    def _stalled(self, one: _Announcement) -> bool:
        return self._waits_behind(one) and self.now_s >= one.last_sound_s + STALLED_S

    def _waits_behind(self, one: _Announcement) -> bool:
        return self._all[-1] is not one

    def _late_behind(self, one: _Announcement) -> bool:
        behind = self._all[self._all.index(one) + 1 :]
        return bool(behind) and self.now_s >= behind[0].due_s

    def _announce_dropped(self) -> None:
        if self._dropped and all(one.stage is _Stage.SUPPLIED for one in self._all):
            text = f"{self._dropped} announcements were left out: too many came at once."
            self._dropped = 0
            self._append(text, None, chime=False, listen=False)
            self._speak_locally(self._all[-1])

    def deadlines(self) -> list[float]:
        times: list[float] = []
        for one in () if self._held else self._all:
            if one.stage in (_Stage.WAITING, _Stage.ASKED) and one.due_s > self.now_s:
                times.append(one.due_s)
            if one.stage is _Stage.SERVER and self._waits_behind(one):
                times.append(one.last_sound_s + STALLED_S)
        active = None if self._held else self._blocking_response()
        if active is not None and active.last_event_s + STALLED_S > self.now_s:
            times.append(active.last_event_s + STALLED_S)
        return [time for time in times if math.isfinite(time)]

    # --- spoken by the server -------------------------------------------------------------------

    def wants(self, reply: ServerResponse) -> bool:
        """Whether this response is to be heard: of an announcement that is still the server's."""
        one = self._find(reply.announcement)
        return one is not None and one.stage in (_Stage.ASKED, _Stage.SERVER)

    def play(self, reply: ServerResponse, item_id: str, audio: bytes) -> None:
        one = self._find(reply.announcement)
        if one is None or one.stage not in (_Stage.ASKED, _Stage.SERVER):
            return
        one.stage = _Stage.SERVER
        self._chime_before(one)
        one.items.add(item_id)
        one.last_sound_s = self.now_s
        self._output_items.play(item_id, audio, remembered=False, volume=one.volume)

    def response_over(self, number: int, *, completed: bool) -> None:
        """The server has ended, or never begun, what it was asked to speak."""
        one = self._find(number)
        if one is None:
            return
        if one.stage is _Stage.ASKED:
            self._speak_locally(one)
        elif one.stage is _Stage.SERVER:
            self._supplied(one, cut=not completed)

    def link_lost(self) -> None:
        """What the server was asked is void; what it has sent is played to its end."""
        for one in list(self._all):
            if one.stage is _Stage.ASKED:
                one.stage = _Stage.WAITING
            elif one.stage is _Stage.SERVER:
                self._supplied(one, cut=True)

    # --- spoken by this machine -----------------------------------------------------------------

    def local_audio(self, item_id: str) -> None:
        """Called before a piece of the local voice is played."""
        for one in self._all:
            if one.stage is _Stage.LOCAL and item_id in one.items:
                self._chime_before(one)

    def local_speech_ended(self, item_id: str, *, spoken: bool) -> bool:
        """Returns whether it was an announcement."""
        for one in self._all:
            if one.stage is _Stage.LOCAL and item_id in one.items:
                if spoken:
                    one.stage = _Stage.SUPPLIED
                else:  # the server may speak it after all, if there is one
                    one.local_failed, one.due_s, one.stage = True, math.inf, _Stage.WAITING
                    one.items.clear()
                return True
        return False

    # --- at the loudspeaker ---------------------------------------------------------------------

    def played(self, gone: PlayedItem) -> bool:
        """Returns whether it was of an announcement."""
        announced = False
        for one in list(self._all):
            if gone.item_id in one.items:
                announced = True
                one.items.discard(gone.item_id)
                one.heard_ms += gone.heard_ms
                one.cut = one.cut or not gone.whole
                if one.stage is _Stage.SUPPLIED and not one.items:
                    self._finished(one)
        return announced

    def interrupted(self) -> None:
        """Somebody speaks: what was being made is dropped, and begun again if nobody heard it."""
        for one in self._all:
            if one.stage in (_Stage.ASKED, _Stage.SERVER):
                self._responses.withdraw(one.number)
            if one.stage is _Stage.ASKED or (
                one.stage is _Stage.LOCAL
                and not any(map(self._output_items.received_ms, one.items))
            ):
                self._retry(one)
            elif one.stage in (_Stage.SERVER, _Stage.LOCAL):
                one.stage, one.cut = _Stage.SUPPLIED, True

    def stopped(self) -> None:
        """Somebody wants silence, also from what waits."""
        self.interrupted()
        for one in list(self._all):
            if one.stage is not _Stage.SUPPLIED:
                self._give_up(one, "it was stopped")
        self._all.clear()
        self._dropped = 0

    def take_listen_request(self) -> bool:
        """To be called when the state was shown: whether an announcement that was heard wants an
        answer."""
        attend, self._listen_requested = self._listen_requested, False
        if attend:
            self._effects.add(OpenMicrophone())
        return attend

    # --- inside ---------------------------------------------------------------------------------

    def _find(self, number: int) -> _Announcement | None:
        return next((one for one in self._all if one.number == number), None)

    def _chime_before(self, one: _Announcement) -> None:
        if one.chime and not one.chimed:
            one.chimed = True
            self._effects.add(Chime("done", one.volume))

    def _supplied(self, one: _Announcement, *, cut: bool) -> None:
        for item_id in one.items:
            self._output_items.end(item_id)
        one.stage, one.cut = _Stage.SUPPLIED, cut
        if (
            cut
            and sum(map(self._output_items.received_ms, one.items)) + one.heard_ms < MIN_HEARD_MS
        ):
            self._retry(one, self.now_s)
        elif not one.items:
            self._finished(one)

    def _finished(self, one: _Announcement) -> None:
        enough = one.heard_ms > 0 if not one.cut else one.heard_ms >= MIN_HEARD_MS
        if enough:
            self._all.remove(one)
            self._listen_requested = self._listen_requested or one.listen
        elif one.tries < MAX_TRIES:
            self._retry(one)
        else:
            self._give_up(one, "nobody could hear it")

    def _retry(self, one: _Announcement, due_s: float | None = None) -> None:
        """From its beginning; from ``due_s`` on without the server."""
        one.tries += 1
        one.stage, one.cut, one.chimed, one.heard_ms = _Stage.WAITING, False, False, 0
        one.items.clear()
        due_s = self.now_s + SERVER_TIMEOUT_S if due_s is None else due_s
        one.due_s = math.inf if one.local_failed else due_s

    def _give_up(self, one: _Announcement, why: str) -> None:
        self._all.remove(one)
        self._effects.note("warning", f"An announcement was not heard ({why}): {one.text!r}")
        self._effects.add(ShowSaid(f"announcement-{one.number}", one.text, 0, interrupted=True))
