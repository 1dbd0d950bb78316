"""Encodes the session's configuration in the three shapes that servers expect.

GA nests audio settings and names the session's type, beta is flat, xAI mixes both. Only what is set
is written: a missing field keeps the server's default, and a server refuses a whole update because
of one field that it does not know.
"""

from __future__ import annotations

from typing import Any, Literal

from satellite.realtime.config import OFF, AudioCoding, LinkConfig, VadConfig
from satellite.realtime.response_settings import response_fields

Shape = Literal["ga", "beta", "mixed"]
"""``mixed``: conversation fields flat, formats nested below ``audio`` (xAI)."""

BETA_NAMES = {"max_output_tokens": "max_response_output_tokens"}
"""What the beta shape calls differently."""
_GA_FORMATS = {"g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}


def turn_detection(vad: VadConfig, interrupt: str) -> dict[str, Any] | None:
    """The field ``turn_detection``, the same in all shapes; None switches detection off.

    The server answers each turn by itself (``create_response``). It stops a running response only
    if ``interrupt`` is ``server``; else the satellite does.
    """
    if vad.type in OFF:
        return None
    detection: dict[str, Any] = {"type": vad.type}
    own: dict[str, Any]
    if vad.type == "semantic_vad":
        own = {"eagerness": vad.eagerness}
    else:
        own = {
            "threshold": vad.threshold,
            "prefix_padding_ms": vad.prefix_padding_ms,
            "silence_duration_ms": vad.silence_duration_ms,
            "idle_timeout_ms": vad.idle_timeout_ms,
        }
    detection.update((name, value) for name, value in own.items() if value is not None)
    detection["create_response"] = True
    detection["interrupt_response"] = interrupt == "server"
    return detection


_WITH_KEYWORDS = ("gpt-transcribe", "gpt-live-transcribe")
_WITH_PROMPT = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")


def expected_words(config: LinkConfig) -> dict[str, Any]:
    """The vocabulary in the field that the model for transcripts takes; empty if it takes none.

    A prompt of words alone serves whisper-1, which wants keywords, and models of free text, in any
    language.
    """
    model, words = config.transcription_model, config.vocabulary
    if not words or "diarize" in model:
        return {}
    if model.startswith(_WITH_KEYWORDS):
        return {"keywords": list(words)}
    return {"prompt": ", ".join(words)} if model.startswith(_WITH_PROMPT) else {}


def transcription(config: LinkConfig) -> dict[str, Any] | None:
    """The model, language and vocabulary for transcripts; None for no transcripts."""
    if config.transcription_model in OFF:
        return None
    recogniser: dict[str, Any] = {"model": config.transcription_model} | expected_words(config)
    language = config.language.replace("_", "-").partition("-")[0].lower()
    if len(language) == 2:  # ISO 639-1, the only codes that recognisers accept
        recogniser["language"] = language
    return recogniser


def noise_reduction(config: LinkConfig) -> dict[str, str] | None:
    return None if config.noise_reduction in OFF else {"type": config.noise_reduction}


def _ga_format(coding: AudioCoding, rate_hz: int) -> dict[str, Any]:
    if coding == "pcm16":
        return {"type": "audio/pcm", "rate": rate_hz}
    return {"type": _GA_FORMATS[coding]}


def _voice(voice: str) -> str | dict[str, str]:
    return {"id": voice} if voice.startswith("voice_") else voice


def ga_session(
    config: LinkConfig, input_rate_hz: int, output_rate_hz: int, known: frozenset[str]
) -> dict[str, Any]:
    """The GA shape, without tools; ``type`` has to be in every update.

    ``known`` names those of ``RESPONSE_FIELDS`` that the server knows, here and below.
    """
    fields = response_fields(config, known)
    hearing: dict[str, Any] = {
        "format": _ga_format(config.input_format, input_rate_hz),
        "turn_detection": turn_detection(config.vad, config.interrupt),
    }
    if (recogniser := transcription(config)) is not None:
        hearing["transcription"] = recogniser
    if (reduction := noise_reduction(config)) is not None:
        hearing["noise_reduction"] = reduction
    audio: dict[str, Any] = {"input": hearing}
    if config.output == "audio":
        audio["output"] = {"format": _ga_format(config.output_format, output_rate_hz)}
        if config.voice:
            audio["output"]["voice"] = _voice(config.voice)
        if "speed" in fields:
            audio["output"]["speed"] = fields.pop("speed")
    session: dict[str, Any] = {
        "type": "realtime",
        "output_modalities": [config.output],
        "audio": audio,
        **fields,
    }
    if config.instructions:
        session["instructions"] = config.instructions
    return session


def beta_session(
    config: LinkConfig, pcm_in: str, pcm_out: str, known: frozenset[str]
) -> dict[str, Any]:
    """The beta shape, without tools; ``pcm_in`` and ``pcm_out`` are the server's names for PCM."""
    fields = response_fields(config, known)
    spoken = config.output == "audio"
    session: dict[str, Any] = {
        "modalities": ["audio", "text"] if spoken else ["text"],
        "input_audio_format": pcm_in if config.input_format == "pcm16" else config.input_format,
        "turn_detection": turn_detection(config.vad, config.interrupt),
    }
    if spoken:
        plain = config.output_format == "pcm16"
        session["output_audio_format"] = pcm_out if plain else config.output_format
        if config.voice:
            session["voice"] = config.voice
    if (recogniser := transcription(config)) is not None:
        session["input_audio_transcription"] = recogniser
    if (reduction := noise_reduction(config)) is not None:
        session["input_audio_noise_reduction"] = reduction
    for name, value in fields.items():
        session[BETA_NAMES.get(name, name)] = value
    if config.instructions:
        session["instructions"] = config.instructions
    return session


def mixed_session(
    config: LinkConfig, input_rate_hz: int, output_rate_hz: int, known: frozenset[str]
) -> dict[str, Any]:
    """xAI's mixture, without tools: formats and speed as in GA, the rest flat."""
    fields = response_fields(config, known)
    spoken: dict[str, Any] = {"format": _ga_format(config.output_format, output_rate_hz)}
    if "speed" in fields:
        spoken["speed"] = fields.pop("speed")
    session: dict[str, Any] = {
        "turn_detection": turn_detection(config.vad, config.interrupt),
        "audio": {
            "input": {"format": _ga_format(config.input_format, input_rate_hz)},
            "output": spoken,
        },
        **fields,
    }
    if config.voice:
        session["voice"] = config.voice
    if config.instructions:
        session["instructions"] = config.instructions
    return session
