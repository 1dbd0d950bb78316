"""Messages become a timeline: which device, command or answer, heard or said."""

from __future__ import annotations

import asyncio
import json

from hypothesis import given
from hypothesis import strategies as st

from satellite.demo.timeline import DeviceTopics, Kind, Seen, Timeline, classify

LONG = {
    "name": "Kitchen light",
    "state_topic": "home/kitchen/light",
    "command_topic": "home/kitchen/light/set",
    "availability_topic": "home/kitchen/online",
}
SHORT = {
    "~": "home/cover",
    "name": None,
    "dev": {"name": "Blind"},
    "cmd_t": "~/set",
    "set_pos_t": "~/position/set",
    "pos_t": "~/position",
}
DEVICE = {
    "dev": {"name": "Bathroom"},
    "cmps": {
        "a": {"p": "fan", "name": "Bathroom fan", "cmd_t": "bath/fan/set", "stat_t": "bath/fan"},
        "b": {"p": "sensor", "stat_t": "bath/t"},
    },
}


def learnt(*configs: object) -> DeviceTopics:
    devices = DeviceTopics()
    for config in configs:
        devices.learn(json.dumps(config).encode())
    return devices


def test_discovery_tells_commands_from_answers_and_names_the_device() -> None:
    devices = learnt(LONG, SHORT, DEVICE)
    assert devices.commands == {
        "home/kitchen/light/set": "Kitchen light",
        "home/cover/set": "Blind",
        "home/cover/position/set": "Blind",
        "bath/fan/set": "Bathroom fan",
    }
    assert devices.answers == {
        "home/kitchen/light": "Kitchen light",
        "home/cover/position": "Blind",
        "bath/fan": "Bathroom fan",
        "bath/t": "Bathroom",
    }


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.dictionaries(
            st.sampled_from(["~", "cmps", "dev", "device", "cmd_t", "name"]), inner
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_discovery_message_can_hurt(payload: bytes) -> None:
    DeviceTopics().learn(payload)


def test_messages_are_named() -> None:
    devices = learnt(LONG)

    def kind(topic: str) -> tuple[Kind, str]:
        seen = classify(1.0, topic, b'{"text": "hi"}', "satellite/demo", devices)
        assert seen.data == {"text": "hi"}
        return seen.kind, seen.device

    assert kind("satellite/demo/heard") == (Kind.HEARD, "")
    assert kind("satellite/demo/volume/set") == (Kind.OTHER, "")
    assert kind("satellite/other/heard") == (Kind.OTHER, "")
    assert kind("home/kitchen/light/set") == (Kind.COMMAND, "Kitchen light")
    assert kind("home/kitchen/light") == (Kind.ANSWER, "Kitchen light")
    assert kind("home/kitchen/online") == (Kind.OTHER, "")


def test_a_payload_that_is_no_json_object_stays_text() -> None:
    seen = classify(1.0, "satellite/demo/state", b"listening\xff", "satellite/demo", learnt())
    assert (seen.kind, seen.text, seen.data) == (
        Kind.STATE,
        "listening\N{REPLACEMENT CHARACTER}",
        {},
    )


def test_waiting_looks_back_and_forward() -> None:
    async def scene() -> None:
        timeline = Timeline()
        state = Seen(5.0, Kind.STATE, "satellite/demo/state", "listening")
        asyncio.get_running_loop().call_later(0.01, timeline.add, state)
        assert await timeline.wait_for(lambda: timeline.state == "listening", 5)
        assert await timeline.wait_for(lambda: timeline.state == "listening", 0)
        assert not await timeline.wait_for(lambda: timeline.state == "speaking", 0.01)
        assert list(timeline.since(5.0, Kind.STATE)) == [state]
        assert list(timeline.since(5.0, Kind.SAID)) == []
        assert list(timeline.since(5.1)) == []

    asyncio.run(scene())
