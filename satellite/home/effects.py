"""All that the home answers with."""

from __future__ import annotations

from satellite.homeassistant.effects import Problem, Publish, Subscribe, Unsubscribe
from satellite.tools.effects import CallDone, FunctionsChanged, KeepAttempts

HomeEffect = (
    CallDone | FunctionsChanged | KeepAttempts | Problem | Publish | Subscribe | Unsubscribe
)
