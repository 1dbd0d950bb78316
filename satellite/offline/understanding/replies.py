"""What is said about the result of a function call. Pure.

A result is data that the client gave: ``status``, ``devices``, ``message``, ``nearest``. Only
what it says is said; a result of an unknown shape is read by its ``message`` or not at all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from satellite.offline.mind import Called
from satellite.offline.understanding.names import listed, said

_ASKING = ("confirmation_required", "refused")
"""A refused answer, such as a wrong code, carries the question's id while it may be given again."""
_MAX_SPOKEN_CHARS = 2_000
_UNITS = {
    "°C": "degrees", "°F": "degrees Fahrenheit", "%": "percent", "W": "watts", "kW": "kilowatts",
    "kWh": "kilowatt hours", "V": "volts", "A": "amperes", "lx": "lux", "hPa": "hectopascals",
    "ppm": "parts per million", "km/h": "kilometres per hour", "m/s": "metres per second",
}  # fmt: skip
_DEEDS = {
    "set_power": "switch {state} {devices}",
    "set_light": "change {devices}",
    "set_cover": "{action} {devices}",
    "set_lock": "{action} {devices}",
    "set_climate": "change {devices}",
    "set_fan": "change {devices}",
}


def reply(called: Called | None, output: str) -> str:
    """One or a few sentences; ``called`` is the call that this is the output of."""
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return output[:_MAX_SPOKEN_CHARS].strip() or "Done."
    if not isinstance(result, dict):
        return str(result)[:_MAX_SPOKEN_CHARS] if result not in (None, "") else "Done."
    return _reply_to(called, result)[:_MAX_SPOKEN_CHARS]


def confirmation_of(output: str) -> str:
    """The ``confirmation_id`` of a question that a result asks or leaves open, or nothing."""
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(result, dict) or result.get("status") not in _ASKING:
        return ""
    wanted = result.get("confirmation_id")
    return wanted if isinstance(wanted, str) else ""


def _reply_to(called: Called | None, result: Mapping[str, Any]) -> str:
    status = result.get("status")
    message = result.get("message") if isinstance(result.get("message"), str) else ""
    listed_devices = result.get("devices")
    if not isinstance(listed_devices, list):
        listed_devices = []
    devices = [one for one in listed_devices if isinstance(one, Mapping)]
    if status == "confirmation_required":
        question = result.get("question")
        code = " Please say the code." if "code" in str(question or "") else ""
        return f"You want me to {_deed(called, devices)}. Are you sure?{code}"
    if status == "unknown_device" and not devices:
        asked = _names_asked(called)
        return message if message and not asked else _unknown(asked, result.get("nearest"))
    if devices:
        return _of_devices(called, devices, str(status or "done"))
    if status in ("done", "sent", None):
        return message or "Done."
    if status == "refused":
        return message or "I am not allowed to do that."
    return message or "That did not work."


def _of_devices(called: Called | None, devices: Sequence[Mapping[str, Any]], overall: str) -> str:
    asked = called is not None and called.name == "get_state"
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    sentences: list[str] = []
    for device in devices:
        status = str(device.get("status") or overall)
        name = str(device.get("device") or device.get("name") or "device")
        if status == "unknown_device":
            sentences.append(_unknown([name], device.get("nearest")))
            continue
        detail = phrase(device) if status in ("done", "partial") or asked else _why(device)
        groups[status, detail].append(said(name))
    verb = "switched" if called is not None and called.name == "set_power" else "told"
    told = [
        _sentence(status, detail, names, asked=asked, verb=verb)
        for (status, detail), names in groups.items()
    ]
    return " ".join([*told, *sentences])


def _sentence(status: str, detail: str, names: Sequence[str], *, asked: bool, verb: str) -> str:
    who = listed(names)
    be = "is" if len(names) == 1 else "are"
    it = "it" if len(names) == 1 else "they"
    match status:
        case "done" | "partial":
            if asked:
                return _capital(f"{who} {be} {detail}." if detail else f"{who}: nothing is known.")
            return f"Done, {who} {be} {detail}." if detail else f"Done, {who}."
        case "sent":
            return f"I told {who}, but {it} cannot answer."
        case "not_confirmed":
            return f"I {verb} {who}, but {it} did not confirm."
        case "unavailable":
            return _capital(f"{who} {be} not reachable right now.")
        case "refused":
            return f"I may not do that with {who}. {detail}".strip()
        case _:
            return f"That did not work with {who}. {detail}".strip()


def phrase(device: Mapping[str, Any]) -> str:
    """A device's state as the end of a sentence: ``on at 40 percent``, ``at 21.5 degrees``."""
    state = device.get("state")
    if state is None or state == "":
        return ""
    unit = device.get("unit")
    if isinstance(state, int | float) and not isinstance(state, bool):
        words = f"at {_number(state)}"
        return f"{words} {_UNITS.get(str(unit), str(unit))}" if unit else words
    words = str(state).replace("_", " ")
    for name in ("brightness_pct", "speed_pct", "position_pct"):
        value = device.get(name)
        if isinstance(value, int | float) and value not in (0, 100):
            words += f" at {_number(value)} percent"
    if isinstance(device.get("color"), str):
        words += f", {device['color']}"
    wanted = device.get("target_temperature")
    if isinstance(wanted, int | float) and state != "off":
        words += f", set to {_number(wanted)} degrees"
    current = device.get("current_temperature")
    if isinstance(current, int | float):
        words += f", and it is {_number(current)} degrees there"
    return words


def _unknown(names: Sequence[str], nearest: object) -> str:
    what = listed([said(name).removeprefix("the ") for name in names]) or "such device"
    candidates = nearest if isinstance(nearest, list | tuple) else ()
    near = [said(one) for one in candidates if isinstance(one, str)]
    sentence = f"There is no {what}."
    if near:
        sentence += f" Did you mean {' or '.join(near[:3])}?"
    return sentence


def _names_asked(called: Called | None) -> list[str]:
    names = _arguments(called).get("devices")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _deed(called: Called | None, devices: Sequence[Mapping[str, Any]]) -> str:
    """``unlock the front door``"""
    arguments = _arguments(called)
    names = [str(one["device"]) for one in devices if isinstance(one.get("device"), str)]
    who = listed([said(name) for name in names or _names_asked(called)]) or "everything there"
    form = _DEEDS.get(called.name if called is not None else "", "")
    words = {name: arguments.get(name) for name in ("state", "action")}
    if not form or any("{" + name + "}" in form and not words[name] for name in words):
        return f"change {who}"
    return form.format(devices=who, **words)


def _arguments(called: Called | None) -> Mapping[str, Any]:
    try:
        arguments = json.loads(called.arguments) if called is not None else {}
    except (ValueError, RecursionError):
        return {}
    return arguments if isinstance(arguments, dict) else {}


def _why(device: Mapping[str, Any]) -> str:
    message = device.get("message")
    return message if isinstance(message, str) else ""


def _number(value: float) -> str:
    return f"{value:g}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
