"""How much memory a process takes."""

from __future__ import annotations

import builtins

import pytest

from satellite.core.process_memory import resident_mb


def test_memory_that_is_taken_is_counted() -> None:
    before_mb = resident_mb()
    taken = b"\x01" * (64 << 20)
    assert before_mb + 48 < resident_mb() < before_mb + 96
    assert taken


def test_where_the_kernel_does_not_tell_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(builtins, "open", refuse)
    assert resident_mb() == 0.0
