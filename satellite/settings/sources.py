"""The sources of settings: file, environment, credentials, flags.

Each can name the place of any of its values, for the person who has to mend one.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from satellite.core.errors import SettingsError
from satellite.settings.base import DEEP
from satellite.settings.text import MARK, decoded, stripped, unexpected_character

PREFIX = "SATELLITE_"
DELIMITER = "__"
DEFAULT_CREDENTIALS = Path("/etc/satellite/credentials")
OPENAI_VARIABLE = "OPENAI_API_KEY"
"""The variable that every tool for OpenAI reads."""
OPENAI_CREDENTIAL = "openai-api-key"
CREDENTIALS: Mapping[str, tuple[str, str]] = {
    "realtime-api-key": ("realtime", "api_key"),
    "mqtt-username": ("mqtt", "username"),
    "mqtt-password": ("mqtt", "password"),
    "home-pin": ("home", "pin"),
}
"""Files of the credentials directory, and the settings that they hold. That of OpenAI's key is not
among them because it is for one server only (``keys``)."""

Nested = dict[str, Any]
Location = tuple[str | int, ...]


class SettingsSource:
    """Values that were read once, and where they stand."""

    def __init__(self) -> None:
        self.values: Nested = {}
        self.openai_key = ""
        """A key that is for OpenAI's server only."""
        self.openai_key_place = ""

    def place(self, location: Location) -> str:
        """Words for where the value stands, such as ``in /etc/satellite/satellite.toml``."""
        raise NotImplementedError

    def holds(self, location: Location) -> bool:
        """Whether this source gave a value at ``location``, or at a table above it."""
        node: Any = self.values
        for step in location:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                # What is above it is a table without it, or a value (JSON in a variable) that
                # holds the whole.
                return node is not self.values and not isinstance(node, dict)
        return True


class TomlFile(SettingsSource):
    """The settings file. It may be missing unless it was ``named`` on the command line."""

    def __init__(self, path: Path, *, named: bool) -> None:
        super().__init__()
        self.path = path
        text = ""
        try:
            text = decoded(path.read_bytes())
            self.values = tomllib.loads(text.removeprefix(MARK))
        except FileNotFoundError:
            if named:
                raise SettingsError(
                    f"There is no settings file {path}.", do="Check the path after --config."
                ) from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            reason = DEEP if isinstance(error, RecursionError) else error
            raise SettingsError(
                f"{path} is not valid TOML: {reason}{unexpected_character(text, str(error))}.",
                do="Text needs quotation marks; config/satellite.toml shows every setting.",
            ) from None
        except ValueError as error:
            raise SettingsError(
                f"{path} cannot be read: {error}.", do="Save it as UTF-8 in your editor."
            ) from None
        except OSError as error:
            raise SettingsError(
                f"{path} cannot be read: {error.strerror}.",
                do="The file must be readable for the user that runs the satellite. (Those of the "
                "service are looked at with sudo.)",
            ) from None

    def place(self, location: Location) -> str:  # noqa: ARG002
        return f"in {self.path}"


class CredentialFiles(SettingsSource):
    """One file for each secret, as systemd's ``LoadCredential=`` provides them."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.folder = folder
        self._files: dict[tuple[str, str], str] = {}
        for name, location in CREDENTIALS.items():
            text = "" if folder is None else _text_of(folder / name)
            if text:
                put(self.values, location, text)
                self._files[location] = name
        if folder is not None and (text := _text_of(folder / OPENAI_CREDENTIAL)):
            self.openai_key = text
            self.openai_key_place = f"The credential file {folder / OPENAI_CREDENTIAL}"
            self._files.setdefault(("realtime", "api_key"), OPENAI_CREDENTIAL)

    def mcp_authorization(self, label: str) -> str:
        """The token for an MCP server, from the file ``mcp-<label>``; empty without one.

        Raises ``SettingsError`` for a file that cannot be read.
        """
        return "" if self.folder is None else _text_of(self.folder / f"mcp-{label}")

    def place(self, location: Location) -> str:
        name = self._files.get((str(location[0]), str(location[-1])), "")
        return f"in the credential file {self.folder}/{name}"


class Environment(SettingsSource):
    """``SATELLITE_SECTION__NAME``, and the variable of OpenAI's key."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__()
        self.without_section: list[str] = []
        self._variables: dict[Location, str] = {}
        if key := stripped(variables.get(OPENAI_VARIABLE, "")):
            self.openai_key, self.openai_key_place = key, f"The key in {OPENAI_VARIABLE}"
            self._variables["realtime", "api_key"] = OPENAI_VARIABLE
        for name in sorted(variables):
            if not name.startswith(PREFIX):
                continue
            location = tuple(name.removeprefix(PREFIX).lower().split(DELIMITER))
            if len(location) < 2:
                self.without_section.append(name)
            elif put(self.values, location, variables[name].removeprefix(MARK)):
                self._variables[location] = name
            else:
                raise SettingsError(
                    f"{name} and another variable of the environment give the same setting, "
                    "once as a whole and once in parts.",
                    do="Remove one of them.",
                )

    def place(self, location: Location) -> str:
        for length in range(len(location), 0, -1):
            if name := self._variables.get(location[:length]):
                return f"in the environment variable {name}"
        names = [n for at, n in self._variables.items() if at[: len(location)] == location]
        return f"in the environment variable {' and '.join(names)}" if names else ""


class Flags(SettingsSource):
    """Values of the command line, or of the calling code."""

    def __init__(self, values: Nested) -> None:
        super().__init__()
        self.values = values

    def place(self, location: Location) -> str:  # noqa: ARG002
        return "on the command line"


def put(tree: Nested, location: tuple[str, ...], value: object) -> bool:
    """Sets a value in nested dictionaries. Returns False when another value is in the way."""
    *tables, name = location
    node: Any = tree
    for table in tables:
        node = node.setdefault(table, {})
        if not isinstance(node, dict):
            return False
    if isinstance(node.get(name), dict):
        return False
    node[name] = value
    return True


def merged(sources: Sequence[SettingsSource]) -> Nested:
    """The values of all sources together; the first source that holds a value wins."""
    tree: Nested = {}
    for source in reversed(sources):
        _lay_over(tree, source.values)
    return tree


def credentials_folder() -> Path | None:
    """The directory that systemd made for the secrets of this service.

    Without one, ``DEFAULT_CREDENTIALS`` if we may read it, so that ``sudo satellite doctor`` sees
    what the service sees.
    """
    if name := os.environ.get("CREDENTIALS_DIRECTORY", ""):
        return Path(name)
    return DEFAULT_CREDENTIALS if os.access(DEFAULT_CREDENTIALS, os.R_OK | os.X_OK) else None


def leaves(tree: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Locations of all values that are not tables themselves."""
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name)


def _lay_over(below: Nested, values: Nested) -> None:
    for name, value in values.items():
        under = below.get(name)
        if isinstance(under, dict) and isinstance(value, dict):
            _lay_over(under, value)
        else:
            below[name] = _copy(value)


def _copy(value: Any) -> Any:  # noqa: ANN401 - not yet validated
    """A copy, because values of other sources are put into it."""
    return {k: _copy(v) for k, v in value.items()} if isinstance(value, dict) else value


def _text_of(path: Path) -> str:
    try:
        return stripped(decoded(path.read_bytes()))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The credential file {path} cannot be read: {error}.",
            do="It must hold one line of text in UTF-8, readable for the user that runs the "
            "satellite.",
        ) from None
