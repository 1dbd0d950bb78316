"""Shows the demo: live in a terminal, as plain lines elsewhere, and as a picture.

A step is printed when it is over. In a terminal the current step and the levels of both voices are
redrawn several times a second.
"""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from satellite.demo.scene import Evidence, SceneCheck, result_of
from satellite.demo.step_record import Line, StepRecord
from satellite.demo.timeline import Kind

REFRESH_HZ = 8
PICTURE_COLUMNS = 104
METER_COLUMNS = 12

_STYLES = {
    "you": "bold cyan",
    "heard": "cyan",
    "function": "yellow",
    "published": "blue",
    "device": "bright_blue",
    "result": "yellow",
    "says": "bold green",
    "cut off": "bold red",
}
_STATE_STYLES = {"hearing": "cyan", "thinking": "yellow", "speaking": "green", "waiting": "red"}


@dataclass(frozen=True, slots=True)
class Levels:
    """For the footer: the satellite's state, and both levels (0 to 1, None if unknown)."""

    state: str
    person: float | None = None
    speaker: float | None = None


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """A step that is over."""

    record: StepRecord
    evidence: Evidence
    checks: tuple[SceneCheck, ...]
    took_s: float

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


class Screen:
    """``async with Screen() as screen: …``; the picture has all that was printed."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or plain_or_not()
        self._copy = Console(
            file=io.StringIO(),
            record=True,
            width=PICTURE_COLUMNS,
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
            legacy_windows=False,
        )
        self.levels: Callable[[], Levels] | None = None
        self._records: list[StepRecord] = []
        """The current steps; two while the person interrupts a reply."""
        self._busy = ""
        self._live = Live(
            console=self.console,
            get_renderable=self._moving,
            # Its own thread would draw while we print, and leave parts of old frames behind.
            auto_refresh=False,
            transient=True,
        )
        self._painter: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
            self._painter = asyncio.create_task(self._paint(), name="screen")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._painter is not None:
            self._painter.cancel()
            await asyncio.gather(self._painter, return_exceptions=True)
        self.rest()
        self._live.stop()

    async def _paint(self) -> None:
        while True:
            self._live.refresh()
            await asyncio.sleep(1 / REFRESH_HZ)

    def rest(self) -> None:
        """Clears what is redrawn."""
        self._records.clear()
        self._busy = ""
        self.levels = None

    def print(self, what: RenderableType = "") -> None:
        """Prints above what is redrawn."""
        if self._painter is not None:
            self._live.refresh()
        self.console.print(what)
        self._copy.print(what)

    def busy(self, with_what: str) -> None:
        """Shows what is going on."""
        self._busy = with_what

    def title(self, text: str) -> None:
        self.print(Text(text, style="bold"))
        self.print()

    def part(self, name: str, facts: str) -> None:
        """Prints a part that has started."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="green")
        grid.add_column(style="bold", width=11)
        grid.add_column(style="dim")
        grid.add_row("✓", name, facts)
        self.print(Padding(grid, (0, 0, 0, 2)))

    def step(self, record: StepRecord) -> None:
        """A step begins."""
        self._busy = ""
        if record.number == 1:
            self.print()
        self._records.append(record)

    def drop(self, record: StepRecord) -> None:
        """Removes a step without printing it."""
        self._records = [one for one in self._records if one is not record]

    def turn_over(self, record: StepRecord) -> None:
        """Prints a turn that is over, without checks."""
        self.drop(record)
        self.print(_block(record))
        self.print()

    def step_over(self, outcome: StepOutcome) -> None:
        self.drop(outcome.record)
        self.print(_block(outcome.record))
        self.print(_verdict(outcome))
        self.print()

    def table(self, outcomes: Sequence[StepOutcome]) -> None:
        self.print(summary(outcomes))

    def write_picture(self, path: Path, title: str) -> None:
        """Writes an SVG of all that was printed, without references to web fonts."""
        svg = self._copy.export_svg(title=title, clear=False)
        local = re.sub(r"\s*(@font-face \{.*?\}|<!--.*?-->)", "", svg, flags=re.DOTALL)
        path.write_text("\n".join(line.rstrip() for line in local.splitlines()) + "\n")

    def _moving(self) -> RenderableType:
        parts: list[RenderableType] = [_block(record) for record in self._records]
        if self.levels is not None:
            parts.append(_footer(self.levels()))
        elif self._busy:
            dots = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
            now = int(time.monotonic() * REFRESH_HZ)
            parts.append(Text(f"  {dots[now % len(dots)]} {self._busy} …", style="dim"))
        return Group(*parts)


