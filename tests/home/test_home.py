"""What the home answers with, in which order."""

from __future__ import annotations

from satellite.home.home import Home
from satellite.tools.confirmation.attempts import PAUSES_S, Attempts
from satellite.tools.effects import KeepAttempts
from satellite.tools.policy.rules import Rules


def test_a_pause_that_is_over_when_the_broker_comes_back_is_kept_first() -> None:
    home = Home(Rules(pin="4711"), attempts=Attempts(3, 1, True))
    home.on_broker(True, 0.0)
    effects = home.on_broker(False, PAUSES_S[0] + 1.0)
    assert effects[:1] == [KeepAttempts(3, 1, False)]
