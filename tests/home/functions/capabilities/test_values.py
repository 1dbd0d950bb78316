"""Buttons, scenes, options, numbers, texts and messages."""

from __future__ import annotations

from typing import Any, TypeAlias

House: TypeAlias = Any
"""The class of conftest, or one of its houses."""


def test_buttons_and_scenes_are_sent(house: House) -> None:
    h = house()
    button = h.announce("button", "Doorbell chime", command_topic="~/press")
    scene = h.announce("scene", "Movie night", command_topic="~/set", payload_on="movie")
    assert h.ask("press_button", devices=["Doorbell chime"])["status"] == "sent"
    assert h.ask("activate_scene", devices=["movie night"])["status"] == "sent"
    assert h.take_published() == [(f"{button}/press", "PRESS"), (f"{scene}/set", "movie")]


def test_buttons_that_restart_things_ask(house: House) -> None:
    h = house()
    h.announce("button", "Bridge", command_topic="~/x", device_class="restart")
    h.announce("button", "Factory reset", command_topic="~/x")
    for name in ("Bridge", "Factory reset"):
        assert h.ask("press_button", devices=[name])["status"] == "confirmation_required"
    assert not h.published


def value_device(h: House, component: str, name: str, first: str, **config: Any) -> str:  # noqa: ANN401
    base: str = h.announce(component, name, command_topic="~/set", state_topic="~", **config)
    h.answers[f"{base}/set"] = lambda payload: [(base, payload)]
    h.tell(base, first, retained=True)
    return base


def test_options_numbers_and_texts(house: House) -> None:
    h = house()
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


def test_options_of_many_devices_are_not_listed(house: House) -> None:
    h = house()
    for number in range(3):
        options = [f"Option {number} {letter}" for letter in "abcdefghijklmnopqrst"]
        value_device(h, "select", f"Select {number}", options[0], options=options)
    assert "enum" not in h.functions()["set_option"]["properties"]["option"]
    result = h.ask("set_option", devices=["Select 1"], option="Option 2 a")
    assert result["status"] == "refused"
    assert "Option 1 a" in result["message"]


def test_messages_are_sent(house: House) -> None:
    h = house()
    base = h.announce("notify", "Kitchen display", command_topic="~/set")
    assert h.ask("send_message", devices=["Kitchen display"], message="Dinner!")["status"] == "sent"
    assert h.take_published() == [(f"{base}/set", "Dinner!")]
