"""Things made beside the loop."""

from __future__ import annotations

import threading

import pytest

from satellite.audio.deferred import Deferred


def test_is_made_once_and_beside() -> None:
    gate, made_in = threading.Event(), []

    def make() -> str:
        gate.wait()
        made_in.append(threading.current_thread())
        return "made"

    deferred = Deferred(make)
    asked = [deferred.requested]
    assert deferred.get() is None
    asked.append(deferred.requested)
    assert asked == [False, True]
    gate.set()
    assert deferred.wait() == deferred.get() == "made"
    assert len(made_in) == 1
    assert made_in[0] is not threading.current_thread()


def test_a_failure_is_raised_where_it_is_needed() -> None:
    def fail() -> str:
        raise ImportError("no such library")

    deferred = Deferred(fail)
    with pytest.raises(ImportError, match="no such library"):
        deferred.wait()
    with pytest.raises(ImportError):
        deferred.get()
