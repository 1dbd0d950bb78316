"""What the recogniser makes of real speech: commands, talk that is none, devices that come and go.

Three voices of flite say it; the reply's voice is another one. The bounds are the promise, not
what was measured: a home may be deaf now and then, it may not act on what nobody asked for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from satellite.demo.devices import small_home
from satellite.demo.wifi_devices import PlainLamp
from satellite.local_server.asr.recognise import WorkerRecogniser
from satellite.local_server.interpretation import ToolCall
from satellite.local_server.nlu.interpreter import HomeInterpreter, Meaning
from satellite.local_server.server import Options, serve
from tests.local_server.home_tools import Tool, small_home_tools, tools_of
from tests.local_server.stubs import Hum, run
from tests.local_server.wire_client import Client, silence, speech

VOICES = ("slt", "rms", "awb")


def call(function: str, *devices: str, **arguments: object) -> ToolCall:
    return ToolCall(function, {**({"devices": list(devices)} if devices else {}), **arguments})


COMMANDS: dict[str, ToolCall] = {
    "turn on the kitchen light": call("set_power", "Kitchen light", state="on"),
    "switch off the living room lamp": call("set_power", "Living room lamp", state="off"),
    "switch on the coffee machine": call("set_power", "Coffee machine", state="on"),
    "turn off everything in the kitchen": call("set_power", area="Kitchen", state="off"),
    "set the kitchen light to forty percent": call("set_light", "Kitchen light", brightness_pct=40),
    "dim the kitchen light": call("set_light", "Kitchen light", brightness_step_pct=-25),
    "open the living room blind": call("set_cover", "Living room blind", action="open"),
    "set the thermostat to twenty two degrees": call(
        "set_climate", "Living room thermostat", temperature=22
    ),
    "set the bedroom fan to fifty percent": call("set_fan", "Bedroom fan", speed_pct=50),
    "unlock the front door": call("set_lock", "Front door", action="unlock"),
    "what is the temperature in the living room": call(
        "get_state", area="Living room", kind="temperature"
    ),
    "is the front door locked": call("get_state", "Front door"),
    "is the back door open": call("get_state", "Back door"),
}
NOT_HERE: dict[str, ToolCall] = {
    "turn on the garage light": call("set_power", "garage light", state="on"),
}
TALK = (
    "i think it will rain tomorrow",
    "did you see the game last night",
    "my sister is coming for dinner",
    "we should buy some bread and milk",
    "the train was late again this morning",
    "where did i put my glasses",
    "he said that he would call you back",
    "she went to school by bicycle",
    "there is a lot of traffic on the road",
    "have you read the newspaper today",
)


@dataclass
class Tally:
    """Everything that was said, and what came of it."""

    understood: dict[tuple[str, str], Meaning | None] = field(default_factory=dict)

    def wrong(self, wanted: dict[str, ToolCall]) -> list[str]:
        return [
            f"{voice}: {sentence!r} became {meaning}"
            for (voice, sentence), meaning in self.understood.items()
            if sentence in wanted and meaning != Meaning((wanted[sentence],))
        ]

    def acted(self, sentences: Iterable[str]) -> list[str]:
        """Sentences that were taken for a command."""
        return [
            f"{voice}: {sentence!r} became {meaning}"
            for (voice, sentence), meaning in self.understood.items()
            if sentence in sentences and meaning is not None
        ]


def in_a_room(sentence: str, voice: str) -> bytes:
    """As the voice detector cuts it out: a little silence before and behind."""
    return silence(300) + speech(sentence, voice) + silence(400)


async def listen(sentences: Sequence[str], tools: list[Tool]) -> Tally:
    recogniser, interpreter, tally = WorkerRecogniser(), HomeInterpreter(), Tally()
    try:
        for voice in VOICES:
            for sentence in sentences:
                heard = await recogniser.recognise(in_a_room(sentence, voice), tools)
                meaning = interpreter.meaning(heard.text, tools) if heard.understood else None
                tally.understood[voice, sentence] = meaning
    finally:
        await recogniser.close()
    return tally


@pytest.fixture(scope="module")
def tally() -> Tally:
    return asyncio.run(listen([*COMMANDS, *NOT_HERE, *TALK], small_home_tools()))


def test_nine_of_ten_commands_are_understood_exactly(tally: Tally) -> None:
    wrong = tally.wrong(COMMANDS)
    assert len(wrong) <= 0.1 * len(COMMANDS) * len(VOICES), wrong


def test_talk_that_is_no_command_is_not_taken_for_one(tally: Tally) -> None:
    acted = tally.acted(TALK)
    assert len(acted) <= 0.15 * len(TALK) * len(VOICES), acted


def test_no_device_is_touched_that_was_not_named(tally: Tally) -> None:
    """A command may be missed; a wrong one may never be made of it, nor of talk."""
    wanted = COMMANDS | NOT_HERE
    touched = [
        f"{voice}: {sentence!r} became {meaning}"
        for (voice, sentence), meaning in tally.understood.items()
        if meaning is not None
        and any(_targets(one) - _targets(wanted.get(sentence)) for one in meaning.calls)
        and any(one.name != "get_state" for one in meaning.calls)
    ]
    assert touched == []


def _targets(one: ToolCall | None) -> set[str]:
    if one is None:
        return set()
    return {*one.arguments.get("devices", ()), str(one.arguments.get("area", ""))}


def test_a_device_that_is_not_here_is_called_by_its_spoken_name(tally: Tally) -> None:
    wrong = tally.wrong(NOT_HERE)
    assert len(wrong) <= 1, wrong


def test_the_word_of_a_user_goes_all_the_way() -> None:
    """Streamed speech becomes a call, a new device is understood, a missing one is named."""

    async def scene() -> None:
        async with (
            serve(options=Options(voice=Hum(), pace=0.0)) as server,
            Client(server.url) as client,
        ):
            transcription = {"transcription": {"model": "whisper-1"}}
            await client.configure(tools=small_home_tools(), audio={"input": transcription})
            assert await said(client, "turn on the kitchen light", "slt") == (
                "set_power",
                {"devices": ["Kitchen light"], "state": "on"},
            )
            transcript = "conversation.item.input_audio_transcription.completed"
            assert client.of(transcript)[-1]["transcript"] == "turn on the kitchen light"

            new = PlainLamp("Workshop lamp", "Workshop", "workshop-lamp")
            await client.configure(tools=tools_of([*small_home(), new]))
            assert await said(client, "turn on the workshop lamp", "rms") == (
                "set_power",
                {"devices": ["Workshop lamp"], "state": "on"},
            )
            assert await said(client, "turn on the garage light", "slt") == (
                "set_power",
                {"devices": ["garage light"], "state": "on"},
            )

    run(scene())


async def said(client: Client, sentence: str, voice: str) -> tuple[str, Any]:
    """Name and arguments of the call that a streamed sentence led to."""
    await client.stream(silence(300) + speech(sentence, voice) + silence(1000))
    done = await client.wait("response.function_call_arguments.done")
    await client.wait("response.done")
    output = {"type": "function_call_output", "call_id": done["call_id"], "output": "{}"}
    await client.send("conversation.item.create", item=output)
    await client.wait("conversation.item.done")
    return done["name"], json.loads(done["arguments"])
