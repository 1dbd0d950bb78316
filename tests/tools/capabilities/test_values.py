"""Buttons, scenes, options, numbers, texts and messages."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_buttons_and_scenes_are_sent(home: Driver) -> None:
    h = home()
    button = h.announce("button", "Doorbell chime", command_topic="~/press")
    scene = h.announce("scene", "Movie night", command_topic="~/set", payload_on="movie")
    assert h.ask("press_button", devices=["Doorbell chime"])["status"] == "sent"
    assert h.ask("activate_scene", devices=["movie night"])["status"] == "sent"
    assert h.take_published() == [(f"{button}/press", "PRESS"), (f"{scene}/set", "movie")]


def test_buttons_that_restart_things_ask(home: Driver) -> None:
    h = home()
    h.announce("button", "Bridge", command_topic="~/x", device_class="restart")
    h.announce("button", "Factory reset", command_topic="~/x")
    for name in ("Bridge", "Factory reset"):
        assert h.ask("press_button", devices=[name])["status"] == "confirmation_required"
    assert not h.published


def value_device(h: Driver, component: str, name: str, first: str, **config: Any) -> str:  # noqa: ANN401
    base: str = h.announce(component, name, command_topic="~/set", state_topic="~", **config)
    h.answers[f"{base}/set"] = lambda payload: [(base, payload)]
    h.tell(base, first, retained=True)
    return base


def test_options_numbers_and_texts(home: Driver) -> None:
    h = home()
    source = value_device(h, "select", "Source", "HDMI 1", options=["HDMI 1", "HDMI 2"])
    level = value_device(h, "number", "Level", "3", min=0, max=10, step=0.5)
    sign = value_device(h, "text", "Sign", "hello", max=20)
    assert h.functions()["set_option"]["properties"]["option"]["enum"] == ["HDMI 1", "HDMI 2"]
    assert h.functions()["set_number"]["properties"]["value"]["maximum"] == 10
    assert h.ask("set_option", devices=["Source"], option="hdmi 2")["status"] == "done"
    assert h.ask("set_number", devices=["Level"], value=4.5)["status"] == "done"
    assert h.ask("set_number", devices=["Level"], step=-20)["status"] == "invalid_arguments"
    assert h.ask("set_number", devices=["Level"], step=-5)["status"] == "done"
    assert h.ask("set_text", devices=["Sign"], text="good bye")["status"] == "done"
    assert h.take_published() == [
        (f"{source}/set", "HDMI 2"),
        (f"{level}/set", "4.5"),
        (f"{level}/set", "0"),
        (f"{sign}/set", "good bye"),
    ]
    assert h.ask("set_text", devices=["Sign"], text="x" * 21)["status"] == "invalid_arguments"


def test_options_of_many_devices_are_not_listed(home: Driver) -> None:
    h = home()
    for number in range(3):
        options = [f"Option {number} {letter}" for letter in "abcdefghijklmnopqrst"]
        value_device(h, "select", f"Select {number}", options[0], options=options)
    assert "enum" not in h.functions()["set_option"]["properties"]["option"]
    result = h.ask("set_option", devices=["Select 1"], option="Option 2 a")
    assert result["status"] == "refused"
    assert "Option 1 a" in result["message"]


MANY = [f"Scene {number}" for number in range(1, 76)]


LONG_LISTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "select": ("set_option", "option", "~/set", {"options": MANY}),
    "light": (
        "set_light",
        "effect",
        "~/e",
        {"effect_list": MANY, "effect_command_topic": "~/e", "effect_state_topic": "~"},
    ),
    "fan": ("set_fan", "preset", "~/p", {"preset_modes": MANY, "preset_mode_command_topic": "~/p"}),
    "climate": (
        "set_climate",
        "preset",
        "~/p",
        {"preset_modes": MANY, "preset_mode_command_topic": "~/p"},
    ),
    "vacuum": (
        "run_robot",
        "suction",
        "~/f",
        {
            "fan_speed_list": MANY,
            "set_fan_speed_topic": "~/f",
            "supported_features": ["fan_speed", "start"],
        },
    ),
    "siren": ("set_siren", "tone", "~/set", {"available_tones": MANY}),
}
"""By platform: the function and its parameter, the topic that is commanded, the config."""


@pytest.mark.parametrize("platform", LONG_LISTS)
def test_options_behind_those_that_are_listed_can_be_set(home: Driver, platform: str) -> None:
    function, parameter, topic, config = LONG_LISTS[platform]
    h = home(Rules(confirm=()))
    base = h.announce(platform, "Strip", command_topic="~/set", **config)
    schema = h.functions()[function]["properties"][parameter]
    assert "enum" not in schema
    assert "Scene 1" in schema["description"]
    given = {"devices": ["Strip"]} | ({"state": "on"} if platform == "siren" else {})
    assert h.ask(function, **given, **{parameter: "scene 66"})["status"] != "refused"
    assert any(
        place == topic.replace("~", base) and "Scene 66" in payload
        for place, payload in h.take_published()
    )
    wrong = h.ask(function, **given, **{parameter: "Scene 660"})
    assert wrong["status"] == "refused"
    assert "Scene 66" in wrong["message"]
    assert not h.take_published()


def test_messages_are_sent(home: Driver) -> None:
    h = home()
    base = h.announce("notify", "Kitchen display", command_topic="~/set")
    assert h.ask("send_message", devices=["Kitchen display"], message="Dinner!")["status"] == "sent"
    assert h.take_published() == [(f"{base}/set", "Dinner!")]


@pytest.mark.parametrize("count", [41, 42, 180])
def test_no_wrong_number_is_given_of_options_that_are_not_listed(home: Driver, count: int) -> None:
    h = home()
    options = [f"o{number}" for number in range(count)]
    h.announce("select", "Mode", command_topic="~/set", options=options)
    told = h.functions()["set_option"]["properties"]["option"]
    assert "enum" not in told
    assert told["description"].startswith("Option: o0, o1, o2, o3, o4 and many others.")
