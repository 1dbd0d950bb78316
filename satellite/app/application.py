"""Builds every part of the voice process, connects them, and runs them in one task group.

The map of the daemon: ``__init__`` builds the parts, from the link over the sound to the
conversation; "what parts report" says who hears of what; ``run`` says what runs at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from datetime import datetime
from importlib import import_module

from msgspec import structs

from satellite.app import diagnostics, wiring
from satellite.app.activation import Activation, wake_word_of
from satellite.app.capture_events import CaptureEvents
from satellite.app.capture_pipeline import CapturePipeline
from satellite.app.card_monitor import Card, CardMonitor
from satellite.app.control_store import ControlStore
from satellite.app.dispatcher import EffectDispatcher
from satellite.app.local_server import LocalServerProcess
from satellite.app.local_voice import LocalVoice
from satellite.app.prompt import instructions
from satellite.app.proven_server import ProvenServer
from satellite.app.response_times import ResponseTimes
from satellite.app.server_switch import ServerSwitch
from satellite.app.sound_sent import SoundSent
from satellite.app.spending_guard import SpendingGuard
from satellite.app.spending_notices import SpendingNotices
from satellite.app.spending_store import (
    FREE,
    SpendingStore,
    cheaper_model,
    default_limit_usd,
    meter_of,
    prices_of,
)
from satellite.app.start_history import StartHistory
from satellite.app.status import StatusReporter
from satellite.app.tool_runner import ToolRunner
from satellite.audio.capture.gate import Gate
from satellite.audio.capture.microphone import Microphone
from satellite.audio.capture.push_to_talk import PushToTalk
from satellite.audio.cards.manager import CardManager
from satellite.audio.echo.canceller import EchoCanceller
from satellite.audio.echo.reference import Reference
from satellite.audio.playback.chimes import ChimePlayer
from satellite.audio.playback.loudspeaker import Loudspeaker
from satellite.conversation.commands import Tool
from satellite.conversation.events import Event, local, server
from satellite.conversation.machine import Conversation
from satellite.conversation.spending_steps import ServerTarget
from satellite.core.errors import MissingPartError, SettingsError
from satellite.core.logs import redactor
from satellite.core.sd_notify import Notifier
from satellite.core.statefile import retry_stores, state_folder
from satellite.core.supervision import fail_with_callbacks, never_ending, once_set, run_until
from satellite.realtime.dialects import dialect_for
from satellite.realtime.link import Link
from satellite.settings import Settings, secrets_of

log = logging.getLogger(__name__)

ALWAYS_OPEN = 'It listens openly at all times, as with listen.mode = "open". %s'
TURN_TAKEN = (server.SpeechStopped, server.InputCommitted, server.ResponseCreated)
"""By any of these a server shows that it may act on what was said; not each sends all of them."""
FIRST_SOUND_S = 0.6
"""Within this time microphone and server are usually there; if not, the rest starts without."""

EARLY_CALLS_S = 5.0
"""So long after the start at most nothing is offered to the model, and its calls wait, until the
devices are known: then all tools are offered at once."""


class Application:
    """All parts of one satellite. Made inside a running event loop."""

    def __init__(self, settings: Settings, notifier: Notifier, cards: CardManager) -> None:
        self._settings = settings
        self._notifier = notifier
        self._cards = cards
        self._loop = asyncio.get_running_loop()
        self._started_s = self._loop.time()
        self._stop = asyncio.Event()
        self._first_sound = asyncio.Event()
        """The first sound of the microphone is on its way to the server."""
        self._state_folder = state_folder(os.environ)
        self.controls = ControlStore(self._state_folder, settings.audio.volume)
        self.spending = SpendingStore(meter_of(settings), self._state_folder)
        self.sound_sent = SoundSent(self._state_folder)
        self._build_link()
        self._build_audio()
        self._build_conversation()
        self.controls.on_problem = lambda problem: self.status.problem("controls", problem)
        self.spending.on_problem = lambda problem: self.status.problem("record", problem)

    # --- building -------------------------------------------------------------------------------

    def _build_link(self) -> None:
        settings, me = self._settings, self._settings.satellite
        self.local_server = (
            LocalServerProcess(wiring.local_voice(settings)) if settings.realtime.offline else None
        )
        url = self.local_server.url if self.local_server else ""
        text = instructions(
            me.name,
            me.area,
            me.language,
            me.instructions,
            may_stay_silent=wiring.offers_silence(settings),
        )
        config = wiring.link_config(settings, url=url, instructions=text)
        if settings.realtime.mcp and not (config.mcp and dialect_for(config).mcp):
            log.warning("This server knows no MCP servers, so realtime.mcp has no effect.")
        if settings.home.cameras and not dialect_for(config).takes_pictures(config):
            log.warning("This server takes no pictures, so home.cameras has no effect.")
        cheaper = cheaper_model(settings)
        self.proven_server = ProvenServer(None if url else self._state_folder, config)
        self.link = Link(
            config,
            self._on_server_event,
            on_waiting=self._on_waiting,
            on_refused=self._on_refused,
            is_quiet=self._is_quiet,
            is_seamless=self._is_seamless,
            on_successor_refused=self._on_successor_refused,
            proven=self.proven_server.worked,
        )
        self.server_switch = ServerSwitch(
            self.link,
            cloud=config,
            cheaper=structs.replace(config, model=cheaper) if cheaper else None,
            cloud_is_local=settings.realtime.offline,
            local_config=lambda url: wiring.local_link_config(settings, url, text),
            proven=lambda: self.proven_server.worked,
            on_serving=self._on_serving,
            on_local_lost=self._on_local_lost,
        )

    def _build_audio(self) -> None:
        settings, audio = self._settings, self._settings.audio
        reference = Reference()
        self.microphone = Microphone(
            self._cards,
            audio.input,
            self._on_chunk,
            rate_hz=audio.input_rate,
            channel=audio.input_channel,
            chunk_ms=audio.chunk_ms,
            on_lost=lambda reason: self.card_monitor.lost("microphone", reason),
            on_found=lambda: self.card_monitor.found("microphone"),
        )
        self.speaker = Loudspeaker(
            self._cards,
            audio.output,
            self._on_event,
            rate_hz=audio.output_rate,
            volume=self.controls.volume,
            reference=reference,
            on_lost=lambda reason: self.card_monitor.lost("speaker", reason),
            on_found=lambda: self.card_monitor.found("speaker"),
        )
        self.chimes = ChimePlayer(self.speaker, enabled=audio.chimes)
        self.card_monitor = CardMonitor(self.microphone, self._on_card, self._loop.time)
        self.start_history = StartHistory(self._state_folder, (audio.input, audio.output))
        self.echo = EchoCanceller(
            audio.echo.mode,
            reference,
            lambda: self.microphone.chunks.captured_s,
            speaks=lambda: self.speaker.speaking,
            noise_suppression=audio.echo.noise_suppression,
            gain_control=audio.echo.gain_control,
        )
        listen = settings.listen
        self.activation = Activation(
            wake_word_of(listen.mode, listen.wake_words) if listen.mode == "wake" else None,
            link=self.link,
            speaker=self.speaker,
            shut=lambda: self.gate.shut,
            on_event=self._on_event,
            chime=self.chimes.play,
        )
        self.gate = Gate(
            "open" if listen.mode == "auto" else listen.mode,
            listen.follow_up_s,
            wake_word=self.activation.detect,
            on_waiting=self.activation.waiting,
            tail_ms=wiring.tail_ms(settings),
            chunk_ms=audio.chunk_ms,
        )
        self.gate.muted = self.microphone.paused = self.controls.muted

    def _build_conversation(self) -> None:
        settings = self._settings
        self.status = StatusReporter(
            notifier=self._notifier,
            gate=self.gate,
            clock=self._loop.time,
            listen_mode=settings.listen.mode,
            hide=redactor(secrets_of(settings)),
        )
        self.spending_guard = SpendingGuard(
            self.spending,
            warn_at=settings.spending.warn_at,
            notices=SpendingNotices(self._state_folder),
            switch=self.server_switch,
            gate=self.gate,
            status=self.status,
            on_event=self._on_event,
        )
        self.tool_runner = ToolRunner(self._on_event, audible=lambda: self.speaker.volume > 0)
        self.local_voice = LocalVoice(
            self._on_event,
            voice=wiring.local_voice(settings),
            language=settings.satellite.language,
            on_problem=lambda reason: self.status.problem("voice", reason),
        )
        self.response_times = ResponseTimes()
        self.dispatcher = EffectDispatcher(
            Conversation(
                wiring.conversation_profile(settings, self.link.dialect),
                wall=lambda: datetime.now().astimezone(),
                hide=redactor(secrets_of(settings)),
                takes_pictures=lambda: self.link.dialect.takes_pictures(self.link.config),
            ),
            playback=self.speaker,
            link=self.link,
            tools=self.tool_runner,
            status=self.status,
            local_voice=self.local_voice,
            chime=self.chimes.play,
            spent=self.spending_guard.spent,
            loop=self._loop,
        )
        vad = settings.realtime.vad
        self.push_to_talk = (
            PushToTalk(
                silence_ms=vad.silence_duration_ms,
                on_begin=lambda: self._on_event(local.TurnBegan()),
                on_end=lambda said: self._on_event(local.TurnEnded(said)),
                chunk_ms=settings.audio.chunk_ms,
            )
            if vad.type == "none"
            else None
        )
        self.capture = CapturePipeline(
            self.gate,
            append=self._append,
            link=self.link,
            listener=CaptureEvents(self.status, self._on_event),
            speaking=lambda: self.speaker.sounding,
            clock=self._loop.time,
            cleaner=self.echo,
            push_to_talk=self.push_to_talk,
            server_acts=wiring.server_acts(settings),
            chunk_ms=settings.audio.chunk_ms,
        )

    # --- what parts report ----------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        self.response_times.observe(event, self._loop.time())
        self.dispatcher.handle(event)

    def _on_server_event(self, event: Event) -> None:
        if isinstance(event, local.LinkDown):
            event = structs.replace(event, sentence_kept=self.capture.session_lost())
        elif isinstance(event, server.SpeechStarted):
            self.capture.speech_reported()
        elif isinstance(event, TURN_TAKEN):
            self.capture.turn_taken()
        self._on_event(event)
        if isinstance(event, local.LinkUp):
            self.sound_sent.server(self.link.config.url)
            self.capture.new_session()
            level = logging.DEBUG if self.link.flapping else logging.INFO
            log.log(level, "Connected to %s.", self.link.server)
            self.status.problem("server", "")
            self.server_switch.link_up()
            if self.server_switch.serving is ServerTarget.CLOUD:
                self.proven_server.session()

    def _on_serving(self, target: ServerTarget) -> None:
        """The conversation is at another server, or with another model, from now on."""
        if target is not ServerTarget.NONE:  # what the last one has not reported is still its own
            local_one = target is ServerTarget.LOCAL
            model = self.server_switch.model
            self.spending.charge(*(FREE, FREE) if local_one else prices_of(self._settings, model))
        self.status.show_server(self.server_switch.shown)

    def _on_local_lost(self, reason: str) -> None:
        log.error("The server on this machine cannot be used: %s", reason)
        self.spending_guard.check()

    def _on_refused(self, sentence: str) -> None:
        self._on_event(local.ServerRefused(sentence))
        self.server_switch.refused()

    def _on_successor_refused(self) -> None:
        self.server_switch.refused()
        self.spending_guard.check()

    def _on_waiting(self, sentence: str, _delay_s: float) -> None:
        self.status.problem("server", sentence)
        self.server_switch.link_away()
        kept = self.capture.session_lost()
        self._on_event(local.LinkDown(self.link.epoch, sentence, sentence_kept=kept))

    def _is_quiet(self) -> bool:
        return self.dispatcher.quiet and not self.speaker.sounding and self.capture.quiet

    def _is_seamless(self) -> bool:
        under_way = self.speaker.sounding or not self.dispatcher.interruptible
        return not under_way and self.capture.seamless

    def _append(self, pcm: bytes) -> bool:
        taken = self.link.append(pcm)
        if taken:
            self.sound_sent.add(pcm)
        return taken

    def _on_chunk(self, chunk: bytes) -> None:
        self.capture.process(chunk)
        if self.link.ready:
            self._first_sound.set()

    def _on_mute(self, muted: bool) -> None:
        """The gate is shut at once; the stream is closed or opened as soon as the card does it."""
        self.gate.muted = self.microphone.paused = muted
        if muted:
            self.capture.interrupt()

    def _on_card(self, card: Card, reason: str) -> None:
        if reason and card == "microphone":
            self.capture.interrupt()
        self.status.problem(card, reason)
        self._on_event(local.PartFailed(card, reason))

    # --- running --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Runs until SIGTERM or SIGINT. Raises a group with whatever else ended it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._stop.set)
        self._show_start()
        workers = [
            self.link.run(),
            self.microphone.run(),
            self.local_voice.run(),
            self.server_switch.run(),
            once_set(self._first_sound, FIRST_SOUND_S, self.speaker.run()),
            once_set(self._first_sound, FIRST_SOUND_S, self._run_home()),
            retry_stores(self.controls, self.spending),
            fail_with_callbacks(),
        ]
        if self.local_server is not None:
            workers.append(self.local_server.run())
        workers = [never_ending(worker) for worker in workers]
        listen = self._settings.listen
        if listen.mode == "auto" and listen.wake_words:
            workers.append(once_set(self._first_sound, FIRST_SOUND_S, self._load_wake_word()))
        workers += [self._start_up(), self._notifier.watchdog(self.card_monitor.alive)]
        try:
            await run_until(self._stop, workers, self._on_stop)
        except* MissingPartError:
            lived_s = self._loop.time() - self._started_s
            await self.start_history.fail(self._notifier, lived_s, self._stop)
            raise
        finally:
            self.dispatcher.close()
            self.sound_sent.today_s()
            self.sound_sent.keep()
            await self._cards.end()

    def _on_stop(self) -> None:
        log.info("Asked to stop.")
        self._notifier.stopping()
        self._cards.hurry()

    def _show_start(self) -> None:
        if self.controls.muted:
            log.warning("It is muted, as it was left. The mute switch in Home Assistant ends that.")
            self.status.problem("controls", self.controls.unreliable)
            self._on_event(local.MuteSet(True))
        mode = self._settings.listen.mode
        self._on_event(local.ListenModeSet("open" if mode == "auto" else mode))
        self.spending_guard.check()
        for card in self.card_monitor.missing:
            self._on_event(local.PartFailed(card, "is being opened"))

    async def _start_up(self) -> None:
        """Tells the service manager that it is ready when wake word and cards are there."""
        if self.activation.wake_word is not None:
            self._on_event(local.PartFailed("wake word", "is being loaded"))
            await asyncio.to_thread(self.activation.wake_word.load)
            self._on_event(local.PartFailed("wake word", ""))
        cards = self.card_monitor
        await self.start_history.wait_for_cards(self._notifier, cards.all_found, cards.missing)
        self.spending_guard.tell_default_limit(default_limit_usd(self._settings))

    async def _load_wake_word(self) -> None:
        """For mode ``auto``, which is open until the wake word can be heard.

        At the start, for later it would be while somebody talks, and an import holds up the sound.
        """
        listen = self._settings.listen
        try:
            word = await asyncio.to_thread(wake_word_of, listen.mode, listen.wake_words)
            assert word is not None
            await asyncio.to_thread(word.load)
        except (MissingPartError, SettingsError) as wrong:
            log.warning(ALWAYS_OPEN, wrong)
            self.status.problem("wake word", ALWAYS_OPEN % wrong)
            return
        self.activation.wake_word = word
        self._on_event(local.ListenModeSet("auto", word.words[0].name))

    async def _run_home(self) -> None:
        """Starts the home process and stays with it."""
        for name in ("home_process", "commands"):  # loading takes long, so not in this thread
            await asyncio.to_thread(import_module, f"satellite.app.{name}")
        from satellite.app.commands import CommandHandler
        from satellite.app.home_process import HomeProcess

        def on_tools(tools: tuple[Tool, ...], names: tuple[str, ...]) -> None:
            self.link.update_session(
                tools=wiring.session_tools(self._settings, tools),
                vocabulary=wiring.session_vocabulary(self._settings, names),
            )
            self.tool_runner.attach(home)

        home = HomeProcess(
            wiring.home_process_config(self._settings),
            on_tools=on_tools,
            on_result=self.tool_runner.done,
            on_lost=self.tool_runner.lost,
            on_peer=self._on_event,
            on_problem=self.status.problem,
        )

        def without_devices() -> None:
            if not self.link.config.tools:
                on_tools((), ())

        self._loop.call_later(EARLY_CALLS_S, without_devices)
        self.status.attach(home)
        home.on_request = CommandHandler(
            shown=home,
            gate=self.gate,
            speaker=self.speaker,
            controls=self.controls,
            clock=self._loop.time,
            on_event=self._on_event,
            on_mute=self._on_mute,
            push_to_talk=self.push_to_talk,
            on_listen=lambda: self.activation.respond("button"),
        ).handle
        async with asyncio.TaskGroup() as group:
            group.create_task(never_ending(home.run()))
            group.create_task(never_ending(diagnostics.report(self, home)))
