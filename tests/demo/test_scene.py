"""What happened is judged by what was observed, and told in the order in which it happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from satellite.demo.heard import HeardPlace
from satellite.demo.scene import Cut, Evidence, SceneCheck, SceneStep, WantedCall, judge
from satellite.demo.step_record import StepRecord
from satellite.demo.timeline import Kind, Seen

LIGHT = SceneStep(
    "A light",
    "Switch on the kitchen light.",
    call=WantedCall("set_power", {"devices": ["Kitchen light"], "state": "on"}, "done"),
    commanded=("Kitchen light",),
    states={"Kitchen light": {"state": "ON"}},
    said=("kitchen light",),
)
QUESTION = SceneStep("A question", "What is on?", call=WantedCall("get_state"), is_cut=True)


def seen(at_s: float, kind: Kind, data: Mapping[str, Any] | str, device: str = "") -> Seen:
    if isinstance(data, str):
        return Seen(at_s, kind, "t", data, {}, device)
    return Seen(at_s, kind, "t", json.dumps(data), data, device)


CALL = {
    "name": "set_power",
    "arguments": {"devices": ["Kitchen light"], "state": "on"},
    "result": {"status": "done", "devices": [{"device": "Kitchen light", "state": "on"}]},
    "ms": 80,
}
GOOD = (
    seen(2.6, Kind.HEARD, {"text": "switch on the kitchen light"}),
    seen(2.66, Kind.COMMAND, "ON", "Kitchen light"),
    seen(2.70, Kind.ANSWER, "ON", "Kitchen light"),
    seen(2.71, Kind.ANSWER, "21.5", "Bedroom temperature"),
    seen(2.73, Kind.CALL, CALL),
    seen(4.5, Kind.SAID, {"text": "The kitchen light is on.", "heard_ms": 1400}),
)
ON = {"Kitchen light": {"state": "ON", "brightness": 255}}


def evidence(**changed: object) -> Evidence:
    kept: dict[str, Any] = {
        "spoke": (1.0, 2.0),
        "seen": GOOD,
        "states": ON,
        "replies": ((3.0, 4.4),),
    }
    return Evidence(**{**kept, **changed})


def wrong(step: SceneStep, evidence: Evidence) -> list[str]:
    return [check.text for check in judge(step, evidence) if not check.ok]


def without(kind: Kind) -> tuple[Seen, ...]:
    return tuple(one for one in GOOD if one.kind is not kind)


def with_call(**changed: object) -> tuple[Seen, ...]:
    return (*without(Kind.CALL), seen(2.73, Kind.CALL, {**CALL, **changed}))


def test_all_is_well() -> None:
    assert wrong(LIGHT, evidence()) == []
    assert evidence().answered_after_s == 1.0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"seen": without(Kind.HEARD)}, "was not heard"),
        ({"seen": without(Kind.CALL)}, "called no function"),
        ({"seen": without(Kind.COMMAND)}, "no message was published for Kitchen light"),
        ({"seen": without(Kind.SAID)}, "gave no answer"),
        ({"seen": (*GOOD, seen(3, Kind.COMMAND, "LOCK", "Door"))}, "a message went to Door"),
        ({"seen": with_call(result={"status": "not_confirmed"})}, "but it was not_confirmed"),
        ({"seen": with_call(name="set_light")}, "instead of set_power"),
        ({"seen": with_call(arguments={"devices": ["Lamp"], "state": "on"})}, "instead of"),
        (
            {"states": {"Kitchen light": {"state": "OFF"}}},
            "should have state ON, but has state OFF",
        ),
        ({"states": {}}, "should have state ON, but has state None"),
        ({"replies": ()}, "the loudspeaker stayed silent"),
        ({"replies": ((0.5, 1.5),)}, "the loudspeaker stayed silent"),
    ],
)
def test_each_thing_that_may_go_wrong_is_told(changed: dict[str, Any], reason: str) -> None:
    texts = wrong(LIGHT, evidence(**changed))
    assert any(reason in text for text in texts), texts


def test_arguments_and_results_may_be_json_text() -> None:
    text = with_call(arguments=json.dumps(CALL["arguments"]), result=json.dumps(CALL["result"]))
    assert wrong(LIGHT, evidence(seen=text)) == []
    broken = with_call(result="not json")
    assert any("without a status" in text for text in wrong(LIGHT, evidence(seen=broken)))


def cut_evidence(heard_ms: int, cut: Cut | None) -> Evidence:
    said = {"text": "The lights", "heard_ms": heard_ms, "interrupted": True}
    call = seen(2.3, Kind.CALL, {**CALL, "name": "get_state"})
    messages = (GOOD[0], call, seen(5.2, Kind.SAID, said))
    return evidence(seen=messages, cut=cut)


def test_a_cut_is_compared_with_the_recording() -> None:
    heard = HeardPlace(2249.5, 2250.5, paused_ms=300.0)
    cut = Cut(person_s=5.0, silent_s=5.55, heard=heard)
    assert wrong(QUESTION, cut_evidence(2240, cut)) == []
    [apart] = wrong(QUESTION, cut_evidence(2550, cut))
    assert "counts 2550 ms as heard; the loudspeaker came to 2,250 ms" in apart
    [late] = wrong(QUESTION, cut_evidence(2250, Cut(5.0, 8.0, heard)))
    assert "fell silent 3000 ms after" in late
    [other] = wrong(QUESTION, cut_evidence(2250, Cut(5.0, 5.25, None)))
    assert "something else than what the server said" in other
    assert wrong(QUESTION, cut_evidence(2240, None)) == ["the answer was not cut off"]


def test_a_cut_in_a_silence_of_the_reply_may_be_anywhere_in_it() -> None:
    cut = Cut(5.0, 5.25, HeardPlace(2000.0, 2300.0, 0.0))
    assert all(wrong(QUESTION, cut_evidence(ms, cut)) == [] for ms in (1980, 2150, 2320))
    [apart] = wrong(QUESTION, cut_evidence(2400, cut))
    assert "came to 2,000 to 2,300 ms" in apart


def test_an_answer_that_should_not_be_cut_must_be_whole() -> None:
    said = {"text": "The kitchen light", "heard_ms": 900, "interrupted": True}
    messages = (*without(Kind.SAID), seen(4.5, Kind.SAID, said))
    assert wrong(LIGHT, evidence(seen=messages)) == ["the answer was cut off"]


def test_checks_that_hold_say_what_was_observed() -> None:
    assert SceneCheck(True, "Kitchen light itself has state ON") in judge(LIGHT, evidence())


def test_the_story_puts_the_call_before_what_it_caused() -> None:
    record = StepRecord(1, LIGHT, 1.0, 2.0, list(GOOD), audible_s=3.0)
    lines = record.lines()
    assert [line.label for line in lines] == [
        "you",
        "heard",
        "function",
        "published",
        "device",
        "result",
        "says",
    ]
    assert lines[2].text == "set_power(devices: Kitchen light, state: on)"
    assert lines[5].text == "done · Kitchen light on · 80 ms"
    assert record.offset(lines[6]) == 1.0
    assert StepRecord(1, LIGHT, 1.0).offset(lines[0]) is None


def test_what_was_heard_in_the_same_millisecond_comes_before_the_call() -> None:
    heard = seen(2.6500, Kind.HEARD, {"text": "switch on the kitchen light"})
    command = seen(2.6504, Kind.COMMAND, "ON", "Kitchen light")
    record = StepRecord(1, LIGHT, 1.0, 2.0, [heard, command, seen(2.7296, Kind.CALL, CALL)])
    labels = [line.label for line in record.lines()]
    assert labels == ["you", "heard", "function", "published", "result"]


def test_the_story_tells_where_the_answer_was_cut() -> None:
    found = cut_evidence(2240, Cut(5.0, 5.25, HeardPlace(2249.5, 2250.5, 0.0)))
    record = StepRecord(4, QUESTION, 1.0, 2.0, list(found.seen), 3.0, found.cut)
    last = record.lines()[-1]
    assert last.label == "cut off"
    assert last.text.startswith("at 2,240 ms of the answer (recorded: 2,250 ms), 250 ms")


def test_many_answers_of_a_device_become_the_first_and_the_last() -> None:
    command = seen(1.0, Kind.COMMAND, "OPEN", "Blind")
    positions = [seen(1.1 + n / 10, Kind.ANSWER, str(n), "Blind") for n in range(10)]
    record = StepRecord(1, SceneStep("", ""), 0.0, 0.5, [command, *positions])
    assert [line.text for line in record.lines() if line.label == "device"] == ["t  0", "t  9"]
