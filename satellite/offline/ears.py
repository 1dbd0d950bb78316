"""Pocketsphinx with the grammar of a home. Runs in the recogniser's own process only.

Pocketsphinx holds Python's lock while it listens, so it has no place in a process that also
serves sockets or moves audio.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from satellite.errors import MissingPartError
from satellite.offline.grammar import Grammar, grammar_of
from satellite.offline.mind import Heard
from satellite.offline.pronounce import pronounce

MAX_SPEECH_S = 20
"""Longer speech is no command and is not listened to."""
_KNOWN_GRAMMARS = 4
_RATE_HZ = 16_000


class Ears:
    """Recognises one utterance at a time."""

    def __init__(self) -> None:
        try:
            import pocketsphinx
        except ImportError as error:
            raise MissingPartError(
                "The Python package pocketsphinx, which recognises speech, is not installed.",
                do="Install the satellite with its extra 'offline'.",
            ) from error
        pocketsphinx.set_loglevel("FATAL")
        self._decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
        self._grammars: OrderedDict[str, Grammar] = OrderedDict()
        self._count = 0

    def learn(self, key: str, tools: Sequence[Mapping[str, Any]]) -> None:
        """Makes the grammar of these tools ready; ``key`` is the name to ask for it by."""
        if key in self._grammars:
            self._grammars.move_to_end(key)
            return
        grammar = grammar_of(tools)
        automaton = grammar.automaton
        words = sorted(automaton.words())
        unknown = [word for word in words if self._decoder.lookup_word(word) is None]
        for word, phones in pronounce(unknown).items():
            self._decoder.add_word(word, phones, False)
        last = automaton.states
        arcs = [*automaton.arcs, *((state, last, 1.0) for state in automaton.finals)]
        fsg = self._decoder.create_fsg(key, automaton.start, last, arcs)
        self._decoder.add_fsg(key, fsg)
        self._grammars[key] = grammar
        while len(self._grammars) > _KNOWN_GRAMMARS:
            old, _ = self._grammars.popitem(last=False)
            self._decoder.remove_search(old)

    def hear(self, key: str, pcm24k: bytes) -> Heard:
        """What was said in PCM16 mono 24 kHz, by the grammar ``key``."""
        import numpy as np
        import soxr

        samples = np.frombuffer(pcm24k, dtype=np.int16)
        if len(samples) > MAX_SPEECH_S * 24_000:
            return Heard("user", "", understood=False)
        narrow = soxr.resample(samples, 24_000, _RATE_HZ, quality="HQ").astype(np.int16)
        self._decoder.activate_search(key)
        self._decoder.start_utt()
        self._decoder.process_raw(narrow.tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        text = found.hypstr if found is not None else ""
        return Heard("user", text, understood=bool(text))
