"""Devices come with their first entity and go with their last, whoever sits on whom."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from satellite.homeassistant.registry.devices import MAX_IDENTIFIERS, Devices


def block(*identifiers: str, **more: str) -> dict[str, Any]:
    return {"identifiers": list(identifiers), "connections": [], **more}


MARKS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)


@given(st.lists(st.tuples(MARKS, st.none() | MARKS), max_size=12))
def test_nothing_is_left_when_all_entities_are_gone(
    joins: list[tuple[list[str], list[str] | None]],
) -> None:
    devices = Devices()
    joined = []
    for number, (identifiers, above) in enumerate(joins):
        via_device = devices.join(block(*above)) if above else None
        device = devices.join(block(*identifiers), via_device)
        device.entities.append(("switch", str(number)))
        joined.append(device)
        assert device.via_device is None or device.via_device.via_device is None
    for number, device in enumerate(joined):
        devices.leave(device, ("switch", str(number)))
    assert len(devices) == 0


def test_a_device_may_move_from_one_to_another() -> None:
    devices = Devices()
    one, two = devices.join(block("one")), devices.join(block("two"))
    child = devices.join(block("child"), one)
    child.entities.append(("switch", "x"))
    assert devices.join(block("child"), two) is child
    assert child.via_device is two
    assert devices.find(block("one")) is None, "nothing sits on it any more"
    devices.leave(child, ("switch", "x"))
    assert len(devices) == 0


def test_nothing_sits_on_itself_or_on_what_sits() -> None:
    devices = Devices()
    hub = devices.join(block("hub"))
    child = devices.join(block("child"), hub)
    child.entities.append(("switch", "x"))
    assert devices.join(block("grandchild"), child).via_device is None
    assert devices.join(block("hub"), child).via_device is None
    assert devices.join(block("hub"), hub).via_device is None


def test_a_hub_that_was_named_for_nothing_is_forgotten() -> None:
    devices = Devices()
    hub = devices.join(block("hub"))
    devices.join(block("child"), hub).entities.append(("switch", "x"))
    for number in range(10):
        devices.join(block("hub"), devices.join(block(f"above {number}")))
    assert len(devices) == 2


def test_a_device_has_a_bounded_number_of_marks() -> None:
    devices = Devices()
    for number in range(3 * MAX_IDENTIFIERS):
        device = devices.join(block("it", str(number)))
    assert len(device.identifiers) == MAX_IDENTIFIERS


def test_the_last_name_and_the_first_area_count() -> None:
    devices = Devices()
    devices.join(block("it", name="Lamp", suggested_area=" Kitchen "))
    device = devices.join(block("it", name="Light", suggested_area="Hall"))
    assert (device.name, device.area) == ("Light", "Kitchen")
    assert devices.join(block("it")).name == "Light"
