"""``python short_silence.py -m satellite …``: for this one a room is silent after five seconds
instead of a minute, which a test would have to wait for."""

from __future__ import annotations

import runpy
import sys

from satellite.app import capture_pipeline

capture_pipeline.SILENT_MS = 5_000

if __name__ == "__main__":
    sys.argv = ["satellite", *sys.argv[3:]]
    runpy.run_module("satellite", run_name="__main__")
