"""Who cuts in on the very first reply is heard from their first sound, and understood."""

from __future__ import annotations

import asyncio

from satellite.demo.stage import Stage
from satellite.demo.voices import Person

INTO_THE_REPLY_S = 3.0


def test_what_is_said_over_the_first_reply_is_done() -> None:
    asyncio.run(_cut_in())


async def _cut_in() -> None:
    person = Person("slt")
    async with Stage() as stage:
        await stage.listening()
        question = await person.says("Tell me a long story about the house.")
        command = await person.says("Turn off the living room lamp.")
        timeline = stage.timeline
        await stage.room.say(question.pcm, question.rate_hz)

        def speaking() -> bool:
            return timeline.state == "speaking"

        assert await stage.supervised(timeline.wait_for(speaking, 20.0)), "it told no story"
        await asyncio.sleep(INTO_THE_REPLY_S)
        from_s = asyncio.get_running_loop().time()
        await stage.room.say(command.pcm, command.rate_hz)

        def done() -> bool:
            return any(one.kind.value == "call" for one in timeline.since(from_s))

        assert await stage.supervised(timeline.wait_for(done, 20.0)), "nothing was understood"
    (call,) = [one for one in timeline.since(from_s) if one.kind.value == "call"]
    assert call.data["name"] == "set_power"
    assert call.data["result"]["status"] == "done"
    cut = [one for one in timeline.since(from_s) if one.data.get("interrupted")]
    assert len(cut) == 1
