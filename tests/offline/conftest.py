"""Lets the tests of this folder import its helpers: ``wire_client``, ``home_tools``, ``stubs``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
