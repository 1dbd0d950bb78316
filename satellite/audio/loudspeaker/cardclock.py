"""Where the card is on the timeline, by its own counting. Pure.

When a card asks for its next block it also says how long that block will wait before it is heard:
the *delay*. For a card of its own (``hw:``) this is what lies in its buffer, and dropping the
buffer silences exactly that. A sound server (PulseAudio, PipeWire) counts in as well what it has
already taken out of the buffer and mixed: that part cannot be called back any more and will be
heard. How much lies in the buffer then follows from the size of the buffer and of the blocks in
which the card asks.
"""

from __future__ import annotations

import math
from collections import deque

from satellite.conversation.events import SAMPLE_RATE_HZ

REMEMBERED = 32
NOISE_S = 0.0008
"""A sound server's account of its delay is off by this much."""
SERVER_BLOCK_S = 0.0007
"""A delay that exceeds the buffer by more than this tells a sound server from a card."""


class CardClock:
    """Counts blocks given to a card and turns its delays into places on the timeline.

    ``held_s`` is what the buffer holds when the card asks on time for a block of ``period_s``
    (PortAudio's output latency).
    """

    def __init__(
        self, rate_hz: int = SAMPLE_RATE_HZ, held_s: float = 0.0, period_s: float = 0.0
    ) -> None:
        self.delay_s = 0.0
        self._rate_hz = rate_hz
        self._held_s = held_s
        self._period_s = period_s
        self._base = 0
        self._given = 0
        self._emptied = 0
        self._beyond: deque[float] = deque([0.0], maxlen=REMEMBERED)

    def start(self, base: int) -> None:
        """A new run of the card; its first block holds the timeline from ``base`` on."""
        self._base, self._given, self.delay_s = base, 0, 0.0
        self._emptied = 0

    def asked(self, delay_s: float) -> None:
        """The card asks for a block that will be heard in ``delay_s``."""
        self.delay_s = max(delay_s, 0.0)
        self._beyond.append(self.delay_s - self._held_s)

    def ran_dry(self) -> None:
        """It had played all that it was given before it asked again.

        What lies in it then is silence: of its driver, which starts it anew with some, and of us.
        """
        self._emptied = self._given

    def gave(self, frames: int) -> None:
        """It got ``frames`` of its own rate."""
        self._given += frames

    @property
    def next_place(self) -> int:
        """The place of the timeline that the next block begins with."""
        return self._place(0.0)

    @property
    def heard(self) -> int:
        """The place of the timeline that leaves the loudspeaker now."""
        return self._place(self.delay_s)

    @property
    def heard_if_dropped(self) -> int:
        """The place up to which will have been heard when the card drops its buffer now."""
        return self._place(self._droppable_s())

    @property
    def unsure(self) -> bool:
        """The card asks so late that one block more may have been taken than it seems.

        The next answer will be better; a new place is worth waiting a few milliseconds for.
        """
        if not self._behind_server:
            return False
        mixed_s = self.delay_s - self._droppable_s()
        return mixed_s < NOISE_S and mixed_s + self._period_s < max(self._beyond) + NOISE_S

    @property
    def _behind_server(self) -> bool:
        return self._period_s > 0 and max(self._beyond) >= SERVER_BLOCK_S

    def _droppable_s(self) -> float:
        if not self._behind_server:
            return self.delay_s
        late = math.ceil((self._held_s - self.delay_s) / self._period_s - 1e-6)
        return max(self._held_s - max(late, 0) * self._period_s, 0.0)

    def _place(self, delay_s: float) -> int:
        frames = max(self._given - delay_s * self._rate_hz, self._emptied)
        return self._base + round(frames * SAMPLE_RATE_HZ / self._rate_hz)
