"""Builds every part, joins them, and runs them in one task group."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Coroutine
from importlib import import_module
from typing import TYPE_CHECKING, Any

from satellite.app import diagnostics
from satellite.app.capture_events import CaptureEvents
from satellite.app.capture_pipeline import CapturePipeline
from satellite.app.control_store import ControlStore
from satellite.app.dispatcher import EffectDispatcher
from satellite.app.local_server import LocalServerProcess
from satellite.app.local_voice import LocalVoice
from satellite.app.prompt import instructions
from satellite.app.proven_server import ProvenServer
from satellite.app.response_times import Delays
from satellite.app.spending_store import SpendingStore, meter_of
from satellite.app.start_history import StartHistory
from satellite.app.status import StatusReporter
from satellite.app.tool_runner import ToolRunner
from satellite.app.wiring import home_process_config, link_config, local_voice, tail_ms
from satellite.audio.capture.gate import Gate
from satellite.audio.capture.microphone import Microphone
from satellite.audio.cards.manager import CardManager
from satellite.audio.echo.canceller import Echo
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.chimes import Chime, chime
from satellite.audio.playback.loudspeaker import Loudspeaker
from satellite.audio.playback.queue import CHIME
from satellite.conversation.events import Event, local
from satellite.conversation.machine import Conversation, ConversationProfile
from satellite.core.errors import MissingPartError
from satellite.core.logs import blotter
from satellite.core.sd_notify import Notifier
from satellite.core.statefile import keep_at_it, state_folder
from satellite.core.supervision import (
    fail_with_callbacks,
    never_ending,
    stop_is_no_failure,
)
from satellite.realtime.link import Link
from satellite.settings import Settings, secrets_of

if TYPE_CHECKING:
    from satellite.audio.wake.detector import WakeWord
    from satellite.audio.wake.word_end import Lag

log = logging.getLogger(__name__)

HEARING_S = 0.6
"""Within this time microphone and server are usually there; if not, the rest goes on without."""
ALIVE_S = 5.0
"""Microphone frames come fifty times a second; none for so long means deaf."""
LOOKS_S = 20.0
"""A missing card is looked for every few seconds, which a slow sound server may draw out."""


class Application:
    """All parts of one satellite. Made inside a running event loop."""

    def __init__(self, settings: Settings, notifier: Notifier, cards: CardManager) -> None:
        self.settings = settings
        self.notifier = notifier
        self.cards = cards
        self._loop = asyncio.get_running_loop()
        self._born_s = self._loop.time()
        self._stop = asyncio.Event()
        self._chimes = 0
        self._cards_missing: dict[str, str] = {"microphone": "", "speaker": ""}
        self._cards_found = asyncio.Event()
        self._hears = asyncio.Event()
        self._build_voice()
        self._join()

    # --- building -------------------------------------------------------------------------------

    def _build_voice(self) -> None:
        settings, audio = self.settings, self.settings.audio
        self.memory = ControlStore(state_folder(os.environ), audio.volume)
        self.local_server = (
            LocalServerProcess(local_voice(settings)) if settings.realtime.offline else None
        )
        me = settings.satellite
        text = instructions(me.name, me.area, me.language, me.instructions)
        url = self.local_server.url if self.local_server else ""
        server = link_config(settings, url=url, instructions=text)
        self.proven = ProvenServer(None if url else state_folder(os.environ), server)
        self.link = Link(
            server,
            self._on_server,
            on_waiting=self._on_waiting,
            on_refused=lambda sentence: self._tell(local.ServerRefused(sentence)),
            is_quiet=self._is_quiet,
            proven=self.proven.worked,
        )
        reference = Reference()
        self.microphone = Microphone(
            self.cards,
            audio.input,
            self._on_chunk,
            rate_hz=audio.input_rate,
            channel=audio.input_channel,
            chunk_ms=audio.chunk_ms,
            on_lost=lambda reason: self._card("microphone", reason),
            on_found=lambda: self._card("microphone", ""),
        )
        self.speaker = Loudspeaker(
            self.cards,
            audio.output,
            self._tell,
            rate_hz=audio.output_rate,
            volume=self.memory.volume,
            reference=reference,
            on_lost=lambda reason: self._card("speaker", reason),
            on_found=lambda: self._card("speaker", ""),
        )
        self.echo = Echo(
            audio.echo.mode,
            reference,
            lambda: self.microphone.captured_s,
            speaks=lambda: self.speaker.speaking,
            noise_suppression=audio.echo.noise_suppression,
            gain_control=audio.echo.gain_control,
        )
        self.wake_word = _wake_word(settings)
        self.gate = Gate(
            settings.listen.mode,
            settings.listen.follow_up_s,
            wake_word=self._wakes if self.wake_word else None,
            on_waiting=self._waits,
            tail_ms=tail_ms(settings),
            chunk_ms=audio.chunk_ms,
        )
        self.gate.muted = self.memory.muted

    def _join(self) -> None:
        settings = self.settings
        self.ledger = SpendingStore(meter_of(settings), state_folder(os.environ))
        audio = settings.audio
        self.starts = StartHistory(state_folder(os.environ), (audio.input, audio.output))
        self.face = StatusReporter(
            notifier=self.notifier,
            gate=self.gate,
            ledger=self.ledger,
            clock=self._loop.time,
            tell=self._tell,
            chime=self._chime,
            hide=blotter(secrets_of(settings)),
        )
        self.memory.on_problem = lambda problem: self.face.problem("memory", problem)
        self.ledger.on_problem = lambda problem: self.face.problem("record", problem)
        self.hands = ToolRunner(self._tell, audible=lambda: self.speaker.volume > 0)
        self.voice = LocalVoice(
            self._tell,
            wish=local_voice(settings),
            on_problem=lambda reason: self.face.problem("voice", reason),
        )
        profile = ConversationProfile(
            "server" if settings.realtime.interrupt == "server" else "client",
            echoes_metadata=self.link.dialect.echoes_metadata,
            transcribes=settings.realtime.transcribes,
            output=settings.realtime.output,
        )
        self.delays = Delays()
        self.director = EffectDispatcher(
            Conversation(profile),
            voice=self.speaker,
            wire=self.link,
            hands=self.hands,
            face=self.face,
            synthesiser=self.voice,
            loop=self._loop,
        )
        self.ears = CapturePipeline(
            self.gate,
            append=self.link.append,
            listener=CaptureEvents(self.face, self._tell),
            speaking=lambda: self.speaker.sounding,
            clock=self._loop.time,
            cleaner=self.echo,
            chunk_ms=settings.audio.chunk_ms,
        )

    # --- what parts report ----------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        self.delays.see(event, self._loop.time())
        self.director.tell(event)

    def _on_server(self, event: Event) -> None:
        self._tell(event)
        if isinstance(event, local.LinkUp):
            self.ears.new_session()
            level = logging.DEBUG if self.link.flapping else logging.INFO
            log.log(level, "Connected to %s.", self.link.server)
            self.face.problem("server", "")
            self.proven.session()

    def _on_waiting(self, sentence: str, _delay_s: float) -> None:
        self.face.problem("server", sentence)
        self._tell(local.LinkDown(self.link.epoch, sentence))

    def _is_quiet(self) -> bool:
        return self.director.quiet and not self.speaker.sounding and self.ears.quiet

    def _on_chunk(self, chunk: bytes) -> None:
        self.ears.hear(chunk)
        if self.link.ready:
            self._hears.set()

    def _wakes(self, chunk: bytes) -> Lag | None:
        """Whether the wake word was spoken, and when such a word ends."""
        assert self.wake_word is not None
        word = self.wake_word.process(chunk)
        if word is None:
            return None
        self._tell(local.Addressed())
        if self.speaker.sounding:
            # It lowers an announcement; a chime would wait for its end.
            self._tell(local.VoiceOnset(sure=True))
        elif not self._of_use:
            self._invite("wake word")
        return word.lag

    def _waits(self) -> None:
        """Whoever said the wake word says no more, and hears that it listens."""
        if self._of_use and not self.speaker.sounding:
            self._invite("wake word")

    @property
    def _of_use(self) -> bool:
        return self.link.ready and not self.gate.shut

    def _invite(self, by: local.AddressedBy) -> None:
        """Whoever wants to speak hears that it listens, or that speaking is of no use now."""
        if self._of_use:
            self._chime("listening")
        else:
            self.link.retry_now()
            self._tell(local.AddressedWhileUnavailable(by))

    def _card(self, which: str, reason: str) -> None:
        """A sound card came or went; while one is away the satellite must not look alive."""
        self._cards_missing[which] = reason
        if not reason:
            self._cards_missing.pop(which, None)
            if not self._cards_missing:
                self._cards_found.set()
        elif which == "microphone":
            self.ears.rest()
        self._trouble(which, reason)

    def _trouble(self, which: str, reason: str) -> None:
        self.face.problem(which, reason)
        self._tell(local.PartFailed(which, reason))

    def _chime(self, name: Chime, volume: int | None = None) -> None:
        if self.settings.audio.chimes:
            self._chimes += 1
            item_id = f"{CHIME}-{self._chimes}"
            self.speaker.play(item_id, chime(name), volume)
            self.speaker.end(item_id)

    # --- running --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until asked to stop. Raises what ended it, in a group."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._stop.set)
        if self.memory.muted:
            log.warning("It is muted, as it was left. The mute switch in Home Assistant ends that.")
            self.face.problem("memory", self.memory.doubt)
            self._tell(local.MuteSet(True))
        self.face.check_spending()
        for card in self._cards_missing:
            self._tell(local.PartFailed(card, "is being opened"))
        for_ever = [
            self.link.run(),
            self.microphone.run(),
            self.voice.run(),
            self._after_hearing(self.speaker.run()),
            self._after_hearing(self._run_home()),
            keep_at_it(self.memory, self.ledger),
        ]
        if self.local_server is not None:
            for_ever.append(self.local_server.run())
        workers = [never_ending(worker) for worker in (*for_ever, fail_with_callbacks())]
        workers += [self._start_up(), self.notifier.watchdog(self._alive)]
        try:
            with stop_is_no_failure(self._stop.is_set):
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(worker) for worker in workers]
                    await self._stop.wait()
                    log.info("Asked to stop.")
                    self.notifier.stopping()
                    self.cards.hurry()
                    for task in tasks:
                        task.cancel()
        except* MissingPartError:
            lived_s = self._loop.time() - self._born_s
            await self.starts.fail(self.notifier, lived_s, self._stop)
            raise
        finally:
            self.director.close()
            await self.cards.end()

    async def _after_hearing(self, worker: Coroutine[Any, Any, None]) -> None:
        """What nobody waits for at the start does not delay the first words to the server."""
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARING_S):
                    await self._hears.wait()
        except asyncio.CancelledError:
            worker.close()
            raise
        await worker

    async def _run_home(self) -> None:
        """Starts the home process while the voice already works, and lives with it."""
        for name in ("home_process", "commands"):  # loading them takes long, so not in this thread
            await asyncio.to_thread(import_module, f"satellite.app.{name}")
        from satellite.app.commands import CommandHandler
        from satellite.app.home_process import HomeProcess

        home = HomeProcess(
            home_process_config(self.settings),
            on_tools=lambda tools: self.link.update_session(tools=tools),
            on_result=self.hands.done,
            on_lost=self.hands.lost,
            on_peer=self._tell,
            on_problem=self.face.problem,
        )
        self.hands.attach(home)
        self.face.attach(home)
        home.on_request = CommandHandler(
            shown=home,
            gate=self.gate,
            speaker=self.speaker,
            memory=self.memory,
            clock=self._loop.time,
            tell=self._tell,
            invite=lambda: self._invite("button"),
        ).handle
        async with asyncio.TaskGroup() as group:
            group.create_task(never_ending(home.run()))
            group.create_task(never_ending(diagnostics.report(self, home)))

    async def _start_up(self) -> None:
        """Ready when the wake word is loaded and the cards are met."""
        if self.wake_word is not None:
            self._tell(local.PartFailed("wake word", "is being loaded"))
            await asyncio.to_thread(self.wake_word.load)
            self._tell(local.PartFailed("wake word", ""))
        await self.starts.meet_cards(self.notifier, self._cards_found, self._cards_missing)

    def _alive(self) -> bool:
        """Sound comes, or a microphone that is known to be missing is being looked for."""
        now_s = self._loop.time()
        last_s = max(self.microphone.last_frame_s, self._born_s)
        return now_s - last_s < ALIVE_S or now_s - self.microphone.looked_s < LOOKS_S


def _wake_word(settings: Settings) -> WakeWord | None:
    """Only who is to be woken pays for it."""
    if settings.listen.mode != "wake":
        return None
    from satellite.audio.wake.detector import WakeWord

    return WakeWord(settings.listen.wake_words)
