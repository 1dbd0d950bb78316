"""How the parts work together, and that whatever breaks ends the process."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from satellite.app.application import FIRST_SOUND_S, Application
from satellite.app.home_process import HomeProcess
from satellite.audio.backend import AudioDevice, Format, StuckError
from satellite.audio.cards.manager import CardManager
from satellite.audio.wake.detector import WakeWordModel
from satellite.conversation.events import Event, local, server
from satellite.core.errors import MissingPartError, SatelliteError, SettingsError
from satellite.core.sd_notify import Notifier
from satellite.core.supervision import once_set
from satellite.mqtt.own_entities.requests import Volume
from satellite.settings import load_settings
from tests.audio.made_up import MadeUpCards

SETTINGS = load_settings(overrides={"realtime": {"url": "ws://127.0.0.1:9/v1/realtime"}})


def broken_by(breaker: str) -> None:
    """Runs a satellite in which something breaks a moment after the start."""

    async def scene() -> None:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        loop = asyncio.get_running_loop()

        def fail() -> None:
            raise ZeroDivisionError(breaker)

        async def forever() -> None:
            await asyncio.Event().wait()

        async def ends() -> None:
            await asyncio.sleep(0.05)

        for part in (application.microphone, application.speaker, application.link):
            part.run = forever  # type: ignore[method-assign]
        application._run_home = forever  # type: ignore[method-assign]
        application._start_up = forever  # type: ignore[method-assign]
        if breaker == "a callback fails":
            loop.call_later(0.05, fail)
        else:
            application.link.run = ends  # type: ignore[method-assign]
        async with asyncio.timeout(10):
            await application.run()

    asyncio.run(scene())


def test_an_error_in_a_callback_ends_the_process() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        broken_by("a callback fails")
    assert caught.group_contains(ZeroDivisionError, match="a callback fails")


def test_a_worker_that_just_returns_ends_the_process() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        broken_by("a worker returns")
    assert caught.group_contains(RuntimeError, match="ended by itself")


def asked_to_stop(failure: Exception) -> None:
    """Runs a satellite that is asked to stop, of which one part cannot end well."""

    async def scene() -> None:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))

        async def forever() -> None:
            await asyncio.Event().wait()

        async def ends_badly() -> None:
            try:
                await forever()
            finally:
                raise failure

        for part in (application.speaker, application.link):
            part.run = forever  # type: ignore[method-assign]
        application.microphone.run = ends_badly  # type: ignore[method-assign]
        application._run_home = forever  # type: ignore[method-assign]
        application._start_up = forever  # type: ignore[method-assign]
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(10):
            await application.run()

    asyncio.run(scene())


def test_a_stop_is_no_failure_whatever_breaks_by_it(caplog: pytest.LogCaptureFixture) -> None:
    """A card that hangs, or the local server, which gets the same signal and may end first."""
    asked_to_stop(StuckError("The sound card has not answered."))
    assert "The sound card has not answered." in caplog.text


def test_a_fault_of_the_program_is_told_also_at_a_stop() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        asked_to_stop(ZeroDivisionError())
    assert caught.group_contains(ZeroDivisionError)


class Wire:
    """A connection that is ready and notes what went out."""

    is_open = True
    queued_ms = 0
    serial = 1

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def append(self, pcm: bytes) -> bool:
        self.sent.append(pcm)
        return True


def test_the_rest_is_loaded_only_when_the_first_sound_is_on_its_way() -> None:
    """It takes the interpreter away from the first words otherwise."""

    async def scene() -> None:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        wire = Wire()
        sent_before_the_rest: list[int] = []

        async def rest() -> None:
            sent_before_the_rest.append(len(wire.sent))

        waiting = asyncio.create_task(once_set(application._first_sound, FIRST_SOUND_S, rest()))
        await asyncio.sleep(0)
        application._on_chunk(bytes(960))  # nobody to send it to: still deaf
        application.microphone.format = Format(
            AudioDevice(0, "microphone", inputs=1), 24_000, 1, 240
        )
        application.card_monitor.found("microphone")
        await asyncio.sleep(0.01)
        assert not sent_before_the_rest
        application.link._current = wire  # type: ignore[assignment]
        application._on_server_event(local.LinkUp(1))
        await asyncio.sleep(0.01)
        assert not sent_before_the_rest
        application._on_chunk(bytes(960))
        await waiting
        assert sent_before_the_rest == [2]  # the chunk from before the link was there as well
        application.dispatcher.close()

    asyncio.run(scene())


def test_a_session_is_not_renewed_in_the_first_moments_of_a_sentence() -> None:
    """The server tells of a voice 50 to 200 ms late; here it is heard at once."""

    async def scene() -> list[bool]:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        quiet = []
        for _ in range(50):
            application._on_chunk(bytes(960))
        for chunk in (bytes(960), b"\0\x20" * 480, bytes(960)):
            application._on_chunk(chunk)
            quiet.append(application._is_quiet())
        for _ in range(50):
            application._on_chunk(bytes(960))
        application.dispatcher.close()
        return [*quiet, application._is_quiet()]

    assert asyncio.run(scene()) == [True, False, False, True]


def test_a_server_that_worked_once_is_not_met_for_the_first_time_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))

    async def start(*, works: bool) -> bool:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        known = application.proven_server.worked
        if works:
            application._on_server_event(local.LinkUp(1))
        application.dispatcher.close()
        return known

    assert [asyncio.run(start(works=works)) for works in (False, True, False)] == [
        False,
        False,
        True,
    ]


def test_what_keeps_the_server_away_is_shown_as_it_is_told() -> None:
    async def scene() -> str:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        application._on_waiting("wss://host refuses the connection: No. Check the API key.", 20.0)
        problem = application.status._problem
        application.dispatcher.close()
        return problem

    assert asyncio.run(scene()) == "wss://host refuses the connection: No. Check the API key."


AUTO = load_settings(
    overrides={
        "realtime": {"url": "ws://127.0.0.1:9/v1/realtime"},
        "listen": {"mode": "auto"},
    }
)


async def television(application: Application, first: int = 0) -> None:
    """Three turns, about which the server stays silent."""
    application._on_server_event(local.LinkUp(1))
    for number in range(first, first + 3):
        item, response = f"u{number}", f"r{number}"
        call = server.ConversationItem(
            f"c{number}", "function_call", call_id=f"c{number}", name="stay_silent"
        )
        for event in (
            server.SpeechStarted(item),
            server.SpeechStopped(item),
            server.InputCommitted(item),
            server.ResponseCreated(response),
            server.ResponseDone(response, "completed", items=(call,)),
        ):
            application._on_server_event(event)


def test_in_auto_it_is_open_until_the_wake_word_can_be_heard_and_a_television_comes() -> None:
    async def scene() -> list[str]:
        application = Application(AUTO, Notifier(), CardManager(MadeUpCards()))
        application._show_start()
        modes: list[str] = [application.gate.mode]
        await television(application)
        modes.append(application.gate.mode)
        await application._load_wake_word()
        await television(application, 3)
        modes.append(application.gate.mode)
        application._on_event(local.RoomSilent())
        modes.append(application.gate.mode)
        assert application.activation.wake_word is not None
        assert not application.status._problem
        application.dispatcher.close()
        return modes

    assert asyncio.run(scene()) == ["open", "open", "wake", "open"]


@pytest.mark.parametrize("kind", [MissingPartError, SettingsError])
def test_in_auto_without_what_hears_the_wake_word_it_says_so_and_is_open(
    kind: type[SatelliteError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise kind("No wake word.", do="Mend it.")

    monkeypatch.setattr("satellite.app.application.wake_word_of", missing)

    async def scene() -> tuple[str, str]:
        application = Application(AUTO, Notifier(), CardManager(MadeUpCards()))
        application._show_start()
        await application._load_wake_word()
        await television(application)
        application.dispatcher.close()
        return application.gate.mode, application.status._problem

    mode, problem = asyncio.run(scene())
    assert mode == "open"
    assert problem.startswith("It listens openly at all times")
    assert problem.endswith("No wake word. Mend it.")


class Hears:
    """A wake word that is heard in every chunk."""

    def process(self, _: bytes) -> WakeWordModel:
        return WakeWordModel("hey house", Path("hey_house.json"))


def test_who_says_the_wake_word_hears_whether_anybody_listens() -> None:
    """The chime that something is wrong was all there was, and no word said what."""

    async def scene() -> tuple[list[Event], bool]:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        application.activation.wake_word = Hears()  # type: ignore[assignment]
        told: list[Event] = []
        application.dispatcher.handle = told.append  # type: ignore[method-assign, assignment]
        application.activation.detect(bytes(960))
        application.activation.waiting()
        away, told[:] = list(told), []
        application.link._current = Wire()  # type: ignore[assignment]
        application.activation.detect(bytes(960))
        silent = not application.speaker.sounding  # it would sound into a command in one breath
        application.activation.waiting()
        chimes = application.speaker.sounding
        application.dispatcher.close()
        return [*away, *told], silent and chimes

    events, chimes = asyncio.run(scene())
    assert [one for one in events if isinstance(one, local.AddressedWhileUnavailable)] == [
        local.AddressedWhileUnavailable("wake word")
    ]
    assert chimes


def test_what_the_broker_asks_for_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The home process and the commands are loaded late, so a test has to join them."""

    async def scene() -> int:
        application = Application(SETTINGS, Notifier(), CardManager(MadeUpCards()))
        asked = asyncio.Event()

        async def run(home: HomeProcess) -> None:
            home.on_request(Volume(31))
            asked.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(HomeProcess, "run", run)
        joined = asyncio.create_task(application._run_home())
        await asyncio.wait(
            {joined, waiting := asyncio.create_task(asked.wait())},
            timeout=20,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in (joined, waiting):
            task.cancel()
        await asyncio.gather(joined, waiting, return_exceptions=True)
        application.dispatcher.close()
        return application.speaker.volume

    assert asyncio.run(scene()) == 31
