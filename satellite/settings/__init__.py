"""All settings of the satellite, from one file, the environment, credentials and flags.

The later wins: defaults, the TOML file, the credentials directory, the environment, flags. Whatever
is wrong is reported at once, in words for the person who has to mend it (``SettingsError``, exit
status 78). Secrets are ``Secret`` and never part of a message.
"""

from __future__ import annotations

from satellite.settings.flags import overrides
from satellite.settings.load import DEFAULT_CONFIG, check_key, load_settings, secrets_of
from satellite.settings.sections import Settings

__all__ = ["DEFAULT_CONFIG", "Settings", "check_key", "load_settings", "overrides", "secrets_of"]
