"""Recognises wake words on this machine by pymicro-wakeword, whose models come in the package.

It runs a small streaming network for each wake word, on features that all of them share, at 16 kHz.
docs/audio.md tells how well each word is recognised, and what it costs. The package is imported
only when ``listen.mode`` is "wake" or "auto".
"""

from __future__ import annotations

import importlib.util
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from satellite.conversation.events import BYTES_PER_MS, SAMPLE_RATE_HZ
from satellite.core.errors import MissingPartError, SettingsError
from satellite.core.wake_words import WAKE_WORDS, Lag

if TYPE_CHECKING:
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures
    from soxr import ResampleStream

log = logging.getLogger(__name__)

PACKAGE = "pymicro_wakeword"
MODEL_RATE_HZ = 16_000
TFLITE = b"TFL3"
"""The second four bytes of every TensorFlow Lite model."""
BATCH_MS = 60
"""Sound is processed in pieces of this length: two steps of the network; half the CPU of 20 ms."""
INSTALL = "Install it with:  pip install 'satellite[wake]'  (scripts/install does so)."


@dataclass(frozen=True, slots=True)
class WakeWordModel:
    """A wake word and the file that describes its model."""

    name: str
    config: Path

    @property
    def lag(self) -> Lag:
        """When it is recognised, relative to its end."""
        known = WAKE_WORDS.get(self.name)
        return known.lag if known is not None else Lag()


class WakeWord:
    """Call ``process`` for every chunk that is not sent.

    Nothing is recognised until ``load`` is done, which may run in another thread. ``names`` are
    wake words of the package in any spelling (``Okay Nabu``, ``okay_nabu``), or paths of ``.json``
    files that describe other models (version 2 of microWakeWord's format, with the ``.tflite``
    beside it). Raises ``SettingsError`` for an unknown name, with a list of the known ones, and
    ``MissingPartError`` when pymicro-wakeword is not installed.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.words = find_words(names)
        self._resampler: ResampleStream | None = None
        self._features: MicroWakeWordFeatures | None = None
        self._models: list[MicroWakeWord] = []
        self._waiting = bytearray()

    def load(self) -> None:
        """Loads the library and the models: about 0.15 s. Raises ``MissingPartError`` and
        ``SettingsError``."""
        try:
            from pymicro_wakeword import MicroWakeWordFeatures
            from soxr import ResampleStream
        except (ImportError, OSError) as error:
            raise _missing(str(error)) from error
        # Its delay of some 10 ms does not matter here, and it costs next to nothing.
        self._resampler = ResampleStream(
            SAMPLE_RATE_HZ, MODEL_RATE_HZ, 1, dtype="int16", quality="LQ"
        )
        self._features = MicroWakeWordFeatures()
        self._models = [_model(word) for word in self.words]

    def process(self, chunk: bytes) -> WakeWordModel | None:
        """Takes PCM16 24 kHz mono of any even length. Returns the wake word that ended in this
        chunk, or shortly before or after it."""
        import numpy as np

        if not self._models or self._resampler is None or self._features is None:
            return None
        self._waiting += chunk
        if len(self._waiting) < BATCH_MS * BYTES_PER_MS:
            return None
        batch, self._waiting = np.frombuffer(self._waiting, np.int16), bytearray()
        sound = self._resampler.resample_chunk(batch).tobytes()
        heard: WakeWordModel | None = None
        for features in self._features.process_streaming(sound):
            for word, model in zip(self.words, self._models, strict=True):
                if model.process_streaming(features):
                    heard = word
        if heard is not None:
            log.info("Woken by “%s”.", heard.name)
            self._reset()
        return heard

    def _reset(self) -> None:
        """Resets the models, which would recognise the same word again."""
        for model in self._models:
            model.reset()


def find_words(names: Iterable[str]) -> tuple[WakeWordModel, ...]:
    """Looks each name up without loading anything. Raises what ``WakeWord`` does."""
    known = known_words()
    found: dict[str, WakeWordModel] = {}
    for name in names:
        if name.endswith(".json"):
            config = Path(name)
            if not config.is_file():
                raise SettingsError(f"listen.wake_words names a file that is not there: {name}")
            word = WakeWordModel(_normalised(config.stem), config)
        elif _normalised(name) in known:
            word = WakeWordModel(_normalised(name), known[_normalised(name)])
        else:
            raise SettingsError(
                f"listen.wake_words: nobody has a model for “{name}”.",
                do=f"Choose from: {', '.join(sorted(known))}; or name the .json file of your own.",
            )
        found[word.name] = word
    return tuple(found.values())


def known_words() -> dict[str, Path]:
    """Names and files of the models in the package. Raises ``MissingPartError``."""
    return {_normalised(path.stem): path for path in _model_folder().glob("*.json")}


def _model_folder() -> Path:
    # Without importing the package, which costs a tenth of a second and loads numpy.
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise _missing("the Python package pymicro-wakeword is not installed")
    return Path(package.submodule_search_locations[0]) / "models"


def _model(word: WakeWordModel) -> MicroWakeWord:
    from pymicro_wakeword import MicroWakeWord

    try:
        _check_model(word.config)
        return MicroWakeWord.from_config(word.config)
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"The wake word in {word.config} cannot be used: {type(error).__name__}: {error}.",
            do="It must describe a model of microWakeWord, version 2, with its .tflite beside it.",
        ) from error
    except OSError as error:  # the library itself, or what it needs of this machine
        raise _missing(str(error)) from error


def _check_model(config: Path) -> None:
    """Raises ValueError. The library does not check the file, and would end the process."""
    try:
        model = config.parent / json.loads(config.read_text("utf-8"))["model"]
        with model.open("rb") as file:
            beginning = file.read(8)
    except OSError as error:
        raise ValueError(f"{error.filename}: {error.strerror}") from None
    if beginning[4:] != TFLITE:
        raise ValueError(f"{model} is no TensorFlow Lite model")


def _missing(reason: str) -> MissingPartError:
    return MissingPartError(
        f"What hears the wake word (listen.mode) cannot be loaded: {reason}.",
        do=INSTALL,
    )


def _normalised(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()
