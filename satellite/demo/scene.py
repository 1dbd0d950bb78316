"""The steps of the demo, and the checks of what really happened. Pure.

The satellite's own reports are not enough: a light counts as switched on when the call was made,
its message went to the device's topic, the device itself is on, and the reply was audible at the
loudspeaker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satellite.demo.heard import HeardPlace
from satellite.demo.timeline import Kind, Seen

CUT_TOLERANCE_MS = 40
"""The most by which the position of the cut may differ from where the loudspeaker came to.

On an idle machine both agree to a few milliseconds (``scripts/bench`` measures that with a tone).
On a busy one the satellite errs by some 10 ms, and the position in a recording full of pauses is
found to 20 ms.
"""
SILENCE_LIMIT_S = 1.5
"""The reply must be silent this soon after the person began to interrupt it."""


@dataclass(frozen=True, slots=True)
class WantedCall:
    """An expected call: its function, some of its arguments, and the status of its result."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""


@dataclass(frozen=True, slots=True)
class SceneStep:
    """A sentence of the person, and what is expected.

    ``states`` are devices' states afterwards; ``commanded`` are the devices that must get a
    message, and no other may; each of ``said`` (regular expressions) must be in the reply.
    ``cuts_in_after_s`` makes the person speak that long after the previous reply became audible.
    ``is_cut`` marks a reply that the next step interrupts.
    """

    title: str
    says: str
    call: WantedCall | None = None
    commanded: tuple[str, ...] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    cuts_in_after_s: float = 0.0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """An interrupted reply. The person began at ``person_s``, the loudspeaker fell silent at
    ``silent_s`` (monotonic, by the room's recording).

    ``heard`` is how far the loudspeaker came; None when it played something else.
    """

    person_s: float
    silent_s: float
    heard: HeardPlace | None

    @property
    def reaction_ms(self) -> float:
        return (self.silent_s - self.person_s) * 1000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was observed from one step's first word to the next step's.

    ``spoke`` are the times of the person's first and last sound, ``states`` those of the devices
    themselves, ``replies`` the (first, last) times of sounds at the loudspeaker.
    """

    spoke: tuple[float, float]
    seen: Sequence[Seen] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    replies: Sequence[tuple[float, float]] = ()
    cut: Cut | None = None

    def of(self, *kinds: Kind) -> list[Seen]:
        return [one for one in self.seen if one.kind in kinds]

    @property
    def said(self) -> str:
        return " ".join(str(one.data.get("text", "")) for one in self.of(Kind.SAID)).strip()

    @property
    def interrupted(self) -> Seen | None:
        """The message about the interrupted reply."""
        return next((one for one in self.of(Kind.SAID) if one.data.get("interrupted")), None)

    @property
    def answered_after_s(self) -> float | None:
        """Seconds from the person's last word to the first sound of the reply."""
        return next((a - self.spoke[1] for a, _ in self.replies if a > self.spoke[1]), None)


@dataclass(frozen=True, slots=True)
class SceneCheck:
    ok: bool
    text: str


def judge(step: SceneStep, evidence: Evidence) -> tuple[SceneCheck, ...]:
    """A check of each expectation of the step."""
    checks = [_heard(evidence)]
    if step.call is not None:
        checks.append(_called(step.call, evidence))
    checks.append(_commanded(step.commanded, evidence))
    checks += [_state(name, wanted, evidence) for name, wanted in step.states.items()]
    checks += _cut(evidence) if step.is_cut else _answered(step, evidence)
    return tuple(checks)


def result_of(call: Seen) -> Mapping[str, Any]:
    """The result object of a message on the topic ``call``."""
    return _object(call.data.get("result"))


def arguments_of(call: Seen) -> Mapping[str, Any]:
    return _object(call.data.get("arguments"))


