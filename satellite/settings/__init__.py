"""All settings of the satellite, from one file, the environment, credentials and flags.

Later wins: defaults, the TOML file, the credentials directory, the environment, flags. Whatever
is wrong is told at once and in the words of the person who has to mend it (``SettingsError``,
exit status 78). Secrets are ``SecretStr`` and never part of a message.
"""

from __future__ import annotations

import os

# The search for pydantic plugins reads the metadata of every installed package: tens of
# milliseconds on a Raspberry Pi for something that we do not have.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")

from satellite.settings.flags import overrides
from satellite.settings.load import DEFAULT_CONFIG, Settings, check_key, load_settings, secrets_of

__all__ = ["DEFAULT_CONFIG", "Settings", "check_key", "load_settings", "overrides", "secrets_of"]
