"""What has been read from the broker and waits to be dealt with, a few milliseconds at a time.

Messages are taken from the socket faster than they can be dealt with, because a broker drops what
a slow reader leaves standing. They are handed out afterwards, because paho holds a lock while it
calls back: nothing could be published from there. In between the loop has its turns, so that a call
of the model does not wait for thousands of messages.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

LIMIT_BYTES = 8 << 20
"""What may wait; beyond it, the socket is left alone for a while."""
EACH_BYTES = 200
"""Of room that a message takes beside its topic and its payload."""
TURN_S = 0.002
"""How long messages may be read, or handed out, before the loop looks at what else there is. A call
needs two rounds of the loop, each with both."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Whom a connection tells, always in the loop's thread."""

    message: Callable[[str, bytes, bool], None]
    """Topic, payload, whether it was retained."""
    answered: Callable[[Sequence[str]], None]
    """The batch is done; with those of its topics that the broker refused."""
    acknowledged: Callable[[int], None]
    """The broker has taken a message with QoS 1; its reason code, of 128 or more when it did not
    let it pass (told by MQTT 5 only)."""


@dataclass(frozen=True, slots=True)
class SubscribeResult:
    """The batch under way is done; the broker refused these topics of it."""

    refused: tuple[str, ...]


class Inbox:
    """Messages and answers in the order in which they came.

    ``is_open`` answers whether anybody still wants them. ``on_failed`` gets what a report raised;
    ``on_empty`` is called when all was handed out.
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
        """Told after all that came before it."""
        self._waiting.append(SubscribeResult(tuple(refused)))

    def hand_out(self) -> None:
        """Reports what waits, for a while, and goes on in the next turn of the loop."""
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
