"""Push-to-talk by the whole daemon: what is said while the button is held is one question."""

from __future__ import annotations

import asyncio
import json

from satellite.demo.stage import Stage
from satellite.demo.voices import Person

SETTINGS = {"SATELLITE_LISTEN__MODE": "push", "SATELLITE_REALTIME__VAD__TYPE": "none"}


def test_what_is_said_while_the_button_is_held_is_one_question() -> None:
    asyncio.run(_held())


async def _held() -> None:
    person = Person("slt")
    async with Stage(settings=SETTINGS, wired=True) as stage:
        await stage.listening()
        assert stage.observer is not None
        speech = await person.says("turn on the kitchen light")
        talk = await person.says("good evening")
        await stage.room.say(talk.pcm, talk.rate_hz)  # nobody listens yet
        await stage.observer.publish("satellite/demo/listen/set", "ON")
        await asyncio.sleep(1.0)  # longer than any silence that ends a turn
        await stage.room.say(speech.pcm, speech.rate_hz)
        await asyncio.sleep(1.0)
        assert not any(one.kind.value == "command" for one in stage.timeline.since(0.0))
        released_s = asyncio.get_running_loop().time()
        await stage.observer.publish("satellite/demo/listen/set", "OFF")
        timeline = stage.timeline

        def said() -> bool:
            return any(one.kind.value == "said" for one in timeline.since(released_s))

        assert await stage.supervised(timeline.wait_for(said, 20.0)), "nothing was said"
        seen = list(timeline.since(0.0))
    (command,) = [one for one in seen if one.kind.value == "command"]
    assert json.loads(command.text)["state"] == "ON"
    assert command.at_s > released_s
    (heard,) = [one for one in seen if one.topic.endswith("/heard")]
    assert heard.data["text"] == "turn on the kitchen light"
