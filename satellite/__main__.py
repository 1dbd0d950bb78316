"""``python -m satellite`` is the command ``satellite``."""

from __future__ import annotations

from satellite.cli.main import entry

if __name__ == "__main__":
    entry()
