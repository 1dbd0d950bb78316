"""All that the home answers with."""

from __future__ import annotations

from satellite.homeassistant.effects import HomeProblem, Subscribe, Unsubscribe
from satellite.tools.effects import CallEffect, FunctionsChanged, KeepAttempts

HomeEffect = CallEffect | Subscribe | Unsubscribe | FunctionsChanged | KeepAttempts | HomeProblem
