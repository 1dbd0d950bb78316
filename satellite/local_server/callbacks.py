"""Callbacks of a connection that its listener and its speaker get."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from satellite.local_server.protocol.actions import Action

T = TypeVar("T")

Do = Callable[[Sequence[Action]], None]
"""Carries out actions of the session."""


class Start(Protocol):
    """Starts a task that the connection cancels when it ends."""

    def __call__(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]: ...
