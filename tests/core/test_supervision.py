"""Workers that end, fail, or are asked to stop."""

from __future__ import annotations

import asyncio

import pytest

from satellite.core.errors import SatelliteError
from satellite.core.supervision import never_ending, once_set, run_until


async def forever() -> None:
    await asyncio.Event().wait()


async def fails(error: Exception) -> None:
    raise error


async def fails_at_the_end(error: Exception) -> None:
    try:
        await forever()
    finally:
        raise error


def stopped(*errors: Exception) -> list[str]:
    """Workers that are asked to stop and fail with these; what ``on_stop`` was told."""
    calls: list[str] = []

    async def scene() -> None:
        stop = asyncio.Event()
        workers = [forever(), *(fails_at_the_end(error) for error in errors)]
        asyncio.get_running_loop().call_soon(stop.set)
        async with asyncio.timeout(10):
            await run_until(stop, workers, lambda: calls.append("stop"))

    asyncio.run(scene())
    return calls


def test_a_stop_ends_all_workers() -> None:
    assert stopped() == ["stop"]


def test_what_a_person_knows_of_already_is_only_logged_at_a_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert stopped(SatelliteError("The card hangs.")) == ["stop"]
    assert "At the stop: The card hangs." in caplog.text


def test_a_fault_of_the_program_is_raised_at_a_stop_too() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        stopped(SatelliteError("The card hangs."), ZeroDivisionError())
    assert caught.group_contains(ZeroDivisionError)
    assert not caught.group_contains(SatelliteError)


@pytest.mark.parametrize("error", [SatelliteError("No card."), ZeroDivisionError()])
def test_one_that_fails_ends_all(error: Exception) -> None:
    async def scene() -> None:
        async with asyncio.timeout(10):
            await run_until(asyncio.Event(), [forever(), fails(error)], lambda: None)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(scene())
    assert caught.group_contains(type(error))


def test_one_that_just_returns_has_failed() -> None:
    async def returns() -> None:
        """At once."""

    with pytest.raises(RuntimeError, match="returns ended by itself"):
        asyncio.run(never_ending(returns()))


@pytest.mark.parametrize("is_set", [True, False])
def test_a_worker_begins_with_its_event_or_after_the_time(is_set: bool) -> None:
    async def scene() -> bool:
        event, began = asyncio.Event(), asyncio.Event()

        async def begins() -> None:
            began.set()

        waiting = asyncio.create_task(once_set(event, 3_600.0 if is_set else 0.01, begins()))
        await asyncio.sleep(0)
        early = began.is_set()
        if is_set:
            event.set()
        async with asyncio.timeout(10):
            await waiting
        return not early and began.is_set()

    assert asyncio.run(scene())


def test_a_worker_that_never_began_is_closed() -> None:
    """Python warns of a coroutine that was not awaited, and a warning fails a test."""

    async def scene() -> None:
        waiting = asyncio.create_task(once_set(asyncio.Event(), 3_600.0, forever()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(scene())
