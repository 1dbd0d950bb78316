"""Runs the model's function calls in the home, and tells everybody how they ended."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from satellite.conversation.effects import RunCall
from satellite.conversation.events import CallFinished, Event
from satellite.conversation.exchange import Exchange

if TYPE_CHECKING:
    from satellite.home.effects import CallDone
    from satellite.home.functions.consent import exchange as home
    from satellite.mqtt.bridge import HomeBridge
    from satellite.mqtt.presence import Presence

log = logging.getLogger(__name__)

NOT_YET = {"status": "unavailable", "message": "The satellite has only just started. Try again."}

LISTED = 10
"""So many messages of one call are in the journal; a sweep over a house may publish hundreds."""


class Hands:
    """One call id, one run, one result; slow ones block nobody.

    ``audible``: whether what is played can be heard at all, for nobody has heard a question at
    volume 0.
    """

    def __init__(
        self, tell: Callable[[Event], None], *, audible: Callable[[], bool] = lambda: True
    ) -> None:
        self._tell = tell
        self._audible = audible
        self._epochs: dict[str, int] = {}
        self._presence: Presence | None = None
        self._bridge: HomeBridge | None = None

    def attach(self, presence: Presence, bridge: HomeBridge) -> None:
        """The home is built, a moment after the voice."""
        self._presence, self._bridge = presence, bridge

    def run(self, call: RunCall) -> None:
        if self._bridge is None:
            self._tell(CallFinished(call.call_id, call.epoch, json.dumps(NOT_YET)))
            return
        self._epochs[call.call_id] = call.epoch
        exchange = _for_the_home(call.exchange, audible=self._audible())
        self._bridge.call(call.call_id, call.name, call.arguments, call.turn, exchange)

    def done(self, call: CallDone) -> None:
        """The home's word on a call: for the model, for MQTT, and one line for the journal."""
        epoch = self._epochs.pop(call.call_id, None)
        if epoch is None:
            return
        output = json.dumps(call.result, ensure_ascii=False, default=str)
        self._tell(CallFinished(call.call_id, epoch, output))
        if self._presence is not None:
            self._presence.call(call.name, call.arguments, call.result, call.took_ms)
        published = ", ".join(f"{topic} {payload}" for topic, payload in call.published[:LISTED])
        if (unlisted := len(call.published) - LISTED) > 0:
            published += f" and {unlisted} more"
        log.info(
            "%s: %s in %.0f ms; published: %s",
            call.name,
            call.result.get("status", "?"),
            call.took_ms,
            published or "nothing",
        )


def _for_the_home(told: Exchange, *, audible: bool) -> home.Exchange:
    """What the conversation knows of the person, in the words of the home: neither knows the other.

    The home is loaded by now; it need not be before.
    """
    from satellite.home.functions.consent import exchange as home

    heard = tuple(
        home.HeardSpeech(
            number=one.number,
            text=one.text,
            heard_ms=one.heard_ms,
            received_ms=one.received_ms,
            whole=one.whole,
            after=one.after,
            first_after=one.first_after,
        )
        for one in (told.heard if audible else ())
    )
    return home.Exchange(told.turn, told.typed, told.text, heard)
