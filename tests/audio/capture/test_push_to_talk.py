"""When a turn begins and ends, where the satellite says so and not the server."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from satellite.audio.capture.gate import ATTENTION_S
from satellite.audio.capture.push_to_talk import LONGEST_S, PushToTalk

SILENCE = 25
"""500 ms in chunks."""


class Button:
    """A detector, its button, and what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.detector = PushToTalk(
            silence_ms=500,
            on_begin=lambda: self.told.append("begin"),
            on_end=lambda said: self.told.append("said" if said else "nothing"),
        )
        self.passes = False
        self.speaking = False
        self.silent = 1000
        self.sent = 0

    def chunks(self, count: int, *, sounds: bool = False) -> None:
        for _ in range(count):
            self.silent = 0 if sounds else self.silent + 1
            detector = self.detector
            detector.hear(passes=self.passes, sounds=sounds, speaking=self.speaking)
            if detector.active:
                self.sent += 1
                detector.sent(sounds=sounds, silent=self.silent)

    def open(self) -> None:
        """As a tap does: the gate opens, and the detector is told."""
        self.passes = True
        self.detector.press()


def test_a_tap_begins_a_turn_and_silence_ends_it() -> None:
    button = Button()
    button.open()
    button.chunks(40)
    assert button.told == ["begin"]
    button.chunks(50, sounds=True)
    button.chunks(SILENCE - 1)
    assert button.told == ["begin"]
    button.chunks(1)
    assert button.told == ["begin", "said"]
    button.chunks(1000)
    assert button.told == ["begin", "said"]
    assert button.sent == 40 + 50 + SILENCE


def test_held_no_pause_ends_it_but_the_release_does() -> None:
    button = Button()
    button.passes = True
    button.detector.hold()
    for _ in range(3):
        button.chunks(50, sounds=True)
        button.chunks(4 * SILENCE)
    assert button.told == ["begin"]
    button.detector.release()
    button.chunks(1, sounds=True)
    assert button.told == ["begin", "said"]


def test_a_second_tap_ends_it_in_mid_sentence() -> None:
    button = Button()
    button.open()
    button.chunks(50, sounds=True)
    button.detector.press()
    button.chunks(1, sounds=True)
    assert button.told == ["begin", "said"]


def test_who_says_nothing_asks_nothing() -> None:
    button = Button()
    button.open()
    button.chunks(round(ATTENTION_S * 50))
    assert button.told == ["begin", "nothing"]
    button.detector.hold()
    button.chunks(10)
    button.detector.release()
    button.chunks(1)
    assert button.told == ["begin", "nothing"] * 2
    button.open()
    button.chunks(4, sounds=True)  # 80 ms: servers refuse to commit less than 100
    button.detector.press()
    button.chunks(1)
    assert button.told == ["begin", "nothing"] * 3


def test_an_open_microphone_takes_speech_for_a_turn_and_a_cough_for_none() -> None:
    button = Button()
    button.open()
    button.chunks(50, sounds=True)
    button.chunks(SILENCE)
    button.told.clear()
    for _ in range(20):
        button.chunks(9, sounds=True)
        button.chunks(20)
    assert button.told == []
    button.chunks(50, sounds=True)
    button.chunks(SILENCE)
    assert button.told == ["begin", "said"]


def test_its_own_voice_begins_no_turn_and_the_button_does() -> None:
    button = Button()
    button.open()
    button.chunks(50, sounds=True)
    button.chunks(SILENCE)
    button.told.clear()
    button.speaking = True
    button.chunks(200, sounds=True)
    assert button.told == []
    button.detector.press()
    button.chunks(1, sounds=True)
    assert button.told == ["begin"]


def test_a_button_that_lost_its_release_ends_after_a_minute() -> None:
    button = Button()
    button.passes = True
    button.detector.hold()
    button.chunks(round(LONGEST_S * 50), sounds=True)
    assert button.told == ["begin", "said"]


def test_a_gate_that_shuts_ends_it_with_nothing() -> None:
    button = Button()
    button.open()
    button.chunks(50, sounds=True)
    button.passes = False
    button.chunks(1, sounds=True)
    assert button.told == ["begin", "nothing"]


def test_held_over_a_lost_session_the_turn_begins_anew() -> None:
    button = Button()
    button.passes = True
    button.detector.hold()
    button.chunks(50, sounds=True)
    button.detector.cancel()
    button.chunks(50, sounds=True)
    button.detector.release()
    button.chunks(1)
    assert button.told == ["begin", "begin", "said"]


STEPS = st.lists(
    st.sampled_from(["press", "hold", "release", "cancel", "gate", "sound", "silence", "speak"]),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens_a_turn_that_has_begun_ends_once_and_in_time(steps: list[str]) -> None:
    button = Button()
    for step in steps:
        match step:
            case "press" | "hold" | "release" | "cancel":
                getattr(button.detector, step)()
                if step == "cancel" and button.told[-1:] == ["begin"]:
                    button.told.append("cancelled")
            case "gate":
                button.passes = not button.passes
            case "speak":
                button.speaking = not button.speaking
            case _:
                button.chunks(17, sounds=step == "sound")
    button.detector.release()
    button.chunks(round(LONGEST_S * 50) + 1)
    assert not button.detector.active
    begun = [told for told in button.told if told == "begin"]
    assert len(button.told) == 2 * len(begun)
    assert button.told[0::2] == begun


def test_a_button_whose_release_was_lost_does_not_keep_the_next_turn_open() -> None:
    button = Button()
    button.passes = True
    button.detector.hold()
    button.chunks(10, sounds=True)
    button.detector.hold()  # pressed twice, as a repeated message does
    button.chunks(round(LONGEST_S * 50))
    assert button.told == ["begin", "said"], "the turn is over, and none begins by itself"
    button.chunks(50, sounds=True)
    button.chunks(SILENCE)
    assert button.told == ["begin", "said", "begin", "said"], "silence ends the next one"
