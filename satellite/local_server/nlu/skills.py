"""The phrases that are understood, each with its function call or its topic. Pure.

A template has slots (see ``phrases``) and these abbreviations: ``{target}`` is one or two devices
of the skill's function or, where that takes an area, everything there; ``{switched}``,
``{opened}`` and ``{locked}`` are devices that this home does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satellite.local_server.nlu.phrases import Bindings, Node, Vocabulary, parse, possible
from satellite.local_server.nlu.vocabulary import EVERYWHERE, SessionTools


@dataclass(frozen=True, slots=True)
class Skill:
    """A phrase and its call, or without ``function`` its ``topic`` of conversation.

    ``fixed`` are arguments of the call; ``number`` names the one for ``<percent>`` or
    ``<temperature>``.
    """

    template: str
    function: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""
    topic: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A skill in this home, for one way to name its target."""

    node: Node
    skill: Skill
    fixed: Mapping[str, Any]

    def arguments(self, bound: Bindings) -> dict[str, Any]:
        """The call's arguments from the values of the slots."""
        result: dict[str, Any] = {}
        for slot, value in bound:
            name = slot.removeprefix(f"{self.skill.function}_")
            if name == "device" or name.startswith(("unknown_", "ask_")) or slot in _NAMES:
                devices = result.setdefault("devices", [])
                if value not in devices:
                    devices.append(value)
            elif name in _NUMBERS and self.skill.number:
                result[self.skill.number] = value
            elif name.startswith("kind_"):
                result["kind"] = value
            elif name == "warmth":
                result["color_temp_kelvin"] = value
            elif name in ("climate_preset", "fan_preset"):
                result["preset"] = value
            else:
                result[name] = value
        return {**result, **self.fixed}


_NUMBERS = ("percent", "round_percent", "temperature")
_NAMES = ("set_lock_device",)
_ON, _OFF = {"state": "on"}, {"state": "off"}
_PERCENT = "(<percent> percent | <round_percent>)"
_WHAT = "(what is | what's)"
_MORE_DIGITS = "[<digit> [<digit> [<digit> [<digit> [<digit>]]]]]"
_CODE = (
    f"(<digit> <digit> <digit> {_MORE_DIGITS} | <pair> <pair> [<pair> [<pair>]]"
    " | <digit> <digit> <pair> | <pair> <digit> <digit>)"
)
"""Digit by digit, or in pairs: ``twelve thirty four``, ``four seven double one``."""


def _power(state: str) -> list[Skill]:
    fixed = {"state": state}
    return [
        Skill(f"(turn | switch | put) {state} {{target}}", "set_power", fixed),
        Skill(f"(turn | switch | put) {{target}} {state}", "set_power", fixed),
    ]


def _which(group: str, states: str) -> Skill:
    kind = f"<kind_{group}>"
    template = f"(are [all] the {kind} ({states}) | which {kind} are ({states}))"
    return Skill(template, "get_state", {"area": EVERYWHERE})


