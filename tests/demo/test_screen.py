"""What the screen shows of steps and of turns that somebody speaks live."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from rich.console import Console

from satellite.demo.heard import HeardPlace
from satellite.demo.live import TurnRecords
from satellite.demo.scene import Cut, Evidence, SceneCheck, SceneStep
from satellite.demo.screen import Screen, StepOutcome
from satellite.demo.step_record import StepRecord
from satellite.demo.timeline import Kind, Seen, Timeline


def seen(at_s: float, kind: Kind, state: str = "", /, **data: object) -> Seen:
    return Seen(at_s, kind, "topic", state, data)


def plain() -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(Console(file=out, width=100, highlight=False)), out


def outcome(ok: bool) -> StepOutcome:
    said = seen(5.0, Kind.SAID, text="Once upon a time", heard_ms=1500, interrupted=True)
    record = StepRecord(1, SceneStep("A story", "Tell me one."), 1.0, 2.0, [said], 3.0)
    record.cut = Cut(4.4, 4.5, HeardPlace(1499.5, 1500.5, 0.0))
    evidence = Evidence((1.0, 2.0), (said,), replies=((3.0, 4.5),), cut=record.cut)
    return StepOutcome(record, evidence, (SceneCheck(ok, "the loudspeaker stayed silent"),), 3.5)


def test_a_pipe_gets_plain_lines_a_table_and_the_reason(tmp_path: Path) -> None:
    async def scene() -> str:
        screen, out = plain()
        async with screen:
            screen.part("Broker", "mosquitto")
            for one in (outcome(True), outcome(False)):
                screen.step(one.record)
                screen.step_over(one)
            screen.table([outcome(True), outcome(False)])
            screen.write_picture(tmp_path / "picture.svg", "title")
        return out.getvalue()

    text = asyncio.run(scene())
    assert "\x1b" not in text
    assert "+2.50 s  cut off    at 1,500 ms of the answer (recorded: 1,500 ms), 100 ms" in text
    assert "✗ the loudspeaker stayed silent" in text
    assert text.count("cut off at 1,500 ms") == 2
    picture = (tmp_path / "picture.svg").read_text()
    assert "font-face" not in picture
    assert "cut&#160;off" in picture


def test_live_turns_are_told_one_by_one_and_a_cut_belongs_to_the_answer_before() -> None:
    screen, out = plain()
    timeline = Timeline()
    TurnRecords(timeline, screen)
    for one in (
        seen(1.0, Kind.STATE, "listening"),
        seen(2.0, Kind.STATE, "hearing"),
        seen(3.0, Kind.STATE, "thinking"),
        seen(3.1, Kind.HEARD, text="tell me a story"),
        seen(3.2, Kind.STATE, "speaking"),
        seen(5.0, Kind.STATE, "hearing"),
        seen(5.1, Kind.SAID, text="Once upon a time", heard_ms=1800, interrupted=True),
        seen(6.0, Kind.STATE, "thinking"),
        seen(6.2, Kind.HEARD, text="what time is it"),
        seen(6.3, Kind.STATE, "speaking"),
        seen(8.0, Kind.SAID, text="It is noon.", heard_ms=1700),
        seen(8.0, Kind.STATE, "listening"),
        seen(9.0, Kind.STATE, "hearing"),
        seen(9.5, Kind.STATE, "listening"),
    ):
        timeline.add(one)
    text = out.getvalue()
    first, second = text.index("tell me a story"), text.index("what time is it")
    assert first < text.index("at 1,800 ms of the answer") < second < text.index("“It is noon.”")
    assert text.count("heard") == 2, "a noise that came to nothing is not told"
