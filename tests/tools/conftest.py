"""A home in virtual time: announce devices, let them answer or keep silent, call functions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from satellite.home.effects import HomeEffect
from satellite.home.home import Home
from satellite.homeassistant.effects import Problem, Publish, Subscribe, Unsubscribe
from satellite.tools.effects import CallDone, FunctionsChanged, KeepAttempts
from satellite.tools.policy.rules import Rules

Json: TypeAlias = Any


class Driver:
    """Drives a `Home` the way the bridge does, and remembers what it wanted."""

    def __init__(self, rules: Rules | None = None, **options: Json) -> None:
        self.home = Home(rules or Rules(), **options)
        self.now_s = 1000.0
        self.published: list[Publish] = []
        self.done: list[CallDone] = []
        self.problems: list[str] = []
        self.kept: list[KeepAttempts] = []
        self.effects: list[HomeEffect] = []
        self.subscribed: set[str] = set()
        self.changes = 0
        self.answers: dict[str, Callable[[bytes], list[tuple[str, Any]]]] = {}
        self._ids = itertools.count(1)
        self._take(self.home.on_broker(True, self.now_s))

    # The clock -------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let time pass, ringing whenever the home wants to be rung."""
        end_s = self.now_s + seconds
        while (due := self.home.deadline_s) is not None and due <= end_s:
            self.now_s = max(self.now_s, due)
            self._take(self.home.tick(self.now_s))
        self.now_s = end_s

    def _take(self, effects: list[HomeEffect]) -> None:
        told: list[tuple[str, Any]] = []
        self.effects += effects
        for effect in effects:
            match effect:
                case KeepAttempts():
                    self.kept.append(effect)
                case Publish():
                    self.published.append(effect)
                    answer = self.answers.get(effect.topic)
                    told += answer(effect.payload) if answer else []
                case CallDone():
                    self.done.append(effect)
                case Problem():
                    self.problems.append(effect.text)
                case Subscribe():
                    self.subscribed |= set(effect.topics)
                case Unsubscribe():
                    self.subscribed -= set(effect.topics)
                case FunctionsChanged():
                    self.changes += 1
        for topic, payload in told:
            self.tell(topic, payload)

    # The broker ------------------------------------------------------------------------------

    def tell(self, topic: str, payload: Json, retained: bool = False) -> None:
        if not isinstance(payload, (str, bytes)):
            payload = json.dumps(payload)
        raw = payload.encode() if isinstance(payload, str) else payload
        self._take(self.home.on_message(topic, raw, retained, self.now_s))

    def broker(self, connected: bool) -> None:
        self._take(self.home.on_broker(connected, self.now_s))

    def announce(
        self,
        component: str,
        name: str,
        *,
        area: str | None = None,
        device: str | None = None,
        uid: str | None = None,
        **config: Json,
    ) -> str:
        """A retained discovery message; returns the base topic of the device."""
        uid = uid or f"{component}_{name}".lower().replace(" ", "_")
        uid = "".join(c if (c.isascii() and c.isalnum()) or c in "_-" else "_" for c in uid)
        block: dict[str, Any] = {"identifiers": [device or uid], "name": device or name}
        if area:
            block["suggested_area"] = area
        payload = {
            "~": f"home/{uid}",
            "unique_id": uid,
            "name": name if device else None,
            "device": block,
            **config,
        }
        self.tell(f"homeassistant/{component}/{uid}/config", payload, retained=True)
        return f"home/{uid}"

    def withdraw(self, component: str, uid: str) -> None:
        self.tell(f"homeassistant/{component}/{uid}/config", b"", retained=True)

    # Devices that answer ------------------------------------------------------------------------

    def light(self, name: str, area: str | None = None, **config: Json) -> str:
        """A JSON light with brightness and colour temperature; it answers at once."""
        base = self.announce(
            "light",
            name,
            area=area,
            schema="json",
            command_topic="~/set",
            state_topic="~",
            brightness=True,
            supported_color_modes=["color_temp"],
            **config,
        )
        state: dict[str, Any] = {"state": "OFF"}

        def answer(payload: bytes) -> list[tuple[str, Any]]:
            state.update(json.loads(payload))
            if "color_temp" in state:
                state["color_mode"] = "color_temp"
            return [(base, state)]

        self.answers[f"{base}/set"] = answer
        self.tell(base, {"state": "OFF"}, retained=True)
        return base

    def switch(self, name: str, area: str | None = None, **config: Json) -> str:
        base = self.announce(
            "switch", name, area=area, command_topic="~/set", state_topic="~", **config
        )
        self.answers[f"{base}/set"] = lambda payload: [(base, payload)]
        self.tell(base, "OFF", retained=True)
        return base

    def lock(self, name: str, area: str | None = None, **config: Json) -> str:
        base = self.announce(
            "lock", name, area=area, command_topic="~/set", state_topic="~", **config
        )
        self.answers[f"{base}/set"] = lambda payload: [(base, payload + b"ED")]
        self.tell(base, "LOCKED", retained=True)
        return base

    def cover(self, name: str, area: str | None = None, **config: Json) -> str:
        base = self.announce(
            "cover",
            name,
            area=area,
            command_topic="~/set",
            state_topic="~",
            position_topic="~/position",
            set_position_topic="~/position/set",
            **config,
        )
        moves = {b"OPEN": "opening", b"CLOSE": "closing", b"STOP": "stopped"}
        self.answers[f"{base}/set"] = lambda payload: [(base, moves[payload])]
        self.answers[f"{base}/position/set"] = lambda payload: [(f"{base}/position", payload)]
        self.tell(base, "closed", retained=True)
        self.tell(f"{base}/position", "0", retained=True)
        return base

    def sensor(self, name: str, device_class: str, unit: str, value: str, **config: Json) -> str:
        base = self.announce(
            "sensor",
            name,
            device_class=device_class,
            unit_of_measurement=unit,
            state_topic="~",
            **config,
        )
        self.tell(base, value, retained=True)
        return base

    def contact(self, name: str, device_class: str, state: str, **config: Json) -> str:
        base = self.announce(
            "binary_sensor", name, device_class=device_class, state_topic="~", **config
        )
        self.tell(base, state, retained=True)
        return base

    def silent(self, base: str) -> None:
        """The device hears, but says nothing any more."""
        for topic in [topic for topic in self.answers if topic.startswith(f"{base}/")]:
            del self.answers[topic]

    # The model -------------------------------------------------------------------------------

    def call(self, name: str, *, turn: int = 1, raw: str | None = None, **arguments: Json) -> str:
        """Start a call; returns its id."""
        call_id = f"call_{next(self._ids)}"
        text = json.dumps(arguments) if raw is None else raw
        self._take(self.home.call(call_id, name, text, turn, self.now_s))
        return call_id

    def ask(self, name: str, *, turn: int = 1, raw: str | None = None, **arguments: Json) -> Json:
        """Call, let time pass, and return the result."""
        call_id = self.call(name, turn=turn, raw=raw, **arguments)
        self.wait(30.0 if self.home.deadline_s else 0.0)
        return self.result(call_id)

    def result(self, call_id: str) -> Json:
        (done,) = [done for done in self.done if done.call_id == call_id]
        return done.result

    def take_published(self) -> list[tuple[str, str]]:
        taken = [(message.topic, message.payload.decode()) for message in self.published]
        self.published.clear()
        return taken

    def functions(self) -> dict[str, Any]:
        return {f.name: f.parameters for f in self.home.functions()}

    def names(self, function: str) -> list[str]:
        names: list[str] = self.functions()[function]["properties"]["devices"]["items"]["enum"]
        return names


@pytest.fixture(scope="session")
def home() -> type[Driver]:
    """The class, so that a property can make as many homes as it needs."""
    return Driver
