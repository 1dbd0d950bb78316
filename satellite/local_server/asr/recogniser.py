"""Pocketsphinx with the grammar of a home. Runs in the recogniser's process only.

Pocketsphinx holds Python's global lock while it decodes, so that it would block a process that
also serves sockets or moves audio.

A grammar finds one of its sentences in any noise. So each utterance is decoded twice: as a sentence
of the home, and as any sequence of phones (a phone loop). ``evidence`` rejects a sentence that is
far less likely than the phones, ``rivals`` one that is hardly likelier than a sentence with another
meaning, and ``opposites`` one that does not clearly win over its opposite.
"""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satellite.local_server.asr import dictionary
from satellite.local_server.asr.evidence import (
    LEAST_ADVANTAGE,
    Stretch,
    convincing,
    leeway,
    limits,
    margins,
    unexplained,
)
from satellite.local_server.asr.grammar import Grammar, grammar_of
from satellite.local_server.asr.levels import (
    RATE_HZ,
    falling_db,
    loud_frames,
    snr_db,
    trimmed,
)
from satellite.local_server.asr.opposites import (
    IN_ECHO,
    STOPS,
    WEAK_LEAD,
    blur,
    each_word_is_certain,
    fewer,
    least_advantage,
    least_lead,
    least_leeway,
    opposites,
)
from satellite.local_server.asr.pronounce import pronounce
from satellite.local_server.asr.rivals import advantage, lattice_of, prefer_singular, readings
from satellite.local_server.asr.wake_prefix import WAKE_PREFIXES, split_wake_prefix
from satellite.local_server.interpretation import UserMessage

MIN_SPEECH_S = 0.1
MAX_SPEECH_S = 20
"""Longer speech is no command and is not decoded."""
_KNOWN_GRAMMARS = 4
_PHONES = "phones"
_ONE = "one sentence"
_FEW_WORDS = 2
_SHORT = RATE_HZ * 13 // 10
_SCORE_SHIFT = 1024
"""The decoder divides acoustic scores by this to fit them into its integers."""
_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class _Said:
    """``speech`` is PCM16 at 16 kHz; ``wake_prefix`` is the wake word, or the end of one, in it."""

    speech: bytes
    wake_prefix: str