def _object(value: object) -> Mapping[str, Any]:
    """An object, or one as JSON text; empty for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _heard(evidence: Evidence) -> SceneCheck:
    heard = evidence.of(Kind.HEARD)
    return SceneCheck(
        bool(heard), "was heard" if heard else "was not heard (nothing on the topic heard)"
    )


def _called(wanted: WantedCall, evidence: Evidence) -> SceneCheck:
    calls = evidence.of(Kind.CALL)
    if not calls:
        return SceneCheck(False, f"called no function, {wanted.name} was due")
    for call in calls:
        if call.data.get("name") != wanted.name or not _holds(arguments_of(call), wanted.arguments):
            continue
        status = str(result_of(call).get("status", ""))
        if wanted.status in ("", status):
            return SceneCheck(True, f"called {wanted.name}: {status}")
        return SceneCheck(False, f"called {wanted.name}, but it was {status or 'without a status'}")
    made = ", ".join(f"{c.data.get('name')}({json.dumps(arguments_of(c))})" for c in calls)
    return SceneCheck(
        False, f"called {made} instead of {wanted.name}({json.dumps(wanted.arguments)})"
    )


def _commanded(devices: Iterable[str], evidence: Evidence) -> SceneCheck:
    wanted = set(devices)
    got = {one.device for one in evidence.of(Kind.COMMAND)}
    if got == wanted:
        names = ", ".join(sorted(wanted))
        return SceneCheck(
            True, f"message published for {names}" if names else "no device was touched"
        )
    if missing := wanted - got:
        return SceneCheck(False, f"no message was published for {', '.join(sorted(missing))}")
    return SceneCheck(False, f"a message went to {', '.join(sorted(got - wanted))}")


def _state(name: str, wanted: Mapping[str, Any], evidence: Evidence) -> SceneCheck:
    state = evidence.states.get(name, {})
    shown = ", ".join(f"{key} {value}" for key, value in wanted.items())
    if _holds(state, wanted):
        return SceneCheck(True, f"{name} itself has {shown}")
    now = ", ".join(f"{key} {state.get(key)}" for key in wanted)
    return SceneCheck(False, f"{name} should have {shown}, but has {now}")


def _answered(step: SceneStep, evidence: Evidence) -> list[SceneCheck]:
    text = evidence.said
    checks = [
        SceneCheck(bool(text), f"answered “{text}”" if text else "gave no answer"),
        SceneCheck(
            evidence.answered_after_s is not None,
            "was audible at the loudspeaker"
            if evidence.answered_after_s is not None
            else "the loudspeaker stayed silent",
        ),
    ]
    for pattern in step.said:
        if not re.search(pattern, text, re.IGNORECASE):
            checks.append(SceneCheck(False, f"the answer has nothing like “{pattern}”"))
    if evidence.interrupted is not None:
        checks.append(SceneCheck(False, "the answer was cut off"))
    return checks


def _cut(evidence: Evidence) -> list[SceneCheck]:
    message, cut = evidence.interrupted, evidence.cut
    if message is None or cut is None:
        return [SceneCheck(False, "the answer was not cut off")]
    heard_ms = float(message.data.get("heard_ms", 0))
    return [
        SceneCheck(
            cut.reaction_ms < SILENCE_LIMIT_S * 1000,
            f"fell silent {cut.reaction_ms:.0f} ms after the person began",
        ),
        SceneCheck(False, "the loudspeaker played something else than what the server said")
        if cut.heard is None
        else SceneCheck(
            cut.heard.apart_ms(heard_ms) <= CUT_TOLERANCE_MS,
            f"counts {heard_ms:.0f} ms as heard; the loudspeaker came to {cut.heard.text}",
        ),
    ]


def _holds(actual: object, wanted: object) -> bool:
    """Whether ``wanted`` is in ``actual``: some keys of an object, some items of a list."""
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and _holds(actual[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return (
            isinstance(actual, Sequence)
            and not isinstance(actual, str)
            and all(any(_holds(one, value) for one in actual) for value in wanted)
        )
    if isinstance(wanted, str) and isinstance(actual, str):
        return wanted.lower() == actual.lower()
    return actual == wanted
