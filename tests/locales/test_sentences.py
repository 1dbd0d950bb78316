"""What the satellite says by itself, in each language that has sentences."""

from __future__ import annotations

import re

import pytest

from satellite.conversation.spoken_texts import NO_SERVER, NOTHING_SENT, SENTENCES, STOPPED
from satellite.locales.locale import all_locales
from satellite.locales.sentences import Sentences

SPOKEN = [code for code, one in all_locales().items() if one.sentences]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", text))


def test_german_and_chinese_have_them() -> None:
    assert SPOKEN == ["de", "zh"]


@pytest.mark.parametrize("code", SPOKEN)
def test_every_sentence_is_translated(code: str) -> None:
    found = all_locales()[code]
    assert found.sentences.keys() == set(SENTENCES)
    assert found.espeak
    for english, said in found.sentences.items():
        assert placeholders(said) <= placeholders(english)
        assert said.strip() == said != ""


@pytest.mark.parametrize("tag", ["", "en", "en-GB", "fr", "xx"])
def test_english_is_said_as_it_is_written(tag: str) -> None:
    sentences = Sentences(tag)
    assert sentences.say(NO_SERVER) == NO_SERVER
    assert (
        sentences.say(NOTHING_SENT, reason="{x} is 5") == "Nothing is sent to the server: {x} is 5."
    )
    assert sentences.say_message("mqtt.host {is} wrong.", STOPPED) == "mqtt.host {is} wrong."


def test_a_message_of_another_part_in_german() -> None:
    sentences = Sentences("de-AT")
    assert sentences.say(NO_SERVER) == "Ich habe keine Verbindung zum Server."
    assert sentences.say_message(NO_SERVER, STOPPED) == "Ich habe keine Verbindung zum Server."
    assert sentences.say_message("mqtt.host is wrong.", STOPPED).startswith("Ich muss aufhören.")
    assert "{" not in sentences.say(NOTHING_SENT, reason="the daily limit is reached")
