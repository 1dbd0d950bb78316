"""A queue of received messages, handled for a few milliseconds at a time.

Messages are read from the socket faster than they can be handled, because a broker drops what a
slow client leaves unread. They are handled afterwards, because paho holds a lock during its
callbacks: nothing could be published from there. Between two turns the event loop does its other
work, so that a call of the model does not wait for thousands of messages.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

LIMIT_BYTES = 8 << 20
"""What may wait; beyond it, the socket is not read."""
EACH_BYTES = 200
"""Of memory for a message beside its topic and its payload."""
TURN_S = 0.002
"""How long messages are read, or handled, before the loop does other work. A call needs two rounds
of the loop, each with both."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Callbacks of a connection, in the loop's thread."""

    message: Callable[[str, bytes, bool], None]
    """Topic, payload, whether it was retained."""
    answered: Callable[[Sequence[str]], None]
    """The pending batch was acknowledged; with those of its topics that the broker refused."""
    acknowledged: Callable[[int], None]
    """A message with QoS 1 was acknowledged; its reason code, 128 or more if it was refused (MQTT 5
    only)."""


@dataclass(frozen=True, slots=True)
class SubscribeResult:
    """The pending batch was acknowledged; the broker refused these topics of it."""

    refused: tuple[str, ...]


class Inbox:
    """Messages and acknowledgements in the order in which they came.

    Nothing is handled while ``is_open`` returns False. ``on_failed`` gets what a callback raised;
    ``on_empty`` is called when all was handled.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        reports: Reports,
        *,
        is_open: Callable[[], bool],
        on_failed: Callable[[Exception], None],
        on_empty: Callable[[], None],
    ) -> None:
        self.received = 0
        """Messages so far."""
        self._loop = loop
        self._reports = reports
        self._is_open = is_open
        self._on_failed = on_failed
        self._on_empty = on_empty
        self._waiting: deque[tuple[str, bytes, bool] | SubscribeResult] = deque()
        self._bytes = 0
        self._handing_out = False

    @property
    def full(self) -> bool:
        return self._bytes > LIMIT_BYTES

    def add(self, topic: str, payload: bytes, retained: bool) -> None:
        self._waiting.append((topic, payload, retained))
        self._bytes += EACH_BYTES + len(topic) + len(payload)

    def add_answer(self, refused: Sequence[str]) -> None:
        """Handled after all that came before it."""
        self._waiting.append(SubscribeResult(tuple(refused)))

    def hand_out(self) -> None:
        """Handles what waits, for up to ``TURN_S``, and continues in the next round of the loop."""
        if not self._handing_out:
            self._turn()

    def _turn(self) -> None:
        until = perf_counter() + TURN_S
        self._handing_out = False
        while self._waiting and self._is_open():
            report = self._waiting.popleft()
            try:
                if isinstance(report, SubscribeResult):
                    self._reports.answered(report.refused)
                else:
                    topic, payload, retained = report
                    self._bytes -= EACH_BYTES + len(topic) + len(payload)
                    self._reports.message(topic, payload, retained)
            except Exception as error:  # noqa: BLE001  raised again by whoever awaits the end
                self._on_failed(error)
                return
            if self._waiting and perf_counter() > until:
                self._handing_out = True
                self._loop.call_soon(self._turn)
                return
        if not self._waiting:
            self._on_empty()
