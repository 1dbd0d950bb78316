"""A platform is one module: a made-up one is discovered, offered, commanded, confirmed and read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from satellite.home.bridge import discovery_filters
from satellite.homeassistant import platforms
from satellite.homeassistant.entities.traits import LAST
from satellite.homeassistant.platforms import platform_class, platform_names
from satellite.tools.capabilities.all import BY_NAME
from satellite.tools.policy.rules import CONFIRMED
from tests.tools.conftest import Driver

BASE = "home/pet_feeder_bowl"
COMMAND, PORTION = f"{BASE}/set", f"{BASE}/portion/set"


@pytest.fixture(autouse=True)
def pet_feeder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder of the made-up platform stands beside that of the real ones."""
    made_up = Path(__file__).parent / "made_up_platforms"
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str(made_up)])
    platform_names.cache_clear()
    yield
    sys.modules.pop(f"{platforms.__name__}.pet_feeder", None)
    platform_class.cache_clear()
    monkeypatch.undo()
    platform_names.cache_clear()


@pytest.fixture
def fed(home: type[Driver]) -> Driver:
    """A home with one feeder, which answers."""
    made = home()
    made.announce(
        "pet_feeder",
        "Bowl",
        area="Kitchen",
        command_topic="~/set",
        portion_topic="~/portion/set",
        state_topic="~/state",
        portions=["small", "large"],
    )
    made.wait(5.0)
    state = {"state": "idle", "fill": 80, "portion": "small"}
    made.tell(f"{BASE}/state", state, retained=True)
    made.answers[COMMAND] = lambda _: [(f"{BASE}/state", state | {"state": "fed", "fill": 70})]
    made.answers[PORTION] = lambda size: [(f"{BASE}/state", state | {"portion": size.decode()})]
    return made


def test_it_is_discovered_and_subscribed(fed: Driver) -> None:
    assert "homeassistant/pet_feeder/+/config" in set(discovery_filters(fed.home.discovery_topics))
    (entity,) = fed.home.registry
    assert (entity.platform, entity.name) == ("pet_feeder", "Bowl")
    assert f"{BASE}/state" in fed.subscribed
    assert not fed.problems


def test_it_may_be_a_component_of_a_device(home: type[Driver]) -> None:
    made = home()
    message = {
        "device": {"identifiers": ["b"], "name": "Bowl"},
        "origin": {"name": "feeders"},
        "components": {
            "one": {
                "platform": "pet_feeder",
                "unique_id": "b",
                "command_topic": "b/set",
                "state_topic": "b/state",
            }
        },
    }
    made.tell("homeassistant/device/bowl/config", message, retained=True)
    made.wait(5.0)
    assert [entity.platform for entity in made.home.registry] == ["pet_feeder"]
    assert "b/state" in made.subscribed


def test_it_is_offered(fed: Driver) -> None:
    assert fed.changes == 1
    parameters = fed.functions()["run_device_action"]["properties"]
    assert parameters["devices"]["items"]["enum"] == ["Bowl"]
    assert parameters["action"]["enum"] == ["feed"]
    assert fed.functions()["set_option"]["properties"]["option"]["enum"] == [
        "small",
        "large",
    ]
    assert fed.functions()["get_state"]["properties"]["kind"]["enum"] == ["feeder"]
    assert "confirm" in fed.functions()


def test_it_asks_first_is_commanded_and_confirmed(fed: Driver) -> None:
    asked = fed.ask("run_device_action", devices=["Bowl"], action="feed")
    assert asked["status"] == "confirmation_required"
    assert "let Bowl feed the cat" in asked["message"]
    assert not fed.take_published()
    done = fed.ask("confirm", turn=2, confirmation_id=asked["confirmation_id"], answer="yes")
    assert fed.take_published() == [(COMMAND, "FEED")]
    assert done["status"] == "done"
    (device,) = done["devices"]
    assert device["state"] == "fed"
    assert device["fill_pct"] == 70


def test_what_it_does_not_report_is_not_confirmed(fed: Driver) -> None:
    fed.silent(BASE)
    asked = fed.ask("run_device_action", devices=["Bowl"], action="feed")
    done = fed.ask("confirm", turn=2, confirmation_id=asked["confirmation_id"], answer="yes")
    assert fed.take_published() == [(COMMAND, "FEED")]
    assert done["status"] == "not_confirmed"


def test_its_options_are_those_of_its_traits(fed: Driver) -> None:
    asked = fed.ask("set_option", devices=["Bowl"], option="large")
    done = fed.ask("confirm", turn=2, confirmation_id=asked["confirmation_id"], answer="yes")
    assert fed.take_published() == [(PORTION, "large")]
    assert done["status"] == "done"


def test_it_is_read(fed: Driver) -> None:
    (device,) = fed.ask("get_state", kind="feeder")["devices"]
    assert device["device"] == "Bowl"
    assert device["area"] == "Kitchen"
    assert (device["state"], device["portion"], device["fill_pct"]) == ("idle", "small", 80)


def test_it_keeps_the_bare_name_by_its_rank(fed: Driver) -> None:
    fed.announce("sensor", "Bowl", area="Kitchen", state_topic="~")
    fed.wait(5.0)
    targets = fed.home.catalog.name_index.targets
    platforms_by_name = {target.name: target.entity.platform for target in targets}
    assert platforms_by_name == {"Bowl": "pet_feeder", "Bowl (sensor)": "sensor"}


# What holds for every platform, so that a new one is whole ----------------------------------------

REAL = sorted(platform_names())


@pytest.mark.parametrize("platform", REAL)
def test_every_platform_names_functions_that_there_are(platform: str) -> None:
    traits = platform_class(platform).traits
    assert set(traits.functions) <= BY_NAME.keys()
    assert traits.not_by_area <= set(traits.functions)
    config = {"schema": "emitter" if platform == "infrared" else "basic"}
    services = platform_class(platform).variant(config).services
    used = [one.service for one in traits.actions.values()]
    used += [one.service for one in traits.choices.values()]
    assert services.keys() >= set(used)
    assert traits.harmless_services <= services.keys()


def test_every_function_has_a_platform_or_is_for_new_ones() -> None:
    named = {name for platform in REAL for name in platform_class(platform).traits.functions}
    assert named | {"run_device_action"} == set(BY_NAME)


def test_no_two_that_a_voice_is_offered_have_the_same_rank() -> None:
    ranks = [platform_class(platform).traits.rank for platform in REAL]
    assert len({rank for rank in ranks if rank != LAST}) == sum(rank != LAST for rank in ranks)


def test_the_default_of_confirm_names_what_is_risky_by_its_traits() -> None:
    risky = set()
    for platform in REAL:
        traits = platform_class(platform).traits
        if traits.risky:
            risky.add(platform)
        risky |= {f"{platform}.{one}" for one in traits.risky_classes}
    assert risky == set(CONFIRMED)