COMMANDS: tuple[Skill, ...] = (
    *_power("on"),
    *_power("off"),
    Skill("toggle {target}", "set_power", {"state": "toggle"}),
    # lights
    Skill(f"(set | turn | change | dim | brighten) {{target}} to {_PERCENT}",
          "set_light", number="brightness_pct"),
    Skill(f"(set | change) the brightness of {{target}} to {_PERCENT}",
          "set_light", number="brightness_pct"),
    Skill("(turn | switch) on {target} (at | to) <percent> percent",
          "set_light", number="brightness_pct"),
    Skill("(set | turn) {target} to half [brightness]", "set_light", {"brightness_pct": 50}),
    Skill("(set | turn) {target} to (full | maximum) [brightness]",
          "set_light", {"brightness_pct": 100}),
    Skill("dim {target}", "set_light", {"brightness_step_pct": -25}),
    Skill("turn down {target}", "set_light", {"brightness_step_pct": -25}),
    Skill("turn {target} down", "set_light", {"brightness_step_pct": -25}),
    Skill("make {target} (darker | dimmer)", "set_light", {"brightness_step_pct": -25}),
    Skill("brighten {target}", "set_light", {"brightness_step_pct": 25}),
    Skill("make {target} brighter", "set_light", {"brightness_step_pct": 25}),
    Skill("(set | turn | change | make) {target} [to] <color>", "set_light"),
    Skill("(set | turn | change | make) {target} [to] <warmth>", "set_light"),
    Skill("set {target} to <effect>", "set_light"),
    # covers
    Skill("(open | raise) {target}", "set_cover", {"action": "open"}, noun="cover"),
    Skill("(close | shut | lower) {target}", "set_cover", {"action": "close"}, noun="cover"),
    Skill("stop {target}", "set_cover", {"action": "stop"}, noun="cover"),
    Skill("(set | move | open | close) {target} to <percent> percent",
          "set_cover", number="position_pct"),
    Skill("(open | close) {target} half way", "set_cover", {"position_pct": 50}),
    # locks
    Skill("lock {target}", "set_lock", {"action": "lock"}),
    Skill("unlock {target}", "set_lock", {"action": "unlock"}),
    # climate
    Skill("(set | turn | change) {target} to <temperature> [degrees]",
          "set_climate", number="temperature"),
    Skill("(set | change) the temperature of {target} to <temperature> [degrees]",
          "set_climate", number="temperature"),
    Skill("(set | change) the temperature in [the] <set_climate_area> to <temperature> [degrees]",
          "set_climate", number="temperature"),
    Skill("make it warmer in [the] <set_climate_area>", "set_climate", {"temperature_step": 1}),
    Skill("make it (cooler | colder) in [the] <set_climate_area>",
          "set_climate", {"temperature_step": -1}),
    Skill("turn up {target}", "set_climate", {"temperature_step": 1}),
    Skill("turn down {target}", "set_climate", {"temperature_step": -1}),
    Skill("turn {target} up", "set_climate", {"temperature_step": 1}),
    Skill("turn {target} down", "set_climate", {"temperature_step": -1}),
    Skill("(set | switch) {target} to <mode> [mode]", "set_climate"),
    Skill("(set | switch) {target} to <climate_preset> [mode]", "set_climate"),
    # fans
    Skill("(set | turn) {target} to <percent> percent", "set_fan", number="speed_pct"),
    Skill("(set | switch) {target} to <fan_preset> [mode]", "set_fan"),
    Skill("speed up {target}", "set_fan", {"speed_step_pct": 25}),
    Skill("slow down {target}", "set_fan", {"speed_step_pct": -25}),
    # states
    Skill(f"{_WHAT} the temperature (in | of) [the] <get_state_area>",
          "get_state", {"kind": "temperature"}),
    Skill("how (warm | cold | hot) is it in [the] <get_state_area>",
          "get_state", {"kind": "temperature"}),
    Skill("how (warm | cold | hot) is [the] <get_state_area>",
          "get_state", {"kind": "temperature"}),
    Skill(f"{_WHAT} the temperature", "get_state", {"kind": "temperature", "area": EVERYWHERE}),
    Skill(f"{_WHAT} the humidity in [the] <get_state_area>", "get_state", {"kind": "humidity"}),
    Skill("is [the] <ask_switched> (on | off | running)", "get_state"),
    Skill("is [the] <ask_opened> (open | closed | shut)", "get_state"),
    Skill("is [the] <set_lock_device> (locked | unlocked)", "get_state"),
    _which("switched", "on | off"),
    _which("opened", "open | closed"),
    _which("locked", "locked | unlocked"),
    Skill(f"{_WHAT} the (state | status) of [the] <get_state_device>", "get_state"),
    Skill(f"{_WHAT} [the] <ask_sensor>", "get_state"),
    Skill(f"{_WHAT} the (state | status) of everything", "get_state", {"area": EVERYWHERE}),
    Skill(f"{_WHAT} the (state | status) of everything in [the] <get_state_area>", "get_state"),
    # devices that are not here
    Skill("(turn | switch) on {switched}", "set_power", _ON),
    Skill("(turn | switch) off {switched}", "set_power", _OFF),
    Skill("(turn | switch) {switched} on", "set_power", _ON),
    Skill("(turn | switch) {switched} off", "set_power", _OFF),
    Skill("(set | dim) {switched} to <percent> percent", "set_light", number="brightness_pct"),
    Skill("dim {switched}", "set_light", {"brightness_step_pct": -25}),
    Skill("open {opened}", "set_cover", {"action": "open"}),
    Skill("close {opened}", "set_cover", {"action": "close"}),
    Skill("lock {locked}", "set_lock", {"action": "lock"}),
    Skill("unlock {locked}", "set_lock", {"action": "unlock"}),
    Skill("is {switched} (on | off)", "get_state"),
    Skill("is {opened} (open | closed)", "get_state"),
)  # fmt: skip

