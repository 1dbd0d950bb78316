"""A child process that answers: comes back when it dies, is ended when it hangs."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from satellite.local_server.worker import Numbered, WorkerError, WorkerProcess
from tests.local_server.stubs import run

DIES_WHEN_ASKED = "import sys; sys.stdin.buffer.read(4); sys.exit(7)"
HANGS = "import time; time.sleep(600)"
DOUBLES = """
import os, sys
from satellite.local_server.worker import Numbered, serve

class Question(Numbered):
    word: str

class Answer(Numbered):
    word: str
    pid: int

def double(question):
    print("this must not get between the messages", flush=True)
    if question.word == "die":
        sys.exit(9)
    return Answer(question.number, question.word * 2, os.getpid())

serve(Question, double)
"""


class Word(Numbered):
    word: str


class Doubled(Numbered):
    word: str
    pid: int


@asynccontextmanager
async def worker(
    program: str, timeout_s: float = 20.0, idle_timeout_s: float | None = None
) -> AsyncIterator[WorkerProcess[Doubled]]:
    child = WorkerProcess(
        "the doubler",
        "",
        Doubled,
        timeout_s=timeout_s,
        idle_timeout_s=idle_timeout_s,
        command=[sys.executable, "-c", program],
    )
    try:
        yield child
    finally:
        await child.close()


async def ask(child: WorkerProcess[Doubled], word: str) -> Doubled:
    return await child.ask(lambda number: Word(number, word))


def test_each_question_gets_its_own_answer_from_one_process() -> None:
    async def scene() -> None:
        async with worker(DOUBLES) as child:
            words = ["a", "é" * 100_000, ""]
            answers = await asyncio.gather(*(ask(child, word) for word in words))
            assert [one.word for one in answers] == [word * 2 for word in words]
            assert len({one.pid for one in answers}) == 1

    run(scene())


def test_a_question_on_which_it_died_is_asked_once_more(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with worker(DOUBLES) as child:
            first = (await ask(child, "a")).pid
            assert child.process is not None
            child.process.send_signal(signal.SIGSTOP)  # or it might answer before it dies
            waiting = [asyncio.create_task(ask(child, word)) for word in "bc"]
            await asyncio.sleep(0)
            child.process.kill()
            answers = await asyncio.gather(*waiting)
            assert [one.word for one in answers] == ["bb", "cc"]
            assert first not in {one.pid for one in answers}

    run(scene())
    (warning,) = caplog.messages
    assert "the doubler's process ended with status -9" in warning


def test_a_question_on_which_every_process_dies_is_given_up_and_the_next_one_tried() -> None:
    async def scene() -> None:
        async with worker(DOUBLES) as child:
            for _ in range(2):
                with pytest.raises(WorkerError, match="ended with status 9"):
                    await ask(child, "die")
                assert (await ask(child, "a")).word == "aa"
        async with worker(DIES_WHEN_ASKED) as child:
            with pytest.raises(WorkerError, match="ended with status 7"):
                await ask(child, "a")

    run(scene())


def test_a_process_that_hangs_is_ended_and_told() -> None:
    async def scene() -> None:
        async with worker(HANGS, timeout_s=0.2) as child:
            with pytest.raises(WorkerError, match=r"the doubler did not answer for 0\.2 s"):
                await ask(child, "a")
            assert child.process is not None
            assert child.process.returncode == -9

    run(scene())


def test_who_goes_before_the_answer_leaves_the_next_one_its_own() -> None:
    async def scene() -> None:
        async with worker(DOUBLES) as child:
            await ask(child, "a")
            cancelled = asyncio.create_task(ask(child, "b"))
            await asyncio.sleep(0)
            cancelled.cancel()
            assert (await ask(child, "c")).word == "cc"

    run(scene())


def test_nothing_is_started_after_the_end() -> None:
    async def scene() -> None:
        async with worker(DOUBLES) as child:
            await ask(child, "a")
            process = child.process
            await child.close()
            assert process is not None
            assert process.returncode == 0
            with pytest.raises(WorkerError, match="going away"):
                await ask(child, "b")

    run(scene())


def test_who_is_asked_nothing_any_more_rests_and_is_there_for_the_next_question() -> None:
    async def scene() -> None:
        async with worker(DOUBLES, idle_timeout_s=0.05) as child:
            first = (await ask(child, "a")).pid
            resting = child.process
            assert resting is not None
            assert await asyncio.wait_for(resting.wait(), 20) == 0
            answers = await asyncio.gather(*(ask(child, word) for word in "bc"))
            assert [one.word for one in answers] == ["bb", "cc"]
            assert first not in {one.pid for one in answers}

    run(scene())


def test_who_is_asked_while_it_goes_to_rest_answers() -> None:
    async def scene() -> None:
        async with worker(DOUBLES, idle_timeout_s=0.0) as child:
            for word in "abc":
                assert (await ask(child, word)).word == word * 2
                await asyncio.sleep(0)  # the rest has begun

    run(scene())


def test_whose_rest_does_not_come_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satellite.local_server.worker.STOP_TIMEOUT_S", 0.2)

    async def scene() -> None:
        async with worker(DOUBLES, idle_timeout_s=0.05) as child:
            await ask(child, "a")
            assert child.process is not None
            child.process.send_signal(signal.SIGSTOP)
            assert await asyncio.wait_for(child.process.wait(), 20) == -signal.SIGKILL
            assert (await ask(child, "b")).word == "bb"

    run(scene())
