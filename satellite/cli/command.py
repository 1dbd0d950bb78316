"""What several commands begin with."""

from __future__ import annotations

from argparse import Namespace

from satellite.core.errors import MissingPartError
from satellite.core.logs import set_up
from satellite.settings import Settings, load_settings, overrides, secrets_of


def load(arguments: Namespace) -> Settings:
    """The settings of a command, and logging as the command line wants it.

    A missing key is no error here. Raises ``SettingsError``.
    """
    set_up(arguments.log_level)
    settings = load_settings(arguments.config, overrides(arguments.set), key_needed=False)
    set_up(arguments.log_level, secrets_of(settings))
    return settings


def missing_extra(extra: str, error: ModuleNotFoundError) -> MissingPartError:
    """The error to tell when a package of an optional part is not installed.

    Raises ``error`` itself when a module of this program is missing.
    """
    if (error.name or "").startswith("satellite"):
        raise error
    return MissingPartError(
        f"The Python package {error.name} is not installed.",
        do=f"Install what this command needs:  pip install 'satellite[{extra}]'",
    )
