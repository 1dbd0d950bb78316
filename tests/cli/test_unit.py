"""What the doctor finds out about the service."""

from __future__ import annotations

from pathlib import Path

from satellite.cli.doctor.unit import unseen_variables

FILE = """# for those who like that better
SATELLITE_MQTT__HOST=broker.home
 OPENAI_API_KEY=sk-secret
#SATELLITE_AUDIO__INPUT=old
PATH=/bin
"""


def test_variables_of_the_service_alone_are_named_but_not_told(tmp_path: Path) -> None:
    file = tmp_path / "satellite"
    file.write_text(FILE)
    (found,) = unseen_variables(file, {"PATH": "/usr/bin"})
    assert "takes OPENAI_API_KEY, SATELLITE_MQTT__HOST from" in found.text
    assert str(file) in found.do
    assert "secret" not in found.text + found.do


def test_who_was_given_them_need_not_hear_of_it(tmp_path: Path) -> None:
    file = tmp_path / "satellite"
    file.write_text(FILE)
    given = {"SATELLITE_MQTT__HOST": "broker.home", "OPENAI_API_KEY": "sk-secret"}
    assert list(unseen_variables(file, given)) == []
    assert list(unseen_variables(tmp_path / "none", {})) == []


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (found,) = unseen_variables(tmp_path, {})
    assert "cannot be read" in found.text
