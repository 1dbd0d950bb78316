"""The connection is cut all through sentences: each is done once and as it was said, or not at all.

Every 10 ms of every sentence: ``python -m tests.app.cut_sentences``.
"""

from __future__ import annotations

import asyncio

import pytest

from satellite.conversation.events import server
from satellite.realtime import heartbeat
from tests.app.cut_sentences import SENTENCES, Moment, bench, outcomes

STEP_MS = 150
SCALE = 0.06
EVENTS: list[Moment] = [
    server.SpeechStarted,
    server.SpeechStopped,
    server.InputCommitted,
    server.ResponseCreated,
    server.InputTranscript,
    server.CallArgumentsDone,
    server.ResponseDone,
]


def test_wherever_a_sentence_is_cut_it_is_done_once_or_not_at_all() -> None:
    async def play() -> None:
        async with bench() as one:
            for shift, sentence in enumerate(SENTENCES):
                moments = [*one.positions_ms(sentence, STEP_MS, shift * STEP_MS // 3), *EVENTS]
                came = await outcomes(one, sentence, moments)
                wrong = {str(at): why for at, what in came if (why := what.wrong(sentence))}
                assert not wrong, (sentence.text, wrong)
                done = [what for _, what in came if what.calls or not what.chimes]
                assert len(done) >= len(came) * 2 / 3, "most need not be said again"

    asyncio.run(play())


def test_what_was_said_on_a_half_open_link_is_done_by_the_next_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A real link notices it after five seconds, of the virtual microphone's about two."""
    for name in ("PING_EVERY_S", "SILENT_S", "BUSY_S", "POLL_S"):
        monkeypatch.setattr(heartbeat, name, getattr(heartbeat, name) * SCALE)

    async def play() -> None:
        command = SENTENCES[1]
        async with bench([command]) as one:
            came = await asyncio.gather(
                *(one.half_open(command, after_ms) for after_ms in (-200, 0, 500, 1_000))
            )
        assert [what.calls for what in came] == [[command.wanted]] * 4
        assert [what.chimes for what in came] == [[]] * 4

    asyncio.run(play())
