"""``satellite ask``: the words as they come, the calls, and the outcome as exit status."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.cli import ask, main
from satellite.cli.ask import AnswerPrinter
from satellite.conversation.typed_questions import question_id
from satellite.core.pictures import MAX_PICTURE_BYTES
from satellite.demo.broker import Mosquitto
from satellite.mqtt.client.broker import Broker
from tests.cli.test_cli import at, publish

pytestmark = pytest.mark.usefixtures("no_settings")
QUESTION = "Is the light on?"
PNG = b"\x89PNG\r\n\x1a\n"
CALL = {
    "name": "set_power",
    "arguments": {"devices": ["Desk lamp", "Fan"], "state": "on", "level": 3},
    "result": {"status": "done"},
    "ms": 4.0,
}


def printed(*steps: Callable[[AnswerPrinter], None], coloured: bool = False) -> str:
    out = io.StringIO()
    printer = AnswerPrinter(out, coloured=coloured)
    for step in steps:
        step(printer)
    printer.end()
    return out.getvalue()


def test_words_are_written_once_and_calls_on_lines_of_their_own() -> None:
    told = printed(
        lambda p: p.text("One"),
        lambda p: p.text("One moment."),
        lambda p: p.call(CALL),
        lambda p: p.text("One moment.\nDone"),
        lambda p: p.text("One moment.\nDone."),
    )
    assert told == (
        "One moment.\n→ set_power devices=Desk lamp, Fan state=on level=3: done\nDone.\n"
    )


def test_colours_are_for_terminals() -> None:
    assert "\x1b[32mdone\x1b[0m" in printed(lambda p: p.call(CALL), coloured=True)
    assert "\x1b" not in printed(lambda p: p.call(CALL), lambda p: p.text("Done"))


def test_what_is_masked_later_is_written_again() -> None:
    told = printed(lambda p: p.text("The PIN is 47"), lambda p: p.text("The PIN is ***."))
    assert told == "The PIN is 47\nThe PIN is ***.\n"


@given(
    st.lists(st.text() | st.dictionaries(st.sampled_from([*CALL]), st.text() | st.integers())),
)
def test_nothing_of_it_controls_the_terminal(news: list[str | dict[str, object]]) -> None:
    out = io.StringIO()
    printer = AnswerPrinter(out, coloured=False)
    for one in news:
        printer.text(one) if isinstance(one, str) else printer.call(one)
    printer.end()
    assert all(char.isprintable() or char == "\n" for char in out.getvalue())


@contextmanager
def a_satellite(broker: Mosquitto, *answers: tuple[str, dict[str, object]]) -> Iterator[None]:
    """One that answers the first question with these messages, by the programs of mosquitto."""
    publish(broker, "satellite/kitchen/availability", "online")
    where = f"-h {broker.host} -p {broker.port}"
    lines = "".join(
        f"mosquitto_pub {where} -t satellite/kitchen/{topic} -m '{json.dumps(facts)}'\n"
        for topic, facts in answers
    )
    script = f"mosquitto_sub {where} -d -C 1 -W 30 -F %t -t satellite/kitchen/ask/set\n{lines}"
    running = subprocess.Popen(["stdbuf", "-oL", "sh", "-c", script], stdout=-1, text=True)
    assert running.stdout
    try:
        while "SUBACK" not in running.stdout.readline():
            pass
        yield
    finally:
        running.kill()
        running.communicate()


def reply(text: str, status: str, question: str = QUESTION, reason: str = "") -> dict[str, object]:
    return {
        "question": question_id(question),
        "text": text,
        "status": status,
        "reason": reason,
        "at": "2026-12-01T00:00:00.000+00:00",
    }


@pytest.mark.parametrize("version", [5, 4])
def test_an_answer_is_shown_and_ends_with_0(
    broker: Mosquitto,
    version: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Broker, "_version", lambda _self: version)
    answers = [
        ("reply", reply("Of another", "answered", "Another question")),
        ("reply", reply("One moment.", "answering")),
        ("call", CALL),
        ("reply", reply("One moment.\nYes, it is.", "answered")),
    ]
    with a_satellite(broker, *answers):
        assert main.main(["ask", *at(broker), "--id", "kitchen", *QUESTION.split()]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[::2] == ["One moment.", "Yes, it is."]
    assert "set_power" in told
    assert "Of another" not in told


def test_a_question_that_is_not_answered_ends_with_1_and_the_reason(
    broker: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = ("reply", reply("", "not_answered", reason="there is no server"))
    with a_satellite(broker, refused):
        assert main.main(["ask", *at(broker), "--id", "kitchen", QUESTION]) == 1
    assert "not answered: there is no server." in capsys.readouterr().err


def test_a_picture_of_the_largest_size_goes_with_the_question(
    broker: Mosquitto, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(PNG.ljust(MAX_PICTURE_BYTES, b"x"))
    with a_satellite(broker, ("reply", reply("A cat.", "answered"))):
        command = ["ask", *at(broker), "--id", "kitchen", "--image", str(photo), QUESTION]
        assert main.main(command) == 0
    assert capsys.readouterr().out == "A cat.\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file"),
        (b"GIF89a", "it is neither JPEG nor PNG"),
        (PNG.ljust(1_400_000, b"x"), "it has 1400 kB, and 512 kB are taken"),
    ],
)
def test_what_is_no_picture_is_said_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, why: str
) -> None:
    photo = tmp_path / "photo.png"
    if content is not None:
        photo.write_bytes(content)
    assert main.main(["ask", "--image", str(photo), QUESTION]) == 1
    assert why in capsys.readouterr().err


def test_an_answer_without_words_is_said_to_be_one(
    broker: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some servers speak and send no transcript."""
    with a_satellite(broker, ("reply", reply("", "answered"))):
        assert main.main(["ask", *at(broker), "--id", "kitchen", QUESTION]) == 0
    told = capsys.readouterr()
    assert (told.out, "without words" in told.err) == ("", True)


def test_one_that_says_nothing_is_not_waited_for_for_ever(
    broker: Mosquitto, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "SILENCE_S", 0.2)
    with a_satellite(broker):
        assert main.main(["ask", *at(broker), "--id", "kitchen", QUESTION]) == 1
    assert "nothing came for 0 s" in capsys.readouterr().err


def test_nobody_there_and_nothing_to_ask_are_told(
    broker: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["ask", *at(broker), "--id", "attic", "hello"]) == 1
    assert "satellite attic is unknown" in capsys.readouterr().err
    assert main.main(["ask", *at(broker), " "]) == 1
    assert "the text is empty" in capsys.readouterr().err
