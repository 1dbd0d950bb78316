"""The voice of this machine, for what is to be heard while no server speaks.

Nothing of it is loaded before the first words. The synthesiser runs in processes of its own, so
neither microphone nor loudspeaker wait for it; piper's ends when nothing was said for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from importlib import import_module
from typing import TYPE_CHECKING

from satellite.conversation.events import BYTES_PER_MS, Event
from satellite.conversation.events.local import LocalAudio, LocalSpeechEnded
from satellite.core.errors import SatelliteError

if TYPE_CHECKING:
    from satellite.local_server.tts.voice import SpokenPiece, Synthesiser

log = logging.getLogger(__name__)

FIRST_WORDS_S = 2.5
"""A neural voice that takes longer for its first words (it loads its model) is not waited for where
there is espeak-ng. Who has an announcement to make waits for 10 s at most."""
KEPT_S = 60.0
"""A voice that was not used for so long ends its process."""
SPEAKER = "alloy"
"""The name of the Realtime API whose stand-in speaks."""
AHEAD_S = 10.0
"""Sound is made so far ahead of the speech and no further, which bounds what waits to be played."""
MAX_CHARS = 4_000
"""About five minutes; a longer answer in writing is for reading."""
SILENT = "Nothing can be said without a server: {reason}"


class LocalVoice:
    """One text after the other becomes ``LocalAudio`` and one ``LocalSpeechEnded`` for ``tell``.

    ``wish`` as for ``choose_voice``. ``on_problem`` gets a sentence while nothing can be spoken,
    an empty text when it can again. ``load`` replaces the choice, for tests. ``run`` does the work.
    """

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        wish: str = "",
        on_problem: Callable[[str], None] = lambda _: None,
        load: Callable[[str], Synthesiser] | None = None,
    ) -> None:
        self._tell = tell
        self._wish = wish
        self._on_problem = on_problem
        self._load = load or installed_voice
        self._orders: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._wanted: set[str] = set()
        self._speaking: tuple[str, asyncio.Task[None]] | None = None
        self._voice: Synthesiser | None = None
        self._problem = ""

    def speak(self, item_id: str, text: str) -> None:
        """``text`` may be anything, also halves of characters: servers and people wrote it."""
        self._wanted.add(item_id)
        self._orders.put_nowait((item_id, text[:MAX_CHARS].encode(errors="replace").decode()))

    def hush(self, item_id: str) -> None:
        """Nothing more is told of this item."""
        self._wanted.discard(item_id)
        if self._speaking is not None and self._speaking[0] == item_id:
            self._speaking[1].cancel()

    async def run(self) -> None:
        """For ever; ends by cancellation only."""
        try:
            while True:
                item_id, text = await self._next()
                if item_id in self._wanted:
                    await self._carry_out(item_id, text)
        finally:
            await self._let_go()

    async def _next(self) -> tuple[str, str]:
        if self._voice is not None:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._orders.get(), KEPT_S)
            await self._let_go()
        return await self._orders.get()

    async def _let_go(self) -> None:
        voice, self._voice = self._voice, None
        if voice is not None:
            await voice.close()

    async def _carry_out(self, item_id: str, text: str) -> None:
        """In a task of its own, so that one text can be ended without the others."""
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
                self._voice = await asyncio.to_thread(self._load, self._wish)
            async with aclosing(self._voice.speak(text, SPEAKER, 1.0)) as pieces:
                await self._pass_on(item_id, pieces)
        except (SatelliteError, OSError) as error:  # OSError: no process could be started
            failure = str(error)
        self._show(failure)
        self._wanted.discard(item_id)
        self._tell(LocalSpeechEnded(item_id, failure))

    async def _pass_on(self, item_id: str, pieces: AsyncGenerator[SpokenPiece, None]) -> None:
        loop = asyncio.get_running_loop()
        begun_s, made_s = loop.time(), 0.0
        async for piece in pieces:
            self._tell(LocalAudio(item_id, piece.pcm))
            made_s += len(piece.pcm) / BYTES_PER_MS / 1000
            # Also without a rest the microphone has its turn between two pieces.
            await asyncio.sleep(max(0.0, made_s - AHEAD_S - (loop.time() - begun_s)))

    def _show(self, failure: str) -> None:
        problem = SILENT.format(reason=failure) if failure else ""
        if problem:
            log.warning("%s", problem)
        if problem != self._problem:
            self._problem = problem
            self._on_problem(problem)


def installed_voice(wish: str = "") -> Synthesiser:
    """The synthesiser of this machine. Raises ``SatelliteError`` where there is none."""
    choice = import_module("satellite.local_server.tts.choice")
    voice: Synthesiser = choice.choose_voice(wish or choice.AUTO, first_words_s=FIRST_WORDS_S)
    return voice
