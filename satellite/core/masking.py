"""How secrets are shown in logs, records and messages."""

from __future__ import annotations

MASK = "***"
_SECRET_FIELDS = frozenset({"pin", "code", "password", "passcode", "token", "api_key"})


def is_secret_field(name: object) -> bool:
    """Whether a field of this name holds a secret, whatever its value is."""
    return str(name).casefold() in _SECRET_FIELDS
