"""Plays the scene: speaks, waits, and collects the evidence to judge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from satellite.demo.heard import HeardPlace, heard_of
from satellite.demo.recording import Recording
from satellite.demo.scene import Cut, Evidence, SceneStep, judge
from satellite.demo.screen import Levels, Screen, StepOutcome
from satellite.demo.stage import Stage
from satellite.demo.step_record import StepRecord
from satellite.demo.timeline import Kind, Seen
from satellite.demo.voices import Person

STEP_S = 20.0
"""A step that takes longer has failed."""
LATE_CALL_S = 3.0
BREATH_S = 0.35
"""Pause between the end of a reply and the person's next words."""
POLL_S = 0.02
WORD_GAP_S = 0.7
"""A longer silence separates two utterances; espeak-ng pauses up to 0.5 s at a full stop."""
EDGE_S = 0.001
"""Added to the end of a section, so that it includes the last audible sample."""
FLOOR_DB = -50.0


class Performer:
    """Plays steps one after the other; ``perform`` returns an outcome for each."""

    def __init__(self, stage: Stage, person: Person, screen: Screen, recording: Recording) -> None:
        self._stage = stage
        self._person = person
        self._screen = screen
        self._recording = recording
        self._record: StepRecord | None = None
        self._cut: StepRecord | None = None
        """The step whose reply is being interrupted."""
        stage.timeline.on_seen = self._on_seen
        screen.levels = self.levels

    async def perform(self, steps: Sequence[SceneStep]) -> list[StepOutcome]:
        outcomes: list[StepOutcome] = []
        for number, step in enumerate(steps, 1):
            record = await self._speak(number, step)
            if step.is_cut:
                await self._until_audible(record)
                self._cut = record
                continue
            await self._until_answered(record)
            if self._cut is not None:
                outcomes.append(await self._judge_cut(self._cut, record))
                self._cut = None
            outcomes.append(self._judge(record))
            await asyncio.sleep(BREATH_S)
        return outcomes

    def levels(self) -> Levels:
        """For the footer of the screen."""
        return Levels(
            self._stage.timeline.state,
            _loudness(self._recording.person.latest()),
            _loudness(self._recording.speaker.latest()),
        )

    # --- one step -------------------------------------------------------------------------------

    async def _speak(self, number: int, step: SceneStep) -> StepRecord:
        speech = await self._person.says(step.says)
        if self._cut is not None:
            await self._wait_into_answer(self._cut, step.cuts_in_after_s)
        from_s = time.monotonic()
        record = self._record = StepRecord(number, step, from_s)
        self._screen.step(record)
        await self._stage.room.say(speech.pcm, speech.rate_hz)
        sounds = self._recording.person.sounds(from_s, gap_s=WORD_GAP_S)
        record.began_s, record.zero_s = sounds[0] if sounds else (from_s, time.monotonic())
        return record

    def _on_seen(self, seen: Seen) -> None:
        """Adds a message to the record of its step."""
        record = self._record
        if self._cut is not None and seen.kind is Kind.SAID and seen.data.get("interrupted"):
            record = self._cut
        if record is not None:
            record.seen.append(seen)

    async def _until_audible(self, record: StepRecord) -> None:
        """Waits for the first sound of the reply."""
        end_s = time.monotonic() + STEP_S
        assert record.zero_s is not None
        while record.audible_s is None and time.monotonic() < end_s:
            await asyncio.sleep(POLL_S)
            self._find_answer(record)

    async def _wait_into_answer(self, cut: StepRecord, seconds: float) -> None:
        if cut.audible_s is not None:
            await asyncio.sleep(max(0.0, cut.audible_s + seconds - time.monotonic()))

    async def _until_answered(self, record: StepRecord) -> None:
        wanted = {Kind.SAID} | ({Kind.CALL} if record.step.call else set())
        timeline = self._stage.timeline

        def over(kinds: set[Kind]) -> bool:
            """Whether the satellite listens again, and messages of all these kinds came."""
            return timeline.state == "listening" and kinds <= {one.kind for one in record.seen}

        if await timeline.wait_for(lambda: over({Kind.SAID}), STEP_S):
            # A call may come after the first reply; without a reply none will come.
            await timeline.wait_for(lambda: over(wanted), LATE_CALL_S)
        record.ended_s = time.monotonic()
        self._find_answer(record)

    def _find_answer(self, record: StepRecord) -> None:
        assert record.zero_s is not None
        sounds = self._recording.speaker.sounds(record.zero_s, gap_s=WORD_GAP_S)
        if sounds:
            record.audible_s = sounds[0][0]

    # --- what came of it ------------------------------------------------------------------------

    def _judge(self, record: StepRecord) -> StepOutcome:
        assert record.zero_s is not None
        replies = self._recording.speaker.sounds(record.zero_s, gap_s=WORD_GAP_S)
        return self._outcome(record, replies, record.ended_s or time.monotonic())

    async def _judge_cut(self, record: StepRecord, cutter: StepRecord) -> StepOutcome:
        """``cutter``, the step that interrupted this one, is over: its times show the cut."""
        assert record.zero_s is not None
        until_s = cutter.audible_s or cutter.ended_s or time.monotonic()
        replies = self._recording.speaker.sounds(
            record.zero_s, until_s - WORD_GAP_S / 2, gap_s=WORD_GAP_S
        )
        ended_s = cutter.began_s
        if replies:
            began_s, ended_s = replies[0][0], replies[-1][1]
            heard = await self._heard(record, began_s, ended_s)
            record.cut = Cut(cutter.began_s, ended_s, heard)
        return self._outcome(record, replies, ended_s)

    async def _heard(self, record: StepRecord, began_s: float, ended_s: float) -> HeardPlace | None:
        """How far the loudspeaker came between these times in the reply that was cut."""
        cut = next((one for one in record.seen if one.data.get("interrupted")), None)
        wire = self._stage.wire
        if cut is None or wire is None:
            return None
        reply = wire.spoken(str(cut.data.get("item_id", "")))
        recorded = self._recording.speaker.between(began_s, ended_s + EDGE_S)
        # Takes half a second; the satellite's connection must not wait for it.
        return await asyncio.to_thread(heard_of, recorded, reply)

    def _outcome(
        self, record: StepRecord, replies: Sequence[tuple[float, float]], ended_s: float
    ) -> StepOutcome:
        assert record.zero_s is not None
        evidence = Evidence(
            (record.began_s, record.zero_s), tuple(record.seen), self._states(), replies, record.cut
        )
        checks = judge(record.step, evidence)
        outcome = StepOutcome(record, evidence, checks, ended_s - record.began_s)
        self._screen.step_over(outcome)
        return outcome

    def _states(self) -> Mapping[str, Mapping[str, Any]]:
        home = self._stage.home
        return {} if home is None else {name: one.state for name, one in home.devices.items()}


def _loudness(samples: Any) -> float:  # noqa: ANN401 - an array of numpy, imported late
    """0 (silence) to 1 (full scale), linear in dB."""
    import numpy as np

    if len(samples) == 0:
        return 0.0
    power = float(np.mean((samples.astype(np.float32) / 32768) ** 2))
    decibels = 10 * float(np.log10(power + 1e-10))
    return max(0.0, 1 - (decibels + 12) / (FLOOR_DB + 12))
