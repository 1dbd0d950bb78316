"""The reply to the result of a function call. Pure.

The results of the satellite's own functions have ``status``, ``devices``, ``message`` and
``nearest``. Those of other functions have any shape: a failure (``outcome``) is told as such, facts
are read out (``facts``), and a result that says no more becomes ``Done.``
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from satellite.local_server.interpretation import ToolCalled
from satellite.local_server.nlu.facts import capital, facts, number_words, read, value_words
from satellite.local_server.nlu.names import listed, said
from satellite.local_server.nlu.outcome import failure_of, succeeded

_ASKING = ("confirmation_required", "refused")
"""A refused answer (a wrong code) has the question's id while it may be answered again."""
_MOVING = ("opening", "closing", "arming", "pending", "disarming", "returning")
_MAX_SPOKEN_CHARS = 2_000
_UNITS = {
    "°C": "degrees", "°F": "degrees Fahrenheit", "%": "percent", "W": "watts", "kW": "kilowatts",
    "kWh": "kilowatt hours", "V": "volts", "A": "amperes", "lx": "lux", "hPa": "hectopascals",
    "ppm": "parts per million", "km/h": "kilometres per hour", "m/s": "metres per second",
}  # fmt: skip
_ACTIONS = {
    "set_power": "switch {state} {devices}",
    "set_light": "change {devices}",
    "set_cover": "{action} {devices}",
    "set_lock": "{action} {devices}",
    "set_climate": "change {devices}",
    "set_fan": "change {devices}",
}


_OWN = frozenset(
    (*_ASKING, "done", "already", "sent", "not_confirmed", "partial", "unavailable",
     "unknown_device", "invalid_arguments")
)  # fmt: skip
"""Values of ``status`` in results of the satellite's own functions."""
_FAILED = "That did not work."
_WITHOUT_DEVICES = {
    "done": "Done.",
    "already": "That is so already.",
    "sent": "I passed it on, but nothing can answer.",
    "not_confirmed": "I passed it on, but nothing confirmed it.",
    "refused": "I am not allowed to do that.",
}


def reply(called: ToolCalled | None, output: str) -> str:
    """One or a few sentences about ``output``, the result of the call ``called``."""
    return _told(called, read(output))[:_MAX_SPOKEN_CHARS].strip() or "Done."


def _told(called: ToolCalled | None, result: object) -> str:
    failure = _failure(result)
    if failure is not None and not _tells_of_devices(result):
        return f"{_FAILED} {value_words(failure)}" if failure else _FAILED
    if isinstance(result, dict):
        return _reply_to(called, result)
    if isinstance(result, bool):
        return "The answer is yes." if result else "The answer is no."
    if isinstance(result, list):
        return facts({"answer": result})
    return "" if result is None else str(result)


def _tells_of_devices(result: object) -> bool:
    """Whether each device has its own status, and there is no message for all."""
    if not isinstance(result, Mapping) or isinstance(result.get("message"), str):
        return False
    devices = result.get("devices")
    if not isinstance(devices, list) or not devices:
        return False
    return all(isinstance(one, Mapping) and isinstance(one.get("status"), str) for one in devices)


def _failure(result: object) -> str | None:
    """``failure_of`` without a ``status`` of the satellite's own functions, which has own words."""
    if isinstance(result, Mapping) and str(result.get("status")) in _OWN:
        result = {name: value for name, value in result.items() if name != "status"}
    return failure_of(result)


def confirmation_of(output: str) -> str:
    """The ``confirmation_id`` of a question that a result asks or leaves open, or ``""``."""
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(result, dict) or result.get("status") not in _ASKING:
        return ""
    wanted = result.get("confirmation_id")
    return wanted if isinstance(wanted, str) else ""


def _reply_to(called: ToolCalled | None, result: Mapping[str, Any]) -> str:
    status = None if result.get("status") is None else str(result["status"])
    message = result.get("message") if isinstance(result.get("message"), str) else ""
    listed_devices = result.get("devices")
    if not isinstance(listed_devices, list):
        listed_devices = []
    devices = [one for one in listed_devices if isinstance(one, Mapping)]
    if status == "confirmation_required":
        question = result.get("question")
        code = " Please say the code." if "code" in str(question or "") else ""
        return f"You want me to {_action_words(called, devices)}. Are you sure?{code}"
    if status == "unknown_device" and not devices:
        asked = _names_asked(called)
        return message if message and not asked else _unknown(asked, result.get("nearest"))
    if devices:
        return _of_devices(called, devices, status or "done")
    if message:
        return message
    if status in _WITHOUT_DEVICES:
        return _WITHOUT_DEVICES[status]
    if status in _OWN:
        return _FAILED
    return facts(result)


