"""Keys, passwords, codes and PINs: where they come from, and that nobody sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from satellite.settings import load_settings, secrets_of, sources
from tests.settings.refused import Write, refusal

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.mark.parametrize(
    ("url", "variable", "file"),
    [
        ("wss://api.openai.com/v1/realtime", "OPENAI_API_KEY", "openai-api-key"),
        (
            "wss://x.openai.azure.com/openai/v1/realtime",
            "SATELLITE_REALTIME__API_KEY",
            "realtime-api-key",
        ),
    ],
)
def test_a_cloud_without_a_key_is_an_error_with_advice(url: str, variable: str, file: str) -> None:
    message = refusal(None, {"realtime": {"url": url}})
    assert "no API key" in message
    assert variable in message
    assert file in message
    assert '"offline"' in message


@pytest.mark.parametrize("url", ["offline", "ws://localhost:1/", "ws://[::1]:1", "ws://box.lan"])
def test_servers_at_home_need_none(url: str) -> None:
    assert load_settings(None, {"realtime": {"url": url}}).realtime.url == url


def test_an_empty_variable_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    assert "no API key" in refusal()


def test_secrets_are_never_shown(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-geheim")
    monkeypatch.setenv("SATELLITE_MQTT__PASSWORD", "pw-geheim")
    monkeypatch.setenv("SATELLITE_HOME__CODES", '{"Alarm": "code-geheim"}')
    monkeypatch.setenv("SATELLITE_HOME__PIN", "987654")
    settings = load_settings()
    for text in (repr(settings), str(settings)):
        assert "geheim" not in text
        assert "987654" not in text
    assert {"sk-geheim", "pw-geheim", "code-geheim", "987654"} == set(secrets_of(settings)) - {""}


def test_secrets_are_not_told_when_they_are_wrong(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SATELLITE_HOME__CODES", '{"Alarm": ["geheim"]}')
    message = refusal(write('home.pin = "geheim1"\n[realtime]\napi_key = ["geheim"]'))
    assert "home.pin" in message
    assert "realtime.api_key" in message
    assert "home.codes" in message
    assert "geheim" not in message


@pytest.mark.parametrize(
    "flags",
    [
        {"realtime": {"api_key": "geheim"}},
        {"mqtt": {"password": "geheim"}},
        {"home": {"codes": {"Alarm": "geheim"}}},
    ],
)
def test_secrets_are_not_taken_from_the_command_line(flags: dict[str, Any]) -> None:
    message = refusal(None, flags)
    assert "secret" in message
    assert "geheim" not in message


def test_credentials_that_are_empty_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit gives an empty one where the person has none."""
    (tmp_path / "openai-api-key").write_text("\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "no API key" in refusal()


def test_a_person_sees_what_the_service_sees() -> None:
    sources.DEFAULT_CREDENTIALS.mkdir(parents=True)
    (sources.DEFAULT_CREDENTIALS / "openai-api-key").write_text("sk-installed\n")
    assert load_settings().realtime.api_key.get_secret_value() == "sk-installed"


def test_a_bad_credential_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home-pin").write_text("12")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    message = refusal(None, {"realtime": {"url": "offline"}})
    assert f"in the credential file {tmp_path}/home-pin" in message
    (tmp_path / "home-pin").unlink()
    (tmp_path / "home-pin").mkdir()
    assert str(tmp_path / "home-pin") in refusal()
