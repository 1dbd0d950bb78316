"""Which cards are missing, and when a microphone that is silent means a broken process."""

from __future__ import annotations

from dataclasses import dataclass, field

from satellite.app.card_monitor import FRAMES_MISSING_S, SEARCH_S, CardMonitor


@dataclass
class Scene:
    """A microphone, a clock, and what was reported."""

    last_frame_s: float = 0.0
    looked_s: float = 0.0
    paused: bool = False
    now_s: float = 1_000.0
    reports: list[tuple[str, str]] = field(default_factory=list)

    def monitor(self) -> CardMonitor:
        return CardMonitor(
            self, lambda card, reason: self.reports.append((card, reason)), lambda: self.now_s
        )


def test_before_the_first_frame_it_is_given_time() -> None:
    """The first look at the watchdog comes before the first frame; the journal took it for loss."""
    scene = Scene()
    monitor = scene.monitor()
    assert monitor.alive()
    scene.now_s += FRAMES_MISSING_S
    assert not monitor.alive()


def test_frames_show_that_it_is_alive() -> None:
    scene = Scene()
    monitor = scene.monitor()
    scene.now_s += 3_600.0
    scene.last_frame_s = scene.now_s - FRAMES_MISSING_S + 0.1
    assert monitor.alive()
    scene.now_s += 0.1
    assert not monitor.alive()


def test_a_missing_microphone_that_is_looked_for_is_no_dead_process() -> None:
    """The watchdog ended a satellite whose microphone was away for half a minute."""
    scene = Scene()
    monitor = scene.monitor()
    scene.now_s += 3_600.0
    scene.looked_s = scene.now_s
    scene.now_s += SEARCH_S - 0.1
    assert monitor.alive()
    scene.now_s += 0.1
    assert not monitor.alive()


def test_a_microphone_that_is_closed_on_purpose_is_no_dead_process() -> None:
    scene = Scene(paused=True)
    monitor = scene.monitor()
    scene.now_s += 3_600.0
    assert monitor.alive()


def test_both_cards_are_missing_until_both_were_there_together() -> None:
    scene = Scene()
    monitor = scene.monitor()
    assert monitor.missing == {"microphone": "", "speaker": ""}
    monitor.found("microphone")
    monitor.lost("speaker", "The speaker is gone.")
    assert not monitor.all_found.is_set()
    assert monitor.missing == {"speaker": "The speaker is gone."}
    monitor.found("speaker")
    assert monitor.all_found.is_set()
    monitor.lost("microphone", "The microphone is gone.")
    assert monitor.all_found.is_set()
    assert scene.reports == [
        ("microphone", ""),
        ("speaker", "The speaker is gone."),
        ("speaker", ""),
        ("microphone", "The microphone is gone."),
    ]
