"""What is sent of the canceller's output: softer beside nobody, and without a step."""

from __future__ import annotations

import numpy as np

from satellite.audio.echo.onset import Onset
from satellite.audio.echo.residue import SOFT, Residue
from satellite.conversation.events.local import Certainty

CHUNK = np.full(480, 10_000, np.int16)


def heard(*, alone: bool = False, stands_out: bool = False) -> Onset:
    onset = Onset()
    onset.alone, onset.stands_out = alone, stands_out
    return onset


def test_beside_nobody_it_is_softer_and_beside_somebody_as_it_is() -> None:
    residue = Residue()
    assert residue.softened(CHUNK) is CHUNK
    sent = []
    for alone in (True, True, False, False):
        residue.follow(heard(alone=alone), Certainty.NONE)
        sent.append(residue.softened(CHUNK))
    assert (sent[1] == round(10_000 * SOFT)).all()
    assert sent[3] is CHUNK
    assert np.abs(np.diff(np.concatenate(sent).astype(int))).max() < 30


def test_the_microphones_own_sound_is_for_a_sure_voice_while_it_stays() -> None:
    chunks = [
        (Certainty.MAYBE, True),
        (Certainty.SURE, True),
        (Certainty.NONE, True),
        (Certainty.NONE, False),
    ]
    residue, passes = Residue(), []
    for voice, stands_out in chunks:
        residue.follow(heard(stands_out=stands_out), voice)
        passes.append(residue.voice_passes)
    assert passes == [False, True, True, False]


def test_after_the_reply_a_voice_passes_until_there_is_a_pause() -> None:
    residue = Residue()
    residue.follow(heard(stands_out=True), Certainty.SURE)
    residue.rest(silent=False)
    assert residue.voice_passes
    residue.rest(silent=True)
    assert not residue.voice_passes
