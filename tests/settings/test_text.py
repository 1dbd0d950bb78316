"""Files as editors of other systems write them: read, or refused with what is wrong."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.cli.doctor.unit import unseen_variables
from satellite.settings import load_settings, overrides, sources
from satellite.settings.text import MARK, decoded, stripped
from tests.settings.refused import refusal

pytestmark = pytest.mark.usefixtures("no_settings")

SETTINGS = '[satellite]\r\nname = "Küche"\r\n[realtime]\r\nurl = "offline"\r\n'
WAYS = {
    "UTF-8": SETTINGS.encode(),
    "UTF-8 with a mark": SETTINGS.encode("utf-8-sig"),
    "UTF-8 with two marks": codecs.BOM_UTF8 + SETTINGS.encode("utf-8-sig"),
    "Windows' Unicode": codecs.BOM_UTF16_LE + SETTINGS.encode("utf-16-le"),
    "UTF-16, the other way": codecs.BOM_UTF16_BE + SETTINGS.encode("utf-16-be"),
    "UTF-32": SETTINGS.encode("utf-32"),
}


@pytest.mark.parametrize("content", WAYS.values(), ids=WAYS)
def test_settings_are_read_however_the_editor_saved_them(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "satellite.toml"
    file.write_bytes(content)
    assert load_settings(file).satellite.name == "Küche"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (SETTINGS.encode("latin-1"), "it is not UTF-8 text in line 2. Save it as UTF-8"),
        ("[audio]\n".encode("utf-16-le"), "NUL bytes, as UTF-16 without"),
        (codecs.BOM_UTF16_LE + b"abc", "it is not UTF-16 text"),
        (f"[audio]\n{MARK}volume = 3".encode(), "there stands U+FEFF, BYTE ORDER MARK"),
        ("[audio]\nvolume =\N{NO-BREAK SPACE}3".encode(), "U+00A0, NO-BREAK SPACE"),
        ("[satellite]\nname = “Den”".encode(), "U+201C, LEFT DOUBLE QUOTATION MARK"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "satellite.toml"
    file.write_bytes(content)
    assert told in refusal(file)


KEY = "sk-proj-abc_DEF-123"


@pytest.mark.parametrize("around", ["", "\r\n", MARK, "\N{ZERO WIDTH SPACE}", " \t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", sorted(sources.CREDENTIALS))
def test_a_secret_is_what_people_see_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str, around: str
) -> None:
    secret = "123456" if name == "home-pin" else KEY
    (tmp_path / name).write_bytes(f"{around}{secret}{around}".encode(encoding))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    table, field = sources.CREDENTIALS[name]
    value = getattr(getattr(load_settings(key_needed=False), table), field)
    assert (value if isinstance(value, str) else value.get_secret_value()) == secret


def test_a_credential_that_is_no_text_is_told_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mqtt-password").write_bytes(b"geheim\xfc")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    told = refusal()
    assert "mqtt-password cannot be read: it is not UTF-8 text in line 1" in told
    assert "geheim" not in told


def test_marks_in_variables_and_flags_are_no_part_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{MARK}{KEY}\r")
    monkeypatch.setenv("SATELLITE_MQTT__HOST", f"{MARK}broker.home")
    settings = load_settings(None, overrides([f"{MARK}satellite.name={MARK}Den"]))
    assert settings.realtime.api_key.get_secret_value() == KEY
    assert settings.mqtt.host == "broker.home"
    assert settings.satellite.name == "Den"


def test_the_doctor_sees_what_systemd_would_not_understand(tmp_path: Path) -> None:
    file = tmp_path / "satellite"
    file.write_bytes(b"SATELLITE_MQTT__HOST=broker.home\n".join((codecs.BOM_UTF8, b"")))
    found = next(unseen_variables(file, {}))
    assert "begins with a byte order mark" in found.text
    assert found.status == 78


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_every_text_comes_back(text: str, encoding: str) -> None:
    if "\0" in text or text.startswith(MARK):
        return
    assert decoded(text.encode(encoding)) == text


@given(st.binary())
def test_no_bytes_do_anything_else_than_being_refused(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert "\0" not in decoded(content)


@given(st.text())
def test_only_the_ends_are_laid_bare(text: str) -> None:
    assert stripped(text) in text
    assert stripped(f"  {MARK}a{text}z\r\n") == f"a{text}z"