TALK: tuple[Skill, ...] = (
    Skill("(yes | yes please | yeah | sure | go ahead)", topic="yes"),
    Skill("(no | no thanks | no thank you | cancel)", topic="no"),
    Skill(f"[yes] [(the | my) (code | pin) is] {_CODE}", topic="code"),
    Skill("(stop [it | that | talking] | be quiet | never mind)", topic="stop"),
    Skill("tell me [more] about (the | my | this) (house | home)", topic="house"),
    Skill("(tell me | read me) a [long] story [about (the | my | this) (house | home)]",
          topic="story"),
    Skill("what (time is it | is the time)", topic="time"),
    Skill("(what day is it | what is the date | what day is today)", topic="date"),
    Skill("(help | what can you do | what can i say)", topic="help"),
    Skill("(hello | good morning | good evening | good night)", topic="hello"),
    Skill("(thanks | thank you [very much])", topic="thanks"),
)  # fmt: skip


def phrases(tools: SessionTools, vocabulary: Vocabulary) -> list[Phrase]:
    """All phrases that are possible in this home; of several that match, the first one counts."""
    result: list[Phrase] = []
    for skill in (*COMMANDS, *TALK):
        if skill.function and not _usable(skill, tools):
            continue
        for template, fixed in _targets(skill, tools):
            node = parse(template)
            if possible(node, vocabulary):
                result.append(Phrase(node, skill, {**skill.fixed, **fixed}))
    return result


def _usable(skill: Skill, tools: SessionTools) -> bool:
    fields = [*skill.fixed, *([skill.number] if skill.number else [])]
    if "<color>" in skill.template:
        fields.append("color")
    if "<warmth>" in skill.template:
        fields.append("color_temp_kelvin")
    return tools.has(skill.function, *fields)


def _targets(skill: Skill, tools: SessionTools) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """A template, and the arguments that it fixes, for each way to name the target."""
    function = skill.function
    for group in ("switched", "opened", "locked"):
        if f"{{{group}}}" in skill.template:
            unknown = f"[the | my] <unknown_{group}>"
            return [(skill.template.replace(f"{{{group}}}", unknown), {})]
    if "{target}" not in skill.template:
        return [(skill.template, {})]
    device = f"<{function}_device>"
    targets: list[tuple[str, Mapping[str, Any]]] = [
        (f"[the | my] {device} [and [the | my] {device}]", {})
    ]
    if tools.has(function, "area", "kind"):
        area, kind = f"<{function}_area>", f"<{function}_kind>"
        targets += [
            (f"([all] [the] {kind} in [the] {area} | [the] {area} {kind})", {}),
            (f"everything in [the] {area}", {}),
            (f"all [the] {kind}", {"area": EVERYWHERE}),
            (f"the {kind}", {"area": EVERYWHERE}),
            ("everything", {"area": EVERYWHERE}),
        ]
    elif tools.has(function, "area") and skill.noun:
        area, nouns = f"<{function}_area>", "(blinds | shutters | curtains)"
        targets += [
            (f"([all] the {nouns} in [the] {area} | [the] {area} {nouns})", {}),
            (f"[all] the {nouns}", {"area": EVERYWHERE}),
        ]
    elif tools.has(function, "area") and function == "set_light":
        area = f"<{function}_area>"
        targets += [
            (f"([all] the lights in [the] {area} | [the] {area} lights)", {}),
            ("all [the] lights", {"area": EVERYWHERE}),
        ]
    return [(skill.template.replace("{target}", target), fixed) for target, fixed in targets]
