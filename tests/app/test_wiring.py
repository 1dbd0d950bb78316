"""What of the settings reaches which part."""

from __future__ import annotations

import pytest
from msgspec.structs import asdict, replace

from satellite.app.wiring import (
    conversation_profile,
    home_rules,
    link_config,
    local_voice,
    session_tools,
)
from satellite.conversation.commands import Tool
from satellite.realtime.dialects import DIALECTS
from satellite.settings import Settings, load_settings
from satellite.settings.home import HomeSection, OwnFunction
from satellite.tools.policy.rules import OwnFunctionRule, Rules


@pytest.mark.parametrize(
    ("url", "voice", "started_with", "told_in_the_session"),
    [
        ("offline", "auto", "", ""),
        ("offline", "cedar", "", "cedar"),
        ("offline", "espeak", "espeak", ""),
        ("offline", "en_US-joe-medium", "en_US-joe-medium", ""),
        ("ws://127.0.0.1:8765/v1/realtime", "espeak", "", "espeak"),
    ],
)
def test_the_local_server_is_told_who_speaks_in_one_way(
    url: str, voice: str, started_with: str, told_in_the_session: str
) -> None:
    settings = load_settings(None, {"realtime": {"url": url, "voice": voice}})
    assert local_voice(settings) == started_with
    assert link_config(settings).voice == told_in_the_session


@pytest.mark.parametrize(
    ("mode", "url", "offered"),
    [
        ("open", "wss://api.openai.com/v1/realtime", True),
        ("wake", "wss://api.openai.com/v1/realtime", False),
        ("push", "wss://api.openai.com/v1/realtime", False),
        ("open", "offline", False),
    ],
)
def test_the_model_may_stay_silent_where_it_hears_everything(
    mode: str, url: str, offered: bool
) -> None:
    lamp = Tool("set_light", "Sets a light.", {})
    sources = {"listen": {"mode": mode}, "realtime": {"url": url}}
    settings = load_settings(None, sources, key_needed=False)
    names = [tool.name for tool in session_tools(settings, (lamp,))]
    assert names == (["stay_silent", "set_light"] if offered else ["set_light"])
    profile = conversation_profile(settings, DIALECTS["ga"])
    assert profile.offers_silence is offered


def test_a_function_of_the_settings_is_one_of_the_rules_in_all_its_fields() -> None:
    own = OwnFunction(name="water", description="Water the plants.", topic="garden/water")
    made = home_rules(Settings(home=HomeSection(functions=(own,)))).own_functions
    assert [asdict(one) for one in made] == [asdict(own)]
    plain = OwnFunctionRule("water", "Water the plants.", "garden/water")
    assert replace(made[0], parameters={}) == plain, "their defaults differ"


def test_the_settings_and_the_rules_have_the_same_defaults() -> None:
    assert replace(home_rules(Settings()), language="") == Rules()


def test_rules_show_no_secrets() -> None:
    rules = Rules(pin="4711", codes={"front door": "99887"})
    assert not [secret for secret in ("4711", "99887") if secret in repr(rules)]
