"""Other satellites within earshot: who spoke, what is published for them, when to stop listening.

Joins to the conversation what is known from the broker (``peer_speech``, ``doubtful_turns``) and
what only the talk itself shows (``machine_talk``).
"""

from __future__ import annotations

from satellite.conversation.commands import DeleteItem
from satellite.conversation.doubtful_turns import DoubtfulTurns, Speaker
from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import Chime, PauseListening, ShowSpeaking
from satellite.conversation.events import local
from satellite.conversation.machine_talk import MachineTalk, did_something
from satellite.conversation.output_items import OutputItems, PlayedItem
from satellite.conversation.peer_speech import PeerSpeeches
from satellite.conversation.tool_calls import ToolCalls
from satellite.conversation.wake_word_demand import WakeWordDemand

MAX_PAUSE_S = 600.0
"""Ends the pause in a room that is never silent (a television)."""


class OtherSatellites:
    """Turns of other satellites are not answered, and an endless talk with a machine is ended."""

    def __init__(
        self,
        effects: EffectList,
        *,
        output_items: OutputItems,
        calls: ToolCalls,
        wake_word_demand: WakeWordDemand,
    ) -> None:
        self._effects = effects
        self._output_items = output_items
        self._calls = calls
        self._wake_word_demand = wake_word_demand
        self._peers = PeerSpeeches()
        self._doubtful_turns = DoubtfulTurns(self._peers)
        self._machine_talk = MachineTalk()
        self._paused_until_s: float | None = None
        self._shown = ShowSpeaking(False, "")

    # --- what others say ------------------------------------------------------------------------

    def peer_speaks(self, event: local.PeerSpeaks) -> None:
        self._peers.update(event, self._effects.now_s)

    def turn_begins(self, item_id: str) -> bool:
        """A turn begins; returns whether it may be another satellite's."""
        self._machine_talk.begun(self._effects.now_s, speaking=self._output_items.sounding)
        return self._doubtful_turns.begun(item_id, self._effects.now_s)

    def is_persons_turn(self, item_id: str) -> bool:
        """A turn is complete; returns whether to answer it, as far as is known now."""
        speaker = self._doubtful_turns.committed(item_id, self._effects.now_s)
        if speaker == "peer":
            if not self._doubtful_turns.waits(item_id):
                self._delete(item_id)
                self._wake_word_demand.not_for_it()
            return False
        if speaker is None and self._machine_talk.is_endless(self._effects.now_s):
            self._delete(item_id)
            if not self._wake_word_demand.demand():
                self._pause()
            return False
        return True

    def transcript(self, item_id: str, text: str) -> Speaker | None:
        """A transcript has come; returns who spoke, if that was not known before."""
        speaker = self._doubtful_turns.transcript(item_id, text, self._effects.now_s)
        if speaker == "peer":
            self._delete(item_id)
            self._wake_word_demand.not_for_it()
        return speaker

    def tick(self) -> None:
        for item_id in self._doubtful_turns.expired(self._effects.now_s):
            self._delete(item_id)
            self._wake_word_demand.not_for_it()
        if self._paused_until_s is not None and self._effects.now_s >= self._paused_until_s:
            self.person_present()

    def deadlines(self) -> list[float]:
        rest = self._paused_until_s
        return self._doubtful_turns.deadlines() + ([] if rest is None else [rest])

    def link_lost(self) -> None:
        self._doubtful_turns.reset()

    def _delete(self, item_id: str) -> None:
        """Removes from the model's history what another satellite said."""
        if item_id and self._effects.linked:
            self._effects.send(DeleteItem(item_id))

    # --- an endless talk with a machine ---------------------------------------------------------

    def addressed(self, _: local.Addressed) -> None:
        self._doubtful_turns.addressed(self._effects.now_s)
        self.person_present()

    def room_silent(self, _: local.RoomSilent) -> None:
        self.person_present()

    def person_present(self) -> None:
        """A person is there, so the next turn is no machine's."""
        self._machine_talk.person_present()
        if self._paused_until_s is not None:
            self._paused_until_s = None
            self._effects.add(PauseListening(False))

    def replied(self, item: PlayedItem) -> None:
        self._machine_talk.replied(item.text, item.heard_ms / 1000, self._effects.now_s)

    def call_finished(self, event: local.CallFinished) -> None:
        if did_something(self._calls.name_of(event.call_id), event.output):
            self._machine_talk.acted()

    def _pause(self) -> None:
        self._paused_until_s = self._effects.now_s + MAX_PAUSE_S
        self._effects.note("warning", "It talked with a machine, as it seems, and rests.")
        self._effects.add(Chime("error"))
        self._effects.add(PauseListening(True))

    # --- for other satellites -------------------------------------------------------------------

    def show(self) -> None:
        """Publishes what is being said, whenever it has changed."""
        sounding = self._output_items.sounding
        words = self._output_items.words if sounding else self._shown.text
        shown = ShowSpeaking(sounding, words)
        if shown != self._shown:
            self._shown = shown
            self._effects.add(shown)
