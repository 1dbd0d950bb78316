"""Devices of zigbee2mqtt: one JSON topic each, and a bridge that they all depend on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from satellite.demo.device import PREFIX, Config, DemoDevice, at_once, one_of

BRIDGE = "zigbee2mqtt/bridge/state"
LOCK_TURN_S = 0.8


class Zigbee(DemoDevice):
    """As zigbee2mqtt announces a device: one JSON topic, availability of bridge and device."""

    def __init__(self, name: str, area: str, ieee: str, **state: object) -> None:
        super().__init__(name, area, **state)
        self.ieee = ieee
        self.topic = f"zigbee2mqtt/{name}"
        self.availability = f"{self.topic}/availability"
        self.online, self.offline = '{"state":"online"}', '{"state":"offline"}'

    def reports(self) -> dict[str, str]:
        return {self.topic: json.dumps(self.state | {"linkquality": 120})}

    def config(self, object_id: str, **special: object) -> Config:
        return {
            "availability": [
                {"topic": BRIDGE, "value_template": "{{ value_json.state }}"},
                {"topic": self.availability, "value_template": "{{ value_json.state }}"},
            ],
            "availability_mode": "all",
            "name": None,
            "object_id": f"{self.name.lower().replace(' ', '_')}_{object_id}",
            "unique_id": f"{self.ieee}_{object_id}_zigbee2mqtt",
            "state_topic": self.topic,
            "device": {
                "identifiers": [f"zigbee2mqtt_{self.ieee}"],
                "name": self.name,
                "manufacturer": "Demo",
                "model": "Device of the small home",
                "suggested_area": self.area,
                "via_device": "zigbee2mqtt_bridge_demo",
            },
            "origin": {"name": "Zigbee2MQTT", "sw": "2.12.0", "url": "https://www.zigbee2mqtt.io"},
            **special,
        }

    def place(self, component: str, object_id: str) -> str:
        return f"{PREFIX}/{component}/{self.ieee}/{object_id}/config"


class DimmableLight(Zigbee):
    """JSON schema, brightness 0 to 254."""

    def __init__(self, name: str, area: str, ieee: str) -> None:
        super().__init__(name, area, ieee, state="OFF", brightness=254)
        self.commands = {f"{self.topic}/set": self.set}

    def announcements(self) -> dict[str, Config]:
        config = self.config(
            "light",
            schema="json",
            command_topic=f"{self.topic}/set",
            brightness=True,
            brightness_scale=254,
            supported_color_modes=["brightness"],
        )
        return {self.place("light", "light"): config}

    def set(self, payload: str) -> Iterator[float]:
        wanted = json.loads(payload)
        brightness = max(0, min(254, int(wanted.get("brightness", self.state["brightness"]))))
        state = "ON" if brightness else "OFF"
        if "state" in wanted:
            state = one_of(wanted["state"], "ON", "OFF", "TOGGLE")
        if state == "TOGGLE":
            state = "OFF" if self.state["state"] == "ON" else "ON"
        self.state |= {"state": state, "brightness": brightness}
        return at_once()


class Thermostat(Zigbee):
    """A radiator valve: target temperature, modes, the temperature of the room."""

    def __init__(self, name: str, area: str, ieee: str) -> None:
        super().__init__(
            name,
            area,
            ieee,
            occupied_heating_setpoint=20.0,
            local_temperature=21.5,
            system_mode="heat",
            running_state="idle",
        )
        self.commands = {
            f"{self.topic}/set/occupied_heating_setpoint": self.set_temperature,
            f"{self.topic}/set/system_mode": self.set_mode,
        }

    def announcements(self) -> dict[str, Config]:
        config = self.config(
            "climate",
            temperature_command_topic=f"{self.topic}/set/occupied_heating_setpoint",
            temperature_state_topic=self.topic,
            temperature_state_template="{{ value_json.occupied_heating_setpoint }}",
            current_temperature_topic=self.topic,
            current_temperature_template="{{ value_json.local_temperature }}",
            mode_command_topic=f"{self.topic}/set/system_mode",
            mode_state_topic=self.topic,
            mode_state_template="{{ value_json.system_mode }}",
            action_topic=self.topic,
            action_template="{% set values = {None:None,'idle':'idle','heat':'heating',"
            "'cool':'cooling','fan_only':'fan'} %}{{ values[value_json.running_state] }}",
            modes=["off", "auto", "heat"],
            min_temp="5",
            max_temp="30",
            temp_step=0.5,
            temperature_unit="C",
        )
        del config["state_topic"]
        return {self.place("climate", "climate"): config}

    def set_temperature(self, payload: str) -> Iterator[float]:
        degrees = float(payload)
        if not 5 <= degrees <= 30:
            raise ValueError(f"{degrees} °C are out of range")
        self.state["occupied_heating_setpoint"] = degrees
        return self._run()

    def set_mode(self, payload: str) -> Iterator[float]:
        self.state["system_mode"] = one_of(payload, "off", "auto", "heat")
        return self._run()

    def _run(self) -> Iterator[float]:
        calls = self.state["occupied_heating_setpoint"] > self.state["local_temperature"]
        heats = calls and self.state["system_mode"] != "off"
        self.state["running_state"] = "heat" if heats else "idle"
        return at_once()


class DoorLock(Zigbee):
    """Its bolt takes a while, which the state shows."""

    def __init__(self, name: str, area: str, ieee: str) -> None:
        super().__init__(name, area, ieee, state="UNLOCK", lock_state="unlocked", battery=80)
        self.commands = {f"{self.topic}/set": self.turn}

    def announcements(self) -> dict[str, Config]:
        config = self.config(
            "lock",
            command_topic=f"{self.topic}/set",
            value_template="{{ value_json.lock_state }}",
            state_locked="locked",
            state_unlocked="unlocked",
            state_locking="locking",
            state_unlocking="unlocking",
        )
        battery = self.config(
            "battery",
            device_class="battery",
            state_class="measurement",
            unit_of_measurement="%",
            value_template="{{ value_json.battery }}",
            entity_category="diagnostic",
        )
        del battery["name"]
        return {self.place("lock", "lock"): config, self.place("sensor", "battery"): battery}

    def turn(self, payload: str) -> Iterator[float]:
        locks = one_of(payload, "LOCK", "UNLOCK") == "LOCK"
        self.state["lock_state"] = "locking" if locks else "unlocking"
        yield LOCK_TURN_S
        self.state |= {"state": payload, "lock_state": "locked" if locks else "unlocked"}


class TemperatureSensor(Zigbee):
    def __init__(self, name: str, area: str, ieee: str, temperature: float) -> None:
        super().__init__(name, area, ieee, temperature=temperature, humidity=46.0)

    def announcements(self) -> dict[str, Config]:
        temperature = self.config(
            "temperature",
            device_class="temperature",
            state_class="measurement",
            unit_of_measurement="°C",
            value_template="{{ value_json.temperature }}",
        )
        return {self.place("sensor", "temperature"): temperature}


class DoorContact(Zigbee):
    """``contact`` is true while the door is shut."""

    def __init__(self, name: str, area: str, ieee: str) -> None:
        super().__init__(name, area, ieee, contact=True)

    def announcements(self) -> dict[str, Config]:
        config = self.config(
            "contact",
            device_class="door",
            payload_on=False,
            payload_off=True,
            value_template="{{ value_json.contact }}",
        )
        return {self.place("binary_sensor", "contact"): config}
