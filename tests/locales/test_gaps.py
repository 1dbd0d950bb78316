"""What is missing in a language is said."""

from __future__ import annotations

from satellite.locales.gaps import gaps


def said(tag: str, *, secrets: bool) -> str:
    return " ".join(gap.text for gap in gaps(tag, secrets=secrets))


def test_nothing_is_missing_in_english() -> None:
    assert said("en", secrets=True) == said("en-GB", secrets=True) == ""


def test_numbers_matter_where_there_is_a_code() -> None:
    for tag in ("fr", "pt-BR", ""):
        assert "English, German and Chinese" in said(tag, secrets=True)
        assert "PIN" not in said(tag, secrets=False)
    for tag in ("de-AT", "zh-TW"):
        assert "PIN" not in said(tag, secrets=True)


def test_a_language_without_a_file() -> None:
    text = said("tlh", secrets=False)
    assert "yes and no are not known in the language 'tlh'" in text
    assert "spoken in English" in text
    assert "yes and no" not in said("fr", secrets=False)
    assert said("", secrets=False) == ""
