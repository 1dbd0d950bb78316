"""Chooses the synthesiser of the local server."""

from __future__ import annotations

import shutil

from satellite.core.errors import MissingPartError, SettingsError
from satellite.local_server.tts.espeak import EspeakVoice
from satellite.local_server.tts.piper import PiperVoice
from satellite.local_server.tts.piper_models import installed_voices, piper_is_installed
from satellite.locales.locale import DEFAULT, code_of, locale

AUTO, ESPEAK, PIPER = "auto", "espeak", "piper"


def choose_voice(
    voice: str = AUTO, *, language: str = "", first_words_s: float | None = None
) -> EspeakVoice | PiperVoice:
    """piper where it is installed with a voice, else espeak-ng.

    ``voice``: ``auto``, ``espeak``, ``piper``, or the name of one of piper's voices. ``language``:
    a language tag; one without a locale counts as English. Where piper takes longer than
    ``first_words_s`` for the first clause, espeak-ng speaks it, if it is installed. Raises
    ``MissingPartError`` where the synthesiser (for ``auto``: both) is not installed,
    ``SettingsError`` where piper has no voice of that name.
    """
    code = code_of(language)
    found = locale(code) if code not in ("", DEFAULT) else None
    espeak = found.espeak if found is not None else ""
    if voice == ESPEAK:
        return EspeakVoice(espeak)
    voices = installed_voices() if piper_is_installed() else {}
    has_espeak = shutil.which("espeak-ng") is not None
    if espeak and voice == AUTO:
        of_language = {name: path for name, path in voices.items() if name.startswith(f"{code}_")}
        voices = of_language or ({} if has_espeak else voices)
    if voice == AUTO and not voices:
        return EspeakVoice(espeak)
    if not piper_is_installed():
        raise MissingPartError(
            f"The voice {voice!r} is one of piper's, and the Python package piper-tts is not "
            "installed.",
            do="Install it and a voice (docs/offline.md), or choose 'espeak'.",
        )
    if not voices:
        raise MissingPartError(
            "piper has no voice on this machine.",
            do="Install one (docs/offline.md), or choose 'espeak'.",
        )
    name = next(iter(voices)) if voice in (AUTO, PIPER) else voice
    if name not in voices:
        raise SettingsError(
            f"piper has no voice {name!r} on this machine.",
            do=f"Choose one of: {', '.join((ESPEAK, *voices))}.",
        )
    spare = EspeakVoice(espeak) if has_espeak else None
    return PiperVoice(voices[name], spare, first_words_s=first_words_s)
