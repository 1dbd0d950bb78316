"""Every file of a language can be read and holds what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from satellite.locales import locale as locales
from satellite.locales.locale import all_locales, code_of, locale


@pytest.mark.parametrize("code", list(all_locales()))
def test_each_language_is_whole(code: str) -> None:
    found = all_locales()[code]
    if (numbers := found.numbers) is not None:
        assert numbers.powers or (len(numbers.teens), len(numbers.tens)) == (10, 8)
    if found.answers is not None:
        assert found.answers.agreement
        assert found.answers.refusal
    assert found.answers or found.risk or found.instructions


def test_english_comes_first_and_each_file_counts() -> None:
    files = {file.stem for file in locales.FOLDER.glob("*.toml")}
    assert files == all_locales().keys()
    assert next(iter(all_locales())) == "en"


@pytest.mark.parametrize(
    ("tag", "code"), [("pt-BR", "pt"), ("DE_at", "de"), ("no", "nb"), ("nn-NO", "nb"), ("", "")]
)
def test_the_file_of_a_tag(tag: str, code: str) -> None:
    assert code_of(tag) == code


@pytest.mark.parametrize(
    "content", ["", "name = 1", 'name = "X"\nrisk.dor = "a"', 'name = "X"\nanswer.agreement = "a"']
)
def test_a_misspelled_file_is_refused(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xx.toml").write_text(content)
    monkeypatch.setattr(locales, "FOLDER", tmp_path)
    locale.cache_clear()
    with pytest.raises(ValueError, match=r"^xx\.toml: "):
        locale("xx")
    locale.cache_clear()
