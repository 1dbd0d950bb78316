"""Whether an echo comes at all is decided once for each reply, and against doubt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.echo.presence import SURE_AFTER_S, EchoPresence

CHUNK_S = 0.02
LOUD, NOISE = 1e6, 400.0


def verdicts(chunks: list[tuple[float, float]]) -> list[bool]:
    presence = EchoPresence()
    said = []
    for played, captured in chunks:
        said.append(presence.none)
        presence.hear(played, captured, CHUNK_S)
    return said


def test_a_quiet_microphone_beside_a_sounding_loudspeaker_hears_no_echo() -> None:
    said = verdicts([(LOUD, NOISE)] * 60)
    assert said.index(True) == round(SURE_AFTER_S / CHUNK_S)
    assert all(said[said.index(True) :])


def test_silence_of_the_loudspeaker_proves_nothing() -> None:
    assert not any(verdicts([(0.0, NOISE)] * 500))


def test_whoever_speaks_meanwhile_leaves_it_undecided() -> None:
    assert not any(verdicts([(LOUD, NOISE)] * 20 + [(LOUD, LOUD)] + [(LOUD, NOISE)] * 200))


def test_what_was_heard_before_the_loudspeaker_sounded_is_no_echo() -> None:
    assert verdicts([(0.0, LOUD)] * 5 + [(0.0, NOISE)] * 5 + [(LOUD, NOISE)] * 60)[-1]


@given(st.lists(st.tuples(st.sampled_from([0.0, LOUD]), st.floats(0, 1e8)), max_size=200))
def test_it_never_changes_its_mind_within_a_reply(chunks: list[tuple[float, float]]) -> None:
    said = verdicts(chunks)
    if True in said:
        assert all(said[said.index(True) :])


def test_the_next_reply_is_judged_anew() -> None:
    presence = EchoPresence()
    for _ in range(60):
        presence.hear(LOUD, NOISE, CHUNK_S)
    presence.reset()
    assert not presence.none
