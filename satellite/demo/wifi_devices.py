"""Devices that announce themselves: like ESPHome, like Tasmota, and by one device message."""

from __future__ import annotations

from collections.abc import Iterator

from satellite.demo.device import PREFIX, Config, DemoDevice, at_once, one_of

STEP_S = 0.15
COVER_TRAVEL_S = 1.5


class EspHome(DemoDevice):
    """As ESPHome announces a node: short keys, a plain topic for each value."""

    def __init__(self, name: str, area: str, node: str, **state: object) -> None:
        super().__init__(name, area, **state)
        self.node = node
        self.availability = f"{node}/status"

    def config(self, object_id: str, **special: object) -> Config:
        return {
            "~": f"{self.node}/{object_id}",
            "name": None,
            "uniq_id": f"{self.node}-{object_id.replace('/', '-')}",
            "avty_t": self.availability,
            "dev": {
                "ids": self.node,
                "name": self.name,
                "mdl": "esp32dev",
                "mf": "espressif",
                "sw": "2026.10.0",
                "sa": self.area,
            },
            **special,
        }


class PlainLamp(EspHome):
    """On and off, nothing else."""

    def __init__(self, name: str, area: str, node: str) -> None:
        super().__init__(name, area, node, state="OFF")
        self.commands = {f"{node}/light/lamp/command": self.set}

    def announcements(self) -> dict[str, Config]:
        config = self.config("light/lamp", stat_t="~/state", cmd_t="~/command")
        return {f"{PREFIX}/light/{self.node}/lamp/config": config}

    def reports(self) -> dict[str, str]:
        return {f"{self.node}/light/lamp/state": self.state["state"]}

    def set(self, payload: str) -> Iterator[float]:
        self.state["state"] = one_of(payload, "ON", "OFF")
        return at_once()


class WifiFan(EspHome):
    """On and off, and a speed of 1 to 100 %."""

    def __init__(self, name: str, area: str, node: str) -> None:
        super().__init__(name, area, node, state="OFF", percentage=50)
        self.commands = {
            f"{node}/fan/fan/command": self.set,
            f"{node}/fan/fan/speed_level/command": self.set_speed,
        }

    def announcements(self) -> dict[str, Config]:
        config = self.config(
            "fan/fan",
            stat_t="~/state",
            cmd_t="~/command",
            pct_stat_t="~/speed_level/state",
            pct_cmd_t="~/speed_level/command",
        )
        return {f"{PREFIX}/fan/{self.node}/fan/config": config}

    def reports(self) -> dict[str, str]:
        base = f"{self.node}/fan/fan"
        speed = str(self.state["percentage"])
        return {f"{base}/state": self.state["state"], f"{base}/speed_level/state": speed}

    def set(self, payload: str) -> Iterator[float]:
        self.state["state"] = one_of(payload, "ON", "OFF")
        return at_once()

    def set_speed(self, payload: str) -> Iterator[float]:
        speed = max(0, min(100, int(payload)))
        self.state["state"] = "ON" if speed else "OFF"
        self.state["percentage"] = speed or self.state["percentage"]
        return at_once()


class Socket(DemoDevice):
    """As Tasmota shows a plug."""

    online, offline = "Online", "Offline"

    def __init__(self, name: str, area: str, topic: str) -> None:
        super().__init__(name, area, state="OFF")
        self.topic = topic
        self.availability = f"tele/{topic}/LWT"
        self.commands = {f"cmnd/{topic}/POWER": self.set_power}

    def announcements(self) -> dict[str, Config]:
        config = {
            "name": None,
            "stat_t": f"stat/{self.topic}/POWER",
            "cmd_t": f"cmnd/{self.topic}/POWER",
            "pl_off": "OFF",
            "pl_on": "ON",
            "avty_t": self.availability,
            "pl_avail": self.online,
            "pl_not_avail": self.offline,
            "uniq_id": f"{self.topic}_RL_1",
            "dev": {"ids": [self.topic], "name": self.name, "mf": "Tasmota", "sa": self.area},
        }
        return {f"{PREFIX}/switch/{self.topic}_RL_1/config": config}

    def reports(self) -> dict[str, str]:
        return {f"stat/{self.topic}/POWER": self.state["state"]}

    def set_power(self, payload: str) -> Iterator[float]:
        power = one_of(payload.upper(), "ON", "OFF", "TOGGLE")
        if power == "TOGGLE":
            power = "OFF" if self.state["state"] == "ON" else "ON"
        self.state["state"] = power
        return at_once()


class Blind(DemoDevice):
    """A cover with a position, announced by one device message; takes its time."""

    def __init__(self, name: str, area: str, topic: str) -> None:
        super().__init__(name, area, state="open", position=100)
        self.topic = topic
        self.availability = f"{topic}/status"
        self.commands = {f"{topic}/set": self.move, f"{topic}/position/set": self.move_to}

    def announcements(self) -> dict[str, Config]:
        blind = {
            "platform": "cover",
            "unique_id": f"{self.topic}_cover",
            "name": None,
            "device_class": "blind",
            "command_topic": f"{self.topic}/set",
            "state_topic": f"{self.topic}/state",
            "position_topic": f"{self.topic}/position",
            "set_position_topic": f"{self.topic}/position/set",
        }
        signal = {
            "platform": "sensor",
            "unique_id": f"{self.topic}_signal",
            "name": "Signal",
            "device_class": "signal_strength",
            "unit_of_measurement": "dBm",
            "state_topic": f"{self.topic}/signal",
            "entity_category": "diagnostic",
        }
        config = {
            "device": {
                "identifiers": [self.topic],
                "name": self.name,
                "manufacturer": "Demo",
                "suggested_area": self.area,
            },
            "origin": {"name": "blind2mqtt", "sw_version": "1.4"},
            "components": {"blind": blind, "signal": signal},
            "availability_topic": self.availability,
        }
        return {f"{PREFIX}/device/{self.topic}/config": config}

    def reports(self) -> dict[str, str]:
        return {
            f"{self.topic}/position": str(self.state["position"]),
            f"{self.topic}/state": self.state["state"],
            f"{self.topic}/signal": "-61",
        }

    def move(self, payload: str) -> Iterator[float]:
        if one_of(payload, "OPEN", "CLOSE", "STOP") == "STOP":
            self._rest()
            return at_once()
        return self._travel(100 if payload == "OPEN" else 0)

    def move_to(self, payload: str) -> Iterator[float]:
        return self._travel(max(0, min(100, int(payload))))

    def _travel(self, target: int) -> Iterator[float]:
        most = max(1, round(100 * STEP_S / COVER_TRAVEL_S))
        while self.state["position"] != target:
            way = target - self.state["position"]
            self.state["state"] = "opening" if way > 0 else "closing"
            yield STEP_S
            self.state["position"] += max(-most, min(most, way))
        self._rest()

    def _rest(self) -> None:
        self.state["state"] = "open" if self.state["position"] else "closed"
