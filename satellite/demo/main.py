"""``satellite demo``: a whole conversation on this machine, heard, seen and judged."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from satellite.core.errors import EXIT_FAILED, EXIT_STOPPED, SettingsError
from satellite.demo.perform import Performer
from satellite.demo.scenario import STEPS
from satellite.demo.screen import Screen, StepOutcome
from satellite.demo.stage import Stage
from satellite.demo.voices import Person
from satellite.demo.wav import write_wav

WAV = Path("satellite-demo.wav")
"""Where the scene is recorded when nobody says otherwise."""


def main(args: argparse.Namespace) -> int:
    """Runs the demo and returns the exit status: 0 when all checks held.

    ``args`` may have ``live``, ``wav`` and ``picture`` (paths), and, for ``live``, ``config`` and
    ``set`` as every command has them. Raises SatelliteError with the reason when a part is
    missing or does not come up.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # for terminals that know no check marks
    if getattr(args, "live", False):
        from satellite.demo.live import talk
        from satellite.settings import overrides

        assignments = getattr(args, "set", None) or []
        return _run(talk(getattr(args, "config", None), assignments, overrides(assignments)))
    files = (getattr(args, "wav", None) or WAV, getattr(args, "picture", None))
    for file in files:
        _check_writable(file)
    return _run(demo(*files))


def _check_writable(file: Path | None) -> None:
    """Checked before the scene begins. Raises SettingsError."""
    if file is None:
        return
    place = file if file.exists() else file.parent
    if file.is_dir() or not os.access(place, os.W_OK):
        raise SettingsError(
            f"{file} cannot be written.", do="Choose another file for the recording with --wav."
        )


def _run(work: Coroutine[Any, Any, int]) -> int:
    """Runs to the end, or until Ctrl-C or SIGTERM, at which all parts are closed first."""

    async def until_stopped() -> int:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, _cancel_once, task)
        return await work

    try:
        return asyncio.run(until_stopped())
    except asyncio.CancelledError:
        print("\nStopped; everything that was started has ended.", file=sys.stderr)
        return EXIT_STOPPED


def _cancel_once(task: asyncio.Task[int]) -> None:
    """A second Ctrl-C must not interrupt the clean-up."""
    if not task.cancelling():
        task.cancel()


async def demo(wav: Path, picture: Path | None) -> int:
    """Plays the scene with parts of its own; returns the exit status."""
    began_s = time.monotonic()
    person = Person()
    async with Screen() as screen:
        screen.title("A room you can talk to")
        screen.busy("Bringing up a room, a broker, a home, a server and a satellite")
        speaking = asyncio.gather(*(person.says(step.says) for step in STEPS))
        try:
            async with Stage(voice="auto", wired=True, on_part=screen.part) as stage:
                started_s = await stage.listening()
                screen.part(
                    "Satellite", f"satellite run, listening {started_s:.2f} s after its start"
                )
                await speaking
                async with stage.room.record() as recording:
                    performer = Performer(stage, person, screen, recording)
                    outcomes = await stage.supervised(performer.perform(STEPS))
                    screen.levels = None
                    screen.busy("Taking everything down")
                seconds = write_wav(recording, wav)
                status = await stage.stop_daemon()
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
        screen.rest()
        screen.table(outcomes)
        problems = _problems(outcomes, status)
        screen.print(f"The whole scene, you left and the satellite right: {wav} ({seconds:.0f} s)")
        screen.print(f"{time.monotonic() - began_s:.0f} s in all.")
        if picture is not None:
            screen.write_picture(picture, "scripts/demo")
    for problem in problems:
        print(problem, file=sys.stderr)
    return EXIT_FAILED if problems else EXIT_STOPPED


def _problems(outcomes: list[StepOutcome], status: int | None) -> list[str]:
    """What was wrong with the demo, one line each."""
    problems = []
    for outcome in outcomes:
        wrong = [check.text for check in outcome.checks if not check.ok]
        if wrong:
            problems.append(
                f"Not as it should be: {outcome.record.step.title}: {'; '.join(wrong)}."
            )
    if len(outcomes) < len(STEPS):
        problems.append(f"Only {len(outcomes)} of {len(STEPS)} steps were played.")
    if status != EXIT_STOPPED:
        problems.append(f"The satellite ended with status {status} when it was asked to stop.")
    return problems
