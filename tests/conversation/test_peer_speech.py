"""What other satellites claim to say, and how much of it is believed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.conversation.events.local import PeerSpeaks
from satellite.conversation.peer_speech import (
    CREDIT_PER_S,
    CREDIT_S,
    LAG_S,
    MAX_PEERS,
    MAX_WORDS_CHARS,
    STALE_S,
    TRUSTED_FROM_S,
    PeerSpeeches,
)


def test_what_begins_while_another_speaks_may_be_its_voice() -> None:
    peers = PeerSpeeches()
    assert not peers.spoke_at(9.0, 9.0)
    peers.update(PeerSpeaks("other", True, "Done"), 10.0)
    assert peers.spoke_at(10.5, 10.5)
    peers.update(PeerSpeaks("other", False, "Done"), 12.0)
    assert peers.spoke_at(12.0 + LAG_S - 0.1, 14.0), "a server tells of it late"
    assert not peers.spoke_at(12.0 + LAG_S + 0.1, 14.0)


def test_what_began_before_it_spoke_is_somebody_else() -> None:
    peers = PeerSpeeches()
    peers.update(PeerSpeaks("other", True), 10.0)
    assert not peers.spoke_at(8.0, 10.5)


def test_a_satellite_that_is_switched_off_in_mid_speech_is_over_soon() -> None:
    peers = PeerSpeeches()
    peers.update(PeerSpeaks("other", True), 10.0)
    assert peers.spoke_at(10.0 + STALE_S, 10.0 + STALE_S)
    assert not peers.spoke_at(11.0 + STALE_S + LAG_S, 11.0 + STALE_S + LAG_S)


def test_an_end_without_a_beginning_is_nothing() -> None:
    peers = PeerSpeeches()
    peers.update(PeerSpeaks("other", False, "Done"), 10.0)
    assert not peers.spoke_at(10.0, 10.0)
    assert not peers.matches("Done", 10.0)


def test_its_words_are_known_for_a_while() -> None:
    peers = PeerSpeeches()
    peers.update(PeerSpeaks("other", True, "The kitchen light is on."), 10.0)
    peers.update(PeerSpeaks("other", False), 11.0)
    assert peers.matches("kitchen light is on", 13.0)
    assert not peers.matches("what time is it", 13.0)
    assert not peers.matches("kitchen light is on", 60.0)


def deaf_share(claims: list[tuple[float, str]], seconds: int) -> float:
    """For how much of the time it takes whoever speaks for another satellite."""
    peers = PeerSpeeches()
    deaf = 0
    due = sorted(claims)
    for tenth in range(seconds * 10):
        now_s = tenth / 10
        while due and due[0][0] <= now_s:
            peers.update(PeerSpeaks(due.pop(0)[1], True, "turn on the light"), now_s)
        deaf += peers.spoke_at(now_s, now_s)
    return deaf / (seconds * 10)


def test_nobody_makes_it_deaf_for_ever() -> None:
    """Whoever may publish there claims to speak all the time, under one name or under many."""
    hour = 3600
    for names in (1, 100):
        claims = [(float(second), f"p{second % names}") for second in range(hour)]
        assert deaf_share(claims, hour) < 0.45
    longest = CREDIT_S + TRUSTED_FROM_S / CREDIT_PER_S
    assert longest < 300


@given(
    st.lists(
        st.tuples(
            st.floats(0, 30),
            st.sampled_from(["a", "b", *(f"x{n}" for n in range(60))]),
            st.booleans(),
            st.text(max_size=10),
        ),
        max_size=80,
    )
)
def test_whatever_is_claimed_little_is_kept(claims: list[tuple[float, str, bool, str]]) -> None:
    peers = PeerSpeeches()
    now_s = 0.0
    for wait_s, name, speaking, text in claims:
        now_s += wait_s
        peers.update(PeerSpeaks(name, speaking, text * 1000), now_s)
        peers.spoke_at(now_s, now_s)
        assert len(peers._peers) <= MAX_PEERS
        assert all(len(peer.words) <= MAX_WORDS_CHARS for peer in peers._peers.values())
        assert 0 <= peers._credit_s <= CREDIT_S
