"""The recogniser's own process: answers each, dies and comes back, ends with its server."""

from __future__ import annotations

import asyncio
import signal

import psutil
import pytest

from satellite.local_server.asr.recognise import RecogniserError, WorkerRecogniser
from satellite.local_server.interpretation import UserMessage
from satellite.local_server.nlu.interpreter import HEARING_FAILED
from satellite.local_server.server import Options, serve
from tests.local_server.home_tools import small_home_tools
from tests.local_server.stubs import Hum, Says, quick, run
from tests.local_server.wire_client import Client, silence, speech

TIME = "what time is it"


def asked(text: str = TIME) -> bytes:
    return silence(200) + speech(text) + silence(300)


def process_of(recogniser: WorkerRecogniser) -> psutil.Process:
    assert recogniser.worker.process is not None
    return psutil.Process(recogniser.worker.process.pid)


def test_questions_asked_at_once_get_each_its_own_answer() -> None:
    async def scene() -> None:
        recogniser = WorkerRecogniser()
        try:
            tools = small_home_tools()
            one, two, none = await asyncio.gather(
                recogniser.recognise(asked(), []),
                recogniser.recognise(asked("turn on the kitchen light"), tools),
                recogniser.recognise(silence(500), []),
            )
            assert one == UserMessage("user", TIME)
            assert two == UserMessage("user", "turn on the kitchen light")
            assert not none.understood
        finally:
            await recogniser.close()

    run(scene())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_of_the_whole_service_is_left_to_who_asks(number: signal.Signals) -> None:
    """systemd, and Ctrl-C, send it to each process: the recogniser died first and was started
    again, so that the stop took seconds and left it behind."""

    async def scene() -> None:
        recogniser = WorkerRecogniser()
        try:
            await recogniser.learn([])
            first = process_of(recogniser)
            first.send_signal(number)
            assert (await recogniser.recognise(asked(), [])).text == TIME
            assert process_of(recogniser) == first
        finally:
            await recogniser.close()

    run(scene())


def test_what_was_said_while_the_process_died_is_heard_by_the_next_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        recogniser = WorkerRecogniser()
        try:
            await recogniser.learn([])
            first = process_of(recogniser)
            waiting = [asyncio.create_task(recogniser.recognise(asked(), [])) for _ in range(2)]
            await asyncio.sleep(0)
            first.kill()
            assert [(await one).text for one in waiting] == [TIME, TIME]
            assert process_of(recogniser).pid != first.pid
        finally:
            await recogniser.close()

    run(scene())
    (warning,) = caplog.messages
    assert "status -9" in warning
    assert "started again" in warning


def test_it_ends_with_its_server() -> None:
    async def scene() -> None:
        async with serve(options=Options(voice=Hum())) as server:
            assert server._own_recogniser is not None
            await server._own_recogniser.learn([])
            process = process_of(server._own_recogniser)
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

    run(scene())


class Deaf(Says):
    """A recogniser that fails, as one does whose process ended."""

    async def recognise(self, pcm: bytes, tools: object) -> UserMessage:
        raise RecogniserError("nothing can be heard")


def test_client_and_person_are_told_when_nothing_can_be_heard() -> None:
    async def scene() -> None:
        async with (
            serve(options=quick(recogniser=Deaf())) as server,
            Client(server.url) as client,
        ):
            audio = {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}}
            await client.configure(audio=audio)
            await client.stream(silence(200))
            await client.send("input_audio_buffer.commit")
            failed = await client.wait("conversation.item.input_audio_transcription.failed")
            assert failed["error"]["message"] == "nothing can be heard"
            response = await client.respond()
            said = response["output"][0]["content"][0]["transcript"]
            assert said.strip() == HEARING_FAILED

    run(scene())
