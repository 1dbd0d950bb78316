"""What is said to blinds."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_a_blind_on_its_way_is_done(home: Driver) -> None:
    h = home()
    base = h.cover("Blind", device_class="blind")
    result = h.ask("set_cover", devices=["Blind"], action="open")
    assert result["devices"][0]["state"] == "opening"
    assert result["message"] == "Blind is opening."
    h.silent(base)
    h.take_published()
    call_id = h.call("set_cover", devices=["Blind"], position_pct=40)
    h.tell(f"{base}/position", "10")  # moving the right way
    assert h.result(call_id)["status"] == "done"
    assert h.take_published() == [(f"{base}/position/set", "40")]
    h.tell(base, "opening")
    call_id = h.call("set_cover", devices=["Blind"], action="stop")
    h.tell(base, "stopped")
    assert h.result(call_id)["status"] == "done"


@pytest.mark.parametrize("moves", [False, True])
def test_the_tilt_is_told(home: Driver, moves: bool) -> None:
    h = home()
    more = {"command_topic": "~/set", "state_topic": "~/s"} if moves else {}
    base = h.announce(
        "cover", "Slats", tilt_command_topic="~/t/set", tilt_status_topic="~/t", **more
    )
    h.tell(f"{base}/s", "closed")
    h.answers[f"{base}/t/set"] = lambda payload: [(f"{base}/t", payload)]
    result = h.ask("set_cover", devices=["Slats"], tilt_pct=50)
    stands = "closed, " if moves else ""
    assert (result["status"], result["message"]) == (
        "done",
        f"Slats is {stands}tilted to 50 percent.",
    )
    assert h.ask("get_state", devices=["Slats"])["message"] == result["message"]
