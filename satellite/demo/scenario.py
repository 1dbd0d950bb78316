"""The steps of the demo: what the person says, and what has to happen in the small home."""

from __future__ import annotations

from satellite.demo.scene import SceneStep, WantedCall

STEPS: tuple[SceneStep, ...] = (
    SceneStep(
        "A light is switched on",
        "Turn on the living room lamp.",
        call=WantedCall("set_power", {"devices": ["Living room lamp"], "state": "on"}, "done"),
        commanded=("Living room lamp",),
        states={"Living room lamp": {"state": "ON"}},
        said=("living room lamp",),
    ),
    SceneStep(
        "Another one gets a brightness",
        "Set the kitchen light to forty percent.",
        call=WantedCall("set_light", {"devices": ["Kitchen light"], "brightness_pct": 40}, "done"),
        commanded=("Kitchen light",),
        states={"Kitchen light": {"state": "ON", "brightness": 102}},
        said=("kitchen light", "40|forty"),
    ),
    SceneStep(
        "A temperature is asked for",
        "What is the temperature in the living room?",
        call=WantedCall("get_state"),
        said=("21.5|twenty.one point five", "degrees|°"),
    ),
    SceneStep(
        "A lock asks first",
        "Lock the front door.",
        call=WantedCall("set_lock", {"devices": ["Front door"]}, "confirmation_required"),
        states={"Front door": {"lock_state": "unlocked"}},
        said=("front door",),
    ),
    SceneStep(
        "The person confirms",
        "Yes.",
        call=WantedCall("confirm", {"answer": "yes"}, "done"),
        commanded=("Front door",),
        states={"Front door": {"lock_state": "locked"}},
        said=("front door", "locked"),
    ),
    SceneStep(
        "A long answer begins",
        "Tell me a long story about the house.",
        is_cut=True,
    ),
    SceneStep(
        "The person cuts in",
        "Turn off the living room lamp.",
        call=WantedCall("set_power", {"devices": ["Living room lamp"], "state": "off"}, "done"),
        commanded=("Living room lamp",),
        states={"Living room lamp": {"state": "OFF"}},
        said=("living room lamp",),
        cuts_in_after_s=3.0,
    ),
    SceneStep(
        "A device that does not exist",
        "Turn on the garage light.",
        call=WantedCall("set_power", {"devices": ["garage light"]}, "unknown_device"),
        said=(r"\b(no|not|n't)\b",),
    ),
)