def _of_devices(
    called: ToolCalled | None, devices: Sequence[Mapping[str, Any]], overall: str
) -> str:
    asked = called is not None and called.name == "get_state"
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    sentences: list[str] = []
    for device in devices:
        failure = _failure(device) if not asked else None
        status = "failed" if failure is not None else str(device.get("status") or overall)
        if succeeded(status):
            status = "done"
        name = str(device.get("device") or device.get("name") or "device")
        if status == "unknown_device":
            sentences.append(_unknown([name], device.get("nearest")))
            continue
        shows = asked or status in ("done", "partial", "already")
        detail = phrase(device) if shows else _why(device)
        if status == "already":
            detail = f"{detail or 'so'}{_age(device.get('age_s'))}"
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
                return capital(f"{who} {be} {detail}." if detail else f"{who}: nothing is known.")
            return f"Done, {who} {be} {detail}." if detail else f"Done, {who}."
        case "already":
            return capital(f"{who} {be} already {detail}.")
        case "sent":
            return f"I told {who}, but {it} cannot answer."
        case "not_confirmed":
            return f"I {verb} {who}, but {it} did not confirm."
        case "unavailable":
            return capital(f"{who} {be} not reachable right now.")
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
        words = f"at {number_words(state)}"
        return f"{words} {_UNITS.get(str(unit), str(unit))}" if unit else words
    words = str(state).replace("_", " ")
    if device.get("underway") and words not in _MOVING:
        words = f"on the way, now {words}"
    for name in ("brightness_pct", "speed_pct", "position_pct"):
        value = device.get(name)
        if isinstance(value, int | float) and value not in (0, 100):
            words += f" at {number_words(value)} percent"
    if isinstance(device.get("color"), str):
        words += f", {device['color']}"
    wanted = device.get("target_temperature")
    if isinstance(wanted, int | float) and state != "off":
        words += f", set to {number_words(wanted)} degrees"
    current = device.get("current_temperature")
    if isinstance(current, int | float):
        words += f", and it is {number_words(current)} degrees there"
    return words


def _age(seconds: object) -> str:
    """How old the state of a device is that has not reported since the command."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return ""
    for size, name in ((3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f", as of {count} {name}{'s' if count > 1 else ''} ago"
    return ", as of a moment ago"


def _unknown(names: Sequence[str], nearest: object) -> str:
    what = listed([said(name).removeprefix("the ") for name in names]) or "such device"
    candidates = nearest if isinstance(nearest, list | tuple) else ()
    near = [said(one) for one in candidates if isinstance(one, str)]
    sentence = f"There is no {what}."
    if near:
        sentence += f" Did you mean {' or '.join(near[:3])}?"
    return sentence


def _names_asked(called: ToolCalled | None) -> list[str]:
    names = _arguments(called).get("devices")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _action_words(called: ToolCalled | None, devices: Sequence[Mapping[str, Any]]) -> str:
    """The command in words: ``unlock the front door``."""
    arguments = _arguments(called)
    names = [str(one["device"]) for one in devices if isinstance(one.get("device"), str)]
    who = listed([said(name) for name in names or _names_asked(called)]) or "everything there"
    form = _ACTIONS.get(called.name if called is not None else "", "")
    words = {name: arguments.get(name) for name in ("state", "action")}
    if not form or any("{" + name + "}" in form and not words[name] for name in words):
        return f"change {who}"
    return form.format(devices=who, **words)


def _arguments(called: ToolCalled | None) -> Mapping[str, Any]:
    try:
        arguments = json.loads(called.arguments) if called is not None else {}
    except (ValueError, RecursionError):
        return {}
    return arguments if isinstance(arguments, dict) else {}


def _why(device: Mapping[str, Any]) -> str:
    message = device.get("message")
    failure = _failure(device)
    return message if isinstance(message, str) else value_words(failure) if failure else ""
