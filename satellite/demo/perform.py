"""Plays the scene on the stage: speaks, waits, and gathers what there is to judge."""

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
from satellite.demo.story import Story
from satellite.demo.timeline import Kind, Seen
from satellite.demo.voices import Person

STEP_S = 20.0
"""No step takes longer; one that does has failed."""
LATE_CALL_S = 3.0
BREATH_S = 0.35
"""Between the end of an answer and the next words of the person."""
POLL_S = 0.02
WORD_GAP_S = 0.7
"""A longer silence separates two utterances; espeak-ng rests up to half a second at a stop."""
EDGE_S = 0.001
"""The last sound itself belongs to what is compared."""
FLOOR_DB = -50.0


class Performer:
    """Plays steps one after the other; ``perform`` answers with an outcome for each."""

    def __init__(self, stage: Stage, person: Person, screen: Screen, recording: Recording) -> None:
        self._stage = stage
        self._person = person
        self._screen = screen
        self._recording = recording
        self._story: Story | None = None
        self._cut: Story | None = None
        """The story whose answer is being spoken over."""
        stage.timeline.on_seen = self._on_seen
        screen.levels = self.levels

    async def perform(self, steps: Sequence[SceneStep]) -> list[StepOutcome]:
        outcomes: list[StepOutcome] = []
        for number, step in enumerate(steps, 1):
            story = await self._speak(number, step)
            if step.is_cut:
                await self._until_audible(story)
                self._cut = story
                continue
            await self._until_answered(story)
            if self._cut is not None:
                outcomes.append(await self._judge_cut(self._cut, story))
                self._cut = None
            outcomes.append(self._judge(story))
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

    async def _speak(self, number: int, step: SceneStep) -> Story:
        speech = await self._person.says(step.says)
        if self._cut is not None:
            await self._wait_into_answer(self._cut, step.cuts_in_after_s)
        from_s = time.monotonic()
        story = self._story = Story(number, step, from_s)
        self._screen.step(story)
        await self._stage.room.say(speech.pcm, speech.rate_hz)
        sounds = self._recording.person.sounds(from_s, gap_s=WORD_GAP_S)
        story.began_s, story.zero_s = sounds[0] if sounds else (from_s, time.monotonic())
        return story

    def _on_seen(self, seen: Seen) -> None:
        """Puts a message into the story it belongs to."""
        story = self._story
        if self._cut is not None and seen.kind is Kind.SAID and seen.data.get("interrupted"):
            story = self._cut
        if story is not None:
            story.seen.append(seen)

    async def _until_audible(self, story: Story) -> None:
        """Waits for the first sound of the answer."""
        end_s = time.monotonic() + STEP_S
        assert story.zero_s is not None
        while story.audible_s is None and time.monotonic() < end_s:
            await asyncio.sleep(POLL_S)
            self._find_answer(story)

    async def _wait_into_answer(self, cut: Story, seconds: float) -> None:
        if cut.audible_s is not None:
            await asyncio.sleep(max(0.0, cut.audible_s + seconds - time.monotonic()))

    async def _until_answered(self, story: Story) -> None:
        wanted = {Kind.SAID} | ({Kind.CALL} if story.step.call else set())
        timeline = self._stage.timeline

        def over(kinds: set[Kind]) -> bool:
            """The satellite listens again, and all of these were seen."""
            return timeline.state == "listening" and kinds <= {one.kind for one in story.seen}

        if await timeline.wait_for(lambda: over({Kind.SAID}), STEP_S):
            # A call may come after the first answer; without one there is nothing to wait for.
            await timeline.wait_for(lambda: over(wanted), LATE_CALL_S)
        story.ended_s = time.monotonic()
        self._find_answer(story)

    def _find_answer(self, story: Story) -> None:
        assert story.zero_s is not None
        sounds = self._recording.speaker.sounds(story.zero_s, gap_s=WORD_GAP_S)
        if sounds:
            story.audible_s = sounds[0][0]

    # --- what came of it ------------------------------------------------------------------------

    def _judge(self, story: Story) -> StepOutcome:
        assert story.zero_s is not None
        replies = self._recording.speaker.sounds(story.zero_s, gap_s=WORD_GAP_S)
        return self._outcome(story, replies, story.ended_s or time.monotonic())

    async def _judge_cut(self, story: Story, cutter: Story) -> StepOutcome:
        """``cutter`` is over, so what it said and heard tells where ``story`` was cut off."""
        assert story.zero_s is not None
        until_s = cutter.audible_s or cutter.ended_s or time.monotonic()
        replies = self._recording.speaker.sounds(
            story.zero_s, until_s - WORD_GAP_S / 2, gap_s=WORD_GAP_S
        )
        ended_s = cutter.began_s
        if replies:
            began_s, ended_s = replies[0][0], replies[-1][1]
            heard = await self._heard(story, began_s, ended_s)
            story.cut = Cut(cutter.began_s, ended_s, heard)
        return self._outcome(story, replies, ended_s)

    async def _heard(self, story: Story, began_s: float, ended_s: float) -> HeardPlace | None:
        """How far the loudspeaker came between these times in the reply that was cut."""
        cut = next((one for one in story.seen if one.data.get("interrupted")), None)
        wire = self._stage.wire
        if cut is None or wire is None:
            return None
        reply = wire.spoken(str(cut.data.get("item_id", "")))
        recorded = self._recording.speaker.between(began_s, ended_s + EDGE_S)
        # Half a second of work; the wire of the satellite must not wait for it.
        return await asyncio.to_thread(heard_of, recorded, reply)

    def _outcome(
        self, story: Story, replies: Sequence[tuple[float, float]], ended_s: float
    ) -> StepOutcome:
        assert story.zero_s is not None
        evidence = Evidence(
            (story.began_s, story.zero_s), tuple(story.seen), self._states(), replies, story.cut
        )
        checks = judge(story.step, evidence)
        outcome = StepOutcome(story, evidence, checks, ended_s - story.began_s)
        self._screen.step_over(outcome)
        return outcome

    def _states(self) -> Mapping[str, Mapping[str, Any]]:
        home = self._stage.home
        return {} if home is None else {name: one.state for name, one in home.devices.items()}


def _loudness(samples: Any) -> float:  # noqa: ANN401 - an array of numpy, imported late
    """0 (silence) to 1 (as loud as it gets), as an ear would grade it."""
    import numpy as np

    if len(samples) == 0:
        return 0.0
    power = float(np.mean((samples.astype(np.float32) / 32768) ** 2))
    decibels = 10 * float(np.log10(power + 1e-10))
    return max(0.0, 1 - (decibels + 12) / (FLOOR_DB + 12))
