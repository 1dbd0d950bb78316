"""What the person of the demo says, and what has to come of it in the small home."""

from __future__ import annotations

from satellite.demo.scene import Step, WantedCall

STEPS: tuple[Step, ...] = (
    Step(
        "A light is switched on",
        "Switch on the kitchen light.",
        call=WantedCall("set_power", {"devices": ["Kitchen light"], "state": "on"}, "done"),
        commanded=("Kitchen light",),
        states={"Kitchen light": {"state": "ON"}},
        said=("kitchen light",),
    ),
    Step(
        "Another is dimmed",
        "Set the living room light to forty percent.",
        call=WantedCall("set_light", {"brightness_pct": 40}, "done"),
        commanded=("Living room light",),
        states={"Living room light": {"state": "ON", "brightness": 102}},
        said=("40|forty",),
    ),
    Step(
        "A temperature is asked for",
        "What is the temperature in the bedroom?",
        call=WantedCall("get_state"),
        said=("degrees|°",),
    ),
    Step(
        "A long answer begins",
        "What is the state of everything?",
        call=WantedCall("get_state"),
        is_cut=True,
    ),
    Step(
        "The person cuts in",
        "Turn off the kitchen light.",
        call=WantedCall("set_power", {"devices": ["Kitchen light"], "state": "off"}, "done"),
        commanded=("Kitchen light",),
        states={"Kitchen light": {"state": "OFF"}},
        said=("kitchen light",),
        cuts_in_after_s=2.5,
    ),
    Step(
        "A device that does not exist",
        "Switch on the garage light.",
        said=("no|not|n't",),
    ),
)
