"""The command line: all commands and their options.

Nothing here imports what a command needs: ``main`` loads the module of the one that was given.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from satellite import __version__
from satellite.core.errors import EXIT_CONFIG


class Parser(argparse.ArgumentParser):
    """Ends with the status of wrong settings, so that systemd does not try again."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_CONFIG, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """The parser. Its help holds no value of the settings, so no secret."""
    top = Parser(prog="satellite", description="A room you can talk to.")
    top.add_argument("--version", action="version", version=f"satellite {__version__}")
    _add_common(top, config=None, set=[], log_level="info")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        # The same options may stand before the command and after it; SUPPRESS keeps the defaults
        # of the second place from replacing what was given at the first.
        _add_common(added, **dict.fromkeys(("config", "set", "log_level"), argparse.SUPPRESS))
        added.set_defaults(command=name)
        return added

    add("run", "be the satellite: listen, talk and act until stopped")
    demo = add("demo", "hear and see a whole conversation on this machine")
    demo.add_argument("--live", action="store_true", help="talk yourself, by microphone")
    demo.add_argument("--wav", metavar="FILE", type=Path, help="the recording (satellite-demo.wav)")
    demo.add_argument("--picture", metavar="FILE", type=Path, help=argparse.SUPPRESS)
    add("doctor", "check every part and say what to do")
    add("devices", "list the sound cards")
    functions = add("functions", "show what the model may call now")
    functions.add_argument("--json", action="store_true", help="for machines")
    offline = add("offline", "be the Realtime server of this machine")
    offline.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
    offline.add_argument(
        "--port", type=_whole(0, 65_535), default=8765, help="0 for any free one (8765)"
    )
    offline.add_argument(
        "--voice",
        default="auto",
        metavar="NAME",
        help="espeak, piper, or one of piper's voices (auto: piper where it is installed)",
    )
    offline.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="let web pages of this origin use it, such as https://example.com; may be repeated",
    )
    # The parent's listening socket, so that no connection is refused before the server is up.
    offline.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    say = add("say", "let a satellite speak, through the broker")
    say.add_argument("text", nargs="+", metavar="TEXT", help="what to speak, word for word")
    say.add_argument("--id", type=_id, help="which satellite (the one of these settings)")
    say.add_argument("--volume", type=_whole(0, 100), metavar="0-100", help="for this message only")
    say.add_argument(
        "--chime", action=argparse.BooleanOptionalAction, help="a short sound before it"
    )
    say.add_argument(
        "--listen", action="store_true", default=None, help="open the microphone for an answer"
    )
    ask = add("ask", "ask a satellite as if somebody in the room had, and see the answer")
    ask.add_argument("text", nargs="+", metavar="TEXT", help="the question or the command")
    ask.add_argument(
        "--image", type=Path, metavar="FILE", help="a picture to ask about (JPEG or PNG, 512 kB)"
    )
    ask.add_argument("--id", type=_id, help="which satellite (the one of these settings)")
    return top


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number of this range, both ends included."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if low <= number <= high:
            return number
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}: {text!r}")

    return read


def _id(text: str) -> str:
    """A satellite's id, which is a level of topics."""
    if text and not set(text) & set("/+#\0"):
        return text
    raise argparse.ArgumentTypeError(f"is no id of a satellite: {text!r}")


def _add_common(to: argparse.ArgumentParser, **defaults: object) -> None:
    to.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        default=defaults["config"],
        help="settings (/etc/satellite/satellite.toml)",
    )
    to.add_argument(
        "--set",
        metavar="SECTION.NAME=VALUE",
        action="append",
        default=defaults["set"],
        help="one setting, above file and environment; may be repeated",
    )
    to.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default=defaults["log_level"],
        help="how much to tell (info)",
    )
