"""What names tell in the languages of the world, and what they do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""

ASKS = "confirmation_required"

HERE = Path(__file__).parent


def names_of(file: str) -> list[tuple[str, str]]:
    """Language and name."""
    lines = [line.partition(": ") for line in (HERE / file).read_text("utf-8").splitlines()[1:]]
    return [(tongue, name) for tongue, _, names in lines for name in names.split(" | ")]


@pytest.mark.parametrize(("tongue", "name"), names_of("risky_names.txt"))
def test_it_asks_in_every_language(home: Driver, tongue: str, name: str) -> None:
    for shown in (name, name.upper() if tongue not in ("tr", "el") else name, f"{name} 2"):
        h = home()
        h.announce("switch", shown, uid="u", command_topic="x/1/set", optimistic=True)
        assert h.ask("set_power", devices=[shown], state="on")["status"] == ASKS, shown
        assert not h.published


@pytest.mark.parametrize(("tongue", "name"), names_of("harmless_names.txt"))
def test_it_asks_for_nothing_that_only_sounds_alike(home: Driver, tongue: str, name: str) -> None:
    h = home()
    h.announce("switch", name, uid="u", command_topic="x/1/set", optimistic=True)
    assert h.ask("set_power", devices=[name], state="on")["status"] == "sent"


# Covers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Schiebetor", "Brama garażowa", "Гараж", "Portão", "Входная дверь", "Kapu", "車庫"]
)
def test_a_cover_without_a_class_is_judged_by_its_name(home: Driver, name: str) -> None:
    h = home()
    h.announce("cover", name, uid="u", command_topic="x/1/set")
    assert h.ask("set_cover", devices=[name], action="open")["status"] == ASKS


@pytest.mark.parametrize("name", ["Brama garażowa", "Garagentor", "Гаражные ворота", "车库门"])
def test_a_garage_door_asks_whatever_its_class_says(home: Driver, name: str) -> None:
    h = home()
    h.announce("cover", name, uid="u", command_topic="x/1/set", device_class="shutter")
    assert h.ask("set_cover", devices=[name], action="open")["status"] == ASKS


@pytest.mark.parametrize(
    "name",
    ["Rollladen Terrassentür", "Шторы балконная дверь", "Volet porte-fenêtre", "Blind", "窗帘"],
)
def test_what_hangs_before_a_door_is_no_door(home: Driver, name: str) -> None:
    h = home()
    h.announce("cover", name, uid="u", command_topic="x/1/set")
    assert h.ask("set_cover", devices=[name], action="open")["status"] != ASKS


# Hints ------------------------------------------------------------------------------------------


def ask_for(
    home: Driver,
    name: str,
    known: Mapping[str, object] | None = None,
    platform: str = "switch",
) -> str:
    """What a command is answered of one thing of a device with a number for its name."""
    h = home()
    known = dict(known or {})
    model: dict[str, object] = {
        key: known.pop(key) for key in ("model", "model_id") if key in known
    }
    block = {"identifiers": ["d"], "name": "Box 3", **model}
    config = {"unique_id": "u", "name": name, "device": block, "command_topic": "x/1/set", **known}
    h.tell(f"homeassistant/{platform}/u/config", config, retained=True)
    function = {"button": "press_button", "light": "set_power"}.get(platform, "set_power")
    arguments = {} if platform == "button" else {"state": "on"}
    return str(h.ask(function, devices=[f"Box 3 {name}"], **arguments)["status"])


@pytest.mark.parametrize(
    "known",
    [
        {"model": "Zigbee smart water valve with flow meter and temperature sensor"},
        {"model": "Garage door opener"},
        {"model_id": "TS0601_garage_door_opener"},
        {"object_id": "front_gate"},
        {"default_entity_id": "switch.front_gate"},
        {"command_template": '{"gate": "{{ value }}"}'},
        {"model": "Elektroschloss"},
        {"icon": "mdi:gate"},
        {"icon": "mdi:garage-open"},
        {"icon": "mdi:lock"},
        {"icon": "mdi:pipe-valve"},
        {"command_topic": "cmnd/gate/POWER1"},
        {"command_topic": "shellies/garage-door/relay/0/command"},
        {"command_topic": "house/Schiebetor/set"},
        {"command_topic": "esp/cmd", "payload_on": "OPEN_GATE"},
        {"command_topic": "house/frontdoor/open/set"},
        {"command_topic": "zwave/doorlock/endpoint_0/targetMode/set"},
        {"unique_id": "main_water_valve_switch"},
    ],
)
def test_what_else_is_known_of_a_device_tells_too(home: Driver, known: dict[str, object]) -> None:
    assert ask_for(home, "Relay", known) == ASKS


@pytest.mark.parametrize(
    "known",
    [
        {"model": "Thermostatic radiator valve"},
        {"model": "2 gang switch and touch panel with backlight and child lock"},
        {"model": "Door and window sensor"},
        {"model": "Smart smoke alarm"},
        {"icon": "mdi:alarm"},
        {"icon": "mdi:lightbulb"},
        {"command_topic": "zigbee2mqtt/0x00158d0001/set"},
        {"command_topic": "gate/pump/set"},
    ],
)
def test_hints_of_something_else_tell_nothing(home: Driver, known: dict[str, object]) -> None:
    assert ask_for(home, "Relay", known) == "sent"


def test_a_hint_counts_where_the_name_says_nothing(home: Driver) -> None:
    gate = {"command_topic": "cmnd/gate/POWER2"}
    assert ask_for(home, "Light", gate) == "sent"
    assert ask_for(home, "Relay", gate, "light") == "sent"
    assert ask_for(home, "Relay", gate) == ASKS


# Maintenance -----------------------------------------------------------------------------------


UPKEEP = (
    "Permit join|Allow new devices|Open Zigbee network|Safe mode boot"
    "|Zigbee bridge enable join|Pair new luminaire|Start pairing|Bind|Restart"
    "|Neustart|Werkseinstellungen|Redémarrer|Réinitialiser|Reiniciar|Riavvia|Перезагрузка|Сброс"
    "|Сопряжение|Anlernmodus|重启|恢复出厂设置|配对|再起動|ペアリング|재시작|Parowanie|Újraindítás"
    "|Yeniden başlat|Factory reset|Firmware update|Herstarten|Uudelleenkäynnistys|Starta om"
    "|Genstart|איפוס|Remove device|Exclude node|Start inclusion|Replace failed node|Couplage"
)


@pytest.mark.parametrize("name", UPKEEP.split("|"))
@pytest.mark.parametrize("platform", ["switch", "button"])
def test_maintenance_asks_in_every_language(home: Driver, platform: str, name: str) -> None:
    assert ask_for(home, name, platform=platform) == ASKS


@pytest.mark.parametrize(
    "known",
    [
        {"command_topic": "cmnd/zb1/ZbPermitJoin"},
        {"command_topic": "zigbee2mqtt/bridge/request/permit_join"},
        {"command_topic": "esp/restart/set"},
        {"payload_on": "factory_reset"},
        {"icon": "mdi:restart"},
    ],
)
def test_maintenance_asks_by_what_it_sends(home: Driver, known: dict[str, object]) -> None:
    assert ask_for(home, "Relay", known) == ASKS


@pytest.mark.parametrize("topic", ["cmnd/zb1/ZbPermitJoin", "z/bridge/config/permit_join"])
@pytest.mark.parametrize("platform", ["light", "fan", "scene", "switch", "button"])
def test_maintenance_asks_whatever_it_is_announced_as(
    home: Driver, platform: str, topic: str
) -> None:
    h = home()
    h.announce(platform, "Mood", uid="u", command_topic=topic, optimistic=True)
    function = {"button": "press_button", "scene": "activate_scene"}.get(platform, "set_power")
    arguments = {"state": "on"} if function == "set_power" else {}
    assert h.ask(function, devices=["Mood"], **arguments)["status"] == ASKS


@pytest.mark.parametrize("name", ["Identify", "Blind up", "Repair mode", "Brightness", "Joint"])
def test_no_maintenance(home: Driver, name: str) -> None:
    assert ask_for(home, name) == "sent"
    assert ask_for(home, name, platform="button") == "sent"
