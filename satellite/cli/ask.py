"""``satellite ask``: asks a running satellite, and shows the answer as it comes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from satellite.cli.command import load
from satellite.cli.delivery import DeliverySubscriber, deliver
from satellite.cli.mqtt_session import one_shot_session
from satellite.conversation.typed_questions import question_id
from satellite.core.errors import EXIT_STOPPED, SatelliteError
from satellite.core.pictures import MAX_PICTURE_BYTES, PictureError, check_size, data_uri
from satellite.mqtt.own_entities.requests import Ask, RequestError
from satellite.mqtt.own_entities.topics import Topics
from satellite.settings import Settings

SILENCE_S = 60.0
"""So long without a word: more than the satellite itself waits for a server or a device."""
_RESET, _DIM, _GREEN, _YELLOW, _RED = (f"\x1b[{code}m" for code in (0, 2, 32, 33, 31))
_COLOURS = {"done": _GREEN, "already": _GREEN, "failed": _RED, "refused": _RED}
MAX_ARGUMENT_CHARS = 80


def main(arguments: Namespace) -> int:
    settings = load(arguments)
    try:
        question = Ask.read(" ".join(arguments.text).strip())
    except RequestError as error:
        raise SatelliteError(f"That cannot be asked: {error}.") from None
    assert isinstance(question, Ask)
    message = question.text
    if arguments.image is not None:
        message = json.dumps({"text": message, "picture": _picture(arguments.image)})
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    printer = AnswerPrinter(sys.stdout, coloured=coloured)
    asyncio.run(
        _ask(settings, arguments.id or settings.satellite.id, question.text, message, printer)
    )
    return EXIT_STOPPED


def _picture(path: Path) -> str:
    """The picture in a file, as base64. Raises ``SatelliteError``."""
    try:
        with path.open("rb") as file:
            picture = file.read(MAX_PICTURE_BYTES + 1)
            check_size(os.fstat(file.fileno()).st_size)
        return data_uri(picture).partition(",")[2]
    except OSError as error:
        raise SatelliteError(f"{path} cannot be read: {error.strerror}.") from None
    except PictureError as wrong:
        raise SatelliteError(f"{path} cannot be shown: it {wrong}.") from None


async def _ask(
    settings: Settings, satellite_id: str, question: str, message: str, printer: AnswerPrinter
) -> None:
    """Returns when the question of ``message`` was answered.

    Raises ``SatelliteError`` when it will not be.
    """
    topics = Topics(satellite_id, settings.mqtt.topic_prefix)
    messages = _AnswerSubscriber(topics, question_id(question), printer)
    async with one_shot_session(settings, messages) as broker:
        also = (topics.of("reply"), topics.of("call"))
        await deliver(broker, messages, topics, "ask", message, also=also)
        reason = await messages.end()
    printer.end()
    if reason:
        raise SatelliteError(f"The question was not answered: {reason.rstrip('.')}.")
    if not printer.has_words:
        print("(answered without words that could be shown)", file=sys.stderr)


class _AnswerSubscriber(DeliverySubscriber):
    """Hands what becomes of one question to the printer."""

    def __init__(self, topics: Topics, question: str, printer: AnswerPrinter) -> None:
        super().__init__(topics.availability)
        self._topics = topics
        self._question = question
        self._printer = printer
        self._news = asyncio.Event()
        self._ended: str | None = None
        """Why there is no answer, empty for an answer; None before the end."""

    async def end(self) -> str:
        """Returns at the end: why there is no answer, or an empty text."""
        while self._ended is None:
            self._news.clear()
            try:
                async with asyncio.timeout(SILENCE_S):
                    await self._news.wait()
            except TimeoutError:
                return f"nothing came for {SILENCE_S:.0f} s"
        return self._ended

    def on_message(self, topic: str, payload: bytes, retained: bool) -> bool:
        if topic not in (self._topics.of("reply"), self._topics.of("call")):
            return super().on_message(topic, payload, retained)
        try:
            facts = json.loads(payload)
        except (ValueError, RecursionError):
            return True
        if isinstance(facts, dict) and not retained and self._ended is None:
            self._take(topic, facts)
        return True

    def _take(self, topic: str, facts: Mapping[str, Any]) -> None:
        if topic == self._topics.of("call"):
            self._printer.call(facts)
        elif facts.get("question") == self._question:
            self._printer.text(str(facts.get("text", "")))
            if facts.get("status") != "answering":
                answered = facts.get("status") == "answered"
                self._ended = "" if answered else visible(str(facts.get("reason"))) or "no reason"
        self._news.set()


class AnswerPrinter:
    """Writes the answer's words as they come, and each call on a line of its own."""

    def __init__(self, out: TextIO, *, coloured: bool) -> None:
        self._out = out
        self._coloured = coloured
        self._printed = ""
        self._in_line = False

    @property
    def has_words(self) -> bool:
        return bool(self._printed.strip())

    def text(self, whole: str) -> None:
        """The whole answer so far."""
        whole = visible(whole)
        if whole.startswith(self._printed):
            news = whole[len(self._printed) :]
        else:  # something of it was masked meanwhile
            self._new_line()
            news = whole
        self._printed = whole
        if not self._in_line:
            news = news.lstrip()
        if news:
            self._write(news)
            self._in_line = not news.endswith("\n")

    def call(self, facts: Mapping[str, Any]) -> None:
        """A call that was made, as the topic ``call`` tells it."""
        arguments, result = facts.get("arguments"), facts.get("result")
        status = visible(str(result.get("status", ""))) if isinstance(result, dict) else ""
        told = visible(f"{facts.get('name', '')} {_as_words(arguments)}").strip()
        colour = _COLOURS.get(status, _YELLOW)
        self._new_line()
        self._write(f"{self._in(_DIM, f'→ {told}:')} {self._in(colour, status or 'done')}\n")

    def end(self) -> None:
        self._new_line()

    def _new_line(self) -> None:
        if self._in_line:
            self._write("\n")
        self._in_line = False

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_RESET}" if self._coloured else text

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def visible(text: str) -> str:
    """Without what could control a terminal: names and states come from the network."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def _as_words(arguments: object) -> str:
    """Arguments of a call: ``devices=Kitchen light, state=on``."""
    if not isinstance(arguments, dict):
        return ""
    words = []
    for name, value in arguments.items():
        plain = isinstance(value, list) and all(isinstance(one, str) for one in value)
        shown = ", ".join(value) if plain else value if isinstance(value, str) else None
        words.append(f"{name}={json.dumps(value, ensure_ascii=False) if shown is None else shown}")
    return " ".join(word[:MAX_ARGUMENT_CHARS] for word in words)
