"""How the parts of a connection hand work to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from satellite.local_server.protocol.actions import Action

T = TypeVar("T")

Do = Callable[[Sequence[Action]], None]
"""Carries out what the session wants."""


class Start(Protocol):
    """Begins work beside; the connection sees to its end."""

    def __call__(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]: ...
