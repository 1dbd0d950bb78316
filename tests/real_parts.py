"""Which tests may fail once: those that use a real part beside the code.

A test that talks to another process, a socket or a sound card shares the machine with whatever
else runs there, and a machine that stands still for a second makes a real card run dry. Such a
test is tried a second time, visibly; a fault of ours fails twice. All other tests fail at once.

Nobody marks tests by hand: the interpreter itself tells what was used, by its audit events, in the
test or in the set-up of a fixture of it.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any

import pytest

EVENTS = frozenset(
    {"os.fork", "os.posix_spawn", "socket.bind", "socket.connect", "subprocess.Popen"}
)
"""A sound card needs none of its own: in these tests it is always a sound server's."""


class RealParts:
    """The plugin. One for the interpreter: an audit hook can never be taken out again."""

    def __init__(self) -> None:
        self._used = False
        self._fixtures: set[str] = set()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in EVENTS:
            self._used = True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            item.add_marker(
                pytest.mark.flaky(reruns=1, reruns_delay=1, condition=lambda: self._used)
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any]
    ) -> Generator[None, object, object]:
        """Remembers which fixtures bring one: a module's is set up before its first test only."""
        before, self._used = self._used, False
        try:
            return (yield)
        finally:
            if self._used:
                self._fixtures.add(fixturedef.argname)
            self._used |= before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        self._used = False
        yield
        self._used |= not self._fixtures.isdisjoint(getattr(item, "fixturenames", ()))


real_parts = RealParts()
