"""Whether the satellite can hear a person and have them answered, and what they hear if not."""

from __future__ import annotations

from satellite.conversation.effect_list import EffectList
from satellite.conversation.effects import State
from satellite.conversation.events.local import AddressedWhileUnavailable, PartFailed, RoomVoice
from satellite.conversation.unanswered import UnansweredTurns
from satellite.conversation.user_speech import UserSpeech

STOP_THE_MICROPHONE = frozenset({"microphone", "spending"})
"""Failures with which no more audio is sent, so that the server never hears a sentence's end."""


class Availability:
    """The parts that have failed, and the server."""

    def __init__(
        self, effects: EffectList, *, user_speech: UserSpeech, unanswered: UnansweredTurns
    ) -> None:
        self._effects = effects
        self._user_speech = user_speech
        self._unanswered = unanswered
        self._failed_parts: dict[str, str] = {}
        """Reasons by part."""
        self._started = False
        """Every part has worked at the same time."""
        self.link_tried = False
        """A link came up or failed since the start."""

    @property
    def server_usable(self) -> bool:
        """There is a server, and it may be asked."""
        return self._effects.linked and not self.spending_stop

    @property
    def spending_stop(self) -> str:
        """Why spending limits forbid to ask the server; empty while they do not."""
        return self._failed_parts.get("spending", "")

    @property
    def has_loudspeaker(self) -> bool:
        return "speaker" not in self._failed_parts

    def idle_state(self) -> State:
        """What is shown while nobody speaks and nothing is under way."""
        if not self._effects.linked:
            if self.spending_stop:
                return State.ERROR  # there is no server because of that
            return State.WAITING if self.link_tried else State.STARTING
        if self._failed_parts:
            return State.ERROR if self._started else State.STARTING
        self._started = True
        return State.MUTED if self._user_speech.muted else State.LISTENING

    def part_failed(self, event: PartFailed) -> None:
        """A part does not work, or works again."""
        faults = self._unanswered.faults
        if not event.reason:
            self._failed_parts.pop(event.source, None)
            faults.part_failed(event.source, "")
            return
        is_new = event.source not in self._failed_parts
        self._failed_parts[event.source] = event.reason
        if is_new and self._started:
            faults.part_failed(event.source, event.reason)
        if is_new and event.source in STOP_THE_MICROPHONE:
            self._user_speech.drop_sentence()

    def room_voice(self, _: RoomVoice) -> None:
        self._unanswered.faults.room_voice()
        if self.link_tried and not self.server_usable:
            self.addressed(AddressedWhileUnavailable("voice"))

    def addressed(self, event: AddressedWhileUnavailable) -> None:
        """Somebody wants to speak to the satellite; they hear why they cannot."""
        muted = self._user_speech.muted and event.by != "text"
        if muted or not self.server_usable:
            self._unanswered.faults.addressed_while_unavailable(
                event.by, muted=muted, spending=self.spending_stop
            )
