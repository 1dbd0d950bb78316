"""Messages are dealt with in order, in turns, and no faster than somebody wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from satellite.mqtt.client import inbox as inboxes
from satellite.mqtt.client.inbox import Inbox, Reports


class Handler:
    """Whoever deals with what is handed out."""

    def __init__(self, on_message: Callable[[str], None] = lambda _: None) -> None:
        self.log: list[str] = []
        self.failed: list[Exception] = []
        self.open = True
        self._on_message = on_message
        self.inbox = Inbox(
            asyncio.get_running_loop(),
            Reports(self._message, self._answered, lambda _code: None),
            is_open=lambda: self.open,
            on_failed=self.failed.append,
            on_empty=lambda: self.log.append("empty"),
        )

    def _message(self, topic: str, payload: bytes, retained: bool) -> None:
        self.log.append(topic)
        self._on_message(topic)

    def _answered(self, refused: Sequence[str]) -> None:
        self.log.append(f"answered, without {list(refused)}")


def test_an_answer_comes_after_the_messages_before_it() -> None:
    async def scene() -> list[str]:
        handler = Handler()
        handler.inbox.add("a", b"1", True)
        handler.inbox.add_answer(["x/#"])
        handler.inbox.add("b", b"2", False)
        handler.inbox.hand_out()
        return handler.log

    assert asyncio.run(scene()) == ["a", "answered, without ['x/#']", "b", "empty"]


def test_others_have_their_turn_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inboxes, "TURN_S", -1.0)  # each message takes longer than a turn may

    async def scene() -> list[str]:
        handler = Handler()
        for topic in "abc":
            handler.inbox.add(topic, b"", False)
        handler.inbox.hand_out()
        handler.inbox.hand_out()  # more has been read: what goes on already is not begun twice
        asyncio.get_running_loop().call_soon(handler.log.append, "call")
        await asyncio.sleep(0.01)
        return handler.log

    assert asyncio.run(scene()) == ["a", "b", "call", "c", "empty"]


def test_what_a_report_raises_ends_it_and_is_told() -> None:
    async def scene() -> Handler:
        handler = Handler(on_message=lambda topic: [][len(topic)])
        handler.inbox.add("a", b"", False)
        handler.inbox.add("b", b"", False)
        handler.inbox.hand_out()
        return handler

    handler = asyncio.run(scene())
    assert handler.log == ["a"]
    assert [type(error) for error in handler.failed] == [IndexError]


def test_nothing_is_handed_out_when_nobody_wants_it_any_more() -> None:
    async def scene() -> list[str]:
        handler = Handler()
        handler.open = False
        handler.inbox.add("a", b"", False)
        handler.inbox.hand_out()
        return handler.log

    assert asyncio.run(scene()) == []


def test_it_is_full_until_enough_was_dealt_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inboxes, "LIMIT_BYTES", 1_000)

    async def scene() -> list[bool]:
        handler = Handler()
        handler.inbox.add("a", b"123456", False)
        seen = [handler.inbox.full]
        handler.inbox.add("a", b"1" * 1_000, False)
        seen.append(handler.inbox.full)
        handler.inbox.hand_out()
        return [*seen, handler.inbox.full]

    assert asyncio.run(scene()) == [False, True, False]


def test_messages_without_a_payload_fill_it_too() -> None:
    async def scene() -> int:
        handler = Handler()
        count = 0
        while not handler.inbox.full and count < 1_000_000:
            handler.inbox.add(f"some/topic/{count}", b"", False)
            count += 1
        return count

    assert asyncio.run(scene()) < 50_000
