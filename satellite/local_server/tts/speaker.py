"""Synthesises the replies of one client and paces their audio."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from satellite.local_server.callbacks import Do, Start
from satellite.local_server.protocol.actions import Speak
from satellite.local_server.protocol.session import Session
from satellite.local_server.tts.voice import Synthesiser, VoiceError

AHEAD_S = 0.4
"""Audio may be ahead of its pace by this much, so that playback does not underrun."""
_BYTES_PER_S = 48_000


class SpeechStream:
    """``pace``: a multiple of real time; 0 sends audio as fast as it is synthesised."""

    def __init__(
        self, session: Session, voice: Synthesiser, *, pace: float, do: Do, start: Start
    ) -> None:
        self._session = session
        self._voice = voice
        self._pace = pace
        self._do = do
        self._start = start
        self._speaking: dict[str, asyncio.Task[None]] = {}

    def speak(self, action: Speak) -> None:
        self._speaking[action.response_id] = self._start(self._speak(action))

    def stop(self, response_id: str) -> None:
        task = self._speaking.pop(response_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _speak(self, action: Speak) -> None:
        ids = (action.response_id, action.item_id)
        loop = asyncio.get_running_loop()
        sent_s = 0.0
        begun_s: float | None = None
        failure = ""
        words = self._voice.speak(action.text, action.voice, action.speed)
        try:
            async with aclosing(words):
                async for piece in words:
                    begun_s = loop.time() if begun_s is None else begun_s
                    self._do(self._session.spoken(*ids, piece.words, piece.pcm))
                    if self._speaking.get(action.response_id) is not asyncio.current_task():
                        return
                    sent_s += len(piece.pcm) / _BYTES_PER_S
                    await asyncio.sleep(self._rest_s(sent_s, loop.time() - begun_s))
        except VoiceError as error:
            failure = str(error)
        self._speaking.pop(action.response_id, None)
        self._do(self._session.speech_ended(*ids, failure))

    def _rest_s(self, sent_s: float, passed_s: float) -> float:
        """Seconds to wait after ``sent_s`` seconds of audio, to keep the pace."""
        if not self._pace:
            return 0.0
        return max(0.0, (sent_s - AHEAD_S) / self._pace - passed_s)
