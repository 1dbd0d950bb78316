"""The person's voice is flite's, and says a sentence once only."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from satellite.core.errors import MissingPartError
from satellite.demo.children import ChildError
from satellite.demo.voices import Person


@pytest.mark.skipif(shutil.which("flite") is None, reason="the Debian package flite is needed")
def test_a_person_speaks_and_remembers() -> None:
    async def scene() -> None:
        person = Person("slt")
        speech = await person.says("Turn on the kitchen light.")
        assert 1.0 < speech.seconds < 3.0
        assert any(speech.pcm)
        assert await person.says("Turn on the kitchen light.") is speech
        other = await Person("rms").says("Turn on the kitchen light.")
        assert other.pcm != speech.pcm

    asyncio.run(scene())


def test_a_person_needs_flite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *args, **named: None)
    with pytest.raises(MissingPartError, match="apt install flite"):
        asyncio.run(Person().says("Hello."))


def test_a_voice_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satellite.demo.voices.require_program", lambda *args: "/bin/false")
    with pytest.raises(ChildError, match="flite ended with status 1"):
        asyncio.run(Person().says("Hello."))