class GrammarDecoder:
    """Recognises one utterance at a time."""

    def __init__(self) -> None:
        import pocketsphinx

        pocketsphinx.set_loglevel("FATAL")
        # compallsen: all senones are scored in each frame, so that the scores of two searches can
        # be compared. bestpath: the best path through the lattice may end within a sentence, that
        # of the search may not. topn: three Gaussians do as well as four in 5/6 of the time.
        self._decoder = pocketsphinx.Decoder(
            lm=None,
            dict=dictionary.NONE,
            loglevel="FATAL",
            compallsen=True,
            bestpath=False,
            topn=3,
        )
        self._dictionary = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
        self._know({word for stop in STOPS for word in stop.split()})
        for word, phones in WAKE_PREFIXES.items():
            self._add(word, [phones])
        self._decoder.add_allphone_file(
            _PHONES, pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin")
        )
        self._grammars: OrderedDict[str, Grammar] = OrderedDict()
        self._lattice_file = os.memfd_create(
            "lattice"
        )  # pocketsphinx only writes lattices to files

    def learn(self, key: str, tools: Sequence[Mapping[str, Any]]) -> None:
        """Builds the grammar of these tools under the name ``key``, unless it is known."""
        if key in self._grammars:
            self._grammars.move_to_end(key)
            return
        grammar = grammar_of(tools)
        graph = grammar.automaton
        self._know(graph.words() - WAKE_PREFIXES.keys())
        # Pocketsphinx wants a single last state: one more, reached without a word.
        arcs: list[tuple[int, int, float, str] | tuple[int, int, float]] = list(graph.arcs)
        arcs += [(final, graph.states, 1.0) for final in sorted(graph.finals)]
        graph_of_words = self._decoder.create_fsg(key, graph.start, graph.states, arcs)
        self._decoder.add_fsg(key, graph_of_words)
        self._grammars[key] = grammar
        while len(self._grammars) > _KNOWN_GRAMMARS:
            old, _ = self._grammars.popitem(last=False)
            self._decoder.remove_search(old)

    def _know(self, words: Iterable[str]) -> None:
        """Adds these words to the decoder's dictionary."""
        new = sorted(word for word in words if self._decoder.lookup_word(word) is None)
        known = dictionary.pronunciations(new, self._dictionary) if new else {}
        for word, phones in pronounce([word for word in new if word not in known]).items():
            known[word] = [phones]
        for word, ways in known.items():
            self._add(word, ways)

    def _add(self, word: str, ways: Sequence[str]) -> None:
        for number, phones in enumerate(ways):
            self._decoder.add_word(dictionary.numbered(word, number), phones, False)

    def recognise(self, key: str, pcm24k: bytes) -> UserMessage:
        """What was said in this PCM16 mono 24 kHz, by the grammar ``key``."""
        import numpy as np
        import soxr

        samples = np.frombuffer(pcm24k, dtype=np.int16)
        if not MIN_SPEECH_S * 24_000 <= len(samples) <= MAX_SPEECH_S * 24_000:
            return UserMessage("user", "", understood=False)
        narrow = soxr.resample(samples, 24_000, RATE_HZ, quality="HQ").astype(np.int16)
        kept = trimmed(narrow)
        words = self._search(key, kept.tobytes())
        wake_prefix, text = split_wake_prefix([one.label for one in words if not one.filler])
        grammar = self._grammars[key]
        if not grammar.automaton.accepts(text.split()) or grammar.meaning(text) is None:
            return UserMessage("user", "", understood=False)
        contrast = snr_db(narrow)
        limit = limits(contrast)
        said = _Said(kept.tobytes(), wake_prefix)
        if unexplained(words, loud_frames(kept)) > limit.unexplained:
            return self._guess(text, said)
        found = self._readings(key, words[-1])
        sounds = self._search(_PHONES, said.speech)
        if not convincing(words, sounds, limit):
            return self._guess(text, said)
        blurred = blur(falling_db(kept), contrast)
        whole = [one for one in found if grammar.automaton.accepts(one[0].split())]
        text = self._prefer_singular(prefer_singular(text, whole, LEAST_ADVANTAGE), grammar, said)
        lead = advantage(text, whole, grammar.same)
        if lead < least_advantage(blurred):
            return self._guess(text, said)
        reaches_many = grammar.reaches_many(text)
        poor = leeway(words, sounds, limit) < least_leeway(blurred, reaches_many=reaches_many)
        if (grammar.acts(text) and poor) or (
            reaches_many and not each_word_is_certain(lead, margins(words, sounds)[1])
        ):
            return self._guess(text, said, uncertain=grammar.may_be_asked_about(text))
        rivals = (*opposites(text, grammar.automaton.accepts), *grammar.questions_like(text))
        others = [one for one in rivals if not grammar.same(text, one)]
        runs_on = bool(wake_prefix) and grammar.moves_a_lock(text)
        least = least_lead(1.0 if runs_on else blurred)
        if others and self._lead_over(text, others, said, at_least=least) < least:
            return self._guess(text, said, uncertain=grammar.may_be_asked_about(text))
        return UserMessage("user", text)

    def _prefer_singular(self, text: str, grammar: Grammar, said: _Said) -> str:
        """The singular unless the plural clearly wins: breath sounds like an "s"."""
        single = fewer(text)
        if single == text or grammar.meaning(single) in (None, grammar.meaning(text)):
            return text
        return text if self._lead_over(text, [single], said) >= IN_ECHO else single

    def _guess(self, text: str, said: _Said, *, uncertain: bool = False) -> UserMessage:
        """The result for speech that is not understood. One or two words may have been a "stop",
        which counts where a reply was just cut."""
        if len(text.split()) <= _FEW_WORDS and len(said.speech) // 2 < _SHORT:
            for stop in STOPS:
                if text == stop or self._lead_over(stop, [text], said) > WEAK_LEAD:
                    return UserMessage("user", stop, understood=False)
        return UserMessage("user", text, understood=False, uncertain=uncertain)

    def _lead_over(
        self, text: str, others: Sequence[str], said: _Said, at_least: float = -math.inf
    ) -> float:
        """The least lead of a sentence over others, each scored by itself. Stops at a lead below
        ``at_least``. Others are also scored without the wake word: what was taken for the end of
        one may be their beginning."""
        own, lead = self._score(f"{said.wake_prefix} {text}", said.speech), math.inf
        prefixes = dict.fromkeys((said.wake_prefix, ""))
        for other in (f"{one} {other}" for other in others for one in prefixes):
            if own > -math.inf and lead >= at_least:
                lead = min(lead, own - self._score(other, said.speech))
        return lead if own > -math.inf else -math.inf

    def _score(self, sentence: str, speech: bytes) -> float:
        """Log likelihood of the speech as exactly this sentence."""
        words = sentence.split()
        arcs = [(at, at + 1, 1.0, word) for at, word in enumerate(words)]
        graph = self._decoder.create_fsg(_ONE, 0, len(words), arcs)
        self._decoder.add_fsg(_ONE, graph)
        found = self._search(_ONE, speech)
        said = [stretch.label for stretch in found if not stretch.filler]
        return sum(stretch.score for stretch in found) if said == words else -math.inf

    def _readings(self, key: str, ending: Stretch) -> list[tuple[str, float]]:
        """The sentences in the lattice of the latest search with this grammar, and their scores."""
        self._decoder.activate_search(key)
        lattice = self._decoder.get_lattice()
        if lattice is None:
            return []
        lattice.write(f"/proc/self/fd/{self._lattice_file}")
        written = os.pread(self._lattice_file, os.fstat(self._lattice_file).st_size, 0)
        best: dict[str, float] = {}
        for said, score in readings(lattice_of(written.decode()), ending):
            best.setdefault(split_wake_prefix(said.split())[1], score)
        return list(best.items())

    def _search(self, search: str, speech: bytes) -> list[Stretch]:
        decoder = self._decoder
        decoder.reinit_feat()  # resets its noise estimate, which is of the utterance before
        decoder.activate_search(search)
        decoder.start_utt()
        try:
            decoder.process_raw(speech, full_utt=True)
        finally:
            decoder.end_utt()  # otherwise the decoder would refuse the next search
        if decoder.hyp() is None:
            return []
        return [
            Stretch(
                part.word.partition("(")[0] or part.word,
                part.start_frame,
                part.end_frame + 1,
                math.log(max(part.ascore, _LEAST)) * _SCORE_SHIFT,
            )
            for part in decoder.seg()
            if part.word != "(NULL)"
        ]
