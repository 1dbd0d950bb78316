"""What others see and may ask: Home Assistant, the service manager, the meter, the loudspeaker."""

from __future__ import annotations

import logging
from collections.abc import Callable

from satellite.audio.chimes import Chime
from satellite.audio.gate import Gate
from satellite.conversation import effects as fx
from satellite.conversation import events as ev
from satellite.daemon.ledger import Ledger
from satellite.mqtt import requests
from satellite.mqtt.presence import Presence
from satellite.service import Notifier

log = logging.getLogger(__name__)

BUSY = frozenset({fx.State.HEARING, fx.State.THINKING, fx.State.SPEAKING})

STATUS = {
    fx.State.STARTING: "starting",
    fx.State.LISTENING: "listening",
    fx.State.HEARING: "somebody speaks",
    fx.State.THINKING: "thinking",
    fx.State.SPEAKING: "speaking",
    fx.State.MUTED: "muted",
    fx.State.WAITING: "no server; trying again",
    fx.State.ERROR: "a part is broken; see the journal",
}


class Face:
    """Shows the conversation to everybody who wants to know, and takes their requests."""

    def __init__(
        self,
        *,
        presence: Presence,
        notifier: Notifier,
        gate: Gate,
        ledger: Ledger,
        clock: Callable[[], float],
        tell: Callable[[ev.Event], None],
        chime: Callable[[Chime], None],
        get_volume: Callable[[], int],
        set_volume: Callable[[int], None],
    ) -> None:
        self._presence = presence
        self._notifier = notifier
        self._gate = gate
        self._ledger = ledger
        self._clock = clock
        self._tell = tell
        self._chime = chime
        self._get_volume = get_volume
        self._set_volume = set_volume
        self._state = fx.State.STARTING
        self._volume_before: int | None = None
        self._listen_after = False
        presence.mute(False)
        presence.volume(get_volume())

    # --- shown to others ------------------------------------------------------------------------

    def state(self, state: fx.State) -> None:
        self._state = state
        self._presence.state(state)
        self._notifier.status(STATUS[state])
        busy = state in BUSY
        self._gate.conversation(busy=busy, now_s=self._clock())
        if not busy:
            self._announced()

    def heard(self, heard: fx.ShowHeard) -> None:
        self._presence.heard(heard.item_id, heard.text)

    def said(self, said: fx.ShowSaid) -> None:
        self._presence.said(said.item_id, said.text, said.heard_ms, said.interrupted)

    def spent(self, usage: ev.Usage) -> None:
        self._ledger.add(usage)
        self.check_spending()

    def check_spending(self) -> None:
        """Close the gate while a limit is reached; open it when its day or month is over."""
        reason = self._ledger.exceeded()
        if reason != self._gate.locked:
            self._gate.locked = reason
            if reason:
                log.error("Nothing more is sent to the server: %s.", reason)
            self._tell(ev.Trouble("spending", reason))

    def chime(self, name: Chime) -> None:
        self._chime(name)

    # --- asked by others ------------------------------------------------------------------------

    def request(self, request: requests.Request) -> None:
        """Somebody on the broker wants something."""
        match request:
            case requests.Mute(muted):
                self._gate.muted = muted
                self._presence.mute(muted)
                self._tell(ev.MuteSet(muted))
            case requests.Volume(percent):
                self._volume_before = None
                self._set_volume(percent)
                self._presence.volume(percent)
            case requests.Say():
                self._say(request)
            case requests.Ask(text):
                self._pay_attention(ev.AskRequested(text))
            case requests.Stop():
                self._tell(ev.StopPressed())
            case requests.Listen():
                self._gate.open(self._clock())
                self._chime("listening")

    def _say(self, say: requests.Say) -> None:
        if say.volume is not None:
            if self._volume_before is None:
                self._volume_before = self._get_volume()
            self._set_volume(say.volume)
        if say.chime:
            self._chime("done")
        self._listen_after = self._listen_after or say.listen
        self._pay_attention(ev.SayRequested(say.text))

    def _pay_attention(self, event: ev.Event) -> None:
        """Speaking and thinking cost money as well, so a reached limit stops them too."""
        if self._gate.locked:
            log.warning("A request is not carried out: %s.", self._gate.locked)
        else:
            self._tell(event)
        if self._state not in BUSY:  # it was dropped, so nothing will end that could restore
            self._announced()

    def _announced(self) -> None:
        """An announcement is over: its volume and its wish to be answered end here."""
        if self._volume_before is not None:
            self._set_volume(self._volume_before)
            self._volume_before = None
        if self._listen_after:
            self._listen_after = False
            self._gate.open(self._clock())
