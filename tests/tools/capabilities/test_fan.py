"""What is said to fans."""

from __future__ import annotations

from typing import Any, TypeAlias

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def fan(h: Driver) -> str:
    base: str = h.announce(
        "fan",
        "Fan",
        command_topic="~/set",
        state_topic="~",
        percentage_command_topic="~/speed/set",
        percentage_state_topic="~/speed",
        speed_range_max=3,
        preset_modes=["auto", "night"],
        preset_mode_command_topic="~/preset/set",
        preset_mode_state_topic="~/preset",
    )
    for part in ("", "/speed", "/preset"):
        h.answers[f"{base}{part}/set"] = lambda payload, part=part: [(f"{base}{part}", payload)]
    h.tell(base, "OFF", retained=True)
    return base


def test_a_fan_that_stands_still_is_started_with_its_speed(home: Driver) -> None:
    h = home()
    base = fan(h)
    parameters = h.functions()["set_fan"]["properties"]
    assert "oscillate" not in parameters
    result = h.ask("set_fan", devices=["Fan"], speed_pct=50)
    assert h.take_published() == [(f"{base}/set", "ON"), (f"{base}/speed/set", "2")]
    assert result["status"] == "done"
    assert result["devices"][0]["speed_pct"] == 66
    h.ask("set_fan", devices=["Fan"], speed_step_pct=10)
    assert h.take_published() == [(f"{base}/speed/set", "3")]
    h.ask("set_fan", devices=["Fan"], speed_step_pct=-10)
    assert h.take_published() == [(f"{base}/speed/set", "2")]
    h.ask("set_fan", devices=["Fan"], preset="Night")
    assert h.take_published() == [(f"{base}/preset/set", "night")]
    h.ask("set_fan", devices=["Fan"], speed_pct=0)
    assert h.take_published() == [(f"{base}/set", "OFF")]
    assert h.ask("set_fan", devices=["Fan"], speed_step_pct=-10)["status"] == "refused"
