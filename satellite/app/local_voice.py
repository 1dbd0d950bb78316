"""Speech synthesis on this machine, for announcements that no server can speak.

It is loaded with the first text. The synthesiser runs in processes of its own, so neither
microphone nor loudspeaker wait for it; piper's ends when nothing was spoken for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from satellite.conversation.events import BYTES_PER_MS, Event
from satellite.conversation.events.local import LocalAudio, LocalSpeechEnded
from satellite.core.errors import SatelliteError

if TYPE_CHECKING:
    from satellite.local_server.tts.voice import SpokenPiece, Synthesiser

log = logging.getLogger(__name__)

FIRST_WORDS_S = 2.5
"""A neural voice that takes longer for its first words (it loads its model) is replaced by
espeak-ng, where that is installed."""
KEPT_S = 60.0
"""A voice that was not used for this long ends its process."""
SPEAKER = "alloy"
"""The name of the Realtime API whose stand-in speaks."""
AHEAD_S = 10.0
"""Sound is made this far ahead of its playback and no further, which bounds the playback queue."""
MAX_CHARS = 4_000
"""About five minutes; a longer answer in writing is for reading."""
SILENT = "Nothing can be said without a server: {reason}"


class LocalVoice:
    """Reports each text, one after the other, as ``LocalAudio`` and one ``LocalSpeechEnded``.

    ``voice`` and ``language`` as for ``choose_voice``. ``on_problem`` gets a sentence when nothing
    can be spoken, an empty text when it can again. ``load`` replaces the choice, for tests. ``run``
    does the work.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        *,
        voice: str = "",
        language: str = "",
        on_problem: Callable[[str], None] = lambda _: None,
        load: Callable[[str], Synthesiser] | None = None,
    ) -> None:
        self._on_event = on_event
        self._name = voice
        self._on_problem = on_problem
        self._load = load or partial(installed_voice, language=language)
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._wanted: set[str] = set()
        self._speaking: tuple[str, asyncio.Task[None]] | None = None
        self._voice: Synthesiser | None = None
        self._problem = ""

    def speak(self, item_id: str, text: str) -> None:
        """Queues a text of a server or a person; it may hold halves of characters."""
        self._wanted.add(item_id)
        self._queue.put_nowait((item_id, text[:MAX_CHARS].encode(errors="replace").decode()))

    def stop(self, item_id: str) -> None:
        """Ends this item; nothing more is reported of it."""
        self._wanted.discard(item_id)
        if self._speaking is not None and self._speaking[0] == item_id:
            self._speaking[1].cancel()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        try:
            while True:
                item_id, text = await self._next()
                if item_id in self._wanted:
                    await self._speak_one(item_id, text)
        finally:
            await self._release()

    async def _next(self) -> tuple[str, str]:
        if self._voice is not None:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._queue.get(), KEPT_S)
            await self._release()
        return await self._queue.get()

    async def _release(self) -> None:
        voice, self._voice = self._voice, None
        if voice is not None:
            await voice.close()

    async def _speak_one(self, item_id: str, text: str) -> None:
        """In a task of its own, so that ``stop`` can end one text without the others."""
        task = asyncio.create_task(self._speak(item_id, text))
        self._speaking = item_id, task
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._speaking = None
        if not task.cancelled():
            task.result()

    async def _speak(self, item_id: str, text: str) -> None:
        failure = ""
        try:
            if self._voice is None:
                self._voice = await asyncio.to_thread(self._load, self._name)
            async with aclosing(self._voice.speak(text, SPEAKER, 1.0)) as pieces:
                await self._pass_on(item_id, pieces)
        except (SatelliteError, OSError) as error:  # OSError: no process could be started
            failure = str(error)
        self._show(failure)
        self._wanted.discard(item_id)
        self._on_event(LocalSpeechEnded(item_id, failure))

    async def _pass_on(self, item_id: str, pieces: AsyncGenerator[SpokenPiece, None]) -> None:
        loop = asyncio.get_running_loop()
        begun_s, made_s = loop.time(), 0.0
        async for piece in pieces:
            self._on_event(LocalAudio(item_id, piece.pcm))
            made_s += len(piece.pcm) / BYTES_PER_MS / 1000
            # Also a pause of 0 s lets the microphone have its turn between two pieces.
            await asyncio.sleep(max(0.0, made_s - AHEAD_S - (loop.time() - begun_s)))

    def _show(self, failure: str) -> None:
        problem = SILENT.format(reason=failure) if failure else ""
        if problem:
            log.warning("%s", problem)
        if problem != self._problem:
            self._problem = problem
            self._on_problem(problem)


def installed_voice(name: str = "", language: str = "") -> Synthesiser:
    """The synthesiser of this machine. Raises ``SatelliteError`` where there is none."""
    choice = import_module("satellite.local_server.tts.choice")
    voice: Synthesiser = choice.choose_voice(
        name or choice.AUTO, language=language, first_words_s=FIRST_WORDS_S
    )
    return voice
