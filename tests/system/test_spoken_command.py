"""The main job: a spoken command switches the device, and the reply comes out of the card."""

from __future__ import annotations

import asyncio
import json

import pytest

from satellite.demo.stage import Stage
from satellite.demo.voices import Person


@pytest.mark.parametrize("voice", ["espeak", "piper"])
def test_a_spoken_command_switches_the_light_and_is_answered_aloud(voice: str) -> None:
    asyncio.run(_spoken_command(voice))


async def _spoken_command(voice: str) -> None:
    person = Person("slt")
    async with Stage(voice=voice) as stage:
        await stage.listening()
        speech = await person.says("turn on the kitchen light")
        async with stage.room.record() as recording:
            await stage.room.say(speech.pcm, speech.rate_hz)
            spoken_s = asyncio.get_running_loop().time()
            timeline = stage.timeline

            def said() -> bool:
                return any(one.kind.value == "said" for one in timeline.since(spoken_s))

            assert await stage.supervised(timeline.wait_for(said, 20.0)), "nothing was said"
            await asyncio.sleep(0.3)
    seen = list(timeline.since(0.0))
    (call,) = [one for one in seen if one.kind.value == "call"]
    assert call.data["name"] == "set_power"
    assert call.data["result"]["status"] == "done"
    (command,) = [one for one in seen if one.kind.value == "command"]
    assert json.loads(command.text)["state"] == "ON"
    answers = [one for one in seen if one.kind.value == "answer" and one.device == command.device]
    assert any("ON" in one.text for one in answers)
    assert command.at_s < call.at_s
    sounds = recording.speaker.sounds()
    assert sounds, "the reply never came out of the card"
    assert sounds[0][0] > recording.person.sounds()[0][1], "it spoke while the person did"
