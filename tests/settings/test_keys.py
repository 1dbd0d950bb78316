"""A key belongs to the server it was given for, and is sent nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satellite.app.wiring import link_config
from satellite.realtime.dialects import dialect_for
from satellite.settings import Settings, load_settings, secrets_of
from tests.settings.refused import Write, refusal

pytestmark = pytest.mark.usefixtures("no_settings")

OPENAI = "wss://api.openai.com/v1/realtime"
AZURE = "wss://house.openai.azure.com/openai/v1/realtime"
AT_HOME = "ws://192.168.1.20:8080/v1/realtime"
ELSEWHERE = "wss://voice.example.org/v1/realtime"
OTHERS = (AZURE, AT_HOME, ELSEWHERE, "ws://127.0.0.1:8000", "wss://api.openai.com.evil.example/")


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def loaded(url: str, config: Path | None = None) -> Settings:
    return load_settings(config, {"realtime": {"url": url}} if url else None, key_needed=False)


def key(url: str, config: Path | None = None) -> str:
    return loaded(url, config).realtime.api_key.get_secret_value()


@pytest.mark.parametrize(
    "url", [OPENAI, "wss://eu.api.openai.com/v1/realtime", f" \N{ZERO WIDTH SPACE}{OPENAI}\n", ""]
)
def test_openai_gets_its_own_key(
    url: str, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (credentials / "openai-api-key").write_text("sk-file\n")
    assert key(url) == "sk-file"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    assert key(url) == "sk-environment"
    assert loaded(url).realtime.withheld_key is None


@pytest.mark.parametrize("url", [*OTHERS, "offline"])
def test_no_other_server_gets_it(
    url: str, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (credentials / "openai-api-key").write_text("sk-file\n")
    assert key(url) == ""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    assert key(url) == ""
    config = link_config(loaded(url), url="ws://127.0.0.1:1" if url == "offline" else "")
    if url != AZURE:  # which is not even asked without a key
        assert "sk-" not in str(dialect_for(config).headers(config))


@pytest.mark.parametrize("url", [AZURE, ELSEWHERE])
def test_who_relied_on_that_hears_exactly_what_to_do(
    url: str, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (credentials / "openai-api-key").write_text("sk-file\n")
    message = refusal(None, {"realtime": {"url": url}})
    host = url.split("/")[2]
    assert f"The credential file {credentials}/openai-api-key is for api.openai.com" in message
    assert f"is not sent to {host}" in message
    assert "SATELLITE_REALTIME__API_KEY" in message
    assert "/etc/satellite/credentials/realtime-api-key" in message
    assert 'api_key = ""' in message
    assert "sk-file" not in message
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    assert "The key in OPENAI_API_KEY is for" in refusal(None, {"realtime": {"url": url}})


@pytest.mark.parametrize("url", [AT_HOME, "ws://127.0.0.1:8000", "ws://box.lan", "ws://localai:80"])
def test_a_server_at_home_is_simply_asked_without(url: str, credentials: Path) -> None:
    (credentials / "openai-api-key").write_text("sk-file\n")
    settings = load_settings(None, {"realtime": {"url": url}})
    assert settings.realtime.withheld_key is not None
    assert settings.realtime.withheld_key.given_for == "api.openai.com"


@pytest.mark.parametrize("url", OTHERS)
def test_any_server_gets_the_key_that_is_for_whatever_is_set(
    url: str, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-general")
    (credentials / "realtime-api-key").write_text("file\n")
    assert key(url) == "file", "though a variable is stronger than a file"
    monkeypatch.setenv("SATELLITE_REALTIME__API_KEY", "environment")
    assert key(url) == "environment"
    assert loaded(url).realtime.withheld_key is None


@pytest.mark.parametrize("url", OTHERS)
def test_a_key_in_the_settings_file_is_for_the_server_of_that_file(url: str, write: Write) -> None:
    with_url = write(f'realtime.url = "{url}"\nrealtime.api_key = "k-toml"')
    assert key("", with_url) == "k-toml"
    assert key("wss://another.example/v1/realtime", with_url) == ""
    assert key(OPENAI, with_url) == ""


def test_a_key_in_a_file_without_a_server_is_for_openai(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write('realtime.api_key = "k-toml"')
    assert key("", config) == "k-toml"
    monkeypatch.setenv("SATELLITE_REALTIME__URL", ELSEWHERE)
    message = refusal(config)
    assert f"realtime.api_key in {config} is for api.openai.com" in message
    assert "k-toml" not in message


def test_an_empty_key_says_that_none_is_needed(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-general")
    settings = load_settings(write(f'realtime.url = "{ELSEWHERE}"\nrealtime.api_key = ""'))
    assert settings.realtime.api_key.get_secret_value() == ""
    assert settings.realtime.withheld_key is None


@pytest.mark.parametrize("url", ["[1, 2]", '""', "7", '"ws://[::1"', '"http://"'])
def test_an_impossible_address_gets_no_key_and_its_own_message(
    url: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-general")
    message = refusal(write(f'realtime.url = {url}\nrealtime.api_key = "k-toml"'))
    assert "realtime.url" in message


names = st.sampled_from(["api.openai.com", "eu.api.openai.com", "box.lan", "x.org", "127.0.0.1"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(host=names, file_host=st.none() | names, has=st.sets(st.sampled_from("efocr")))
def test_no_combination_sends_a_key_to_a_server_it_is_not_for(
    host: str, file_host: str | None, has: set[str], tmp_path: Path
) -> None:
    """e: OPENAI_API_KEY, f: its file, c: realtime-api-key, o: our variable, r: the settings."""
    for file in ("openai-api-key", "realtime-api-key"):
        (tmp_path / file).unlink(missing_ok=True)
    config = tmp_path / "s.toml"
    lines = [f'realtime.url = "wss://{file_host}/"'] if file_host else []
    lines += ['realtime.api_key = "for-the-file"'] if "r" in has else []
    config.write_text("\n".join(lines))
    if "f" in has:
        (tmp_path / "openai-api-key").write_text("for-openai")
    if "c" in has:
        (tmp_path / "realtime-api-key").write_text("for-any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        if "e" in has:
            patch.setenv("OPENAI_API_KEY", "for-openai")
        if "o" in has:
            patch.setenv("SATELLITE_REALTIME__API_KEY", "for-any")
        patch.setenv("SATELLITE_REALTIME__URL", f"wss://{host}/")
        given_key = key("", config)
    openai = host.endswith("api.openai.com")
    if given_key == "for-openai":
        assert openai
    if given_key == "for-the-file":
        file_openai = (file_host or "api.openai.com").endswith("api.openai.com")
        assert file_host == host or (openai and file_openai)
    if has & {"o", "c"}:
        assert given_key


@pytest.mark.parametrize("place", ["file", "variable", "settings"])
@pytest.mark.parametrize(
    "around",
    [
        '"{}"',
        "'{}'",
        "“{}”",
        "Bearer {}",
        "OPENAI_API_KEY={}",
        'export OPENAI_API_KEY="{}"',
        "Authorization: Bearer {}",
        " {}\N{ZERO WIDTH SPACE}",
        "{}",
    ],
)
def test_what_is_copied_along_with_a_key_is_no_part_of_it(
    around: str, place: str, credentials: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    secret = "sk-proj-abc_DEF-123=="
    text, config = around.format(secret), None
    if place == "file":
        (credentials / "openai-api-key").write_text(text)
    elif place == "variable":
        monkeypatch.setenv("OPENAI_API_KEY", text)
    else:
        config = write(f"[realtime]\napi_key = '''{text}'''")
    assert key("", config) == secret


@pytest.mark.parametrize("text", ['""', "OPENAI_API_KEY=", "''"])
def test_what_surrounds_no_key_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", text)
    assert "There is no API key" in refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key_command", "pass show key"),
        ("api_key_file", "/run/key"),
        ("organization", "org-1"),
        ("project", "proj-1"),
    ],
)
@pytest.mark.parametrize("url", [AZURE, ELSEWHERE])
def test_what_leads_into_a_server_is_for_that_server_alone(
    name: str, value: str, url: str, write: Write
) -> None:
    config = write(f'realtime.url = "{url}"\nrealtime.{name} = "{value}"')
    assert getattr(loaded("", config).realtime, name) == value
    for other in (OPENAI, "wss://another.example/v1/realtime", "offline"):
        assert getattr(loaded(other, config).realtime, name) == ""


def test_so_are_headers_and_no_message_shows_them(write: Write) -> None:
    config = write(f'realtime.url = "{ELSEWHERE}"\n[realtime.headers]\n"X-Key" = "geheim"')
    assert "geheim" in secrets_of(loaded("", config))
    assert loaded(OPENAI, config).realtime.headers == {}
    assert "geheim" not in refusal(config, {"realtime": {"url": OPENAI}})


@pytest.mark.parametrize(
    "setting", ['api_key_command = "pass"', 'api_key_file = "/k"', 'headers = {"Api-Key" = "k"}']
)
def test_a_cloud_is_content_with_a_place_that_a_key_comes_from(setting: str, write: Write) -> None:
    config = write(f"[realtime]\n{setting}")
    assert dialect_for(link_config(load_settings(config))).name == "ga"


def test_the_local_server_gets_nothing_of_it(write: Write) -> None:
    config = write('[realtime]\nurl="offline"\napi_key_command="pass"\nproxy="http://p:1"')
    link = link_config(loaded("", config), url="ws://127.0.0.1:1")
    assert (link.key_command, link.proxy) == ((), "")
