"""What the screen shows of one step: a few lines in the order of the events. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

from satellite.demo.scene import Cut, SceneStep, arguments_of, result_of
from satellite.demo.timeline import Kind, Seen

CUT_TEXT_CHARS = 76
ROUNDING_S = 0.002
_ORDER = ("you", "heard", "function", "published", "device", "result", "says", "cut off")
MAX_ANSWERS = 2
"""A cover reports its position many times; the first and the last report are enough."""


@dataclass(frozen=True, slots=True)
class Line:
    """``at_s`` is monotonic."""

    at_s: float
    label: str
    text: str


@dataclass(slots=True)
class StepRecord:
    """One step so far. ``zero_s`` is the end of the person's words."""

    number: int
    step: SceneStep
    began_s: float
    zero_s: float | None = None
    seen: list[Seen] = field(default_factory=list)
    audible_s: float | None = None
    cut: Cut | None = None
    ended_s: float | None = None

    def lines(self) -> list[Line]:
        """In the order of the events, which is not quite that of the messages."""
        lines = [Line(self.began_s, "you", f"“{self.step.says}”")] if self.step.says else []
        for one in self.seen:
            lines += self._tell(one)
        lines += self._answers()
        lines += self._said()
        lines += self._cut_off()
        # At the same millisecond, causes come before what they caused.
        return sorted(lines, key=lambda line: (line.at_s, _ORDER.index(line.label)))

    def offset(self, line: Line) -> float | None:
        """Seconds after the person's last word; None while the person still speaks."""
        return None if self.zero_s is None else line.at_s - self.zero_s

    def _tell(self, one: Seen) -> Iterator[Line]:
        match one.kind:
            case Kind.HEARD:
                text = str(one.data.get("text", one.text))
                yield Line(one.at_s, "heard", text or "(nothing that makes sense)")
            case Kind.CALL:
                took_ms = float(one.data.get("ms", 0))
                yield Line(self._called_s(one, took_ms), "function", call_text(one))
                yield Line(one.at_s, "result", f"{result_text(result_of(one))} · {took_ms:.0f} ms")
            case Kind.COMMAND:
                yield Line(one.at_s, "published", f"{one.topic}  {one.text}")

    def _called_s(self, call: Seen, took_ms: float) -> float:
        """When the call began; its message on the topic ``call`` comes after its result."""
        began_s = call.at_s - took_ms / 1000
        before = [one for one in self.seen if one.kind is Kind.CALL and one.at_s < call.at_s]
        since_s = before[-1].at_s if before else self.began_s
        within = [one for one in self.seen if since_s < one.at_s < call.at_s]
        # Its duration is rounded to milliseconds: nothing was published before the call began, and
        # what was heard in the same millisecond was heard before it.
        for one in within:
            if one.kind is Kind.HEARD and 0 < one.at_s - began_s < ROUNDING_S:
                began_s = one.at_s
        return min([began_s, *(one.at_s for one in within if one.kind is Kind.COMMAND)])

    def _answers(self) -> Iterator[Line]:
        """Reports of devices that got a command; others report on their own."""
        told = {one.device: one.at_s for one in self.seen if one.kind is Kind.COMMAND}
        for device, since_s in told.items():
            answers = [
                one
                for one in self.seen
                if one.kind is Kind.ANSWER and one.device == device and one.at_s >= since_s
            ]
            for one in answers[: MAX_ANSWERS - 1] + answers[1:][-1:]:
                yield Line(one.at_s, "device", f"{one.topic}  {one.text}")

    def _said(self) -> Iterator[Line]:
        texts = [one for one in self.seen if one.kind is Kind.SAID]
        speaking = [
            one.at_s for one in self.seen if one.kind is Kind.STATE and one.text == "speaking"
        ]
        if not texts and not speaking and self.audible_s is None:
            return
        first_s = self.audible_s or (speaking or [texts[0].at_s])[0]
        text = " ".join(str(one.data.get("text", "")) for one in texts).strip()
        if any(one.data.get("interrupted") for one in texts):
            # The text is ahead of the audio; most of it was never heard.
            text = shorten(text, CUT_TEXT_CHARS, placeholder=" …")
        yield Line(first_s, "says", f"“{text}”" if text else "…")

    def _cut_off(self) -> Iterator[Line]:
        said = next((one for one in self.seen if one.data.get("interrupted")), None)
        if said is None:
            return
        text = f"at {float(said.data.get('heard_ms', 0)):,.0f} ms of the answer"
        cut = self.cut
        if cut is None:
            yield Line(said.at_s, "cut off", text)
            return
        if cut.heard is not None:
            text += f" (recorded: {cut.heard.text})"
        yield Line(
            cut.silent_s, "cut off", f"{text}, {cut.reaction_ms:.0f} ms after the person began"
        )


def call_text(call: Seen) -> str:
    """``set_light(devices: Kitchen light, brightness_pct: 40)``."""
    arguments = ", ".join(f"{key}: {_plain(value)}" for key, value in arguments_of(call).items())
    return f"{call.data.get('name', '?')}({arguments})"


def result_text(result: Mapping[str, Any]) -> str:
    """The status and its devices in a few words."""
    words = [str(result.get("status", "?")).replace("_", " ")]
    if nearest := result.get("nearest"):
        words.append(f"nearest: {_plain(nearest)}")
    devices = result.get("devices")
    for device in devices[:3] if isinstance(devices, list) else ():
        if isinstance(device, dict):
            own = device.get("status", "")
            state = device.get("state", "" if own == result.get("status") else own)
            words.append(f"{device.get('device', '')} {_plain(state)}".strip().replace("_", " "))
    if isinstance(devices, list) and len(devices) > 3:
        words.append(f"{len(devices) - 3} more")
    return " · ".join(words)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