def plain_or_not() -> Console:
    """A console for the terminal; for a pipe or a file one of a fixed width."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PICTURE_COLUMNS)


def _block(record: StepRecord) -> RenderableType:
    heading = Text()
    heading.append(f" {record.number} ", style="bold reverse")
    heading.append(f" {record.step.title}", style="bold")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", width=8, style="dim", no_wrap=True)
    grid.add_column(width=9, no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for line in record.lines():
        style = _STYLES.get(line.label, "")
        grid.add_row(_offset(record, line), Text(line.label, style), Text(line.text, _soft(style)))
    return Group(heading, Padding(grid, (0, 0, 0, 1)))


def _soft(style: str) -> str:
    return style.removeprefix("bold ") if style.startswith("bold") else ""


def _offset(record: StepRecord, line: Line) -> str:
    offset = record.offset(line)
    if offset is None or line.label == "you":
        return ""
    return f"{offset:+.2f} s"


def _verdict(outcome: StepOutcome) -> Text:
    if outcome.ok:
        line = Text(f"{outcome.took_s:8.1f} s", style="dim")
        line.append(f"  ✓ {len(outcome.checks)} checks", style="green")
        return line
    line = Text("  ✗ ", style="bold red")
    wrong = [check.text for check in outcome.checks if not check.ok]
    line.append("\n    ".join(wrong), style="red")
    return line


def _footer(levels: Levels) -> Text:
    line = Text("\n  ")
    for name, level, style in (
        ("you", levels.person, "cyan"),
        ("satellite", levels.speaker, "green"),
    ):
        if level is not None:
            line.append(f"{name} ", style=style)
            line.append_text(_meter(level, style))
            line.append("   ")
    line.append("● ", style=_STATE_STYLES.get(levels.state, "dim"))
    line.append(levels.state, style=_STATE_STYLES.get(levels.state, "dim"))
    return line


def _meter(level: float, style: str) -> Text:
    full = round(max(0.0, min(1.0, level)) * METER_COLUMNS)
    meter = Text("▮" * full, style=style)
    meter.append("▯" * (METER_COLUMNS - full), style="dim")
    return meter


def summary(outcomes: Iterable[StepOutcome]) -> Table:
    """The short table at the end."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("Step")
    table.add_column("Function")
    table.add_column("Result")
    table.add_column("Answered after", justify="right")
    table.add_column("Took", justify="right")
    for outcome in outcomes:
        calls = outcome.evidence.of(Kind.CALL)
        after = outcome.evidence.answered_after_s
        table.add_row(
            Text("✓", "green") if outcome.ok else Text("✗", "bold red"),
            outcome.record.step.title,
            ", ".join(str(call.data.get("name", "?")) for call in calls) or "—",
            _result_cell(outcome.evidence),
            "—" if after is None else f"{after:.2f} s",
            f"{outcome.took_s:.1f} s",
        )
    return table


def _result_cell(evidence: Evidence) -> str:
    if evidence.interrupted is not None:
        return f"cut off at {float(evidence.interrupted.data.get('heard_ms', 0)):,.0f} ms"
    statuses = [str(result_of(call).get("status", "?")) for call in evidence.of(Kind.CALL)]
    return ", ".join(statuses).replace("_", " ") or "—"
