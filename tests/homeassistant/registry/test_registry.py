"""Who is there, who hears what, and what floods cannot do."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.homeassistant.entities.observed import Observed
from satellite.homeassistant.registry import registry as registries
from satellite.homeassistant.registry.registry import MAX_MESSAGE_S, Registry
from satellite.homeassistant.services.service import CallError

if TYPE_CHECKING:
    from tests.homeassistant.conftest import Bench


def switch(uid: str, **more: object) -> dict[str, Any]:
    return {"unique_id": uid, "name": uid, "command_topic": f"{uid}/set", **more}


def test_announce_update_remove(bench: Bench) -> None:
    entity = bench.announce("switch", switch("a", state_topic="a/state"))
    assert bench.registry.get(("switch", "a")) is entity
    bench.send("a/state", "ON")
    change = bench.send(
        "homeassistant/switch/x/config", switch("a", state_topic="a/state", icon="m:x")
    )
    (renewed,) = change.updated
    assert change.subscribe == change.unsubscribe == ()
    assert renewed.state == "on", "what is known stays known"
    change = bench.send("homeassistant/switch/x/config")
    assert change.removed == [renewed]
    assert change.unsubscribe == ("a/state",)
    assert len(bench.registry) == 0
    assert bench.registry.topics == ()


def test_a_bad_update_changes_nothing(bench: Bench) -> None:
    entity = bench.announce("switch", switch("a"))
    for bad in (b"{", b'{"name": "no command topic"}', b"[]"):
        change = bench.send("homeassistant/switch/x/config", bad)
        assert change.refused
        assert not change.devices
    assert list(bench.registry) == [entity]


def test_repeating_a_message_costs_and_changes_nothing(bench: Bench) -> None:
    bench.announce("switch", switch("a"))
    change = bench.send("homeassistant/switch/x/config", switch("a"))
    assert not change.devices
    assert change.refused is None


def test_first_topic_wins(bench: Bench) -> None:
    entity = bench.announce("switch", switch("a"), "one")
    assert "already in use" in bench.refusal("switch", switch("a", name="copy"), "two")
    bench.send("homeassistant/switch/two/config")
    assert list(bench.registry) == [entity]
    bench.announce("light", switch("a"), "two")
    assert len(bench.registry) == 2


def test_unique_id_may_move_once_it_is_free(bench: Bench) -> None:
    bench.announce("switch", switch("a"), "one")
    bench.refusal("switch", switch("a"), "two")
    bench.send("homeassistant/switch/one/config")
    bench.announce("switch", switch("a"), "two")


def test_topic_may_change_its_unique_id(bench: Bench) -> None:
    bench.announce("switch", switch("a"))
    bench.announce("switch", switch("b"))
    assert [entity.unique_id for entity in bench.registry] == ["b"]


def test_migration_back_and_forth(bench: Bench) -> None:
    device = {"identifiers": ["d"]}
    bench.announce("switch", switch("a", device=device), "d/a")
    change = bench.send("homeassistant/switch/d/a/config", {"migrate_discovery": True})
    assert len(change.removed) == 1
    assert bench.registry.migrating == {("switch", "a")}
    message = {
        "device": device,
        "origin": {"name": "o"},
        "components": {"a": {"platform": "switch", **switch("a")}},
    }
    change = bench.send("homeassistant/device/d/config", message)
    assert len(change.added) == 1
    assert bench.registry.migrating == frozenset()
    assert not bench.send("homeassistant/switch/d/a/config").devices
    assert len(bench.registry) == 1


def test_a_place_belongs_to_one_topic(bench: Bench) -> None:
    bench.announce("switch", switch("a", device={"identifiers": ["d"]}), "d/a")
    message = {
        "device": {"identifiers": ["d"]},
        "origin": {"name": "o"},
        "components": {"a": {"platform": "switch", **switch("a2")}},
    }
    change = bench.send("homeassistant/device/d/config", message)
    assert "already announced" in str(change.refused)


def test_devices_are_joined_by_any_mark(bench: Bench) -> None:
    one = bench.announce(
        "switch",
        switch("a", device={"identifiers": ["x"], "connections": [["mac", "AA:BB:CC:DD:EE:FF"]]}),
        "one",
    )
    two = bench.announce(
        "switch",
        switch(
            "b", device={"connections": [["mac", "aabbccddeeff"]], "name": "Box", "sa": "Attic"}
        ),
        "two",
    )
    assert one.device_name == two.device_name == "Box"
    assert one.area == "Attic"
    bench.send("homeassistant/switch/one/config")
    bench.send("homeassistant/switch/two/config")
    three = bench.announce("switch", switch("c", device={"identifiers": ["x"]}), "three")
    assert three.device_name is None, "a device goes with its last entity"


def test_disabled_entities_hear_nothing(bench: Bench) -> None:
    entity = bench.announce("switch", switch("a", state_topic="s", enabled_by_default=False))
    assert bench.registry.topics == ()
    assert entity.call("turn_on") == []


def test_topics_are_subscribed_once_and_until_the_last(bench: Bench) -> None:
    config = {"availability_topic": "lwt", "state_topic": "+/x/#"}
    first = bench.send("homeassistant/switch/a/config", switch("a", **config))
    assert set(first.subscribe) == {"lwt", "+/x/#"}
    assert bench.send("homeassistant/switch/b/config", switch("b", **config)).subscribe == ()
    assert bench.send("homeassistant/switch/a/config").unsubscribe == ()
    assert set(bench.send("homeassistant/switch/b/config").unsubscribe) == {"lwt", "+/x/#"}


def test_wildcards_reach_each_entity_once(bench: Bench) -> None:
    entity = bench.announce(
        "sensor", {"unique_id": "a", "state_topic": "+/b/#", "json_attributes_topic": "a/#"}
    )
    change = bench.send("a/b/c", {"x": 1})
    assert change.states == [entity]
    assert entity.attributes["x"] == 1
    assert bench.send("$SYS/b/c", "5").states == []


def test_triggers_are_no_entities(bench: Bench) -> None:
    bench.send(
        "homeassistant/device_automation/x/config",
        {
            "automation_type": "trigger",
            "type": "press",
            "subtype": "one",
            "topic": "remote/action",
            "payload": "on",
            "device": {"identifiers": ["r"]},
        },
    )
    assert list(bench.registry) == []
    (trigger,) = bench.registry.triggers()
    assert bench.send("remote/action", "off").states == []
    assert bench.send("remote/action", "on", retained=True).states == []
    assert bench.send("remote/action", "on").states == [trigger]


# Floods ---------------------------------------------------------------------------------------


def test_homes_have_a_size(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(Registry(max_entities=5))
    for number in range(5):
        bench.announce("switch", switch(str(number)), str(number))
    assert "already 5 entities" in bench.refusal("switch", switch("5"), "5")
    bench.send("homeassistant/switch/0/config")
    bench.announce("switch", switch("5"), "5")


def test_devices_have_a_size(bench: Bench) -> None:
    device = {"identifiers": ["d"]}
    for number in range(200):
        bench.announce("switch", switch(str(number), device=device), str(number))
    assert "already has 200" in bench.refusal("switch", switch("200", device=device), "200")


def test_entities_hear_a_bounded_number_of_topics(bench: Bench) -> None:
    availability = [{"topic": f"t/{number}"} for number in range(100)]
    reason = bench.refusal("switch", switch("a", availability=availability, device={"ids": ["d"]}))
    assert "topics" in reason
    assert len(bench.registry._devices) == 0


def test_all_messages_together_have_a_size(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satellite.homeassistant.registry.announced.MAX_CONFIG_BYTES", 300)
    bench.announce("switch", switch("a", icon="m:" + "x" * 100), "a")
    assert "together" in bench.refusal("switch", switch("b", icon="m:" + "x" * 200), "b")
    bench.send("homeassistant/switch/a/config")
    bench.announce("switch", switch("b", icon="m:" + "x" * 200), "b")


def test_templates_of_an_entity_have_a_size(bench: Bench) -> None:
    availability = [{"topic": "t", "value_template": "{{ value }}" + "x" * 20_000}]
    assert "templates" in bench.refusal("switch", switch("a", availability=availability))


def test_a_flood_of_one_name_ends_soon(bench: Bench) -> None:
    ids = {
        bench.announce("switch", {**switch(str(n)), "name": "Lamp"}, str(n)).spec.entity_id
        for n in range(300)
    }
    assert len(ids) == 300
    assert {"switch.lamp", "switch.lamp_2", "switch.lamp_300"} <= ids


def test_reports_are_bounded(bench: Bench) -> None:
    for number in range(400):
        config = {
            "unique_id": str(number),
            "state_topic": f"s/{number}",
            "value_template": "{{ 'x'*10**9 }}",
        }
        bench.announce("sensor", config, str(number))
        bench.send(f"s/{number}", "1")
    assert 100 <= len(bench.registry.context.take_reports()) <= 200
    assert bench.registry.context.take_reports() == []


# Commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "topic",
    [
        "$SYS/broker",
        "homeassistant/light/x/config",
        "homeassistant/light/node/x/config",
        "homeassistant/device/x/config",
        "homeassistant/unheard_of/x/config",
        "homeassistant/status",
        "satellite/kitchen/mute/set",
        "x" * 600,
    ],
)
def test_dangerous_command_topics_are_never_written(
    make_bench: Callable[..., Bench], topic: str
) -> None:
    bench = make_bench(Registry(own_topics=("satellite/kitchen/#",)))
    entity = bench.announce("switch", switch("a") | {"command_topic": topic})
    with pytest.raises(CallError) as refused:
        entity.call("turn_on")
    assert refused.value.code == "blocked_topic"


@pytest.mark.parametrize(
    "topic",
    [
        "homeassistant/switch/a/set",
        "homeassistant/switch/config/set",
        "homeassistant/switch/a/config/set",
        "homeassistant/switch/a/status",
        "homeassistant/config",
        "homeassistant/a/config",
        "homeassistant",
        "homeassistants/light/x/config",
        "other/light/x/config",
    ],
)
def test_commands_below_the_discovery_prefix_are_given_where_nothing_is_announced(
    make_bench: Callable[..., Bench], topic: str
) -> None:
    bench = make_bench(Registry(own_topics=("satellite/kitchen/#",)))
    entity = bench.announce("switch", switch("a") | {"command_topic": topic})
    assert [message.topic for message in entity.call("turn_on")] == [topic]


def test_a_base_topic_below_the_discovery_prefix_is_one_for_commands(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(Registry())
    config = {"~": "homeassistant/light/kitchen", "cmd_t": "~/set", "unique_id": "k", "name": "K"}
    entity = bench.announce("light", config)
    assert [message.topic for message in entity.call("turn_on")] == [
        "homeassistant/light/kitchen/set"
    ]


# Orders ---------------------------------------------------------------------------------------

CONFIGS: dict[str, Any] = {
    "homeassistant/switch/a/config": switch("a", device={"identifiers": ["d"], "name": "Box"}),
    "homeassistant/light/b/config": switch("b", state_topic="b/state"),
    "homeassistant/sensor/c/config": {"unique_id": "c", "state_topic": "+/c", "name": "C"},
    "homeassistant/switch/noid/config": {"command_topic": "noid/set", "name": "N"},
    "homeassistant/device/e/config": {
        "device": {"identifiers": ["e"], "name": "Strip"},
        "origin": {"name": "o"},
        "components": {
            "1": {"platform": "switch", **switch("e1", state_topic="b/state")},
            "2": {"platform": "tag", "topic": "e/tag"},
        },
        "child_devices": [
            {"identifiers": "e3", "components": {"3": {"platform": "switch", **switch("e3")}}}
        ],
    },
}
STRIP = "homeassistant/device/e/config"
STRIPPED = CONFIGS[STRIP] | {
    "components": {"1": {"platform": "switch"}, "2": {"platform": "tag"}},
    "child_devices": [{"identifiers": "e3", "components": {"3": {"platform": "switch"}}}],
}
TOPICS = st.sampled_from(sorted(CONFIGS))


def picture(registry: Registry) -> object:
    """Everything that a registry is, but the order of arrival."""
    entities = [*registry, *registry.triggers()]
    return (
        sorted((entity.key, entity.spec.entity_id, entity.friendly_name) for entity in entities),
        sorted(registry.topics),
        sorted(registry._announced),
        sorted(registry._components),
        sorted(registry._entity_ids),
        len(registry._devices),
        registry.migrating,
        registry._announced.size_bytes,
    )


@given(st.lists(st.tuples(TOPICS, st.sampled_from(["add", "remove", "bad", "migrate", "strip"]))))
def test_any_order_of_adding_and_removing_ends_the_same(steps: list[tuple[str, str]]) -> None:
    import json

    wandering = Registry()
    subscribed: set[str] = set()
    present: dict[str, bool] = {}
    payloads = {"remove": b"", "bad": b"{", "migrate": b'{"migrate_discovery": true}'}
    payloads["strip"] = json.dumps(STRIPPED).encode()
    for (topic, action), now_s in zip(steps, itertools.count(), strict=False):
        if action == "strip" and topic != STRIP:
            continue
        payload = json.dumps(CONFIGS[topic]).encode() if action == "add" else payloads[action]
        change = wandering.on_message(topic, payload, now_s)
        subscribed |= set(change.subscribe)
        subscribed -= set(change.unsubscribe)
        if action != "bad":
            present[topic] = action == "add"
    assert subscribed == set(wandering.topics)
    for topic in CONFIGS:
        wandering.on_message(topic, b"", 0)
    fresh = Registry()
    assert picture(wandering) == picture(fresh)
    for registry in (wandering, fresh):
        for topic in sorted(topic for topic, there in present.items() if there):
            registry.on_message(topic, json.dumps(CONFIGS[topic]).encode(), 0)
    assert picture(wandering) == picture(fresh)


def test_a_message_costs_all_who_hear_it_a_few_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow rendering has its own limit; but very many entities may hear one topic."""
    clock_s = 0.0
    taken: list[str] = []

    def receive(entity: Observed, *_: object) -> bool:
        nonlocal clock_s
        clock_s += 0.2 if str(entity.unique_id).startswith("slow") else 0.001
        taken.append(str(entity.unique_id))
        return False

    monkeypatch.setattr(registries, "perf_counter", lambda: clock_s)
    monkeypatch.setattr(Observed, "receive", receive)
    registry = Registry()

    def announce(kind: str, count: int) -> None:
        for number in range(count):
            name = f"{kind} {number}"
            config = f'{{"unique_id": "{name}", "name": "{name}", "state_topic": "s"}}'
            topic = f"homeassistant/sensor/{kind}{number}/config"
            registry.on_message(topic, config.encode(), 0.0)

    def hear() -> list[str]:
        taken.clear()
        registry.on_message("s", b"1", 1.0)
        return [name.split()[0] for name in taken]

    announce("quick", 10)
    assert hear() == ["quick"] * 10
    announce("slow", 100)
    announce("unknown", 1)
    most = round(MAX_MESSAGE_S / 0.2) + 1
    assert most - 2 <= hear().count("slow") <= most
    report = next(iter(registry.context.take_reports()))
    assert "Make their templates simpler" in report
    # Those that are known to be quick hear each message, also behind the slow ones.
    for entity in registry:
        if str(entity.unique_id).startswith("unknown"):
            entity.quick = True
    heard = hear()
    assert heard.count("quick") == 10
    assert heard[-1] == "unknown"
    assert "slow" in heard, "each message has its own time"
