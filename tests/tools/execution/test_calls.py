"""What a call publishes, when, and what its result says."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from satellite.tools.policy.rules import Rules

Driver: TypeAlias = Any
"""The class of conftest, or one of its objects."""


def test_a_confirmed_command_is_done_at_once(home: Driver) -> None:
    h = home()
    base = h.switch("Coffee machine")
    result = h.result(h.call("set_power", devices=["Coffee machine"], state="on"))
    assert h.take_published() == [(f"{base}/set", "ON")]
    assert result["status"] == "done"
    assert result["devices"] == [{"device": "Coffee machine", "status": "done", "state": "on"}]
    assert result["message"] == "Coffee machine is on."


def test_a_silent_device_is_not_confirmed_and_nothing_is_repeated(
    home: Driver,
) -> None:
    h = home()
    base = h.switch("Coffee machine")
    h.silent(base)
    call_id = h.call("set_power", devices=["Coffee machine"], state="on")
    h.wait(1.4)
    assert not h.done
    h.wait(0.2)
    result = h.result(call_id)
    assert result["status"] == "not_confirmed"
    assert result["devices"][0]["state"] == "off"
    assert 1500 <= h.done[0].took_ms <= 1600
    h.tell(base, "ON")  # the late answer
    h.wait(60)
    assert len(h.done) == 1
    assert len(h.published) == 1


def test_a_retained_answer_confirms_nothing(home: Driver) -> None:
    h = home()
    base = h.switch("Coffee machine")
    h.silent(base)
    call_id = h.call("set_power", devices=["Coffee machine"], state="on")
    h.tell(base, "ON", retained=True)
    assert not h.done
    h.wait(2)
    assert h.result(call_id)["status"] == "not_confirmed"


def test_what_is_so_already_is_published_all_the_same(home: Driver) -> None:
    h = home()
    base = h.switch("Coffee machine")
    h.silent(base)
    result = h.ask("set_power", devices=["Coffee machine"], state="off")
    assert result["status"] == "already"
    assert h.take_published() == [(f"{base}/set", "OFF")]


def test_a_device_without_state_is_sent_and_assumed(home: Driver) -> None:
    h = home()
    h.announce("switch", "Old pump", command_topic="~/set")
    result = h.result(h.call("set_power", devices=["Old pump"], state="on"))
    assert result["status"] == "sent"
    assert result["devices"][0]["assumed"] is True


def test_a_device_that_hears_its_own_command_confirms_nothing(home: Driver) -> None:
    h = home()
    base = h.announce("switch", "Echo", command_topic="~", state_topic="~")
    h.tell(base, "OFF")
    h.answers[base] = lambda payload: [(base, payload)]
    result = h.result(h.call("set_power", devices=["Echo"], state="on"))
    assert result["status"] == "sent"


def test_unavailable_devices_are_not_commanded(home: Driver) -> None:
    h = home()
    base = h.switch("Coffee machine", availability_topic="~/there")
    result = h.result(h.call("set_power", devices=["Coffee machine"], state="on"))
    assert result["status"] == "unavailable"
    assert not h.published
    h.tell(f"{base}/there", "online")
    assert h.ask("set_power", devices=["Coffee machine"], state="on")["status"] == "done"


def test_several_devices_are_reported_one_by_one(home: Driver) -> None:
    h = home()
    h.switch("Coffee machine")
    h.silent(h.switch("Kettle"))
    h.switch("Toaster", availability_topic="~/there")
    result = h.ask(
        "set_power", devices=["Coffee machine", "Kettle", "Toaster", "Teleporter"], state="on"
    )
    assert result["status"] == "partial"
    assert [(d["device"], d["status"]) for d in result["devices"]] == [
        ("Coffee machine", "done"),
        ("Kettle", "not_confirmed"),
        ("Toaster", "unavailable"),
        ("Teleporter", "unknown_device"),
    ]
    assert len(h.published) == 2


def test_unknown_names_come_with_the_nearest(home: Driver) -> None:
    h = home()
    h.switch("Coffee machine")
    h.switch("Kettle")
    result = h.ask("set_power", devices=["Cofee mashine"], state="on")
    assert result["status"] == "unknown_device"
    assert result["devices"][0]["nearest"] == ["Coffee machine"]
    assert "Coffee machine" in result["message"]
    assert not h.published


def test_the_same_call_id_runs_once(home: Driver) -> None:
    h = home()
    h.switch("Kettle")
    arguments = json.dumps({"devices": ["Kettle"], "state": "toggle"})
    first = h.home.call("c", "set_power", arguments, 1, h.now_s)
    assert h.home.call("c", "set_power", arguments, 1, h.now_s) == []
    assert len(first) == 1


def test_bad_arguments_are_explained_and_not_executed(home: Driver) -> None:
    h = home()
    h.light("Lamp")
    for raw, word in (
        ("{", "JSON"),
        ("[]", "object"),
        ('{"devices": ["Lamp"], "state": "dim"}', "on, off, toggle"),
        ('{"devices": ["Lamp"]}', "state"),
        ('{"devices": {"name": "Lamp"}, "state": "on"}', "list"),
        ('{"devices": [], "state": "on"}', "devices or area"),
        ('{"devices": [true], "state": "on"}', "text"),
        ('{"devices": ["Lamp"], "state": "on", "delay": 3}', "delay"),
        ('{"state": "on"}', "devices or area"),
        ('{"devices": ["Lamp"], "state": NaN}', "NaN"),
        ("[" * 5000, "JSON"),
        ("x" * 20_000, "too long"),
    ):
        result = h.ask("set_power", raw=raw)
        assert result["status"] == "invalid_arguments", raw[:50]
        assert word in result["message"], result["message"]
    for arguments, word in (
        ({"brightness_pct": 101}, "between 0 and 100"),
        ({"brightness_pct": "forty"}, "whole number"),
        ({"brightness_pct": True}, "whole number"),
        ({"brightness_pct": 40.5}, "whole number"),
        ({}, "what to set"),
        ({"brightness_pct": 5, "brightness_step_pct": 5}, "not both"),
    ):
        result = h.ask("set_light", devices=["Lamp"], **arguments)
        assert result["status"] == "invalid_arguments", arguments
        assert word in result["message"], result["message"]
    assert h.ask("fly", devices=["Lamp"])["status"] == "invalid_arguments"
    assert not h.published


def test_words_of_an_enum_may_be_spelled_in_any_case(home: Driver) -> None:
    h = home()
    h.switch("Kettle")
    assert h.ask("set_power", devices=["kettle"], state="ON")["status"] == "done"


def test_losing_the_broker_ends_calls_and_repeats_nothing(home: Driver) -> None:
    h = home()
    h.silent(h.switch("Kettle"))
    call_id = h.call("set_power", devices=["Kettle"], state="on")
    h.broker(False)
    assert h.result(call_id)["status"] == "unavailable"
    assert h.ask("set_power", devices=["Kettle"], state="on")["status"] == "unavailable"
    h.broker(True)
    h.wait(10)
    assert len(h.published) == 1
    assert len(h.done) == 2


def test_two_calls_for_one_lamp_are_both_confirmed(home: Driver) -> None:
    h = home()
    base = h.light("Lamp")
    answer = h.answers.pop(f"{base}/set")
    first = h.call("set_power", devices=["Lamp"], state="on")
    second = h.call("set_light", devices=["Lamp"], brightness_pct=40)
    assert not h.done
    for message in h.published:
        for topic, payload in answer(message.payload):
            h.tell(topic, payload)
    assert h.result(first)["status"] == h.result(second)["status"] == "done"


def test_too_many_commands_in_a_minute_are_refused(home: Driver) -> None:
    h = home(Rules(rate_limit_per_minute=3))
    h.switch("Kettle")
    results = [
        h.result(h.call("set_power", devices=["Kettle"], state="toggle"))["status"]
        for _ in range(5)
    ]
    assert results == ["done", "done", "done", "refused", "refused"]
    h.wait(61)
    assert h.ask("set_power", devices=["Kettle"], state="on")["status"] == "done"


def test_the_record_of_a_command_names_what_was_published(home: Driver) -> None:
    h = home()
    base = h.switch("Kettle")
    h.call("set_power", devices=["Kettle"], state="on")
    (done,) = h.done
    assert done.published == ((f"{base}/set", "ON"),)
    assert done.arguments == {"devices": ["Kettle"], "state": "on"}
    json.dumps(done.result)


def test_areas_and_kinds_choose_devices(home: Driver) -> None:
    h = home()
    h.light("Ceiling", "Kitchen")
    h.switch("Radio", "Kitchen")
    h.light("Bed lamp", "Bedroom")
    result = h.ask("set_power", area="kitchen", kind="light", state="on")
    assert [d["device"] for d in result["devices"]] == ["Ceiling"]
    result = h.ask("set_power", area="everywhere", state="off")
    assert [d["device"] for d in result["devices"]] == ["Bed lamp", "Ceiling", "Radio"]
    result = h.ask("set_power", area="Attic", state="off")
    assert result["status"] == "unknown_device"
    assert "Kitchen" in result["message"]


def test_switches_that_are_settings_of_another_device_are_not_swept(home: Driver) -> None:
    h = home()
    h.light("Lamp", "Kitchen", device="Lamp device")
    h.switch("Do not disturb", "Kitchen", device="Lamp device")
    result = h.ask("set_power", area="Kitchen", state="off")
    assert [d["device"] for d in result["devices"]] == ["Lamp device Lamp"]


def test_an_area_commands_the_members_of_a_group_once(home: Driver) -> None:
    h = home()
    members = [h.light(name, "Kitchen") for name in ("Ceiling", "Counter")]
    group = h.light("Kitchen lights", "Kitchen", group=["light_ceiling", "light_counter"])
    other = h.light("Hall lights", "Kitchen", group=["light_ceiling", "light_elsewhere"])
    h.ask("set_power", area="Kitchen", state="on")
    topics = [topic for topic, _ in h.take_published()]
    assert sorted(topics) == sorted(f"{base}/set" for base in (*members, other))
    h.ask("set_power", devices=["Kitchen lights"], state="off")
    assert [topic for topic, _ in h.take_published()] == [f"{group}/set"]


def test_a_name_picks_one_of_two_by_area(home: Driver) -> None:
    h = home()
    h.light("Lamp", "Kitchen", uid="a")
    h.light("Lamp", "Bedroom", uid="b")
    assert h.names("set_power") == ["Lamp (Bedroom)", "Lamp (Kitchen)"]
    result = h.ask("set_power", devices=["lamp"], state="on")
    assert result["status"] == "unknown_device"
    assert result["devices"][0]["nearest"] == ["Lamp (Bedroom)", "Lamp (Kitchen)"]
    for name in ("Lamp (Bedroom)", "the bedroom lamp", "lamp bedroom"):
        result = h.ask("set_power", devices=[name], state="on")
        assert [d["device"] for d in result["devices"]] == ["Lamp (Bedroom)"], name
    result = h.ask("set_power", devices=["Lamp"], area="Kitchen", state="on")
    assert [d["device"] for d in result["devices"]] == ["Lamp (Kitchen)"]
