"""Log lines: where they go, on one line each, and without secrets."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satellite.core import logs
from satellite.core.logs import SafeFormatter, redactor, set_up, tell


def formatted(message: str, *arguments: object, secrets: tuple[str, ...] = ()) -> str:
    record = logging.LogRecord("room", logging.INFO, __file__, 1, message, arguments, None)
    return SafeFormatter("%(name)s: %(message)s", secrets).format(record)


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    hooks = sys.unraisablehook, threading.excepthook
    yield
    root.handlers[:], root.level, sys.excepthook = before
    sys.unraisablehook, threading.excepthook = hooks


def test_secrets_are_blotted_out_wherever_they_stand() -> None:
    text = formatted("sent %s and %r", "Bearer sk-1", {"pw": "pa.ss"}, secrets=("sk-1", "pa.ss"))
    assert text == "room: sent Bearer *** and {'pw': '***'}"


@given(st.text(min_size=3).filter(lambda secret: secret not in "***"))
def test_a_secret_is_found_however_it_is_written(secret: str) -> None:
    """In a message, as an argument, in an address, in JSON, in Python, in base64."""
    data = secret.encode("utf-8", "surrogatepass")
    written = (secret, quote(data), json.dumps(secret), repr(secret), b64encode(data).decode())
    for text in written:
        left = redactor((secret,))(f"<{text}>")
        assert secret not in left.replace("***", "")
        assert text not in left.replace("***", "")


def test_a_key_that_is_cut_off_is_not_shown_either() -> None:
    key = "sk-proj-" + "A1b2C3d4" * 12
    assert formatted(f"Incorrect key {key[:70]}", secrets=(key,)) == "room: Incorrect key ***"
    hidden_by_the_server = "Incorrect key sk-proj-****d4"
    assert formatted(hidden_by_the_server, secrets=(key,)) == f"room: {hidden_by_the_server}"


def test_a_secret_with_a_line_break_is_one_secret() -> None:
    assert formatted("it is %s!", "ab\ncd\x07", secrets=("ab\ncd\x07",)) == "room: it is ***!"


def test_the_longer_secret_goes_first_and_short_ones_are_none() -> None:
    assert formatted("abcd abc a", secrets=("abc", "abcd", "a", "")) == "room: *** *** a"


def test_tracebacks_are_searched_too(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", ("geheim",))
    try:
        raise ValueError("the key geheim is wrong")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "the key *** is wrong" in told
    assert "geheim" not in told


def test_the_last_words_are_searched_too(
    restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server may quote the key that it refuses."""
    set_up("info", ("sk-geheim",))
    tell("satellite: wss://host refuses the connection: Incorrect key: sk-geheim.")
    set_up("info")
    assert capsys.readouterr().err.endswith("Incorrect key: ***.\n")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_python_tells_by_itself_is_searched_too(
    restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that cannot be written, a thread that fails, an error where none can be raised."""

    def fail() -> None:
        raise ValueError("the key geheim is wrong")

    class Fails:
        def __del__(self) -> None:
            fail()

    set_up("info", ("geheim",))
    logging.getLogger("satellite").warning("%d keys are wrong", "geheim")
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Fails()
    told = capsys.readouterr().err
    assert "A line of the log is lost (TypeError)" in told
    assert told.count("ValueError: the key *** is wrong") == 2
    assert "geheim" not in told


@given(st.text())
def test_a_message_stays_one_harmless_line(name: str) -> None:
    text = formatted("device %s", name)
    assert len(text.splitlines()) <= 1
    assert not any(ord(character) < 32 and character != "\t" for character in text)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_levels_apply_and_libraries_stay_quiet(
    restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up("info")
    logging.getLogger("satellite.audio").info("hello")
    logging.getLogger("satellite.audio").debug("whisper")
    logging.getLogger("websockets.client").info("chatter")
    told = capsys.readouterr().err
    assert "satellite.audio: hello" in told
    assert "whisper" not in told
    assert "chatter" not in told


def test_standard_error_is_the_journal_only_when_systemd_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = (
        "import os, sys; s = os.fstat(2);"
        "os.environ['JOURNAL_STREAM'] = f'{s.st_dev}:{s.st_ino + int(sys.argv[1])}';"
        "from satellite.core.logs import tell; tell('one\\ntwo')"
    )
    for off, expected in (("0", "<3>one\n<3>two\n"), ("1", "one\ntwo\n")):
        told = subprocess.run(
            [sys.executable, "-c", code, off],
            stderr=subprocess.PIPE,
            text=True,
            check=True,
            timeout=60,
            env={**os.environ},
        ).stderr
        assert told == expected


def test_under_systemd_the_journal_gets_it_all(
    restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_stderr_is_the_journal", lambda: True)
    set_up("info", ("geheim",))
    (handler,) = logging.getLogger().handlers
    assert type(handler).__name__ == "Journal"
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "x geheim", (), None)
    assert handler.format(record) == "a: x ***"


def test_tell_speaks_plainly_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell("satellite: wrong")
    assert capsys.readouterr().err == "satellite: wrong\n"
