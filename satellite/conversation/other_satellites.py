"""Other satellites within earshot: whose turn it was, what is told to them, when to rest.

Joins what the broker tells (``peers``, ``doubts``) and what only the talk itself tells (``loops``)
to the conversation.
"""

from __future__ import annotations

from satellite.conversation import events as ev
from satellite.conversation.commands import DeleteItem
from satellite.conversation.doubtful_turns import Doubts, Verdict
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, Rest, ShowSpeaking
from satellite.conversation.machine_talk import Loops, did_something
from satellite.conversation.output_items import Gone, OutputItems
from satellite.conversation.peer_speech import Peers
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.user_turns import UserTurns

LONGEST_REST_S = 600.0
"""In a room that is never silent (a television) nobody would be heard again otherwise."""


class OtherSatellites:
    """``now_s`` is set before each event."""

    def __init__(
        self, outbox: EffectList, *, turns: UserTurns, voice: OutputItems, calls: ToolCalls
    ) -> None:
        self.now_s = 0.0
        self._out = outbox
        self._turns = turns
        self._voice = voice
        self._calls = calls
        self._peers = Peers()
        self._doubts = Doubts(self._peers)
        self._loops = Loops()
        self._resting_until_s: float | None = None
        self._shown = ShowSpeaking(False, "")

    # --- what others say ------------------------------------------------------------------------

    def peer_speaks(self, event: ev.PeerSpeaks) -> None:
        self._peers.tell(event, self.now_s)

    def turn_begins(self, item_id: str) -> bool:
        """Whether it may be another satellite that speaks."""
        self._loops.begun(self.now_s, speaking=self._voice.sounding)
        return self._doubts.begun(item_id, self.now_s)

    def turn_is_a_persons(self, item_id: str) -> bool:
        """Whether a turn that is complete shall be answered, as far as that is known now."""
        verdict = self._doubts.committed(item_id, self.now_s)
        if verdict == "peer":
            if not self._doubts.waits(item_id):
                self._forget(item_id)
            return False
        if verdict is None and self._loops.goes_on(self.now_s):
            self._forget(item_id)
            self._rest()
            return False
        return True

    def transcript(self, item_id: str, text: str) -> Verdict | None:
        """Whose words these are, if that was not known when the turn was complete."""
        verdict = self._doubts.transcript(item_id, text, self.now_s)
        if verdict == "peer":
            self._forget(item_id)
        return verdict

    def tick(self) -> None:
        for item_id in self._doubts.expired(self.now_s):
            self._forget(item_id)
        if self._resting_until_s is not None and self.now_s >= self._resting_until_s:
            self.person()

    def deadlines(self) -> list[float]:
        rest = self._resting_until_s
        return self._doubts.deadlines() + ([] if rest is None else [rest])

    def link_lost(self) -> None:
        self._doubts.reset()

    def _forget(self, item_id: str) -> None:
        """The model shall not take for a person's words what another satellite said."""
        if item_id and self._out.linked:
            self._out.send(DeleteItem(item_id))

    # --- a talk that leads nowhere --------------------------------------------------------------

    def addressed(self, _: ev.Addressed) -> None:
        self._doubts.addressed(self.now_s)
        self.person()

    def room_silent(self, _: ev.RoomSilent) -> None:
        self.person()

    def person(self) -> None:
        """Whoever speaks next is no machine that only answers."""
        self._loops.person()
        if self._resting_until_s is not None:
            self._resting_until_s = None
            self._out.add(Rest(False))

    def spoke(self, item: Gone) -> None:
        self._loops.spoke(item.text, item.heard_ms / 1000, self.now_s)

    def call_finished(self, event: ev.CallFinished) -> None:
        if did_something(self._calls.name_of(event.call_id), event.output):
            self._loops.acted()

    def _rest(self) -> None:
        self._resting_until_s = self.now_s + LONGEST_REST_S
        self._out.note("warning", "It talked with a machine, as it seems, and rests.")
        self._out.add(Chime("error"))
        self._out.add(Rest(True))

    # --- what is told to others -----------------------------------------------------------------

    def show(self) -> None:
        """Tell what is being said, whenever there is more of it."""
        sounding = self._voice.sounding
        words = self._voice.words if sounding else self._shown.text
        shown = ShowSpeaking(sounding, words)
        if shown != self._shown:
            self._shown = shown
            self._out.add(shown)
