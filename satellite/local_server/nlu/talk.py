"""Replies that need no function call: the time, the home, a story. Pure."""

from __future__ import annotations

from datetime import datetime

from satellite.local_server.nlu.names import listed, plain, said
from satellite.local_server.nlu.vocabulary import SessionTools

# Begins with a long sentence, so that an interruption after some seconds falls into speech.
_STORY = (
    "Once upon a time there was a house at the edge of a small town that listened to everybody "
    "in it, and nobody who passed it knew that it could hear the rain before it fell.",
    "In the morning it opened its blinds one after the other, so that the light came in slowly "
    "and woke nobody who wanted to sleep a little longer.",
    "At noon it counted the people in its rooms and kept the warmth where they were.",
    "When somebody said good night, it went through all its rooms, turned off what was forgotten, "
    "looked twice at the front door, and then it was quiet.",
    "One winter the line to the outside world broke, and the other houses of the street went dumb.",
    "But this house had everything that it needed under its own roof, so it went on listening and "
    "answering, in a plain voice, until the snow had melted.",
    "And because nobody ever told it to stop, it is listening still.",
)


def talk(topic: str, tools: SessionTools, now: datetime) -> str:
    """The reply to a topic of ``skills.TALK``; empty for silence."""
    match topic:
        case "time":
            return f"It is {now.hour}:{now.minute:02d}."
        case "date":
            return f"Today is {now:%A}, {now:%B} {now.day}."
        case "house":
            return _house(tools)
        case "story":
            return " ".join(_STORY)
        case "help":
            return _help(tools)
        case "hello":
            return "Hello."
        case "thanks":
            return "You are welcome."
        case "yes" | "no" | "code":
            return "There is nothing to confirm."
        case _:
            return ""


def _house(tools: SessionTools) -> str:
    """A long answer: every device, room by room."""
    devices = tools.all_devices()
    if not devices:
        return "I know of no devices in this house yet."
    areas = tools.all_areas()
    sentences = [f"This house has {len(devices)} devices that I know."]
    rest = list(devices)
    for area in areas:
        here = [name for name in rest if plain(name).startswith(plain(area) + " ")]
        rest = [name for name in rest if name not in here]
        if here:
            where = said(area)
            sentences.append(f"In {where} there is {listed([said(name) for name in here])}.")
    if rest:
        sentences.append(f"Then there is {listed([said(name) for name in rest])}.")
    if areas:
        sentences.append(f"The rooms that I know are {listed([said(area) for area in areas])}.")
    sentences.append(
        "You may ask me for the state of any of them, or tell me to change it, and you may "
        "interrupt me whenever you have heard enough."
    )
    return " ".join(sentences)


def _help(tools: SessionTools) -> str:
    lights = tools.devices("set_light") or tools.devices("set_power")
    if not lights:
        return "As soon as there are devices, you can ask me to switch them."
    one = said(lights[0])
    return f"For example, say: turn on {one}. Or ask: is {one} on?"
