"""Which server each key belongs to: it is sent to no other.

A key from the variable or the credential file of OpenAI's name goes to OpenAI only. A key in the
settings file goes to the server of that file, and so does what else it says for getting in there
(``OF_THE_SERVER``). ``SATELLITE_REALTIME__API_KEY`` and the credential
file ``realtime-api-key`` are for whatever server is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from satellite.core.errors import SettingsError
from satellite.core.hosts import OPENAI_HOST, OPENAI_URL, is_openai, is_private
from satellite.settings.checks import OFFLINE
from satellite.settings.sections import RealtimeSection, WithheldKey
from satellite.settings.sources import SettingsSource, TomlFile, put
from satellite.settings.text import stripped

KEY = ("realtime", "api_key")
URL = ("realtime", "url")
KEY_SETTINGS = ("api_key", "api_key_command", "api_key_file")
OF_THE_SERVER = (*KEY_SETTINGS, "headers", "organization", "project")
"""Settings of the section ``realtime`` that are meant for one server."""


def assign(sources: Sequence[SettingsSource]) -> WithheldKey | None:
    """Removes keys from the sources that are for another server than the one that is set.

    Returns the first of them if no key is left. The first source that holds a value wins.
    """
    host = _host(next((_at(s, URL) for s in sources if s.holds(URL)), OPENAI_URL))
    withheld_key: list[WithheldKey] = []
    for source in sources:
        if source.openai_key and not source.holds(KEY):
            if is_openai(host):
                put(source.values, KEY, source.openai_key)
            else:
                withheld_key.append(WithheldKey(source.openai_key_place, OPENAI_HOST))
        elif isinstance(source, TomlFile):
            given_for = _host(_at(source, URL) if source.holds(URL) else OPENAI_URL)
            if given_for != host and not (is_openai(given_for) and is_openai(host)):
                for name in OF_THE_SERVER:
                    if _at(source, ("realtime", name)):
                        del source.values["realtime"][name]
                        if name in (*KEY_SETTINGS, "headers"):
                            place = f"realtime.{name} in {source.path}"
                            withheld_key.append(WithheldKey(place, given_for))
    if any(source.holds(("realtime", name)) for source in sources for name in KEY_SETTINGS):
        return None
    return withheld_key[0] if withheld_key else None


def withheld_message(withheld_key: WithheldKey, host: str) -> tuple[str, str]:
    """That this key is not sent to ``host``, and what to do, for a person."""
    return (
        f"{withheld_key.place} is for {withheld_key.given_for} and is not sent to {host}.",
        f"Put the key of {host} into SATELLITE_REALTIME__API_KEY, or for the service into "
        "/etc/satellite/credentials/realtime-api-key; if it needs none, write "
        'realtime.api_key = "" beside its realtime.url.',
    )


def check(realtime: RealtimeSection) -> None:
    """Raises ``SettingsError`` when the server surely wants a key and there is none for it.

    A server in the local network mostly wants none.
    """
    if realtime.has_key:
        return
    if realtime.withheld_key is not None and not is_private(realtime.host):
        what, do = withheld_message(realtime.withheld_key, realtime.host)
        raise SettingsError(what, do=do)
    if realtime.cloud is None:
        return
    variable, file = (
        ("OPENAI_API_KEY", "openai-api-key")
        if realtime.at_openai
        else ("SATELLITE_REALTIME__API_KEY", "realtime-api-key")
    )
    raise SettingsError(
        f"There is no API key for {realtime.host}.",
        do=f"Put it into {variable}, or for the service into /etc/satellite/credentials/{file}; "
        'or set realtime.url = "offline" to use the server on this machine.',
    )


def _at(source: SettingsSource, location: tuple[str, str]) -> Any:  # noqa: ANN401 - not yet validated
    section, name = location
    table = source.values.get(section)
    return table.get(name) if isinstance(table, dict) else None


def _host(url: object) -> str:
    """Host of an address that is not validated; empty if it has none."""
    address = stripped(url) if isinstance(url, str) else ""
    if address == OFFLINE:
        return "localhost"
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
